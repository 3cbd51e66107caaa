"""Django's registration of intake."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    """Sheets and scans become movements, with nothing wrong in silence."""

    name = "intake"
    verbose_name = _("Intake")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep triggers in force after every migrate; make notices and tasks known."""
        from intake import bootstrap, tasks, telling  # noqa: F401 - tasks are on the clock

        telling.register_all()
        pre_migrate.connect(bootstrap.before_migrate, sender=self)
        post_migrate.connect(bootstrap.after_migrate, sender=self)
