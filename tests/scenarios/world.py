"""A small company in which a scenario of another system is replayed, step by step, through the ledger.

Items, places, lots and partners come into being when a step names
them. A step without a date happens a second after the one before; ``d-2`` is two days ago.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from people import access
from people.models import Company
from stock import catalog, ledger
from stock.models import (
    Availability,
    Balance,
    Category,
    CostLayer,
    CostPool,
    Item,
    Movement,
    Place,
    Unit,
    Warehouse,
)
from stock.models.lots import NO_LOT
from stock.models.partners import US

Step = dict[str, Any]
METHODS = {
    "average": "average",
    "average_per_warehouse": "average",
    "average_per_lot": "specific",
    "fifo": "fifo",
    "fifo->average": "fifo",
    "fixed": "average",
    "any": "average",
    "standard": "average",
    "none": "average",
}
KINDS = {"TRANSIT": "transit", "Retention": "quarantine"}
TWO_WAREHOUSES = {"WH1", "WH2", "A", "B"}
DEFAULT = "X"


class Done:
    """What one step did."""

    def __init__(self, *posted: ledger.Posted, **facts: Any) -> None:
        self.postings = posted
        self.facts = facts

    @property
    def movements(self) -> list[Movement]:
        """The movements of the step in the order of its lines, without settlements."""
        ids = [pk for posted in self.postings for pk in posted.movement_ids]
        found = Movement.objects.in_bulk(ids)
        return [found[pk] for pk in ids]


class World:
    """The company of one scenario."""

    def __init__(
        self, method: str, *, lots: bool, warehouses: bool, below_zero: bool = False
    ) -> None:
        self.company = Company.objects.create(code="S", name="Scenario")
        self.has_lots = lots
        self.by_warehouse = warehouses
        self.below_zero = below_zero
        self.category = Category.objects.create(code="S", name="S", cost_method=METHODS[method])
        self.unit = Unit.objects.create(code="U", name="unit", decimals=6)
        self.warehouse = catalog.create_warehouse(company=self.company, code="MAIN", name="Main")
        self.items: dict[str, Item] = {}
        self.steps: dict[int, Done] = {}
        self.expected: dict[str, Decimal] = {}
        self.counted: dict[str, Decimal] = {}
        self.started = timezone.now() - timedelta(hours=1)
        self.number = 0

    # -- names -----------------------------------------------------------------------------------

    def item(self, code: str = DEFAULT, *, tracking: str = "") -> Item:
        """The item of this code."""
        if code not in self.items:
            self.items[code] = Item.objects.create(
                code=code,
                name=code,
                category=self.category,
                base_unit=self.unit,
                tracking=tracking or ("lot" if self.has_lots else "none"),
            )
        return self.items[code]

    def place(self, code: str = "") -> Place:
        """The place of this code; the codes of two warehouses are warehouses where it matters."""
        if not code or code == "Main":
            return catalog.default_place(self.warehouse)
        if code in KINDS:
            return catalog.default_place(self.warehouse, KINDS[code])
        if self.by_warehouse and code in TWO_WAREHOUSES:
            warehouse = Warehouse.objects.filter(code=code).first()
            warehouse = warehouse or catalog.create_warehouse(
                company=self.company, code=code, name=code
            )
            return catalog.default_place(warehouse)
        found = Place.objects.filter(warehouse=self.warehouse, code=code).first()
        return found or catalog.create_place(warehouse=self.warehouse, code=code)

    def virtual(self, kind: str) -> int:
        """A place outside the warehouses."""
        return catalog.virtual_place(self.company, kind).pk

    def lot(self, item: Item, number: str | None) -> int:
        """The lot of a step; goods without one in a scenario with lots lie in the lot «-»."""
        if item.tracking == "none":
            return NO_LOT
        return catalog.find_or_create_lot(item, number or "-").pk

    def moment(self, step: Step) -> datetime:
        """When the step happens."""
        written = step.get("date")
        if not written:
            return self.started + timedelta(seconds=self.number)
        relative = written.startswith("d")
        days = int(written[1:] or 0) if relative else int(written.split("-")[1]) - 10
        return self.started + timedelta(days=days, seconds=self.number)

    # -- posting ---------------------------------------------------------------------------------

    def post(self, step: Step, *lines: ledger.LineInput, **options: Any) -> Done:
        """Post the lines of a step."""
        key = options.pop("key", f"{step.get('n')}-{self.number}")
        return Done(
            ledger.post(
                lines,
                company=self.company,
                key=key,
                actor=None,
                access=access.SYSTEM,
                door="import",
                effective_at=options.pop("effective_at", self.moment(step)),
                override="allowed" if self.below_zero else "",
                **options,
            )
        )

    def line(
        self, kind: str, step: Step, source: int, target: int, **more: Any
    ) -> ledger.LineInput:
        """A line from what the step says."""
        item = self.item(step.get("item", DEFAULT))
        facts: dict[str, Any] = {
            "unit_cost": Decimal(step["unit_cost"]) if "unit_cost" in step else None,
            **more,
        }
        if "lot" not in facts:
            facts["lot"] = self.lot(item, step.get("lot"))
        quantity = facts.pop("quantity", None) or Decimal(str(step["qty"]))
        return ledger.LineInput(
            type=kind, item=item.pk, source=source, target=target, quantity=quantity, **facts
        )

    def into(self, kind: str, origin: str, step: Step, **more: Any) -> ledger.LineInput:
        """A line that brings goods in."""
        return self.line(
            kind, step, self.virtual(origin), self.place(step.get("at", "")).pk, **more
        )

    def out(self, kind: str, end: str, step: Step, **more: Any) -> ledger.LineInput:
        """A line that takes goods out."""
        more.setdefault("unit_cost", None)
        return self.line(kind, step, self.place(step.get("at", "")).pk, self.virtual(end), **more)

    def original(self, step: Step) -> int:
        """The first movement of the step that this one refers to."""
        return self.steps[step["ref"]].movements[0].pk

    # -- what a step may look at -----------------------------------------------------------------

    def on_hand(self, item: str = DEFAULT, *, at: str = "", lot: str | None = None) -> Decimal:
        """Our own goods, in a place or everywhere, of a lot or all."""
        rows = Balance.objects.filter(item__code=item, owner=US)
        if at:
            rows = rows.filter(place=self.place(at))
        if lot is not None:
            rows = rows.filter(lot__number=lot)
        return sum(rows.values_list("on_hand", flat=True), Decimal(0))

    def on_hand_at(self, moment: datetime, item: str = DEFAULT, lot: str | None = None) -> Decimal:
        """On hand at a moment, from the movements."""
        wanted = self.item(item)
        total = Decimal(0)
        rows = Movement.objects.filter(item=wanted, effective_at__lte=moment, owner=US)
        if lot is not None:
            rows = rows.filter(lot=self.lot(wanted, lot))
        for row in rows.select_related("source", "target"):
            total += row.quantity * (bool(row.target.warehouse_id) - bool(row.source.warehouse_id))
        return total

    def pools(self, item: str = DEFAULT, *, at: str = "") -> list[CostPool]:
        """The cost pools of an item, of one warehouse or all."""
        rows = CostPool.objects.filter(item__code=item)
        return list(
            rows.filter(area__warehouse__places=self.place(at), shipment="") if at else rows
        )

    def value(self, item: str = DEFAULT) -> Decimal:
        """What our goods of an item are worth."""
        return sum((pool.value for pool in self.pools(item)), Decimal(0))

    def unit_cost(self, item: str = DEFAULT, *, at: str = "") -> Decimal:
        """Value ÷ quantity; where nothing is left, the last known cost."""
        pools = self.pools(item, at=at)
        quantity = sum((pool.quantity for pool in pools), Decimal(0))
        if quantity:
            return sum((pool.value for pool in pools), Decimal(0)) / quantity
        known = [pool for pool in pools if pool.last_quantity]
        return known[-1].last_value / known[-1].last_quantity if known else Decimal(0)

    def reserved(self) -> Decimal:
        """What is promised."""
        return sum(Availability.objects.values_list("reserved", flat=True), Decimal(0))

    def layers(self) -> list[list[Decimal]]:
        """The open FIFO layers: quantity and unit cost."""
        rows = CostLayer.objects.filter(quantity__gt=0).order_by("pk")
        return [[row.quantity, row.value / row.quantity] for row in rows]
