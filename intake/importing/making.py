"""Makes the records that rows name and nobody has yet, kind by kind in bulk, each with its history."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from intake.importing.found import Prepared
from intake.importing.resolver import short
from intake.known import CATEGORY
from intake.resolving.names import canonical
from intake.resolving.records import ItemRef, LotRef
from people.models import Company, User
from stock import catalog, search_keys
from stock.models import Category, Item, Lot, Partner, Unit, Warehouse

_AT_ONCE = 500


@transaction.atomic
def make(out: Prepared, company: Company, user: User | None) -> None:
    """Make what is to be made, except lots; the references know their ids afterwards."""
    _units(out.made.pop("units", []), user)
    _places(out, company)
    _items(out.made.pop("items", []), user)
    _partners(out.made.pop("partners", []), user)


def _bulk(rows: list[Any], model: Any, user: User | None) -> list[Any]:
    return list(bulk_create_with_history(rows, model, batch_size=_AT_ONCE, default_user=user))


def _units(units: list[Any], user: User | None) -> None:
    rows = [Unit(code=unit.code, name=unit.name, decimals=unit.decimals) for unit in units]
    for unit, made in zip(units, _bulk(rows, Unit, user) if rows else (), strict=True):
        unit.pk = made.pk


def _places(out: Prepared, company: Company) -> None:
    for house in out.made.pop("warehouses", []):
        made = catalog.create_warehouse(company=company, code=house.code, name=house.name)
        house.pk, house.scope = made.pk, made.scope_id
        for kind, place in house.defaults.items():
            place.pk = catalog.default_place(made, kind).pk
    houses = {}
    for place in out.made.pop("places", []):
        pk = place.warehouse.pk
        if pk not in houses:
            houses[pk] = Warehouse.objects.select_related("area__company").get(pk=pk)
        place.pk = catalog.create_place(warehouse=houses[pk], code=place.code).pk


def _items(items: list[ItemRef], user: User | None) -> None:
    if not items:
        return
    categories = categories_of({item.category for item in items})
    rows = [
        Item(
            code=item.code,
            name=item.name,
            specification=item.spec,
            category=categories[canonical(item.category)],
            base_unit_id=item.unit.pk or 0,
            tracking=item.tracking,
        )
        for item in items
    ]
    made = _bulk(rows, Item, user)
    search_keys.refresh_items(made)
    for item, row in zip(items, made, strict=True):
        item.pk = row.pk


def categories_of(names: set[str]) -> dict[str, Category]:
    """The categories of these names, made where they are unknown; "" is that of loaded items."""
    found: dict[str, Category] = {}
    for category in Category.objects.order_by("-pk"):
        found[canonical(category.name)] = found[canonical(category.code)] = category
    for name in sorted(names):
        if canonical(name) in found and name:
            continue
        code = short(name, 40) or CATEGORY
        title = name[:120] or _("Loaded from a sheet")
        found[canonical(name)], _made = Category.objects.get_or_create(
            code=code, defaults={"name": title}
        )
    return found


def _partners(partners: list[Any], user: User | None) -> None:
    rows = [
        Partner(
            code=partner.code,
            name=partner.name,
            is_supplier=partner.is_supplier,
            is_customer=partner.is_customer,
        )
        for partner in partners
    ]
    made = _bulk(rows, Partner, user) if rows else []
    search_keys.refresh_partners(made)
    for partner, row in zip(partners, made, strict=True):
        partner.pk = row.pk


def lots(wanted: list[LotRef], user: User | None) -> None:
    """Make the lots of a document that are not there yet; call it inside the document's transaction."""
    missing = {id(lot): lot for lot in wanted if lot.pk is None}
    rows = [
        Lot(
            item_id=lot.item.pk,
            number=lot.number,
            expires_on=lot.expires_on,
            manufactured_on=lot.manufactured_on,
        )
        for lot in missing.values()
    ]
    made = _bulk(rows, Lot, user) if rows else []
    for lot, row in zip(missing.values(), made, strict=True):
        lot.pk = row.pk
