"""What rules found in the demo company and people reported, in every state, through the doors that everybody uses."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from alerts import door, evaluating, problems, queries
from alerts.models import Case
from alerts.problems import About
from boards.demo.book import Book
from boards.demo.words import said
from people.access import access_for
from people.models import User
from stock.models import Place
from workflows import moment


class Cases:
    """A sweep in the morning, two reports from the floor, and what people have done about them since."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def tell(self) -> None:
        """The morning, then the day."""
        with self._then(540):
            evaluating.sweep()
        self._reports()
        with self._then(120):
            evaluating.dwelt()
        self._work()

    def _reports(self) -> None:
        master = self.book.master
        item = master.items["10110"]
        with self._then(200):
            self._report(
                About(item=item, quantity=Decimal(12)), said("外圈有锈 Rust on the outer ring")
            )
        place = Place.objects.get(warehouse=master.warehouses["MAIN"], code="B-05-1")
        with self._then(45):
            self._report(About(place=place), said("货架标签脱落 Shelf label is missing"))

    def _report(self, about: About, text: str) -> None:
        user = self._user("liqiang")
        problems.report(about, text, key="", actor=user, access=access_for(user))

    def _work(self) -> None:
        """One is taken, one is in work, one is solved, one dismissed; the rest wait."""
        waiting = list(Case.objects.order_by("severity", "pk"))
        by_kind: dict[str, list[Case]] = {}
        for case in waiting:
            by_kind.setdefault(case.rule.kind, []).append(case)
        steps: Sequence[tuple[str, Sequence[tuple[str, Mapping[str, Any]]]]] = (
            ("low-stock", (("acknowledge", {}),)),
            (
                "low-stock",
                (("start", {}), ("comment", {"text": said("已催供应商 Supplier was called")})),
            ),
            (
                "low-stock",
                (("dismiss", {"text": said("停产 Phased out"), "data": {"silent_days": 30}}),),
            ),
            ("near-expiry", (("acknowledge", {}), ("start", {}))),
            (
                "expired",
                (("solve", {"cause": "demand", "text": said("已申请报废 Scrap was asked for")}),),
            ),
            ("problem", (("acknowledge", {}), ("start", {}))),
            (
                "problem",
                (("solve", {"cause": "place", "text": said("已补贴标签 Label was printed")}),),
            ),
        )
        for number, (kind, verbs) in enumerate(steps):
            if by_kind.get(kind):
                self._do(by_kind[kind].pop(0), verbs, 100 - number * 10)

    def _do(self, case: Case, verbs: Sequence[tuple[str, Mapping[str, Any]]], minutes: int) -> None:
        user = self._whose(case)
        if user is None:
            return
        for number, (verb, more) in enumerate(verbs):
            with self._then(minutes - number * 4):
                door.act(case.key, verb, actor=user, access=access_for(user), **more)

    def _whose(self, case: Case) -> User | None:
        """Its owner, or the first who may take it."""
        if case.owner is not None:
            return case.owner
        people = User.objects.filter(is_active=True).order_by("pk")
        return next((one for one in people if queries.may_act(one, case)), None)

    @staticmethod
    def _user(name: str) -> User:
        return User.objects.get(username=name)

    def _then(self, minutes: int) -> AbstractContextManager[None]:
        return moment.told(self.book.until - timedelta(minutes=minutes))
