"""The money side of what is posted: debit the account of where goods went, credit that of where they came from.

``follow`` writes it in the transaction of the posting; the same rules journal what was posted before finance
was there (``finance.backfill``) and show what a posting would book (``finance.queries.preview``).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from core.dialect import Dialect
from finance import charts, entries, rule_books
from finance.entries import Booked, Pair
from finance.resolving import Asked, Book
from people.models import Company
from stock.plan import PlannedMovement, State

RED_TYPES = frozenset({"purchase_return", "sales_return", "production_return"})
"""Types that take back what another booked: in red where the books want it."""
_TRIES = 4


class Moved(NamedTuple):
    """A movement as the journal needs it; quantity and value in scaled integers."""

    id: int | None
    type: str
    item: int
    category: int
    source_kind: str
    source_warehouse: int | None
    target_kind: str
    target_warehouse: int | None
    quantity: int
    value: int
    partner: int | None
    department: int | None
    cost_object: str
    reason: str
    reversal: bool


def write(posting: int, company: int, movements: Sequence[PlannedMovement], state: State) -> None:
    """Journal a posting in its transaction: one entry, a line for each movement between two accounts."""
    moved = moved_of(movements, state)
    rules = rule_books.remembered(company) or fresh(company)
    dialect = Dialect(connection.vendor)
    with connection.cursor() as cursor:
        for _attempt in range(_TRIES):
            booked = Booked(posting, pairs(moved, rules))
            if entries.book(cursor, dialect, [booked], rules) is not None:
                return
            rules = fresh(company)
    raise RuntimeError("the rules of accounts changed again and again")


def fresh(company: int) -> Book:
    """The rules as they are now; a company without books gets them."""
    found = rule_books.read(company)
    if found is None:
        charts.ensure(Company.objects.get(pk=company))
        found = rule_books.read(company)
    if found is None:
        raise LookupError(company)
    return found


def moved_of(movements: Iterable[PlannedMovement], state: State) -> list[Moved]:
    """What the journal needs of a plan."""
    items, places = state.items, state.places
    return [
        Moved(
            one.id,
            one.type,
            one.item,
            items[one.item].category,
            (source := places[one.source]).kind,
            source.warehouse,
            (target := places[one.target]).kind,
            target.warehouse,
            one.quantity,
            one.value,
            one.partner,
            one.department,
            one.cost_object,
            one.reason,
            one.reversal,
        )
        for one in movements
        if one.value
    ]


def ends(one: Moved) -> tuple[Asked, Asked]:
    """What is asked for the account of where goods went, and of where they came from."""
    source, target = one.source_warehouse, one.target_warehouse
    return (
        Asked(
            one.target_kind, one.category, one.type, one.reason, target or source, one.department
        ),
        Asked(
            one.source_kind, one.category, one.type, one.reason, source or target, one.department
        ),
    )


def pairs(moved: Iterable[Moved], rules: Book) -> list[Pair]:
    """The lines of an entry; movements without value or within one account have none."""
    found = []
    for one in moved:
        into, out = ends(one)
        debit, credit = rules.account(into), rules.account(out)
        if debit.account == credit.account or not one.value:
            continue
        amount = one.value
        if rules.red and (one.type in RED_TYPES) != one.reversal:
            debit, credit, amount = credit, debit, -amount
        found.append(
            Pair(
                debit.account,
                credit.account,
                amount,
                debit.rule,
                credit.rule,
                waiting=debit.rule is None or credit.rule is None,
                movement=one.id,
                item=one.item,
                partner=one.partner,
                department=one.department,
                cost_object=one.cost_object,
                quantity=one.quantity if amount > 0 else -one.quantity,
            )
        )
    return found
