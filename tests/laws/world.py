"""A company to break laws in, with short ways to post, reserve and count."""

import uuid
from decimal import Decimal
from typing import Any

from people.access import SYSTEM, Access
from people.models import Company
from stock import catalog, ledger, reservations
from stock.ledger import LineInput, Posted
from stock.models import Category, Item, Lot, Place, Reservation, Unit, Warehouse
from stock.reservations import ReservationInput

D = Decimal


_CIRCUMSTANCES = (
    "key",
    "access",
    "override",
    "accept_expired",
    "effective_at",
    "why",
    "document",
)


class World:
    """Two warehouses with an area each; items of every cost method and tracking."""

    def __init__(self, code: str = "LAW", *, shared_area: bool = False) -> None:
        self.company = Company.objects.create(code=code, name=code)
        self.main: Warehouse = catalog.create_warehouse(
            company=self.company, code=f"{code}-A", name="A"
        )
        self.other: Warehouse = catalog.create_warehouse(
            company=self.company,
            code=f"{code}-B",
            name="B",
            area=self.main.area if shared_area else None,
        )
        self.unit, _made = Unit.objects.get_or_create(code="PCS", defaults={"name": "piece"})
        self.categories = {
            method: Category.objects.create(
                code=f"{code}-{method}", name=method, cost_method=method
            )
            for method in ("average", "fifo", "specific")
        }
        self.virtual = dict(
            Place.objects.filter(company=self.company, warehouse=None).values_list("kind", "pk")
        )
        self.bin = catalog.create_place(warehouse=self.main, code=f"{code}-A-1").pk
        self.serial_number = 0
        self.places = {
            (warehouse.pk, kind): catalog.default_place(warehouse, kind).pk
            for warehouse in (self.main, self.other)
            for kind in ("storage", "quarantine", "transit", "repair")
        }
        here, virtual = self.place(), self.virtual
        self.ends = {
            "purchase_in": (virtual["supplier"], here),
            "purchase_return": (here, virtual["supplier"]),
            "sales_out": (here, virtual["customer"]),
            "sales_return": (virtual["customer"], here),
            "production_issue": (here, virtual["production"]),
            "production_return": (virtual["production"], here),
            "production_receipt": (virtual["production"], here),
            "department_issue": (here, virtual["department"]),
            "repair_out": (here, self.place(kind="repair")),
            "repair_in": (self.place(kind="repair"), here),
            "transfer": (here, self.place(self.other)),
            "bin_move": (here, self.bin),
            "hold": (here, self.place(kind="quarantine")),
            "release": (self.place(kind="quarantine"), here),
            "scrap": (here, virtual["scrap"]),
            "stocktake_gain": (virtual["adjustment"], here),
            "stocktake_loss": (here, virtual["adjustment"]),
            "other_in": (virtual["adjustment"], here),
            "other_out": (here, virtual["adjustment"]),
            "transfer_out": (here, self.place(kind="transit")),
            "transfer_in": (self.place(kind="transit"), self.place(self.other)),
            "opening": (virtual["opening"], here),
        }

    def place(self, warehouse: Warehouse | None = None, kind: str = "storage") -> int:
        """The first place of a kind in a warehouse."""
        return self.places[(warehouse or self.main).pk, kind]

    def item(self, method: str = "average", tracking: str = "none") -> Item:
        """A new item."""
        self.serial_number += 1
        return Item.objects.create(
            code=f"{self.company.code}-{self.serial_number:04}",
            name="item",
            category=self.categories[method],
            base_unit=self.unit,
            tracking=tracking,
        )

    def lot(self, item: Item, number: str, **dates: Any) -> Lot:
        """A lot or serial number of an item."""
        return catalog.find_or_create_lot(item, number, **dates)

    def line(self, kind: str, item: Item, quantity: Any, **facts: Any) -> LineInput:
        """A line; ``source`` and ``target`` default to where the type usually goes in the main warehouse."""
        ends = self.ends.get(kind, (0, 0))
        facts.setdefault("source", ends[0])
        facts.setdefault("target", ends[1])
        for name in ("unit_cost", "value"):
            if facts.get(name) is not None:
                facts[name] = D(str(facts[name]))
        return LineInput(type=kind, item=item.pk, quantity=D(str(quantity)), **facts)

    def post(
        self, *lines: LineInput, key: str = "", access: Access = SYSTEM, **more: Any
    ) -> Posted:
        """Post the lines."""
        return ledger.post(
            list(lines),
            company=self.company,
            key=key or uuid.uuid4().hex,
            actor=None,
            access=access,
            door="import",
            **more,
        )

    def move(self, kind: str, item: Item, quantity: Any, **facts: Any) -> Posted:
        """Post one line; circumstances (override, effective_at …) may be among the facts."""
        more = {name: facts.pop(name) for name in _CIRCUMSTANCES if name in facts}
        return self.post(self.line(kind, item, quantity, **facts), **more)

    def reverse(self, posted: Posted | int, **more: Any) -> Posted:
        """Reverse a posting."""
        more.setdefault("why", "mistake")
        more.setdefault("key", uuid.uuid4().hex)
        number = posted if isinstance(posted, int) else posted.posting_id
        return ledger.reverse(number, actor=None, access=SYSTEM, **more)

    def promise(
        self, item: Item, quantity: Any, *, reference: str = "SO", **where: Any
    ) -> list[Reservation]:
        """Reserve an item in the main warehouse."""
        line = ReservationInput(item.pk, self.main.pk, D(str(quantity)), **where)
        return reservations.reserve([line], reference=reference, actor=None, access=SYSTEM)
