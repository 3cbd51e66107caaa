"""What is said of rows of a sheet before they are documents: unusual, not wrong; apps above register who judges.

The rows come all at once, and the statements are the same few however many there are.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from workflows.checks import Check


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One movement that a row of a sheet tells of: base units, price of one of them, ids (0: none or not known)."""

    type: str
    item: int
    item_code: str
    base_unit: str
    quantity: Decimal
    at: datetime
    price: Decimal | None = None
    partner: int = 0
    warehouse: int = 0
    source: int = 0
    target: int = 0
    department: int = 0
    reason: str = ""
    lot: str = ""
    expires: date | None = None


Rule = Callable[[Sequence[SheetRow]], Mapping[int, Sequence[Check]]]
_rules: dict[str, Rule] = {}


def register(code: str, rule: Rule) -> None:
    """Let an app above remark on rows: ``rule`` gives remarks by place in the sequence."""
    _rules[code] = rule


def look(rows: Sequence[SheetRow]) -> dict[int, list[Check]]:
    """Place in the sequence → what is said of the row; rows of which nothing is said are left out."""
    found: dict[int, list[Check]] = defaultdict(list)
    if rows:
        for rule in _rules.values():
            for place, checks in rule(rows).items():
                found[place] += checks
    return dict(found)
