"""Every kind of master data as a row: its form, its list, and what may be done with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.tables import Column, Filter
from stock import search_keys
from stock.forms import (
    CategoryForm,
    ItemForm,
    LotForm,
    MasterForm,
    PartnerForm,
    PlaceForm,
    ReasonForm,
    UnitForm,
    WarehouseForm,
)
from stock.models import Category, Item, Lot, Partner, Place, Reason, Unit, Warehouse

Text = str | Promise
SENTINEL = Q(pk=0)


@dataclass(frozen=True, slots=True)
class Master:
    """One kind of master data. ``slug`` is its place in URLs; ``listed`` False where another page lists it."""

    slug: str
    title: Text
    new: Text
    model: type[models.Model]
    form: type[MasterForm]
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    listed: bool = True
    creatable: bool = True
    search: Callable[[Any, str], Any] | None = None
    related: tuple[str, ...] = ()
    hidden: Q = SENTINEL
    """What belongs to the program: the sentinels, the places outside the warehouses."""

    def rows(self) -> Any:
        """All records that people keep, archived ones included."""
        rows = self.model._default_manager.exclude(self.hidden)
        return rows.select_related(*self.related) if self.related else rows


def _archived(rows: Any, value: str) -> Any:
    return rows.filter(archived_at__isnull=value != "archived")


def _state() -> Iterable[tuple[str, Text]]:
    return (("active", _("in use")), ("archived", _("archived")))


STATE = Filter("state", _("State"), _archived, _state)


def words(*fields: str) -> Callable[[Any, str], Any]:
    """A search that finds a text anywhere in some fields."""

    def search(rows: Any, text: str) -> Any:
        condition = Q()
        for name in fields:
            condition |= Q(**{f"{name}__icontains": text})
        return rows.filter(condition)

    return search


def _partners(rows: Any, text: str) -> Any:
    return rows.filter(Q(search_key__contains=search_keys.plain(text)) | Q(code__icontains=text))


def _role(rows: Any, value: str) -> Any:
    return rows.filter(is_supplier=True) if value == "supplier" else rows.filter(is_customer=True)


def _roles() -> Iterable[tuple[str, Text]]:
    return (("supplier", _("Suppliers")), ("customer", _("Customers")))


CODE = Column("code", _("Code"), kind="code", sort="code", card="m")
NAME = Column("name", _("Name"), sort="name", card="s")
ARCHIVED = Column("archived_at", _("Archived"), kind="datetime", sort="archived_at", optional=True)

MASTERS: tuple[Master, ...] = (
    Master(
        "items",
        _("Items"),
        _("New item"),
        Item,
        ItemForm,
        listed=False,
        search=search_keys.search,
        related=("category", "base_unit"),
    ),
    Master(
        "categories",
        _("Categories"),
        _("New category"),
        Category,
        CategoryForm,
        (
            CODE,
            NAME,
            Column("parent", _("Belongs to"), sort="parent__code"),
            Column(
                "cost_method",
                _("Cost method"),
                "get_cost_method_display",
                sort="cost_method",
                card="t",
            ),
            ARCHIVED,
        ),
        (STATE,),
        search=words("code", "name"),
        related=("parent",),
    ),
    Master(
        "units",
        _("Units"),
        _("New unit"),
        Unit,
        UnitForm,
        (
            CODE,
            NAME,
            Column("decimals", _("Decimals"), kind="number", sort="decimals", card="n"),
            Column("reference", _("Reference unit")),
            Column("numerator", _("Numerator"), kind="number"),
            Column("denominator", _("Denominator"), kind="number"),
            ARCHIVED,
        ),
        (STATE,),
        search=words("code", "name"),
        related=("reference",),
    ),
    Master(
        "partners",
        _("Suppliers and customers"),
        _("New partner"),
        Partner,
        PartnerForm,
        (
            CODE,
            NAME,
            Column("is_supplier", _("Supplier"), lambda row: _("yes") if row.is_supplier else ""),
            Column("is_customer", _("Customer"), lambda row: _("yes") if row.is_customer else ""),
            Column("contact", _("Contact"), card="t"),
            Column("phone", _("Telephone"), card="n"),
            ARCHIVED,
        ),
        (Filter("role", _("Role"), _role, _roles), STATE),
        search=_partners,
    ),
    Master(
        "warehouses",
        _("Warehouses"),
        _("New warehouse"),
        Warehouse,
        WarehouseForm,
        (
            CODE,
            NAME,
            Column("area", _("Valuation area"), card="t"),
            Column("department", _("Department")),
            Column("address", _("Address")),
            ARCHIVED,
        ),
        (STATE,),
        search=words("code", "name"),
        related=("area", "department"),
    ),
    Master(
        "places",
        _("Places"),
        _("New place"),
        Place,
        PlaceForm,
        listed=False,
        search=words("code", "name", "path"),
        related=("warehouse",),
        hidden=Q(warehouse=None),
    ),
    Master(
        "lots",
        _("Lots"),
        _("New lot"),
        Lot,
        LotForm,
        listed=False,
        creatable=False,
        related=("item",),
    ),
    Master(
        "reasons",
        _("Reasons"),
        _("New reason"),
        Reason,
        ReasonForm,
        (CODE, Column("name", _("Name"), str, card="s"), ARCHIVED),
        (STATE,),
        search=words("code", "name"),
    ),
)
BY_SLUG = {master.slug: master for master in MASTERS}
