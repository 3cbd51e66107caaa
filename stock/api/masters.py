"""Doors of the API to other master data: places, warehouses, partners, units, categories, types, reasons."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import Operation, reads
from core.api.paging import Page
from core.api.parameters import text, yes_no
from core.api.shapes import INTEGER, TEXT, YES_NO, Field
from people.api.doors import Door
from stock import movement_types
from stock.api import question as ask
from stock.api.question import Question
from stock.models import Category, Partner, Reason, Unit, Warehouse
from stock.queries import lists
from stock.queries.sight import see
from stock.search_keys import plain

GROUP = _("Master data")
SEES: dict[str, Any] = {"scope": "read", "right": "stock.view", "group": GROUP}
ARCHIVED = yes_no("archived", _("true: archived ones only; false: those in use only"))
ARCHIVE_MARK = Field("archived", YES_NO, _("No longer used"))


def in_use(rows: Any, values: dict[str, Any]) -> Any:
    """Only archived ones, only those in use, or all."""
    asked = values["archived"]
    return rows if asked is None else rows.filter(archived_at__isnull=not asked)


def listed(
    rows: Any,
    values: dict[str, Any],
    shown: Callable[[Any], dict[str, Any]],
    *,
    order: str = "code",
) -> Page:
    """A page of master data in the order of a text, with the mark of what is archived."""
    page, following = paging.of_queryset(
        in_use(rows, values), order, cursor=values["cursor"], limit=values["limit"]
    )
    marked = [shown(one) | {"archived": one.archived_at is not None} for one in page]
    return Page(marked, following)


class Places(Door):
    """The places of the warehouses that may be seen."""

    @reads(
        Operation(
            "places",
            summary=_("Places of the warehouses you may see"),
            parameters=(ask.WAREHOUSE, ask.PLACE, ARCHIVED),
            answer=(
                Field("place", TEXT, _("Code of the place")),
                Field("path", TEXT, _("With all it belongs to")),
                Field("name", TEXT, _("Name")),
                Field("warehouse", TEXT, _("Code of the warehouse")),
                Field("kind", TEXT, _("storage, quarantine, transit or repair")),
                Field("zone", YES_NO, _("It groups places and holds no stock itself")),
                Field("items", INTEGER, _("How many items lie there")),
                ARCHIVE_MARK,
            ),
            paged=True,
            refusals=(422,),
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Places by path."""
        question = Question(self.access, values)
        rows = lists.places(question.sight)
        if question.places is not None:
            rows = rows.filter(pk__in=question.places)
        return listed(
            rows,
            values,
            lambda place: {
                "place": place.code,
                "path": place.path,
                "name": place.name,
                "warehouse": place.warehouse.code,
                "kind": place.kind,
                "zone": place.is_group,
                "items": place.items,
            },
            order="path",
        )


