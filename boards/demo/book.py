"""Only writes what the story tells, as documents of a trusted history, and remembers what lies where."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from boards.demo.goods import GOODS, Good
from boards.demo.master import Master
from people.access import access_for
from stock import catalog
from stock.models import Lot, Warehouse
from stock.models.lots import NO_LOT
from stock.place_kinds import PHYSICAL
from stock.plan import LineInput
from workflows import door, moment, trusted
from workflows.models import Document
from workflows.trusted import Told


class Line(NamedTuple):
    """A line of the story, everything by code; places are bins or kinds of virtual places."""

    type: str
    item: str
    quantity: Decimal | int
    source: str
    target: str
    lot: str = ""
    unit_cost: Decimal | None = None
    value: Decimal | None = None
    partner: str = ""
    department: str = ""
    cost_object: str = ""
    reason: str = ""
    original: int | None = None


class Pick(NamedTuple):
    """So much of a lot in a place."""

    lot: str
    place: str
    quantity: Decimal


AT_ONCE = 60
"""So many documents are written together where nothing has to be known of them."""


class Entry(NamedTuple):
    """What was posted, so that later events can return or reverse it; of many at once its lines alone."""

    documents: Sequence[Document]
    lines: Sequence[Line]
    movement_ids: Sequence[int]


class Book:
    """The story's pen; what has not happened yet (after ``until``) is not written."""

    def __init__(self, master: Master, *, seed: int, until: datetime) -> None:
        self.master = master
        self.standing = trusted.Standing(master.company)
        self.seed = seed
        self.until = until
        self.random = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.goods: dict[str, Good] = {good.code: good for good in GOODS}
        self.stock: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.lots: dict[tuple[str, str], Lot] = {}
        self.numbers: dict[str, int] = {}
        self.postings = 0
        self.era = ""
        """Year and month in the numbers of documents, as long as they were numbered by the month."""
        self._waiting: list[Told] | None = None

    def number(self, prefix: str, first: int = 1) -> str:
        """The next number of a series."""
        if self.era:
            prefix, first = f"{prefix}-{self.era}", 1
        self.numbers[prefix] = self.numbers.get(prefix, first - 1) + 1
        return f"{prefix}-{self.numbers[prefix]:04d}"

    @contextmanager
    def many_at_once(self) -> Iterator[None]:
        """Inside, documents are written many at a time; of what is posted the lines are known at once, the rest is not."""
        self._waiting = []
        yield
        self.settle()
        self._waiting = None

    def settle(self) -> None:
        """Write what waits, because somebody wants to look it up."""
        if self._waiting:
            trusted.post_many(self._waiting, standing=self.standing)
            self.postings += len(self._waiting)
            self._waiting.clear()

    def post(
        self,
        document: str,
        at: datetime,
        actor: str,
        lines: Iterable[Line],
        *,
        why: str = "",
        override: str = "",
        accept_expired: str = "",
        reservation: int | None = None,
    ) -> Entry | None:
        """Post the lines, or None where there are none or the moment has not come."""
        lines = list(lines)
        if not lines or at > self.until:
            return None
        documents: list[Document] = []
        movement_ids: list[int] = []
        for _type, group in groupby(lines, key=lambda line: line.type):
            told = list(group)
            number = document if not documents else f"{document}-{len(documents) + 1}"
            source, target = self._houses(told)
            one = Told(
                told[0].type,
                [self._input(line, reservation) for line in told],
                source,
                batch=f"demo:{self.seed}",
                key=f"demo:{self.seed}:{number}",
                effective_at=at,
                asker=self.master.users[actor],
                number=number,
                note=why,
                target_warehouse=target,
                override=override,
                accept_expired=accept_expired,
                door="demo",
            )
            if self._waiting is not None:
                self._waiting.append(one)
                continue
            written = trusted.post(one, company=self.master.company, standing=self.standing)
            if written.document is not None:
                documents.append(written.document)
            movement_ids += written.posted.movement_ids
            self.postings += 1
        self._remember(lines)
        if self._waiting is not None and len(self._waiting) >= AT_ONCE:
            self.settle()
        return Entry(documents, lines, movement_ids)

    def _houses(self, lines: Sequence[Line]) -> tuple[Warehouse, Warehouse | None]:
        """The warehouse of the lines' places, and the one that they go to if it is another."""
        places = self.master.places
        source, target = places[lines[0].source].warehouse, places[lines[0].target].warehouse
        house = source or target
        if house is None:
            raise LookupError(lines[0])
        return house, target if target != house else None

    def reverse(self, entry: Entry, at: datetime, actor: str, why: str) -> None:
        """Reverse the documents of an entry."""
        if at > self.until:
            return
        user = self.master.users[actor]
        for document in entry.documents:
            with moment.told(at):
                door.act(
                    document.pk,
                    "reverse",
                    actor=user,
                    access=access_for(user),
                    reason="correction",
                    text=why,
                    data={"request": f"demo:{self.seed}"},
                    door="demo",
                )
            self.postings += 1
        self._remember(
            [line._replace(source=line.target, target=line.source) for line in entry.lines]
        )

    def lot(
        self, item: str, number: str, *, made: date | None = None, expires: date | None = None
    ) -> str:
        """Make a lot known; returns its number."""
        good = self.goods[item]
        if made and expires is None and good.shelf_life:
            expires = made + timedelta(days=good.shelf_life)
        self.lots[item, number] = catalog.find_or_create_lot(
            self.master.items[item],
            number,
            manufactured_on=made,
            expires_on=expires,
            supplier=self.master.partners.get(good.supplier),
        )
        return number

    def on_hand(self, item: str, warehouse: str | None = None) -> Decimal:
        """What lies in storage, everywhere or in a warehouse."""
        return sum((p.quantity for p in self.piles(item, warehouse)), Decimal(0))

    def piles(self, item: str, warehouse: str | None = None) -> list[Pick]:
        """What lies in storage, first to expire first."""
        places = self.master.places
        found = [
            Pick(lot, place, quantity)
            for (code, lot, place), quantity in self.stock.items()
            if code == item
            and quantity > 0
            and places[place].kind == "storage"
            and (warehouse is None or self.warehouse_of(place) == warehouse)
        ]
        return sorted(found, key=lambda pile: (self._expiry(item, pile.lot), pile.lot, pile.place))

    def pick(
        self, item: str, quantity: Decimal | int, *, on: date, warehouse: str = "MAIN"
    ) -> list[Pick]:
        """Where to take ``quantity`` from, without expired lots; empty if there is not enough."""
        left = Decimal(quantity)
        picks = []
        for pile in self.piles(item, warehouse):
            if self._expiry(item, pile.lot) < on:
                continue
            part = min(left, pile.quantity)
            picks.append(pile._replace(quantity=part))
            left -= part
            if not left:
                return picks
        return []

    def pile(self, item: str, quantity: int) -> Pick:
        """The fullest pile of the main warehouse, if it holds ``quantity``; LookupError if none does."""
        found = max(self.piles(item, "MAIN"), key=lambda one: one.quantity, default=None)
        if found is None or found.quantity < quantity:
            raise LookupError(f"{item}: no pile of {quantity}")
        return found

    def warehouse_of(self, place: str) -> str:
        """The code of the warehouse that a bin belongs to."""
        warehouse = self.master.places[place].warehouse
        return warehouse.code if warehouse else ""

    def _expiry(self, item: str, lot: str) -> date:
        known = self.lots.get((item, lot))
        return (known.expires_on if known else None) or date.max

    def _remember(self, lines: Iterable[Line]) -> None:
        places = self.master.places
        for line in lines:
            for place, sign in ((line.source, -1), (line.target, 1)):
                if places[place].kind in PHYSICAL and line.quantity:
                    self.stock[line.item, line.lot, place] += sign * Decimal(line.quantity)

    def _input(self, line: Line, reservation: int | None) -> LineInput:
        master = self.master
        return LineInput(
            type=line.type,
            item=master.items[line.item].pk,
            source=master.places[line.source].pk,
            target=master.places[line.target].pk,
            quantity=Decimal(line.quantity),
            lot=self.lots[line.item, line.lot].pk if line.lot else NO_LOT,
            unit_cost=line.unit_cost,
            value=line.value,
            partner=master.partners[line.partner].pk if line.partner else None,
            department=master.departments[line.department].pk if line.department else None,
            cost_object=line.cost_object,
            reason=line.reason,
            original=line.original,
            reservation=reservation,
        )
