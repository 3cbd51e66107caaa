"""Seals number committed postings once, in the order of commit; month balances are their sums."""

import random
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import outbox
from core.models import OutboxRow
from people.access import SYSTEM
from people.models import Company
from stock import catalog, ledger, sealing
from stock.ledger import LineInput
from stock.models import (
    Category,
    Item,
    MonthBalance,
    Movement,
    Seal,
    SealedPosting,
    Unit,
    Warehouse,
)

_keys = count()


class Firm:
    """A company with one warehouse and three items."""

    def __init__(self, code: str, time_zone: str = "Asia/Shanghai") -> None:
        self.company = Company.objects.create(code=code, name=code, time_zone=time_zone)
        self.warehouse: Warehouse = catalog.create_warehouse(
            company=self.company, code=code, name=code
        )
        unit, _made = Unit.objects.get_or_create(code="PCS", defaults={"name": "piece"})
        category, _made = Category.objects.get_or_create(code="A", defaults={"name": "a"})
        self.items = [
            Item.objects.create(code=f"{code}{n}", name="x", category=category, base_unit=unit)
            for n in range(3)
        ]
        self.storage = catalog.default_place(self.warehouse)

    def post(self, quantity: int, *, item: int = 0, at: datetime | None = None) -> int:
        """Receive (above zero) or issue."""
        here, kind = self.storage.pk, "purchase_in" if quantity > 0 else "sales_out"
        ends = {
            "source": catalog.virtual_place(self.company, "supplier").pk if quantity > 0 else here,
            "target": here if quantity > 0 else catalog.virtual_place(self.company, "customer").pk,
        }
        line = LineInput(
            type=kind,
            item=self.items[item].pk,
            quantity=Decimal(abs(quantity)),
            unit_cost=Decimal("2.5") if quantity > 0 else None,
            **ends,
        )
        return ledger.post(
            [line],
            company=self.company,
            key=f"k{next(_keys)}",
            actor=None,
            access=SYSTEM,
            effective_at=at,
            override="test",
        ).posting_id


Row = tuple[date, int, int]


def _kept() -> dict[Row, tuple[Decimal, Decimal]]:
    rows = MonthBalance.objects.values_list("month", "item", "place", "quantity", "value")
    return {(m, i, p): (q, v) for m, i, p, q, v in rows if q or v}


def _expected() -> dict[Row, tuple[Decimal, Decimal]]:
    """The same, added up in Python from the sealed movements."""
    moved: dict[tuple[int, int], list[tuple[date, Decimal, Decimal]]] = defaultdict(list)
    movements = Movement.objects.filter(posting__sealed__isnull=False).select_related(
        "posting", "source", "target"
    )
    for movement in movements:
        month = movement.posting.business_date.replace(day=1)
        for place, sign in ((movement.target, 1), (movement.source, -1)):
            if place.warehouse_id:
                moved[movement.item_id, place.pk].append(
                    (month, sign * movement.quantity, sign * movement.value)
                )
    months = sorted({month for legs in moved.values() for month, _q, _v in legs})
    span, month = [], months[0]
    while month <= months[-1]:
        span.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    result = {}
    for (item, place), legs in moved.items():
        for month in span:
            quantity = sum((q for m, q, _v in legs if m <= month), Decimal(0))
            value = sum((v for m, _q, v in legs if m <= month), Decimal(0))
            if quantity or value:
                result[month, item, place] = (quantity, value)
    return result


def _days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


