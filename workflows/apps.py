"""Django's registration of workflows."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    """Documents, their processes, approvals and posting."""

    name = "workflows"
    verbose_name = _("Workflows")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep triggers in force after every migrate; make notices, and tasks known."""
        from core import pulse
        from finance import settled
        from stock import closing, incoming
        from workflows import bookkeeping, bootstrap, followups, month_end, notice_words, tasks  # noqa: F401 - tasks are on the clock
        from workflows.orders import promises

        incoming.register("orders", promises.expected)
        pre_migrate.connect(bootstrap.before_migrate, sender=self)
        post_migrate.connect(bootstrap.after_migrate, sender=self)
        settled.register(followups.settled)
        closing.register_check(month_end.look)
        bookkeeping.register()
        notice_words.register_all()
        pulse.register("documents", "workflows.Event")
        pulse.register("tasks", "workflows.HistoricalFollowUp")
