"""What stock cost: one pool per item and valuation area, and the layers of FIFO pools."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import QuantityField, ValueField
from stock.models.book import Movement
from stock.models.items import Category, Item
from stock.models.lots import NO_LOT, Lot
from stock.models.places import ValuationArea


class CostPool(models.Model):
    """Quantity and value of our own goods. Unit cost is value ÷ quantity and is never stored.

    ``lot`` is set for specific cost only, ``shipment`` for goods in transit only (their value is kept
    per shipment). ``last_quantity`` and ``last_value`` are the last known unit cost as a ratio.
    Only stock.ledger writes it.
    """

    item = models.ForeignKey(Item, models.PROTECT, db_index=False, verbose_name=_("item"))
    area = models.ForeignKey(
        ValuationArea, models.PROTECT, db_index=False, verbose_name=_("valuation area")
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, db_index=False, default=NO_LOT, verbose_name=_("lot")
    )
    shipment = models.CharField(_("shipment"), max_length=60, blank=True, default="")
    method = models.CharField(_("cost method"), max_length=10, choices=Category.CostMethod.choices)
    quantity = QuantityField(_("quantity"), default=0)
    value = ValueField(_("value"), default=0)
    last_quantity = QuantityField(_("last quantity"), default=0)
    last_value = ValueField(_("last value"), default=0)

    class Meta:
        verbose_name = _("cost pool")
        verbose_name_plural = _("cost pools")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "area", "lot", "shipment"], name="cost_pool_once"
            ),
            models.CheckConstraint(
                condition=~Q(quantity=0) | Q(value=0), name="cost_pool_empty_is_worth_nothing"
            ),
            models.CheckConstraint(
                condition=Q(quantity__lt=0) | Q(value__gte=0), name="cost_pool_value_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} @ {self.area_id}: {self.quantity} = {self.value}"


class CostLayer(models.Model):
    """What is left of one receipt in a FIFO pool, oldest first by id."""

    pool = models.ForeignKey(
        CostPool, models.CASCADE, related_name="layers", verbose_name=_("cost pool")
    )
    movement = models.ForeignKey(
        Movement, models.PROTECT, null=True, db_constraint=False, verbose_name=_("receipt")
    )
    quantity = QuantityField(_("quantity left"))
    value = ValueField(_("value left"))

    class Meta:
        verbose_name = _("cost layer")
        verbose_name_plural = _("cost layers")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, value__gte=0) | Q(quantity=0, value=0),
                name="cost_layer_not_negative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["pool", "id"], condition=Q(quantity__gt=0), name="cost_layer_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id}: {self.quantity} = {self.value}"


class CostMethodChange(models.Model):
    """A category changed its cost method; movements after ``after_movement`` follow the new one."""

    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("category"))
    method_before = models.CharField(_("before"), max_length=10)
    method_after = models.CharField(_("after"), max_length=10)
    after_movement = models.BigIntegerField(_("after movement"))
    changed_at = models.DateTimeField(_("changed"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("change of cost method")
        verbose_name_plural = _("changes of cost method")

    def __str__(self) -> str:
        return f"{self.category_id}: {self.method_before} → {self.method_after}"
