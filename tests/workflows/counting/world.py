"""A warehouse with bins of goods, people who count, and short ways to plan, count and post."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from people.access import SYSTEM, access_for
from people.models import User
from stock import catalog, ledger
from stock.ledger import LineInput, Posted
from stock.models import Balance, Item, Lot, Place
from stock.models.lots import NO_LOT
from tests.workflows.world import World
from workflows.counting import entering, planning
from workflows.counting.entering import Counted, Given
from workflows.counting.planning import Plan
from workflows.models import CountLine, Document

D = Decimal


class Shelves(World):
    """Pat plans, Cat, Eve and Gus count, the head approves."""

    def __init__(self, code: str = "WF") -> None:
        super().__init__(code)
        self.pat = self.person("pat", "clerk")
        self.eve = self.person("eve", "clerk")
        self.gus = self.person("gus", "clerk")
        self.bins: dict[str, Place] = {}

    def bin(self, code: str, **more: Any) -> Place:
        """A place of the main warehouse."""
        if code not in self.bins:
            self.bins[code] = catalog.create_place(warehouse=self.main, code=code, **more)
        return self.bins[code]

    def move(
        self,
        kind: str,
        item: Item,
        quantity: Any,
        place: Place,
        *,
        lot: int = NO_LOT,
        effective_at: datetime | None = None,
        key: str = "",
        cost: Any = None,
    ) -> Posted:
        """Goods into or out of a bin."""
        other = {
            "opening": "opening", "purchase_in": "supplier", "sales_out": "customer",
            "other_out": "adjustment", "other_in": "adjustment",
        }[kind]  # fmt: skip
        far = Place.objects.get(company=self.company, kind=other).pk
        arrives = kind in {"opening", "purchase_in", "other_in"}
        return ledger.post(
            [
                LineInput(
                    type=kind,
                    item=item.pk,
                    source=far if arrives else place.pk,
                    target=place.pk if arrives else far,
                    quantity=D(str(quantity)),
                    unit_cost=D(str(cost if cost is not None else 10)) if arrives else None,
                    lot=lot,
                    reason="other",
                )
            ],
            company=self.company,
            key=key or uuid.uuid4().hex,
            actor=None,
            access=SYSTEM,
            effective_at=effective_at,
        )

    def fill(
        self, code: str, quantity: Any = 10, *, cost: Any = 10, item: Item | None = None
    ) -> Item:
        """A new item (or that one) with stock in a bin."""
        goods = item or self.item()
        self.move("opening", goods, quantity, self.bin(code), cost=cost)
        return goods

    def plan(self, by: User | None = None, **plan: Any) -> Document:
        """A stocktake of the main warehouse, not sealed yet."""
        user = by or self.pat
        return planning.create(self.main.code, Plan(**plan), actor=user, access=access_for(user))

    def sealed(
        self, by: User | None = None, *, sheets: int = 1, counters: Sequence[int] = (), **plan: Any
    ) -> Document:
        """A stocktake that is being counted."""
        document = self.plan(by, **plan)
        user = by or self.pat
        planning.seal(
            document.pk, actor=user, access=access_for(user), sheets=sheets, counters=counters
        )
        document.refresh_from_db()
        return document

    def line(self, document: Document, place: str, item: Item | None = None) -> CountLine:
        """The line of a bin (and item)."""
        rows = CountLine.objects.filter(document=document, place__code=place)
        return rows.get(item=item) if item else rows.get()

    def count(
        self, document: Document, place: str, quantity: Any, by: User | None = None,
        item: Item | None = None, **more: Any,
    ) -> Counted:  # fmt: skip
        """Count the line of a bin."""
        line = self.line(document, place, item)
        user = User.objects.get(pk=(by or self.cat).pk)
        given = Given(line.key, quantity, **more)
        return entering.count(document.pk, [given], actor=user, access=access_for(user))[0]

    def finish(self, document: Document, by: User | None = None, **data: Any) -> Document:
        """Close the counting step that is open."""
        self.act(document, "complete", by or self.cat, data=data)
        document.refresh_from_db()
        return document

    def approve(self, document: Document, by: User | None = None) -> Document:
        """Agree to the differences; they are posted."""
        self.act(document, "approve", by or self.head)
        document.refresh_from_db()
        return document

    def on_hand(self, item: Item, place: str, lot: Lot | None = None) -> Decimal:
        """What the book has in a bin."""
        rows = Balance.objects.filter(item=item, place=self.bin(place))
        rows = rows.filter(lot=lot) if lot else rows
        return sum(rows.values_list("on_hand", flat=True), D(0))
