"""Django's registration of stock."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StockConfig(AppConfig):
    """Items, places, lots, the book, balances, cost and periods."""

    name = "stock"
    verbose_name = _("Stock")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep triggers in force after every migrate, and plans on every connection; follow postings."""
        from core import pulse
        from people import setup as people_setup
        from stock import (
            bootstrap,
            changes,
            checking,  # noqa: F401 - it says what is wrong with the book
            connections,
            sealing,
            setup,
            tasks,  # noqa: F401 - they put themselves on the clock
        )

        connection_created.connect(connections.keep_plans)
        post_migrate.connect(bootstrap.after_migrate, sender=self)
        people_setup.on_company_created(setup.first_warehouse)
        sealing.follow()
        changes.follow()
        pulse.register("book", "stock.Posting", "stock.Reservation")
