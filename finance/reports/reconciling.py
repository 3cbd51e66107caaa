"""Compares stock with the inventory accounts and names the rows that differ."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.numbers import VALUE_PLACES, from_scaled
from finance import laws

MOST = 200
"""Rows that are named of each law."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not what it should be. ``row`` is its key in ``table``; values where it is about them."""

    law: str | Promise
    table: str
    row: int | None
    name: str
    expected: Decimal | None = None
    found: Decimal | None = None

    @property
    def difference(self) -> Decimal | None:
        """What the books have more."""
        if self.expected is None or self.found is None:
            return None
        return self.found - self.expected


_LAWS: tuple[tuple[str | Promise, str], ...] = (
    (_("A posting has no entry"), laws.JOURNALED),
    (_("An entry does not hold its lines"), laws.SUMS),
    (_("A movement is booked with another value"), laws.MOVEMENTS),
    (_("An item is worth something else on the accounts"), laws.ITEMS),
)


def differences() -> list[Difference]:
    """Every row that breaks a law of the journal, the first of each law first; empty is well."""
    found: list[Difference] = []
    with connection.cursor() as cursor:
        for label, sql in _LAWS:
            cursor.execute(f"{sql} LIMIT {MOST}")
            names = [column[0] for column in cursor.description or ()]
            found += [
                _difference(label, dict(zip(names, row, strict=True))) for row in cursor.fetchall()
            ]
    return found


def _difference(label: str | Promise, row: dict[str, Any]) -> Difference:
    return Difference(
        label,
        row["table"],
        row.get("posting") or row.get("id"),
        str(row.get("item") or row.get("document") or row.get("id") or ""),
        _value(row.get("expected_value")),
        _value(row.get("found_value")),
    )


def _value(number: Any) -> Decimal | None:
    return None if number is None else from_scaled(int(number), VALUE_PLACES)
