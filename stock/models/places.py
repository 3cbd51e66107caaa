"""Where stock can be: valuation areas, warehouses and the tree of places."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.codes import CodeField
from people.models import Company, Department, Scope
from stock import place_kinds


class ValuationArea(models.Model):
    """Within an area an item has one cost; a warehouse has one area, an area one company."""

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    code = CodeField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("valuation area")
        verbose_name_plural = _("valuation areas")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Warehouse(models.Model):
    """A building or yard with its own people; owns a tree of places."""

    code = CodeField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    area = models.ForeignKey(ValuationArea, models.PROTECT, verbose_name=_("valuation area"))
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, verbose_name=_("department")
    )
    scope = models.OneToOneField(Scope, models.PROTECT, editable=False, verbose_name=_("scope"))
    address = models.CharField(_("address"), max_length=300, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Place(models.Model):
    """A place stock can be; status is a place: blocked stock lies in a quarantine place.

    Physical places belong to a warehouse and form its tree; of each virtual kind a company has one.
    """

    company = models.ForeignKey(Company, models.PROTECT, editable=False, verbose_name=_("company"))
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="places",
        verbose_name=_("warehouse"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=place_kinds.CHOICES)
    code = CodeField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    path = models.CharField(_("path"), max_length=400, editable=False)
    is_group = models.BooleanField(
        _("zone"), default=False, help_text=_("A zone groups places and holds no stock itself.")
    )
    walking_order = models.PositiveIntegerField(_("walking order"), default=0)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(place_kinds.BY_CODE)), name="place_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(place_kinds.PHYSICAL), warehouse__isnull=False)
                | Q(kind__in=sorted(place_kinds.VIRTUAL), warehouse__isnull=True),
                name="place_physical_has_warehouse",
            ),
            models.UniqueConstraint(
                fields=["warehouse", "code"],
                condition=Q(warehouse__isnull=False),
                name="place_code_once_per_warehouse",
            ),
            models.UniqueConstraint(
                fields=["company", "kind"],
                condition=Q(warehouse__isnull=True),
                name="place_virtual_once_per_company",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display()) if self.warehouse_id is None else self.code
