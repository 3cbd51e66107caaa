"""What to order again, as it was reckoned last. Only alerts.reorder.suggesting writes it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import QuantityField
from stock.models import Item, Partner, Unit, Warehouse


class Suggestion(models.Model):
    """An item in a warehouse: its expected demand, what that asks to have there, and what is missing.

    All quantities are in base units. ``quantity`` is what to order, rounded up to whole packs; 0 where enough is
    there or on the way.
    """

    class Pattern(models.TextChoices):
        """How it is asked for."""

        SMOOTH = "smooth", pgettext_lazy("demand", "even")
        ERRATIC = "erratic", pgettext_lazy("demand", "uneven")
        INTERMITTENT = "intermittent", pgettext_lazy("demand", "now and then")
        LUMPY = "lumpy", pgettext_lazy("demand", "now and then, uneven")
        NONE = "none", pgettext_lazy("demand", "none")

    item = models.ForeignKey(Item, models.CASCADE, related_name="+", verbose_name=_("item"))
    warehouse = models.ForeignKey(
        Warehouse, models.CASCADE, related_name="+", verbose_name=_("warehouse")
    )
    supplier = models.ForeignKey(
        Partner, models.CASCADE, null=True, related_name="+", verbose_name=_("supplier")
    )
    """Who delivered it last."""
    pattern = models.CharField(_("demand"), max_length=12, choices=Pattern.choices)
    method = models.CharField(_("method"), max_length=20)
    per_day = QuantityField(_("demand a day"))
    lead_days = models.PositiveIntegerField(_("lead time (days)"))
    safety = QuantityField(_("safety stock"))
    point = QuantityField(_("reorder point"))
    available = QuantityField(_("available"))
    incoming = QuantityField(_("on order"))
    asked = QuantityField(_("requested"))
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name=_("unit"))
    """The pack in which it is ordered, or the base unit."""
    packs = QuantityField(_("in packs"))
    quantity = QuantityField(_("to order"))
    days_left = models.FloatField(_("lasts (days)"), null=True)
    """How long what is available lasts; empty without demand."""
    reckoned_at = models.DateTimeField(_("reckoned"))

    class Meta:
        verbose_name = _("reorder suggestion")
        verbose_name_plural = _("reorder suggestions")
        constraints = [
            models.UniqueConstraint(fields=["item", "warehouse"], name="suggestion_once"),
        ]
        indexes = [
            models.Index(fields=["warehouse", "days_left"], name="suggestion_urgent"),
        ]

    def __str__(self) -> str:
        return f"{self.item} @ {self.warehouse}: {self.quantity}"
