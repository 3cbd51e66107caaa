"""What an order's lines have come to: ordered, delivered, closed short; what is open is the difference."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import QuantityField
from stock.models import Item, Warehouse
from workflows.models.documents import Document, Line


class OrderLine(models.Model):
    """How far one line of an order in force is, in base units. Only workflows.orders writes it.

    Open is ordered − delivered − closed. ``most`` is what may be delivered and closed in all: what is ordered
    and the tolerance; empty for materials, of which an approved issue may use more than was planned.
    """

    line = models.OneToOneField(
        Line, models.CASCADE, related_name="progress", verbose_name=_("order line")
    )
    document = models.ForeignKey(
        Document, models.CASCADE, related_name="progress", verbose_name=_("order")
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    arrives = models.BooleanField(_("comes into stock"))
    ordered = QuantityField(_("ordered"))
    most = QuantityField(_("at most"), null=True)
    delivered = QuantityField(_("delivered"), default=0)
    closed = QuantityField(_("closed short"), default=0)
    reservation = models.BigIntegerField(_("reservation"), null=True)
    """The promise that the goods of this line are kept with."""

    class Meta:
        verbose_name = _("progress of an order line")
        verbose_name_plural = _("progress of order lines")
        ordering = ["line__position", "line_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ordered__gte=0, delivered__gte=0, closed__gte=0),
                name="order_line_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(closed__lte=F("ordered")), name="order_line_closed_within_ordered"
            ),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(most__gte=F("delivered") + F("closed")),
                name="order_line_within_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["item", "warehouse"],
                condition=Q(ordered__gt=F("delivered") + F("closed")),
                name="order_line_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.open}"

    @property
    def open(self) -> Decimal:
        """What is still to be delivered; never below zero."""
        return max(self.ordered - self.delivered - self.closed, Decimal(0))
