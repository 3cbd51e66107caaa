"""Takes one step after another in the real book and in the model beside it, and compares them.

Where the steps come from is up to the caller: hypothesis looks for the shortest run that breaks a law,
a seeded random source tells the same story on every engine. The clock is the actor's own.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, TypeVar
from unittest import mock
from zoneinfo import ZoneInfo

from core.errors import DomainError
from people.access import SYSTEM
from stock import cost_methods, ledger, periods, reservations, sealing
from stock.errors import PostingRefused, ReservationRefused
from stock.models import Movement, Partner, Place
from stock.queries.as_of import as_of
from stock.reservations import ReservationInput
from tests.laws import compare
from tests.laws.model import Book, Line, Promise, Refused, Spot, Thing
from tests.laws.model_methods import change_method
from tests.laws.world import World

T = TypeVar("T")
START = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
CATEGORIES = ("average", "fifo", "specific")


class Choice(Protocol):
    """Where decisions come from."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, which are not empty."""


class Actor:
    """The book, the model, and what was asked of the past so far."""

    def __init__(self) -> None:
        self.now = START
        self.clock = mock.patch("django.utils.timezone.now", self._now)
        self.clock.start()
        self.world = World()
        self.tried = self.done = 0
        self.refusals: dict[str, int] = {}
        self.numbers: list[int] = []
        self.pks: list[int] = []
        self.keys: list[tuple[str, list[ledger.LineInput], dict[str, Any], tuple[int, ...]]] = []
        self.asked: list[tuple[datetime, int, str]] = []
        self._stock_up()

    def _stock_up(self) -> None:
        world = self.world
        self.items = [
            world.item(method, tracking)
            for method, tracking in (
                ("average", "none"), ("average", "lot"), ("average", "serial"), ("fifo", "none"),
                ("fifo", "lot"), ("specific", "lot"), ("specific", "serial"),
            )
        ]  # fmt: skip
        self.lots = {
            item.pk: [world.lot(item, f"{item.code}-{n}").pk for n in range(3)]
            if item.tracking != "none"
            else [0]
            for item in self.items
        }
        self.owner = Partner.objects.create(code="OWN", name="Owner", is_supplier=True).pk
        spots = {
            place.pk: Spot(
                place.kind, place.warehouse_id, place.warehouse and place.warehouse.area_id
            )
            for place in Place.objects.select_related("warehouse").order_by("pk")
        }
        things = {item.pk: Thing(item.tracking, item.category.name) for item in self.items}
        self.book = Book(spots, things, {name: name for name in CATEGORIES})
        self.storages = [world.place(), world.bin, world.place(world.other)]
        self.warehouses = {spot.warehouse for spot in spots.values() if spot.warehouse}

    def stop(self) -> None:
        """Give the clock back."""
        self.clock.stop()

    def _now(self) -> datetime:
        return self.now

    def tick(self) -> None:
        """A minute goes by, so that no two steps happen at once."""
        self.now += timedelta(minutes=1)

    # -- posting ---------------------------------------------------------------------------------

    def post(
        self, lines: list[Line], *, at: datetime | None = None, override: bool = False
    ) -> bool:
        """Post lines in both books; they must agree on whether that may be and what it is worth."""
        inputs = [self._input(line) for line in lines]
        more = {"effective_at": at, "override": "urgent" if override else ""}
        key = f"step-{self.tried}"

        def act() -> ledger.Posted:
            return ledger.post(
                inputs,
                company=self.world.company,
                key=key,
                actor=None,
                access=SYSTEM,
                door="import",
                **more,
            )

        posted = self._both(lines, at, override, act)
        if posted:
            self.keys.append((key, inputs, more, posted.movement_ids))
        return posted is not None

    def reverse(self, posting: int, lines: Sequence[int] | None, *, override: bool) -> bool:
        """Reverse a posting of the model, whole or some lines (counted from 1), in both books."""
        numbers = [n for n, m in enumerate(self.book.moves) if m.posting == posting]
        chosen = [
            n
            for line, n in enumerate(numbers, 1)
            if self.book.moves[n].line.type != "settlement" and (lines is None or line in lines)
        ]
        key = f"step-{self.tried}"

        def act() -> ledger.Posted:
            return ledger.reverse(
                self.numbers[posting - 1], key=key, actor=None, access=SYSTEM, why="test",
                lines=lines, override="urgent" if override else "",
            )  # fmt: skip

        try:
            mirrored = self.book.mirrored(chosen)
        except Refused as refused:
            self._refused(refused.code, act)
            return False
        return self._both(mirrored, None, override, act) is not None

    def _both(
        self,
        lines: list[Line],
        at: datetime | None,
        override: bool,
        act: Callable[[], ledger.Posted],
    ) -> ledger.Posted | None:
        moment = at or self.now
        local = moment.astimezone(ZoneInfo(self.world.company.time_zone))
        try:
            after = self.book.attempt(lines, at=moment, local=local, override=override)
        except Refused as refused:
            self._refused(refused.code, act)
            return None
        self.tried += 1
        posted = act()
        assert posted.created
        self.done += 1
        fresh = after.moves[len(self.book.moves) :]
        rows = list(Movement.objects.filter(posting=posted.posting_id).order_by("line"))
        self.pks += [row.pk for row in rows]
        self.numbers.append(posted.posting_id)
        self.book = after
        compare.movements(fresh, rows, self.pks)
        return posted

    def _refused(self, code: str, act: Callable[[], object]) -> None:
        """The real book must refuse as well, and for the same reason."""
        self.tried += 1
        self.refusals[code] = self.refusals.get(code, 0) + 1
        try:
            act()
        except (PostingRefused, ReservationRefused, DomainError) as error:
            found = {line.code for line in getattr(error, "lines", ())} | {error.code}
            assert code in found, (code, found)
        else:
            raise AssertionError(f"the model refuses: {code}")

    def _input(self, line: Line) -> ledger.LineInput:
        def digits(number: Fraction) -> Decimal:
            return Decimal(number.numerator) / Decimal(number.denominator)

        return ledger.LineInput(
            type=line.type, item=line.item, source=line.source, target=line.target,
            quantity=digits(line.quantity), lot=line.lot, owner=line.owner,
            unit_cost=None if line.unit_cost is None else digits(line.unit_cost),
            value=None if line.value is None else digits(Fraction(line.value, 100)),
            cost_object=line.shipment, reason="other",
            original=None if line.original is None else self.pks[line.original],
            reservation=line.promise,
        )  # fmt: skip

    def again(self, choice: Choice) -> None:
        """The same key once more has no second effect."""
        key, inputs, more, ids = choice.pick(self.keys)
        posted = ledger.post(
            inputs, company=self.world.company, key=key, actor=None, access=SYSTEM, **more
        )
        assert (posted.created, posted.movement_ids) == (False, ids)

    # -- promises, methods, periods --------------------------------------------------------------

    def reserve(self, one: Promise) -> bool:
        """Promise stock in both books."""

        def act() -> Any:
            line = ReservationInput(
                one.item, one.warehouse, self._input(_of(one)).quantity, one.lot, one.place
            )
            return reservations.reserve(
                [line], reference="SO", actor=None, access=SYSTEM, expires_at=one.expires
            )[0]

        if one.left > self.book.free(one.item, one.warehouse, one.lot, one.place):
            self._refused("short", act)
            return False
        number = act().pk
        self.book.promises[number] = Promise(number, *_tail(one))
        self.tried += 1
        self.done += 1
        return True

    def release(self, number: int) -> None:
        """Give a promise back."""
        assert reservations.release(reference="SO", access=SYSTEM, ids=[number]) == [number]
        del self.book.promises[number]

    def expire(self) -> None:
        """Promises whose time is over end."""
        due = {n for n, p in self.book.promises.items() if p.expires and p.expires <= self.now}
        assert set(reservations.expire_due()) == due
        for number in due:
            del self.book.promises[number]

    def change_method(self, category: str, method: str) -> bool:
        """Value a category by another method in both books."""

        def act() -> object:
            return cost_methods.change_method(
                self.world.categories[category], method, actor=None, access=SYSTEM
            )

        try:
            after = change_method(self.book, category, method)
        except Refused as refused:
            self._refused(refused.code, act)
            return False
        act()
        self.book = after
        self.tried += 1
        self.done += 1
        return True

    def turn_period(self) -> None:
        """Close February, or open it again."""
        month, day = (2026, 2), datetime(2026, 2, 1, tzinfo=UTC).date()
        if month in self.book.closed:
            periods.reopen(self.world.company, day, actor=None, access=SYSTEM, reason="test")
            self.book.closed.remove(month)
        else:
            periods.close(self.world.company, day, actor=None, access=SYSTEM)
            self.book.closed.add(month)

    # -- the past --------------------------------------------------------------------------------

    def seal_and_ask(self, at: datetime) -> None:
        """Seal, ask what was there as known now, and keep the answer."""
        seal = sealing.seal() or 0
        for posting in range(1, self.book.postings + 1):
            self.book.seals.setdefault(posting, seal)
        rows = as_of(SYSTEM, at=at, seal=seal)
        found: dict[tuple[int, int, int], Fraction] = {}
        for row in rows:
            assert row.item is not None
            assert row.place is not None
            key = (row.item.id, row.lot.id if row.lot else 0, row.place.id)
            found[key] = Fraction(row.figures.on_hand)
        assert {k: q for k, q in found.items() if q} == self.book.there(at, seal)
        self.asked.append((at, seal, repr(rows)))

    def ask_again(self) -> None:
        """What was answered before is answered again, byte for byte."""
        for at, seal, answer in self.asked:
            assert repr(as_of(SYSTEM, at=at, seal=seal)) == answer

    def check(self) -> None:
        """The kept figures of both books are the same."""
        compare.state(self.book)


def _of(one: Promise) -> Line:
    return Line("sales_out", one.item, 0, 0, one.left)


def _tail(one: Promise) -> tuple[Any, ...]:
    return one.item, one.warehouse, one.lot, one.place, one.left, one.expires
