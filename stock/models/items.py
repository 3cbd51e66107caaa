"""Items: what is stocked, in which unit, how it is tracked and found."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.codes import CodeField
from core.fields import QuantityField


class Category(models.Model):
    """Groups items for cost and rules."""

    class CostMethod(models.TextChoices):
        """How the value of what leaves is found."""

        AVERAGE = "average", _("Moving average")
        FIFO = "fifo", _("First in, first out")
        SPECIFIC = "specific", _("Specific cost of the lot")
        MONTHLY = "monthly", _("Monthly average")
        STANDARD = "standard", _("Standard cost")

    code = CodeField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("belongs to")
    )
    cost_method = models.CharField(
        _("cost method"),
        max_length=10,
        choices=CostMethod.choices,
        default=CostMethod.AVERAGE,
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Unit(models.Model):
    """A unit of measure; ``reference`` and the exact ratio join units of one family (1 kg = 1000 g)."""

    code = CodeField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    decimals = models.PositiveSmallIntegerField(
        _("decimals"), default=0, help_text=_("How many decimals a quantity in this unit may have.")
    )
    reference = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("reference unit")
    )
    numerator = models.BigIntegerField(
        _("numerator"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("1 of this unit = numerator ÷ denominator of the reference unit."),
    )
    denominator = models.BigIntegerField(
        _("denominator"), default=1, validators=[MinValueValidator(1)]
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(numerator__gt=0, denominator__gt=0), name="unit_ratio_is_positive"
            ),
            models.CheckConstraint(condition=Q(decimals__lte=6), name="unit_at_most_6_decimals"),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """A ratio is one step, and what quantities were written with stays."""
        errors: dict[str, Any] = {}
        referred = self.pk is not None and Unit.objects.filter(reference=self.pk).exists()
        if self.reference and (self.reference_id == self.pk or self.reference.reference_id):
            errors["reference"] = _("Choose a unit that refers to no other.")
        elif self.reference and referred:
            errors["reference"] = _("Other units refer to this one, so it refers to none itself.")
        before = Unit.objects.filter(pk=self.pk).first()
        if before is not None and before.is_used():
            for name in ("decimals", "reference_id", "numerator", "denominator"):
                if getattr(before, name) != getattr(self, name):
                    errors.setdefault(
                        name.removesuffix("_id"),
                        _("The unit is in use: make a new unit for this change."),
                    )
        if errors:
            raise ValidationError(errors)

    def is_used(self) -> bool:
        """Whether any item, document or other unit is written with it."""
        return any(
            link.related_model._base_manager.filter(**{link.field.name: self.pk}).exists()
            for link in self._meta.related_objects
        )


class Item(models.Model):
    """Something that is stocked."""

    class Tracking(models.TextChoices):
        """How single goods are told apart."""

        NONE = "none", _("Not tracked")
        LOT = "lot", _("By lot")
        SERIAL = "serial", _("By serial number")

    code = CodeField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    other_name = models.CharField(
        _("other name"), max_length=200, blank=True, help_text=_("In the other language, or short.")
    )
    specification = models.CharField(_("specification"), max_length=200, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("category"))
    base_unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("base unit"))
    tracking = models.CharField(
        _("tracking"), max_length=10, choices=Tracking.choices, default=Tracking.NONE
    )
    shelf_life_days = models.PositiveIntegerField(_("shelf life (days)"), null=True, blank=True)
    lead_time_days = models.PositiveIntegerField(_("lead time (days)"), null=True, blank=True)
    reorder_point = QuantityField(_("reorder point"), null=True, blank=True)
    maximum = QuantityField(_("maximum"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    search_key = models.TextField(editable=False, default="", blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=["search_key"])

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(Upper("code"), name="item_code_is_unique"),
            models.CheckConstraint(
                condition=Q(reorder_point__isnull=True) | Q(reorder_point__gte=0),
                name="item_reorder_point_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(maximum__isnull=True)
                | Q(reorder_point__isnull=True)
                | Q(maximum__gte=models.F("reorder_point")),
                name="item_maximum_above_reorder_point",
            ),
        ]
        indexes = [models.Index(fields=["code"], name="item_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        """A code is not the barcode of another item, for one is scanned like the other."""
        other = Barcode.objects.filter(code__iexact=self.code).exclude(item=self.pk).first()
        if other is not None:
            raise ValidationError(
                {
                    "code": _("%(code)s is a barcode of %(item)s.")
                    % {"code": other.code, "item": other.item.code}
                }
            )


class ItemUnit(models.Model):
    """Another unit of one item: 1 of ``unit`` = numerator ÷ denominator base units (1 CTN = 12 PCS)."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="units", verbose_name=_("item"))
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("unit"))
    numerator = models.BigIntegerField(_("numerator"), validators=[MinValueValidator(1)])
    denominator = models.BigIntegerField(
        _("denominator"), default=1, validators=[MinValueValidator(1)]
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("unit of an item")
        verbose_name_plural = _("units of an item")
        constraints = [
            models.UniqueConstraint(fields=["item", "unit"], name="item_unit_once"),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, denominator__gt=0), name="item_unit_ratio_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} = {self.numerator}/{self.denominator}"


class Barcode(models.Model):
    """A code on the goods; it may stand for a pack (``unit``)."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="barcodes", verbose_name=_("item"))
    code = CodeField(_("code"), max_length=80, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("unit"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("barcode")
        verbose_name_plural = _("barcodes")

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """A barcode is not the code of another item."""
        other = Item.objects.filter(code__iexact=self.code).exclude(pk=self.item_id).first()
        if other is not None:
            raise ValidationError(
                {"code": _("%(code)s is the code of another item.") % {"code": other.code}}
            )
