"""Where the ends of movements were booked that are now returned, reversed or priced anew.

What undoes or completes a movement touches the accounts that it was booked to, corrections included, and not
those that the rules name today; else a changed rule would leave a rest on each.
"""

from collections.abc import Iterable
from typing import NamedTuple

from core.dialect import Cursor, Dialect
from finance.resolving import Answer


class Origin(NamedTuple):
    """The accounts of a movement: where it went and where it came from, with the kinds of those places."""

    into: Answer
    out: Answer
    into_kind: str
    out_kind: str

    def of_kind(self, kind: str) -> Answer | None:
        """The account of the end of this kind, if there is one."""
        if kind == self.into_kind:
            return self.into
        return self.out if kind == self.out_kind else None


_LINES = """
SELECT l.movement_id, l.id, l.debit_account_id, l.credit_account_id, l.amount, l.debit_rule_id,
  l.credit_rule_id, t.kind, s.kind
FROM finance_journalline l JOIN stock_movement m ON m.id = l.movement_id
JOIN stock_place t ON t.id = m.target_id JOIN stock_place s ON s.id = m.source_id
WHERE {among} AND l.adjusts_id IS NULL
"""
_CORRECTIONS = """
SELECT l.adjusts_id, l.debit_account_id, l.credit_account_id, l.debit_rule_id, l.credit_rule_id
FROM finance_journalline l WHERE {among} ORDER BY l.id
"""


def read(cursor: Cursor, dialect: Dialect, movements: Iterable[int]) -> dict[int, Origin]:
    """The origins of these movements; those within one account have none. Two statements."""
    ids = sorted(set(movements))
    if not ids:
        return {}
    among, parameter = dialect.ids("l.movement_id", ids)
    cursor.execute(_LINES.format(among=among), [parameter])
    lines = cursor.fetchall()
    corrections: dict[int, list[tuple[int, int, int | None, int | None]]] = {}
    if lines:
        among, parameter = dialect.ids("l.adjusts_id", [row[1] for row in lines])
        cursor.execute(_CORRECTIONS.format(among=among), [parameter])
        for line, *rest in cursor.fetchall():
            corrections.setdefault(line, []).append((rest[0], rest[1], rest[2], rest[3]))
    found = {}
    for movement, line, debit, credit, amount, debit_rule, credit_rule, target, source in lines:
        one, two = Answer(debit, debit_rule), Answer(credit, credit_rule)
        for now, was, now_rule, was_rule in corrections.get(line, ()):
            if was == one.account and now_rule is not None:
                one = Answer(now, now_rule)
            elif now == two.account:
                two = Answer(was, was_rule)
        into, out = (one, two) if amount > 0 else (two, one)
        found[movement] = Origin(into, out, target, source)
    return found