class Warehouses(Door):
    """The warehouses that may be seen."""

    @reads(
        Operation(
            "warehouses",
            summary=_("Warehouses you may see"),
            parameters=(ARCHIVED,),
            answer=(
                Field("warehouse", TEXT, _("Code of the warehouse")),
                Field("name", TEXT, _("Name")),
                Field("address", TEXT, _("Address")),
                Field("department", TEXT, _("Code of the department"), nullable=True),
                ARCHIVE_MARK,
            ),
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Warehouses by code."""
        rows = Warehouse.objects.filter(pk__in=see(self.access).warehouses)
        return listed(
            rows.select_related("department"),
            values,
            lambda one: {
                "warehouse": one.code,
                "name": one.name,
                "address": one.address,
                "department": one.department.code if one.department else None,
            },
        )


class Partners(Door):
    """Suppliers and customers."""

    @reads(
        Operation(
            "partners",
            summary=_("Suppliers and customers"),
            parameters=(
                text("q", _("Search: code, name, pinyin")),
                yes_no("supplier", _("Whether it supplies")),
                yes_no("customer", _("Whether it buys")),
                ARCHIVED,
            ),
            answer=(
                Field("partner", TEXT, _("Code of the partner")),
                Field("name", TEXT, _("Name")),
                Field("supplier", YES_NO, _("Whether it supplies")),
                Field("customer", YES_NO, _("Whether it buys")),
                ARCHIVE_MARK,
            ),
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Partners by code."""
        rows = Partner.objects.exclude(pk=0)
        for name in ("supplier", "customer"):
            if values[name] is not None:
                rows = rows.filter(**{f"is_{name}": values[name]})
        if values["q"]:
            rows = rows.filter(search_key__contains=plain(values["q"]))
        return listed(
            rows,
            values,
            lambda one: {
                "partner": one.code,
                "name": one.name,
                "supplier": one.is_supplier,
                "customer": one.is_customer,
            },
        )


class Units(Door):
    """Units of measure."""

    @reads(
        Operation(
            "units",
            summary=_("Units of measure"),
            parameters=(ARCHIVED,),
            answer=(
                Field("unit", TEXT, _("Code of the unit")),
                Field("name", TEXT, _("Name")),
                Field("decimals", INTEGER, _("How many decimals a quantity may have")),
                Field("reference", TEXT, _("Unit it is a multiple of"), nullable=True),
                Field("numerator", INTEGER, _("1 of it = numerator ÷ denominator of that unit")),
                Field("denominator", INTEGER, _("Denominator")),
                ARCHIVE_MARK,
            ),
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Units by code."""
        return listed(
            Unit.objects.select_related("reference"),
            values,
            lambda one: {
                "unit": one.code,
                "name": one.name,
                "decimals": one.decimals,
                "reference": one.reference.code if one.reference else None,
                "numerator": one.numerator,
                "denominator": one.denominator,
            },
        )


class Categories(Door):
    """Categories of items."""

    @reads(
        Operation(
            "categories",
            summary=_("Categories of items"),
            parameters=(ARCHIVED,),
            answer=(
                Field("category", TEXT, _("Code of the category")),
                Field("name", TEXT, _("Name")),
                Field("parent", TEXT, _("Category it belongs to"), nullable=True),
                ARCHIVE_MARK,
            ),
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Categories by code."""
        return listed(
            Category.objects.select_related("parent"),
            values,
            lambda one: {
                "category": one.code,
                "name": one.name,
                "parent": one.parent.code if one.parent else None,
            },
        )


class MovementTypes(Door):
    """The ways stock may move."""

    @reads(
        Operation(
            "movement_types",
            summary=_("Every way in which stock may move"),
            answer=(
                Field("type", TEXT, _("Movement type")),
                Field("name", TEXT, _("Name")),
                Field("sources", TEXT, _("Kinds of place it may leave"), many=True),
                Field("targets", TEXT, _("Kinds of place it may reach"), many=True),
                Field("value_only", YES_NO, _("It moves value without goods")),
                Field("reason", YES_NO, _("A reason is required")),
            ),
            listed=True,
            **SEES,
        )
    )
    def get(self, _values: dict[str, Any]) -> Page:
        """All of them; they are part of the product."""
        return Page(
            [
                {
                    "type": kind.code,
                    "name": str(kind.label),
                    "sources": sorted(kind.sources),
                    "targets": sorted(kind.targets),
                    "value_only": kind.value_only,
                    "reason": kind.reason,
                }
                for kind in movement_types.BY_CODE.values()
            ]
        )


class Reasons(Door):
    """The list of reasons."""

    @reads(
        Operation(
            "reasons",
            summary=_("Reasons that may be given for a change"),
            parameters=(ARCHIVED,),
            answer=(
                Field("reason", TEXT, _("Code of the reason")),
                Field("name", TEXT, _("Name")),
                ARCHIVE_MARK,
            ),
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Reasons by code."""
        return listed(
            Reason.objects.all(), values, lambda one: {"reason": one.code, "name": str(one)}
        )
