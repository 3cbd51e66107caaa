"""What really lies on the shelves beside what the book says: the truth that a stocktake has to find."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from threading import Lock

from django.utils import timezone

from core.errors import DomainError
from people.models import User
from stock.models import Item
from tests.workflows.counting.world import D, Shelves
from workflows.errors import DocumentRefused
from workflows.models import CountLine, Document


class Truth:
    """The goods of every bin as they are; the book began with other figures."""

    def __init__(self, world: Shelves, wrong: Sequence[int], *, book: int = 100) -> None:
        self.world = world
        self.items: list[Item] = []
        self.places: list[str] = []
        self.there: dict[int, Decimal] = defaultdict(Decimal)
        self.locks = [Lock() for _ in wrong]
        self.untold: list[tuple[int, Decimal, datetime]] = []
        for number, error in enumerate(wrong):
            place = f"B-{number + 1}"
            self.places.append(place)
            self.items.append(world.fill(place, book))
            self.there[number] = D(book + error)

    def take(self, number: int, change: int) -> datetime:
        """Goods come or go; returns when they really did."""
        with self.locks[number]:
            self.there[number] += change
            return timezone.now()

    def tell(self, number: int, change: Decimal, at: datetime) -> None:
        """The book learns of it, with the moment when it happened."""
        kind = "purchase_in" if change > 0 else "sales_out"
        place = self.world.bin(self.places[number])
        self.world.move(kind, self.items[number], abs(change), place, effective_at=at)

    def tell_all(self) -> None:
        """Nothing is left unwritten."""
        for number, change, at in self.untold:
            self.tell(number, change, at)
        self.untold = []

    def count(self, document: Document, number: int, by: User) -> bool:
        """Somebody looks, counts right, and writes it down; False if it was not his to count (any more)."""
        with self.locks[number]:
            try:
                self.world.count(document, self.places[number], self.there[number], by=by)
            except DomainError:
                return False
        return True

    def settle(self, document: Document, counters: Sequence[User], *, tries: int = 60) -> None:
        """Recount what is asked for, approve and post, as often as it takes."""
        numbers = {place: number for number, place in enumerate(self.places)}
        for _try in range(tries):
            document.refresh_from_db()
            if document.state == "posted":
                return
            if document.step in {"count", "recount"}:
                for line in CountLine.objects.filter(document=document).select_related("place"):
                    if line.round == 0 or line.again:
                        any(self.count(document, numbers[line.place.code], by) for by in counters)
                try:
                    self.world.finish(document, by=counters[0])
                except DocumentRefused:
                    continue
            elif document.step == "approve":
                self.world.approve(document)
            else:
                done = document.runs.filter(step="recount", valid=True, outcome="done").exists()
                to = "recount" if done else "count"
                self.world.act(document, "return", counters[0], data={"to": to})
        raise AssertionError(f"{document.state} {document.step} after {tries} tries")

    def differences(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Where the book is not what lies there: place → what lies there, what the book says."""
        return {
            place: (self.there[number], self.world.on_hand(self.items[number], place))
            for number, place in enumerate(self.places)
            if self.there[number] != self.world.on_hand(self.items[number], place)
        }
