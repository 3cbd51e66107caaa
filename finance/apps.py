"""Django's registration of finance."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class FinanceConfig(AppConfig):
    """Accounts, journal, review, close and vouchers: the money side of the book."""

    name = "finance"
    verbose_name = _("Finance")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow every posting with the journal; keep triggers, charts and journal whole after every migrate."""
        from finance import bootstrap, charts, laws, posting
        from finance.closing import checks, later, settling, snapshot
        from finance.handover import pushing, troubles
        from people import setup as people_setup
        from stock import closing

        pre_migrate.connect(bootstrap.before_migrate, sender=self)
        post_migrate.connect(bootstrap.after_migrate, sender=self)
        people_setup.on_company_created(charts.for_new_company)
        posting.follow()
        laws.register()
        pushing.register()
        troubles.register()
        closing.register_check(checks.keeps_open, blocks=True)
        closing.register_check(checks.look)
        closing.before(settling.settle)
        closing.after(snapshot.take)
        closing.register_kept(later.kept)
