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
        """Keep triggers in force after every migrate; let pages follow cases."""
        from alerts import bootstrap
        from core import pulse

        pre_migrate.connect(bootstrap.before_migrate, sender=self)
        post_migrate.connect(bootstrap.after_migrate, sender=self)
        pulse.register("cases", "alerts.CaseEvent")
