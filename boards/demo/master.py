"""Only makes the master data of the demo company: people, warehouses, items, partners."""

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password

from boards.demo import goods, people, places
from boards.demo.words import in_english, said
from people import rights
from people.models import Company, Department, Membership, Role, User
from stock import catalog, search_keys
from stock.models import (
    Barcode,
    Category,
    Item,
    ItemUnit,
    Partner,
    Place,
    Unit,
    Warehouse,
)


@dataclass(slots=True)
class Master:
    """The rows that the story needs, by code."""

    company: Company
    users: dict[str, User] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    warehouses: dict[str, Warehouse] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    """Physical places by code, virtual ones by kind."""
    items: dict[str, Item] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)


def make() -> Master:
    """Write the whole master data; the caller holds the transaction."""
    company = Company.objects.create(
        code=people.COMPANY_CODE, name=said(people.COMPANY_NAME), is_demo=True
    )
    master = Master(company)
    _make_departments(master)
    _make_warehouses(master)
    _make_users(master)
    _make_items(master)
    _make_partners(master)
    return master


def _make_departments(master: Master) -> None:
    for code, name in people.DEPARTMENTS:
        master.departments[code] = Department.objects.create(
            company=master.company, code=code, name=said(name)
        )


def _make_warehouses(master: Master) -> None:
    shared = None
    for house in places.HOUSES:
        warehouse = catalog.create_warehouse(
            company=master.company,
            code=house.code,
            name=said(house.name),
            area=None if house.code == "AS" else shared,
            department=master.departments["AFS" if house.code == "AS" else "WH"],
        )
        warehouse.address = house.address
        warehouse.save(update_fields=["address"])
        shared = shared or warehouse.area
        master.warehouses[house.code] = warehouse
        for zone in house.zones:
            group = catalog.create_place(
                warehouse=warehouse,
                code=zone.code,
                kind=zone.kind,
                name=said(zone.name),
                is_group=True,
            )
            for bin_code in zone.bins:
                catalog.create_place(
                    warehouse=warehouse, code=bin_code, kind=zone.kind, parent=group
                )
    for place in Place.objects.filter(company=master.company).select_related("warehouse"):
        master.places[place.code if place.warehouse_id else place.kind] = place


def _make_users(master: Master) -> None:
    password = make_password(people.PASSWORD)
    shipped = {role.code: role for role in rights.SHIPPED_ROLES}
    for person in people.PEOPLE:
        user = User.objects.create(
            username=person.username,
            name=said(person.name),
            password=password,
            department=master.departments[person.department],
            language=person.language,
        )
        role, _made = Role.objects.get_or_create(
            code=person.role, defaults={"rights": list(shipped[person.role].rights)}
        )
        membership = Membership.objects.create(
            user=user, role=role, everywhere=not person.warehouses
        )
        membership.scopes.set(master.warehouses[code].scope for code in person.warehouses)
        master.users[person.username] = user
    for code, username in people.MANAGERS.items():
        department = master.departments[code]
        department.manager = master.users[username]
        department.save(update_fields=["manager"])


def _make_items(master: Master) -> None:
    units: dict[str, Unit] = {}
    for code, name, decimals, reference, numerator, denominator in goods.UNITS:
        units[code], _made = Unit.objects.get_or_create(
            code=code,
            defaults={
                "name": said(name),
                "decimals": decimals,
                "reference": units.get(reference),
                "numerator": numerator,
                "denominator": denominator,
            },
        )
    categories: dict[str, Category] = {}
    for code, parent, name, method in goods.CATEGORIES:
        categories[code] = Category.objects.create(
            code=code, name=said(name), parent=categories.get(parent), cost_method=method
        )
    for good in goods.GOODS:
        item = Item.objects.create(
            code=good.code,
            name=good.other_name if in_english() else good.name,
            other_name=good.name if in_english() else good.other_name,
            specification=good.specification,
            category=categories[good.category],
            base_unit=units[good.unit],
            tracking=good.tracking,
            shelf_life_days=good.shelf_life,
            lead_time_days=7 if good.supplier else None,
            reorder_point=good.reorder,
            maximum=good.level * 3 // 2,
        )
        master.items[good.code] = item
        Barcode.objects.create(item=item, code=ean13(f"6901234{good.code}"))
        if good.pack:
            unit, size = good.pack
            ItemUnit.objects.create(item=item, unit=units[unit], numerator=size)
            Barcode.objects.create(item=item, code=ean13(f"6909876{good.code}"), unit=units[unit])
    search_keys.refresh_items(master.items.values())


def _make_partners(master: Master) -> None:
    for firm in goods.FIRMS:
        master.partners[firm.code] = Partner.objects.create(
            code=firm.code,
            name=firm.note if in_english() else firm.name,
            is_supplier=firm.supplier,
            is_customer=not firm.supplier,
            contact=firm.contact,
            phone=firm.phone,
            address=firm.address,
            note=firm.name if in_english() else firm.note,
        )
    search_keys.refresh_partners(master.partners.values())


def ean13(digits: str) -> str:
    """Twelve digits and their check digit."""
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
