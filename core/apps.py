"""Django's registration of core."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Errors, exact numbers, audit, outbox and rendering: nothing that knows of stock."""

    name = "core"
    verbose_name = _("Core")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks and what runs by the clock."""
        from core import checks, tasks  # noqa: F401 - they register themselves
