"""Django's registration of stock."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StockConfig(AppConfig):
    """Items, places, lots, the book, balances, cost and periods."""

    name = "stock"
    verbose_name = _("Stock")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep sentinels and triggers in force after every migrate; let the sealer follow postings."""
        from core import outbox
        from stock import bootstrap, sealing

        post_migrate.connect(bootstrap.after_migrate, sender=self)
        outbox.register(
            consumer=sealing.CONSUMER, topic=sealing.TOPIC, handler=sealing.seal_postings
        )
