"""Builds the demo company whole or not at all: master data, its months, closed periods, promises."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from boards.demo import master as master_data
from boards.demo import sheets
from boards.demo.book import Book, Line
from boards.demo.cases import Cases
from boards.demo.counts import Counts
from boards.demo.desk import Desk
from boards.demo.ledgers import Ledgers
from boards.demo.master import Master
from boards.demo.orders import Orders
from boards.demo.story import BEFORE, Story
from boards.demo.words import said
from people import access
from stock import periods, reservations
from stock.models import Movement
from stock.models.lots import NO_LOT

CLOSING_TIME = time(18, 30)


@dataclass(frozen=True, slots=True)
class Built:
    """How much was made."""

    users: int
    items: int
    postings: int
    movements: int


@transaction.atomic
def build(*, seed: int, today: date) -> Built:
    """Make the company and its history up to ``today`` (its local date, not in the future)."""
    master = master_data.make()
    zone = ZoneInfo(master.company.time_zone)
    until = min(timezone.now(), datetime.combine(today, CLOSING_TIME, zone))
    book = Book(master, seed=seed, until=until)
    Story(book, today=today).tell()
    _promise(book)
    desk = Desk(book)
    desk.work()
    Orders(desk).work()
    Counts(book).tell()
    Cases(book).tell()
    sheets.write(master, today)
    ledgers = Ledgers(book, today)
    ledgers.invoice_past()
    _close_months(master, today)
    ledgers.tell()
    return Built(
        users=len(master.users),
        items=len(master.items),
        postings=book.postings,
        movements=Movement.objects.count(),
    )


def _close_months(master: Master, today: date) -> None:
    """Close the months since the opening that are over."""
    month = (today - timedelta(days=BEFORE + 1)).replace(day=1)
    while month < today.replace(day=1):
        periods.close(
            master.company,
            month,
            actor=master.users["qian"],
            access=access.SYSTEM,
            reason=said("月结 Month end"),
        )
        month = (month + timedelta(days=32)).replace(day=1)


def _promise(book: Book) -> None:
    """Reserve for open orders: one kept, one partly delivered, one given back, one of a lot."""
    master, now = book.master, timezone.now()
    motors = book.pile("10053", 1)
    for reference, item, quantity, lot_number, days in (
        ("SO-8817", "10044", 10, "", 3),
        ("SO-8821", "30040", 24, "", None),
        ("SO-8822", "10061", 6, "", None),
        ("WO-3315", "10053", 4, motors.lot, 7),
    ):
        there = motors.quantity if lot_number else book.on_hand(item, "MAIN")
        if not there:
            continue
        wanted = reservations.ReservationInput(
            item=master.items[item].pk,
            warehouse=master.warehouses["MAIN"].pk,
            quantity=min(Decimal(quantity), there),
            lot=book.lots[item, lot_number].pk if lot_number else NO_LOT,
        )
        made = reservations.reserve(
            [wanted],
            reference=reference,
            actor=master.users["xulin"],
            access=access.SYSTEM,
            expires_at=now + timedelta(days=days) if days else None,
        )
        if reference == "SO-8821":
            _deliver(book, made[0].pk, item, reference)
    reservations.release(reference="SO-8822", access=access.SYSTEM, why=said("客户改期 Postponed"))


def _deliver(book: Book, reservation: int, item: str, reference: str) -> None:
    """Deliver some of what was promised."""
    (pile, *_rest) = book.piles(item, "MAIN")
    quantity = min(Decimal(10), pile.quantity)
    line = Line(
        "sales_out", item, quantity, pile.place, "customer", partner="C04", cost_object=reference
    )
    book.post(
        book.number("SOUT", 231),
        book.until,
        "liqiang",
        [line],
        why=f"{reference} {book.master.partners['C04'].name}",
        reservation=reservation,
    )