@pytest.mark.django_db
class TestSealing:
    """On the engine of this lane."""

    def test_what_waits_is_sealed_once(self) -> None:
        firm = Firm("F")
        assert sealing.seal() is None
        first = [firm.post(5), firm.post(-2)]
        assert sealing.waiting() == 2
        assert sealing.lag() > timedelta(0)
        assert sealing.seal() == 1
        assert sealing.seal() == 1
        second = firm.post(7)
        sealing.seal_postings([*first, second])
        assert sealing.seal() == 2
        assert sealing.waiting() == 0
        assert sealing.lag() == timedelta(0)
        assert dict(SealedPosting.objects.values_list("posting", "seal")) == {
            first[0]: 1,
            first[1]: 1,
            second: 2,
        }
        assert list(Seal.objects.order_by("number").values_list("postings", flat=True)) == [2, 1]

    def test_backdated_postings_reach_every_later_month(self) -> None:
        firm = Firm("F")
        for days, quantity in ((200, 10), (90, 5), (0, -3)):
            firm.post(quantity, at=_days_ago(days) if days else None)
        sealing.seal()
        firm.post(4, at=_days_ago(150))
        sealing.seal()
        firm.post(1, at=_days_ago(400))
        sealing.seal()
        assert _kept() == _expected()
        assert len(_kept()) >= 13

    def test_a_month_in_which_all_stock_leaves_is_not_forgotten(self) -> None:
        """The stock of May must not come back in July when June ended with nothing."""
        firm = Firm("F")
        firm.post(5, at=_days_ago(100))
        sealing.seal()
        firm.post(-5, at=_days_ago(65))
        sealing.seal()
        firm.post(1, item=1, at=_days_ago(1))
        sealing.seal()
        assert _kept() == _expected()

    def test_a_batch_over_months_that_ends_with_nothing(self) -> None:
        firm = Firm("F")
        firm.post(5, at=_days_ago(100))
        firm.post(-5, at=_days_ago(65))
        sealing.seal()
        firm.post(1, item=1, at=_days_ago(1))
        sealing.seal()
        assert _kept() == _expected()

    def test_the_month_is_that_of_the_company(self) -> None:
        """23:30 UTC on the last day of a month is the next month in Shanghai, not yet in New York."""
        east, west = Firm("E"), Firm("W", "America/New_York")
        moment = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
        east.post(5, at=moment)
        west.post(5, at=moment)
        sealing.seal()
        months = dict(MonthBalance.objects.order_by("-month").values_list("place", "month"))
        assert months[east.storage.pk] == date(2026, 4, 1)
        assert months[west.storage.pk] == date(2026, 3, 1)
        assert _kept() == _expected()

    @pytest.mark.parametrize("seed", range(3))
    def test_any_order_and_any_batches_give_the_sums(self, seed: int) -> None:
        chance = random.Random(seed)
        firms = [Firm("E"), Firm("W", "America/New_York")]
        for _step in range(40):
            firm = chance.choice(firms)
            moment = _days_ago(chance.randrange(1, 300))
            firm.post(chance.choice([-4, -1, 1, 3, 5]), item=chance.randrange(3), at=moment)
            if chance.random() < 0.3:
                sealing.seal()
        sealing.seal()
        assert _kept() == _expected()
        rolled = _kept()
        sealing.rebuild_month_balances()
        assert _kept() == rolled

    def test_a_failing_sealer_leaves_nothing_half_done(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        firm = Firm("F")
        firm.post(5)
        monkeypatch.setattr(sealing, "_roll", _fail)
        assert outbox.deliver(sealing.CONSUMER) == 0
        assert not Seal.objects.exists()
        assert sealing.waiting() == 1
        monkeypatch.undo()
        OutboxRow.objects.update(due_at=timezone.now())
        assert sealing.seal() == 1
        assert _kept() == _expected()

    def test_statements_do_not_grow_with_postings(self) -> None:
        firm = Firm("F")
        firm.post(1)
        sealing.seal()
        counts = []
        for postings in (1, 30):
            for _ in range(postings):
                firm.post(1)
            with CaptureQueriesContext(connection) as queries:
                sealing.seal()
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert Seal.objects.latest("number").postings == 30


def _fail(_postings: object) -> None:
    raise RuntimeError("no")


@pytest.mark.postgres
class TestSealingPostgres(TestSealing):
    """The same on PostgreSQL."""

    def test_engine(self) -> None:
        assert connection.vendor == "postgresql"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_seal_everything_once() -> None:
    """Posters and sealers side by side: no seal twice, none missing, what was seen stays as it was."""
    firm = Firm("F")
    over = threading.Event()
    seen: dict[int, int] = {}

    def post() -> None:
        try:
            for n in range(15):
                firm.post(1, item=n % 3, at=_days_ago(n * 9 + 1))
        finally:
            connection.close()

    def keep_sealing() -> None:
        try:
            while not over.is_set():
                newest = sealing.seal() or 0
                known = SealedPosting.objects.filter(seal_id__lte=newest).count()
                assert seen.setdefault(newest, known) == known
        finally:
            connection.close()

    with ThreadPoolExecutor(7) as pool:
        sealers = [pool.submit(keep_sealing) for _ in range(3)]
        for poster in [pool.submit(post) for _ in range(4)]:
            poster.result()
        over.set()
        for sealer in sealers:
            sealer.result()
    newest = sealing.seal() or 0
    numbers = list(Seal.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, newest + 1))
    assert SealedPosting.objects.count() == 60
    assert _kept() == _expected()
