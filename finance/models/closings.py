"""What the books said when a period was closed: figures that nothing changes afterwards."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import QuantityField, ValueField
from finance.models.accounts import Account
from people.models import Company
from stock.models import Item, Warehouse


class Closing(models.Model):
    """One closing of a month; closed again after it was reopened, it gets the next number."""

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    month = models.DateField(_("month"))
    number = models.PositiveIntegerField(_("number"))
    closed_at = models.DateTimeField(_("closed"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("closed by")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    last_posting = models.BigIntegerField(_("last posting"))
    last_entry = models.BigIntegerField(_("last entry"))
    stock_value = ValueField(_("stock value"))
    account_value = ValueField(_("inventory accounts"))

    class Meta:
        verbose_name = _("closing of a period")
        verbose_name_plural = _("closings of periods")
        ordering = ["-month", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "month", "number"], name="closing_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="closing_starts_on_day_1"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} ({self.number})"


class ClosedStock(models.Model):
    """Our own goods of an item in a warehouse at the end of a closed month."""

    closing = models.ForeignKey(
        Closing, models.PROTECT, related_name="stock", db_index=False, verbose_name=_("closing")
    )
    item = models.ForeignKey(
        Item, models.PROTECT, db_index=False, db_constraint=False, verbose_name=_("item")
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, db_index=False, db_constraint=False, verbose_name=_("warehouse")
    )
    quantity = QuantityField(_("quantity"))
    value = ValueField(_("value"))

    class Meta:
        verbose_name = _("closed stock")
        verbose_name_plural = _("closed stock")
        constraints = [
            models.UniqueConstraint(
                fields=["closing", "item", "warehouse"], name="closed_stock_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} @ {self.warehouse_id}: {self.quantity} = {self.value}"


class ClosedAccount(models.Model):
    """An account in a closed month: what it was before, was debited and credited, and is."""

    closing = models.ForeignKey(
        Closing, models.PROTECT, related_name="accounts", db_index=False, verbose_name=_("closing")
    )
    account = models.ForeignKey(
        Account, models.PROTECT, db_index=False, db_constraint=False, verbose_name=_("account")
    )
    opening = ValueField(_("opening"))
    debit = ValueField(_("debit"))
    credit = ValueField(_("credit"))
    closing_balance = ValueField(_("closing balance"))

    class Meta:
        verbose_name = _("closed account")
        verbose_name_plural = _("closed accounts")
        constraints = [
            models.UniqueConstraint(fields=["closing", "account"], name="closed_account_once"),
            models.CheckConstraint(
                condition=Q(
                    closing_balance=models.F("opening") + models.F("debit") - models.F("credit")
                ),
                name="closed_account_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.closing_balance}"
