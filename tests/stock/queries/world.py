"""A small company with two warehouses in one valuation area and one beside, and a random life for it."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.db.models import Sum
from django.utils import timezone

from people.access import SYSTEM, Access, combine
from people.models import Company
from stock import catalog, ledger, sealing
from stock.errors import PostingRefused
from stock.models import (
    Category,
    Item,
    Lot,
    Movement,
    Partner,
    Place,
    SealedPosting,
    Unit,
    Warehouse,
)
from stock.models.lots import NO_LOT

Key = tuple[int, int, int]


@dataclass
class World:
    """The company, with helpers to post and to replay the book by hand."""

    company: Company
    warehouses: dict[str, Warehouse]
    items: list[Item]
    lots: dict[int, list[Lot]]
    supplier: Partner
    customer: Partner
    numbers: "count[int]" = field(default_factory=count)

    def place(self, code: str) -> Place:
        return Place.objects.get(code=code, warehouse__isnull=False)

    def virtual(self, kind: str) -> Place:
        return catalog.virtual_place(self.company, kind)

    def clerk(self, *codes: str, cost: bool = False) -> Access:
        """Somebody who sees only these warehouses."""
        scopes = [self.warehouses[code].scope_id for code in codes]
        rights = ["stock.view", "cost.view"] if cost else ["stock.view"]
        return combine(1, [(rights, False, scopes)])

    def post(
        self,
        kind: str,
        item: Item,
        quantity: Decimal | int | str,
        *,
        source: Place,
        target: Place,
        lot: int = NO_LOT,
        at: datetime | None = None,
        unit_cost: Decimal | int | None = None,
        **line: object,
    ) -> ledger.Posted:
        number = next(self.numbers)
        given = ledger.LineInput(
            type=kind,
            item=item.pk,
            source=source.pk,
            target=target.pk,
            quantity=Decimal(quantity),
            lot=lot,
            unit_cost=None if unit_cost is None else Decimal(unit_cost),
            **line,  # type: ignore[arg-type]
        )
        return ledger.post(
            [given],
            company=self.company,
            key=f"w-{number}",
            actor=None,
            access=SYSTEM,
            effective_at=at,
            document=f"D-{number}",
        )

    def buy(self, item: Item, quantity: int, to: str, **more: object) -> ledger.Posted:
        more = {"unit_cost": 10, "partner": self.supplier.pk, **more}
        return self.post(
            "purchase_in",
            item,
            quantity,
            source=self.virtual("supplier"),
            target=self.place(to),
            **more,  # type: ignore[arg-type]
        )

    def sell(self, item: Item, quantity: int, of: str, **more: object) -> ledger.Posted:
        return self.post(
            "sales_out",
            item,
            quantity,
            source=self.place(of),
            target=self.virtual("customer"),
            partner=self.customer.pk,
            **more,  # type: ignore[arg-type]
        )

    def move(self, item: Item, quantity: int, of: str, to: str, **more: object) -> ledger.Posted:
        source, target = self.place(of), self.place(to)
        same = source.warehouse_id == target.warehouse_id
        return self.post(
            "bin_move" if same else "transfer",
            item,
            quantity,
            source=source,
            target=target,
            **more,  # type: ignore[arg-type]
        )

    def live(self, seed: int, steps: int, *, days: int = 100) -> list[datetime]:
        """Post at random, often late, sealing now and then; returns some moments worth asking about."""
        chance = random.Random(seed)
        now = timezone.now()
        moments = [now]
        places = ["W1", "A-01", "W2", "W3"]
        for _step in range(steps):
            item = chance.choice(self.items)
            lot = chance.choice(self.lots[item.pk]).pk if self.lots[item.pk] else NO_LOT
            at = now - timedelta(seconds=chance.randrange(days * 86_400))
            quantity = chance.randint(1, 9)
            here, there = chance.sample(places, 2)
            try:
                kind = chance.random()
                if kind < 0.5:
                    cost = chance.randint(1, 99)
                    self.buy(item, quantity, here, lot=lot, at=at, unit_cost=cost)
                elif kind < 0.75:
                    self.sell(item, quantity, here, lot=lot, at=at)
                else:
                    self.move(item, quantity, here, there, lot=lot, at=at)
            except PostingRefused:
                continue
            moments.append(at)
            if chance.random() < 0.1:
                sealing.seal()
        return [*chance.sample(moments, min(6, len(moments))), now]

    def replay(
        self, *, at: datetime | None = None, seal: int | None = None
    ) -> dict[Key, tuple[Decimal, Decimal]]:
        """Quantity and value by item, lot and place: every movement of the book added up in Python."""
        sealed = dict(SealedPosting.objects.values_list("posting_id", "seal_id"))
        physical = set(Place.objects.filter(warehouse__isnull=False).values_list("id", flat=True))
        found: dict[Key, tuple[Decimal, Decimal]] = {}
        for movement in Movement.objects.all():
            if at is not None and movement.effective_at > at:
                continue
            if seal is not None and sealed.get(movement.posting_id, seal + 1) > seal:
                continue
            for place, sign in ((movement.target_id, 1), (movement.source_id, -1)):
                if place in physical:
                    key = (movement.item_id, movement.lot_id, place)
                    quantity, value = found.get(key, (Decimal(0), Decimal(0)))
                    found[key] = (
                        quantity + sign * movement.quantity,
                        value + sign * movement.value,
                    )
        return {key: sums for key, sums in found.items() if any(sums)}


def make_world() -> World:
    """Warehouses W1 and W2 share an area (W1 has also the place A-01), W3 has its own."""
    company = Company.objects.create(code="T", name="Test", time_zone="Asia/Shanghai")
    first = catalog.create_warehouse(company=company, code="W1", name="First")
    warehouses = {
        "W1": first,
        "W2": catalog.create_warehouse(company=company, code="W2", name="Second", area=first.area),
        "W3": catalog.create_warehouse(company=company, code="W3", name="Third"),
    }
    catalog.create_place(warehouse=first, code="A-01")
    unit = Unit.objects.create(code="PCS", name="piece")
    category = Category.objects.create(code="C1", name="Motors")
    other = Category.objects.create(code="C2", name="Oils", cost_method="fifo")
    items = [
        Item.objects.create(code="10021", name="Washer", category=category, base_unit=unit),
        Item.objects.create(
            code="10044", name="Motor", category=category, base_unit=unit, tracking="lot"
        ),
        Item.objects.create(code="20310", name="Oil", category=other, base_unit=unit),
    ]
    lots = {item.pk: list[Lot]() for item in items}
    lots[items[1].pk] = [Lot.objects.create(item=items[1], number=f"L{n}") for n in (1, 2)]
    supplier = Partner.objects.create(code="S1", name="Supplier", is_supplier=True)
    customer = Partner.objects.create(code="K1", name="Customer", is_customer=True)
    return World(company, warehouses, items, lots, supplier, customer)


def stored_total() -> Decimal:
    """The sum of all balances."""
    return Place.objects.aggregate(n=Sum("balance__on_hand"))["n"] or Decimal(0)


def utc(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
