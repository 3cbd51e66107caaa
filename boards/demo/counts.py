"""Two stocktakes of the demo company: one of zone C from plan to posting, one of zone D that is being counted."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

from boards.demo.book import Book
from boards.demo.words import said
from people.access import access_for
from people.models import User
from workflows import door, moment
from workflows.counting import entering, figures, planning
from workflows.counting.entering import Given
from workflows.counting.planning import Plan
from workflows.models import CountBin, CountLine, Document


class Counts:
    """What the warehouse counted, through the doors that everybody uses."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.at = book.until

    def tell(self) -> None:
        """The finished one, then the running one."""
        done = self._sealed("C", "zhao", 300, said("月度盘点 C 区 Monthly count of zone C"))
        self._count(done, 240, upto=1, wrong=self._slips)
        self._act(done, "complete", "wangmin", 150)
        self._recount(done, 120)
        self._act(done, "complete", "liqiang", 100)
        self._explain(done)
        self._act(done, "approve", "zheng", 80)
        running = self._sealed("D", "zhao", 60, said("D 区抽盘 Spot check of zone D"))
        self._count(running, 45, upto=0.6, wrong=lambda _number, quantity: quantity)

    def _sealed(self, zone: str, who: str, minutes: int, note: str) -> Document:
        user = self._user(who)
        with self._then(minutes):
            document = planning.create(
                "MAIN",
                Plan(zones=[zone], limits={"tolerance_percent": "1"}),
                actor=user,
                access=access_for(user),
                note=note,
            )
            counters = [self._user(name).pk for name in ("wangmin", "liqiang")]
            planning.seal(
                document.pk, actor=user, access=access_for(user), sheets=2, counters=counters
            )
        return Document.objects.get(pk=document.pk)

    @staticmethod
    def _slips(number: int, quantity: Decimal) -> Decimal:
        """A few lines are not as the book says."""
        slip = {3: Decimal(-2), 7: Decimal(1), 11: Decimal(-1)}.get(number, Decimal(0))
        return max(quantity + slip, Decimal(0))

    def _count(
        self,
        document: Document,
        minutes: int,
        *,
        upto: float,
        wrong: Callable[[int, Decimal], Decimal],
    ) -> None:
        """Both count their sheets in walking order, as far as ``upto`` of the way."""
        rows = CountLine.objects.filter(document=document).select_related(
            "item", "bin__sheet__counter"
        )
        lines = list(rows.order_by("bin__position", "item__code", "pk"))
        part = lines[: round(len(lines) * upto)]
        places = {line.place_id for line in part}
        for number, line in enumerate(part):
            quantity = wrong(number, line.snapshot)
            if line.item.tracking == "serial":
                quantity = line.snapshot
            counter = self._user(line.bin.sheet.counter.username if line.bin.sheet.counter else "")
            with self._then(minutes - number * 0.5):
                entering.count(
                    document.pk,
                    [Given(line.key, str(quantity))],
                    actor=counter,
                    access=access_for(counter),
                    door="phone",
                )
        empties = CountBin.objects.filter(document=document, lines__isnull=True)
        for one in empties.select_related("place", "sheet__counter"):
            if upto == 1 and one.sheet.counter and one.place_id not in places:
                counter = self._user(one.sheet.counter.username)
                with self._then(minutes - 60):
                    entering.empty(
                        document.pk, one.place.code, actor=counter, access=access_for(counter)
                    )

    def _recount(self, document: Document, minutes: int) -> None:
        """The other one of the two counts again; one slip was only a slip of the counter."""
        for number, line in enumerate(figures.again(document).select_related("counter")):
            other = "liqiang" if line.counter and line.counter.username == "wangmin" else "wangmin"
            quantity = line.snapshot if number == 1 else line.counted
            user = self._user(other)
            with self._then(minutes - number):
                entering.count(
                    document.pk,
                    [Given(line.key, str(quantity))],
                    actor=user,
                    access=access_for(user),
                    door="phone",
                )

    def _explain(self, document: Document) -> None:
        user = self._user("zhao")
        for line in list(figures.differing(document)):
            cause = "lost" if line.difference < 0 else "found"
            planning.explain(document.pk, line.key, cause, actor=user, access=access_for(user))

    def _act(self, document: Document, verb: str, who: str, minutes: int) -> None:
        with self._then(minutes):
            door.act(document.pk, verb, actor=self._user(who))

    def _user(self, name: str) -> User:
        return User.objects.get(username=name)

    def _then(self, minutes: float) -> AbstractContextManager[None]:
        return moment.told(self.at - timedelta(minutes=minutes))
