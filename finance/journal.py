"""The money side of what is posted: debit the account of where goods went, credit that of where they came from.

``follow`` writes it in the transaction of the posting; the same rules journal what was posted before finance
was there (``finance.backfill``) and show what a posting would book (``finance.queries.preview``).
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from django.db import connection

from core.dialect import Dialect
from finance import charts, entries, origins, rule_books
from finance.entries import Booked, Pair
from finance.moved import RED_TYPES, Moved, of_plan
from finance.origins import Origin
from finance.resolving import Answer, Asked, Book
from people.models import Company
from stock.place_kinds import PHYSICAL
from stock.plan import PlannedMovement, State

_TRIES = 4


def write(
    company: int, postings: Sequence[tuple[int, Sequence[PlannedMovement]]], state: State
) -> None:
    """Journal postings in their transaction: an entry each, a line for each movement between two accounts.

    The number of statements depends neither on the number of postings nor on that of their movements.
    """
    every = [(posting, of_plan(movements, state)) for posting, movements in postings]
    rules = rule_books.remembered(company) or fresh(company)
    dialect = Dialect(connection.vendor)
    with connection.cursor() as cursor:
        follows = (one.follows for _posting, moved in every for one in moved)
        before = origins.read(cursor, dialect, (pk for pk in follows if pk is not None))
        for _attempt in range(_TRIES):
            booked = [Booked(posting, pairs(moved, rules, before)) for posting, moved in every]
            if entries.book(cursor, dialect, booked, rules) is not None:
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


def answers(
    one: Moved, rules: Book, before: Mapping[int, Origin] = MappingProxyType({})
) -> tuple[Answer, Answer]:
    """The accounts of where a movement goes and comes from: by the rules, or those of what it undoes."""
    into, out = ends(one)
    origin = before.get(one.follows or 0)
    if origin is None:
        return rules.account(into), rules.account(out)
    if one.reversal:
        return origin.out, origin.into
    there, here = (
        None if kind in PHYSICAL else origin.of_kind(kind)
        for kind in (one.target_kind, one.source_kind)
    )
    return there or rules.account(into), here or rules.account(out)


def pairs(
    moved: Iterable[Moved], rules: Book, before: Mapping[int, Origin] = MappingProxyType({})
) -> list[Pair]:
    """The lines of an entry; movements without value or within one account have none.

    ``before`` tells how the movements were booked that some of these undo.
    """
    found = []
    for one in moved:
        debit, credit = answers(one, rules, before)
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
