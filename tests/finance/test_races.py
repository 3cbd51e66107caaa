"""Two people of finance at once (PostgreSQL): closings, hand-overs and invoices, one stopped while the other goes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Event

import pytest
from django.db.models import Sum
from django.utils import timezone

from finance import invoicing, posting
from finance.handover import batches
from finance.invoice_matching import InvoiceRefused
from finance.invoicing import LineGiven
from finance.models import (
    ClosedStock,
    Closing,
    HandedEntry,
    JournalEntry,
    PurchaseInvoice,
    Voucher,
)
from people.access import SYSTEM
from stock import periods, sealing, verify
from stock.errors import PeriodRefused, PostingRefused
from stock.models import CostPool, Item, Movement, Partner
from tests.finance.handing import Month
from tests.finance.test_journal import holds
from tests.laws.test_races import PATIENCE, Stopped, alone, last_month, waiting
from tests.laws.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
D = Decimal
ME = {"actor": None, "access": SYSTEM}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.fixture
def world() -> Iterator[World]:
    """A world whose books must be right afterwards."""
    world = World()
    yield world
    holds()
    sealing.seal()
    assert [finding.as_dict() for finding in verify.verify().findings if finding.wrong] == []


def test_a_closing_keeps_what_was_posted_meanwhile_or_refuses_it(
    world: World, pool: ThreadPoolExecutor
) -> None:
    """Clients post into the month without a pause while it is closed."""
    items = [world.item() for _n in range(4)]
    for item in items:
        world.move("purchase_in", item, 9, unit_cost=3, effective_at=last_month())
    begun = Event()

    def post(item: Item) -> tuple[int, str]:
        """How many were posted until one was refused, and why that was."""
        for posted in range(10_000):
            try:
                world.move("purchase_in", item, 1, value="1.37", effective_at=last_month())
            except PostingRefused as error:
                return posted, error.lines[0].code
            begun.set()
        return 10_000, ""

    posters = [pool.submit(alone, lambda item=item: post(item)) for item in items]
    assert begun.wait(PATIENCE)
    periods.close(world.company, last_month().date(), **ME)
    ended = [poster.result(PATIENCE) for poster in posters]
    assert {why for _posted, why in ended} == {"closed_period"}
    assert sum(posted for posted, _why in ended) > 0
    closing = Closing.objects.get()
    kept = ClosedStock.objects.filter(closing=closing).aggregate(n=Sum("value"))["n"]
    assert kept == closing.stock_value == closing.account_value
    assert kept == CostPool.objects.aggregate(n=Sum("value"))["n"]
    assert closing.last_entry == JournalEntry.objects.latest("pk").pk


def test_two_who_close_a_month_make_one_closing(world: World, pool: ThreadPoolExecutor) -> None:
    world.move("purchase_in", world.item(), 9, unit_cost=3, effective_at=last_month())

    def close():
        return periods.close(world.company, last_month().date(), **ME)

    first = Stopped(pool, close)
    second = waiting(pool, close)
    first.end()
    with pytest.raises(PeriodRefused, match="closed already"):
        second.result(PATIENCE)
    assert Closing.objects.get().number == 1


def test_hand_overs_at_once_number_without_gaps_and_hand_each_entry_over_once(
    pool: ThreadPoolExecutor,
) -> None:
    month = Month()
    for _n in range(5):
        month.live()
    month.review_all()
    profile = month.profile()

    def hand_over():
        return batches.make(profile, month.first, actor=month.gus, access=SYSTEM)

    first = Stopped(pool, hand_over)
    second = waiting(pool, hand_over)
    first.end()
    assert second.exception(PATIENCE) is not None
    for _n in range(3):
        month.live()
    month.review_all()
    others = [pool.submit(alone, hand_over) for _n in range(4)]
    made = [other for other in others if other.exception(PATIENCE) is None]
    assert len(made) == 1
    numbers = list(Voucher.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    handed = list(HandedEntry.objects.values_list("entry", flat=True))
    assert len(handed) == len(set(handed)) == len(month.entries())


def _invoice(world: World, partner: Partner, movement: int, number: str) -> PurchaseInvoice:
    return invoicing.save(
        world.company,
        partner=partner,
        number=number,
        day=timezone.localdate() - timedelta(days=1),
        tax=D(0),
        lines=[LineGiven(D(30), movement, D(10))],
        **ME,
    )


def _bought(world: World, partner: Partner) -> int:
    return world.move(
        "purchase_in", world.item(), 10, unit_cost=2, partner=partner.pk
    ).movement_ids[0]


def test_a_receipt_is_invoiced_once_by_two_at_once(world: World, pool: ThreadPoolExecutor) -> None:
    partner = Partner.objects.create(code="SUP", name="Supplier", is_supplier=True)
    movement = _bought(world, partner)
    one, two = (_invoice(world, partner, movement, number) for number in ("F-1", "F-2"))
    first = Stopped(pool, lambda: invoicing.post(one, **ME))
    second = waiting(pool, lambda: invoicing.post(two, **ME))
    first.end()
    with pytest.raises(InvoiceRefused, match="Only 0"):
        second.result(PATIENCE)
    assert [row.state for row in PurchaseInvoice.objects.order_by("number")] == ["posted", "draft"]


def test_the_same_invoice_is_posted_once_by_two_at_once(
    world: World, pool: ThreadPoolExecutor
) -> None:
    partner = Partner.objects.create(code="SUP", name="Supplier", is_supplier=True)
    made = _invoice(world, partner, _bought(world, partner), "F-1")
    first = Stopped(pool, lambda: invoicing.post(made, **ME))
    second = waiting(pool, lambda: invoicing.post(made, **ME))
    first.end()
    assert second.result(PATIENCE).entry_id == made.__class__.objects.get().entry_id
    assert JournalEntry.objects.filter(kind="invoice").count() == 1


def test_goods_that_leave_while_an_invoice_is_posted_do_not_get_its_difference(
    world: World, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = Partner.objects.create(code="SUP", name="Supplier", is_supplier=True)
    movement = _bought(world, partner)
    item = Movement.objects.get(pk=movement).item
    made = _invoice(world, partner, movement, "F-1")
    write, looks = posting.post, []

    def post(*args, **facts):
        if not looks:
            pool.submit(alone, lambda: world.move("sales_out", item, 4)).result(PATIENCE)
        looks.append(None)
        return write(*args, **facts)

    monkeypatch.setattr(posting, "post", post)
    done = invoicing.post(made, **ME)
    assert len(looks) == 2
    assert done.lines.get().variance == 4
    assert CostPool.objects.get(item=item).value == 18
