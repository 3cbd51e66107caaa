"""What is derived from the book: balances, month balances, reservations and availability."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import QuantityField, ValueField
from core.numbers import QUANTITY_SCALE
from stock.models.items import Item
from stock.models.lots import NO_LOT, Lot
from stock.models.partners import US, Partner
from stock.models.places import Place, Warehouse

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Balance(models.Model):
    """On hand of an item, lot and owner in a physical place. Only stock.ledger writes it."""

    item = models.ForeignKey(Item, models.PROTECT, db_index=False, verbose_name=_("item"))
    lot = models.ForeignKey(
        Lot, models.PROTECT, db_index=False, default=NO_LOT, verbose_name=_("lot")
    )
    owner = models.ForeignKey(
        Partner, models.PROTECT, db_index=False, default=US, verbose_name=_("owner")
    )
    place = models.ForeignKey(Place, models.PROTECT, db_index=False, verbose_name=_("place"))
    on_hand = QuantityField(_("on hand"), default=0)
    serial = models.BooleanField(_("serial number"), default=False)
    below_zero = models.BooleanField(_("allowed below zero"), default=False)
    latest_at = models.DateTimeField(_("latest movement"), default=LONG_AGO)

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        constraints = [
            models.UniqueConstraint(fields=["item", "lot", "owner", "place"], name="balance_once"),
            models.CheckConstraint(
                condition=Q(on_hand__gte=0) | Q(below_zero=True), name="balance_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(serial=False) | Q(on_hand__lte=1), name="balance_serial_at_most_one"
            ),
            models.UniqueConstraint(
                fields=["lot"],
                condition=Q(serial=True, on_hand__gt=0),
                name="balance_serial_in_one_place",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "item"], name="balance_place"),
            models.Index(fields=["lot"], condition=~Q(lot=0), name="balance_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.lot_id} @ {self.place_id}: {self.on_hand}"


ONE_PIECE = QUANTITY_SCALE
"""A serial number's whole quantity, as stored."""


class MonthBalance(models.Model):
    """What a place held at the end of a month, from sealed postings; rows of nothing are dropped.

    Quantity and value are the sums of all movements up to the end of ``month``. Only
    stock.sealing writes it. Values are meaningful summed over whole valuation areas.
    """

    month = models.DateField(_("month"))
    item = models.ForeignKey(
        Item, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("item")
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("lot")
    )
    owner = models.ForeignKey(
        Partner, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("owner")
    )
    place = models.ForeignKey(
        Place, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("place")
    )
    quantity = QuantityField(_("quantity"), default=0)
    value = ValueField(_("value"), default=0)

    class Meta:
        verbose_name = _("month balance")
        verbose_name_plural = _("month balances")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "item", "lot", "owner", "place"], name="month_balance_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.item_id} @ {self.place_id}: {self.quantity}"


class Availability(models.Model):
    """How much of an item is promised in a warehouse; locked before balances. Made when first needed."""

    item = models.ForeignKey(Item, models.PROTECT, db_index=False, verbose_name=_("item"))
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, verbose_name=_("warehouse"))
    reserved = QuantityField(_("reserved"), default=0)

    class Meta:
        verbose_name = _("availability")
        verbose_name_plural = _("availabilities")
        constraints = [
            models.UniqueConstraint(fields=["item", "warehouse"], name="availability_once"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="availability_reserved_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} @ {self.warehouse_id}: {self.reserved}"


class Reservation(models.Model):
    """A promise of stock; resolves once: used up, released or expired. Only stock.reservations writes it."""

    class State(models.TextChoices):
        """Active, or how it ended."""

        ACTIVE = "active", _("Active")
        CONSUMED = "consumed", _("Used")
        RELEASED = "released", _("Released")
        EXPIRED = "expired", _("Expired")

    item = models.ForeignKey(Item, models.PROTECT, db_index=False, verbose_name=_("item"))
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, verbose_name=_("warehouse"))
    lot = models.ForeignKey(Lot, models.PROTECT, default=NO_LOT, verbose_name=_("lot"))
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, verbose_name=_("place"))
    reference = models.CharField(_("reserved for"), max_length=80)
    quantity = QuantityField(_("reserved quantity"))
    remaining = QuantityField(_("remaining"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("reserved by")
    )
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    why = models.CharField(_("why it ended"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_of_something"),
            models.CheckConstraint(
                condition=Q(state="active", remaining__gt=0)
                | (~Q(state="active") & Q(remaining=0)),
                name="reservation_active_has_remaining",
            ),
        ]
        indexes = [
            models.Index(
                fields=["item", "warehouse"],
                condition=Q(state="active"),
                name="reservation_active",
            ),
            models.Index(fields=["reference"], name="reservation_reference"),
            models.Index(
                fields=["expires_at"], condition=Q(state="active"), name="reservation_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.remaining} {self.item_id}"
