"""Django's registration of stock."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StockConfig(AppConfig):
    """Items, places, lots, the book, balances, cost and periods."""

    name = "stock"
    verbose_name = _("Stock")
    default_auto_field = "django.db.models.BigAutoField"
