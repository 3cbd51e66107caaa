"""Bills of materials: what an item is made of, per so many of it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.fields import QuantityField
from stock.models import Item, Unit
from workflows.models.documents import RateField


class Bom(models.Model):
    """The materials of ``quantity`` base units of an item. Earlier states are its history."""

    item = models.OneToOneField(Item, models.PROTECT, related_name="bom", verbose_name=_("product"))
    quantity = QuantityField(_("for a quantity of"), default=1)
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(_("changed"), editable=False)
    history = HistoricalRecords()
    _history_user: Any

    class Meta:
        verbose_name = _("bill of materials")
        verbose_name_plural = _("bills of materials")
        ordering = ["item__code"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bom_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.item}"


class BomLine(models.Model):
    """One material: how much goes into the bill's quantity, and how many percent more for scrap."""

    bom = models.ForeignKey(
        Bom, models.CASCADE, related_name="lines", verbose_name=_("bill of materials")
    )
    position = models.PositiveIntegerField(_("position"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("material"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    quantity = QuantityField(_("quantity"))
    scrap_percent = RateField(_("scrap %"), default=0)
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    history = HistoricalRecords()
    _history_user: Any

    class Meta:
        verbose_name = _("material of a bill")
        verbose_name_plural = _("materials of bills")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["bom", "item"], name="bom_material_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bom_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(scrap_percent__gte=0, scrap_percent__lt=1000),
                name="bom_line_scrap_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bom} · {self.item}"
