"""Lots and serial numbers; a serial number is a lot of one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stock.models.items import Item
from stock.models.partners import Partner

NO_LOT = 0
"""The lot of goods that are not tracked: a row that always exists, so that keys are never null."""


class Lot(models.Model):
    """Goods of one item with the same origin and expiry."""

    item = models.ForeignKey(
        Item, models.PROTECT, null=True, related_name="lots", verbose_name=_("item")
    )
    number = models.CharField(_("number"), max_length=80)
    manufactured_on = models.DateField(_("manufactured on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    supplier_lot = models.CharField(_("supplier's lot"), max_length=80, blank=True)
    supplier = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, verbose_name=_("supplier")
    )
    note = models.TextField(_("note"), blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="lot_number_once_per_item"),
            models.CheckConstraint(
                condition=Q(item__isnull=False) | Q(pk=0), name="lot_belongs_to_an_item"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True)
                | Q(manufactured_on__isnull=True)
                | Q(expires_on__gte=models.F("manufactured_on")),
                name="lot_expires_after_manufacture",
            ),
        ]
        indexes = [
            models.Index(fields=["number"], name="lot_number"),
            models.Index(fields=["expires_on"], name="lot_expiry"),
        ]

    def __str__(self) -> str:
        return self.number
