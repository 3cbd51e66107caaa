"""The only writer of reclassifications: what had no account gets it, once it is known, wherever it waits.

What was booked stays; a linked line moves the amount from the account that stood in to the right one.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.dialect import Dialect
from core.numbers import VALUE_PLACES, from_scaled
from finance import entries, journal, moved, origins, words
from finance.entries import Beside, Pair
from finance.models import Books, JournalEntry
from finance.moved import Moved
from finance.resolving import Answer, Asked, Book
from people.access import Access
from people.models import Company, User
from stock import periods

RIGHT = "finance.review"

_WAITING = """
SELECT l.id, l.movement_id, l.debit_account_id, l.credit_account_id, l.amount, l.debit_rule_id,
  l.credit_rule_id, e.date
FROM finance_journalline l JOIN finance_journalentry e ON e.id = l.entry_id
WHERE l.waiting AND e.company_id = %s
  AND NOT EXISTS (SELECT 1 FROM finance_journalline a WHERE a.adjusts_id = l.id)
ORDER BY l.id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line that an account was missing for, its movement, and what the rules of now say of its ends."""

    line: int
    moved: Moved
    debit: int
    credit: int
    amount: int
    day: date
    asked: tuple[Asked, Asked]
    """What is asked for the debit and for the credit."""
    missing: tuple[bool, bool]
    now: tuple[Answer, Answer]

    @property
    def solved(self) -> bool:
        """Whether every missing account is known by now."""
        return not any(
            gap and answer.rule is None for gap, answer in zip(self.missing, self.now, strict=True)
        )

    def corrections(self) -> list[Pair]:
        """Lines that move the amount to the right accounts; none if it lies there already."""
        one = self.moved
        made = []
        for gap, answer, debit in zip(self.missing, self.now, (True, False), strict=True):
            was = self.debit if debit else self.credit
            if not gap or answer.account == was:
                continue
            into, out = (answer.account, was) if debit else (was, answer.account)
            made.append(
                Pair(
                    into,
                    out,
                    self.amount,
                    answer.rule if debit else None,
                    None if debit else answer.rule,
                    movement=one.id,
                    adjusts=self.line,
                    item=one.item,
                    partner=one.partner,
                    department=one.department,
                    cost_object=one.cost_object,
                )
            )
        return made


@dataclass(slots=True)
class Gap:
    """Lines that miss the same account: one rule answers all of them."""

    asked: Asked
    count: int = 0
    amount: Decimal = Decimal(0)
    oldest: date | None = None
    lines: list[int] = field(default_factory=list)


def waiting(company: int, rules: Book | None = None) -> list[Waiting]:
    """Every line that waits and was not corrected."""
    rules = rules or journal.fresh(company)
    dialect = Dialect(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [company])
        rows = cursor.fetchall()
        if not rows:
            return []
        found = moved.read(cursor, dialect, "m.id", [row[1] for row in rows])
        by_id = {one.id: one for some in found.values() for one in some}
        followed = [one.follows for one in by_id.values() if one.follows is not None]
        before = origins.read(cursor, dialect, followed)
    return [_waiting(row, by_id[row[1]], rules, before) for row in rows]


def _waiting(
    row: Sequence[object], one: Moved, rules: Book, before: Mapping[int, origins.Origin]
) -> Waiting:
    line, _movement, debit, credit, amount, debit_rule, credit_rule, day = row
    asked, now = journal.ends(one), journal.answers(one, rules, before)
    if int(str(amount)) < 0:
        asked, now = (asked[1], asked[0]), (now[1], now[0])
    return Waiting(
        int(str(line)),
        one,
        int(str(debit)),
        int(str(credit)),
        int(str(amount)),
        day if isinstance(day, date) else date.fromisoformat(str(day)),
        asked,
        (debit_rule is None, credit_rule is None),
        now,
    )


def gaps(company: int) -> list[Gap]:
    """What is asked for and not answered, the most lines first."""
    found: dict[Asked, Gap] = {}
    for one in waiting(company):
        for asked, gap, now in zip(one.asked, one.missing, one.now, strict=True):
            if not gap or now.rule is not None:
                continue
            group = found.setdefault(asked, Gap(asked))
            group.count += 1
            group.amount += from_scaled(abs(one.amount), VALUE_PLACES)
            group.oldest = min(group.oldest or one.day, one.day)
            group.lines.append(one.line)
    return sorted(found.values(), key=lambda group: (-group.count, group.asked))


@transaction.atomic
def apply(company: Company, *, actor: User | None, access: Access) -> int:
    """Correct every waiting line whose accounts the rules name by now; how many lines there were.

    One entry for each month in which they lie, dated in it while it is open. Raises NotAllowed.
    """
    access.require(RIGHT)
    Books.objects.select_for_update().get(company=company)
    rules = journal.fresh(company.pk)
    solved = [one for one in waiting(company.pk, rules) if one.solved]
    groups: dict[date, list[Pair]] = {}
    today = timezone.localdate(timezone=ZoneInfo(company.time_zone))
    corrected = 0
    for one in solved:
        made = one.corrections()
        corrected += bool(made)
        if made:
            day = periods.open_day(company, min(_end_of_month(one.day), today))
            groups.setdefault(day, []).extend(made)
    _book(company, groups, rules, actor)
    return corrected


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _book(
    company: Company,
    groups: Mapping[date, Iterable[Pair]],
    rules: Book,
    actor: User | None,
) -> None:
    with words.of_books(company.pk):
        memo = _("Accounts that were missing")
    made = [
        Beside(
            company=company.pk,
            kind=JournalEntry.Kind.RECLASS,
            key=f"reclass:{uuid.uuid4()}",
            date=day,
            recorded_at=timezone.now(),
            actor=actor.pk if actor else None,
            document="",
            summary=memo,
            pairs=list(pairs),
        )
        for day, pairs in sorted(groups.items())
    ]
    if not made:
        return
    with connection.cursor() as cursor:
        if entries.beside(cursor, Dialect(connection.vendor), made, rules) is None:
            raise RuntimeError("the rules of accounts changed under their lock")
