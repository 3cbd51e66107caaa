"""Django's registration of finance."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinanceConfig(AppConfig):
    """Accounts, journal, review, close and vouchers: the money side of the book."""

    name = "finance"
    verbose_name = _("Finance")
    default_auto_field = "django.db.models.BigAutoField"
