"""What a posting would book, before it does: the same rules and the same code as the journal, nothing written."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from core.dialect import Dialect
from core.numbers import VALUE_PLACES, from_scaled
from finance import journal, origins
from finance.models import Account
from finance.moved import of_plan
from stock.plan import PlannedMovement, State


@dataclass(slots=True)
class LegAhead:
    """One account on one side; ``missing``: no rule names one, so this stands in."""

    account: Account
    debit: bool
    amount: Decimal = Decimal(0)
    missing: bool = False


def legs(company: int, movements: Iterable[PlannedMovement], state: State) -> list[LegAhead]:
    """Debits first, by account, red and black apart; empty where nothing would be booked."""
    rules = journal.fresh(company)
    moved = of_plan(movements, state)
    with connection.cursor() as cursor:
        follows = (one.follows for one in moved if one.follows is not None)
        before = origins.read(cursor, Dialect(connection.vendor), follows)
    sums: dict[tuple[bool, int, bool], tuple[int, bool]] = {}
    for pair in journal.pairs(moved, rules, before):
        for debit, account, rule in (
            (True, pair.debit, pair.debit_rule),
            (False, pair.credit, pair.credit_rule),
        ):
            key = (debit, account, pair.amount < 0)
            amount, missing = sums.get(key, (0, False))
            sums[key] = amount + pair.amount, missing or (pair.waiting and rule is None)
    accounts = Account.objects.in_bulk({account for _debit, account, _red in sums})
    found = [
        LegAhead(accounts[account], debit, from_scaled(amount, VALUE_PLACES), missing)
        for (debit, account, _red), (amount, missing) in sums.items()
    ]
    return sorted(found, key=lambda leg: (not leg.debit, leg.account.code, -leg.amount))
