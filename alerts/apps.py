"""Django's registration of alerts."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    """Rules, cases and their delivery."""

    name = "alerts"
    verbose_name = _("Alerts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep triggers in force after every migrate; make kinds and notices known; follow the outbox."""
        from alerts import bootstrap, following, kinds, notice_words
        from alerts import tasks as _tasks  # noqa: F401 - they put themselves on the clock
        from alerts.anomaly import learning, remarking, rows
        from alerts.channels import sending
        from core import pulse

        kinds.load()
        notice_words.register_all()
        following.follow()
        learning.follow()
        sending.follow()
        remarking.register()
        rows.register()

        pre_migrate.connect(bootstrap.before_migrate, sender=self)
        post_migrate.connect(bootstrap.after_migrate, sender=self)
        pulse.register("cases", "alerts.CaseEvent")
