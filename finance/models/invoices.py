"""Purchase invoices, matched to the receipts that they are for, and the landed costs of receipts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.fields import QuantityField, ValueField
from finance.models.journal import JournalEntry
from people.models import Company
from stock.models import Item, Movement, Partner, Posting, ValuationArea


class PurchaseInvoice(models.Model):
    """What a supplier asks for goods (or charges) that were received. Posted once; then only voided."""

    class State(models.TextChoices):
        """Where it is."""

        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")
        VOID = "void", _("Void")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("supplier"))
    number = models.CharField(_("invoice number"), max_length=60)
    date = models.DateField(_("invoice date"))
    tax = ValueField(_("tax"), default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("made"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("made by"),
    )  # fmt: skip
    posted_at = models.DateTimeField(_("posted"), null=True, editable=False)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("posted by"),
    )  # fmt: skip
    posting = models.ForeignKey(
        Posting, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("price differences"),
    )  # fmt: skip
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("entry"),
    )  # fmt: skip
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("purchase invoice")
        verbose_name_plural = _("purchase invoices")
        ordering = ["-date", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "partner", "number"],
                condition=~Q(state="void"),
                name="invoice_number_once",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(entry__isnull=False), name="invoice_posted_is_booked"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LandedCost(models.Model):
    """Freight, duty and the like, spread over receipts; what has left stock meanwhile is a variance."""

    class Basis(models.TextChoices):
        """What the shares go by."""

        VALUE = "value", _("by value")
        QUANTITY = "quantity", _("by quantity")
        WEIGHT = "weight", _("by weight")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, verbose_name=_("carrier or authority")
    )
    number = models.CharField(_("reference"), max_length=60)
    basis = models.CharField(_("spread"), max_length=10, choices=Basis.choices)
    amount = ValueField(_("amount"))
    posting = models.ForeignKey(
        Posting, models.PROTECT, related_name="+", verbose_name=_("posting")
    )
    posted_at = models.DateTimeField(_("posted"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
        verbose_name=_("posted by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("landed cost")
        verbose_name_plural = _("landed costs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="landed_cost_above_zero"),
        ]

    def __str__(self) -> str:
        return self.number


class LandedShare(models.Model):
    """What one receipt got of a landed cost, and how much of it found the goods gone."""

    cost = models.ForeignKey(
        LandedCost, models.PROTECT, related_name="shares", verbose_name=_("landed cost")
    )
    movement = models.ForeignKey(
        Movement, models.PROTECT, db_constraint=False, related_name="+", verbose_name=_("receipt")
    )
    weight = QuantityField(_("weight"), default=0)
    amount = ValueField(_("share"))
    variance = ValueField(_("of which gone"))

    class Meta:
        verbose_name = _("share of a landed cost")
        verbose_name_plural = _("shares of landed costs")
        constraints = [
            models.UniqueConstraint(fields=["cost", "movement"], name="landed_share_once"),
        ]

    def __str__(self) -> str:
        return f"{self.movement_id}: {self.amount}"


class InvoiceLine(models.Model):
    """One line of an invoice: so much of a receipt (or all of a landed cost) at so much, without tax.

    Below zero it is a credit for what was returned. ``estimated`` is what had been booked for it and
    ``difference`` what the invoice asks more; both are known once it is posted.
    """

    invoice = models.ForeignKey(
        PurchaseInvoice, models.CASCADE, related_name="lines", verbose_name=_("invoice")
    )
    position = models.PositiveIntegerField(_("position"))
    movement = models.ForeignKey(
        Movement, models.PROTECT, null=True, db_constraint=False, related_name="+",
        verbose_name=_("receipt"),
    )  # fmt: skip
    landed = models.ForeignKey(
        LandedCost, models.PROTECT, null=True, related_name="invoice_lines",
        verbose_name=_("landed cost"),
    )  # fmt: skip
    quantity = QuantityField(_("quantity"), default=0)
    amount = ValueField(_("amount"))
    estimated = ValueField(_("estimated"), default=0, editable=False)
    difference = ValueField(_("price difference"), default=0, editable=False)
    variance = ValueField(_("of which gone"), default=0, editable=False)

    class Meta:
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of an invoice")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_once"),
            models.CheckConstraint(
                condition=Q(movement__isnull=False, landed__isnull=True)
                | Q(movement__isnull=True, landed__isnull=False),
                name="invoice_line_is_for_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.position}"


class StandardCost(models.Model):
    """What a piece of an item should cost from a month on, for items valued at standard cost."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    area = models.ForeignKey(
        ValuationArea, models.PROTECT, related_name="+", verbose_name=_("valuation area")
    )
    month = models.DateField(_("from month"))
    quantity = QuantityField(_("per quantity"), default=1)
    value = ValueField(_("cost"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("standard cost")
        verbose_name_plural = _("standard costs")
        constraints = [
            models.UniqueConstraint(fields=["item", "area", "month"], name="standard_cost_once"),
            models.CheckConstraint(
                condition=Q(month__day=1, quantity__gt=0, value__gte=0),
                name="standard_cost_is_a_cost",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.value} / {self.quantity}"
