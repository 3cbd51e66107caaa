"""The only writer of places, warehouses and lots; master data that the book leans on."""

from datetime import date

from django.db import transaction

from people.models import Company, Department, Scope
from stock import place_kinds
from stock.models import Item, Lot, Partner, Place, ValuationArea, Warehouse


def create_virtual_places(company: Company) -> None:
    """Make the places outside the warehouses (suppliers, customers, scrap …) that a company needs."""
    known = set(
        Place.objects.filter(company=company, warehouse=None).values_list("kind", flat=True)
    )
    for kind in sorted(place_kinds.VIRTUAL - known):
        Place.objects.create(company=company, kind=kind, code=kind, path=kind)


def virtual_place(company: Company, kind: str) -> Place:
    """The company's one place of a virtual kind."""
    return Place.objects.get(company=company, kind=kind, warehouse=None)


@transaction.atomic
def create_warehouse(
    *,
    company: Company,
    code: str,
    name: str,
    area: ValuationArea | None = None,
    department: Department | None = None,
) -> Warehouse:
    """Make a warehouse with its scope, its valuation area (unless given) and its first four places.

    The places are the warehouse itself (storage), and ``-Q`` quarantine, ``-T`` transit, ``-R`` repair.
    """
    create_virtual_places(company)
    if area is None:
        area = ValuationArea.objects.create(company=company, code=code, name=name)
    scope = Scope.objects.create(code=f"warehouse:{code}", name=f"{code} {name}")
    warehouse = Warehouse.objects.create(
        code=code, name=name, area=area, department=department, scope=scope
    )
    for suffix, kind in (
        ("", "storage"),
        ("-Q", "quarantine"),
        ("-T", "transit"),
        ("-R", "repair"),
    ):
        create_place(warehouse=warehouse, code=code + suffix, kind=kind)
    return warehouse


def create_place(
    *,
    warehouse: Warehouse,
    code: str,
    kind: str = "storage",
    name: str = "",
    parent: Place | None = None,
    is_group: bool = False,
) -> Place:
    """Make a place in the tree of a warehouse."""
    return Place.objects.create(
        company=warehouse.area.company,
        warehouse=warehouse,
        kind=kind,
        code=code,
        name=name,
        parent=parent,
        is_group=is_group,
        path=f"{parent.path}/{code}" if parent else f"{warehouse.code}/{code}",
    )


def default_place(warehouse: Warehouse, kind: str = "storage") -> Place:
    """The place that stands for the warehouse itself: the first made of its kind."""
    return Place.objects.filter(
        warehouse=warehouse, kind=kind, is_group=False, archived_at=None
    ).earliest("pk")


def find_or_create_lot(
    item: Item,
    number: str,
    *,
    manufactured_on: date | None = None,
    expires_on: date | None = None,
    supplier: Partner | None = None,
) -> Lot:
    """The lot of this number; made on its first receipt."""
    lot, _made = Lot.objects.get_or_create(
        item=item,
        number=number,
        defaults={
            "manufactured_on": manufactured_on,
            "expires_on": expires_on,
            "supplier": supplier,
        },
    )
    return lot
