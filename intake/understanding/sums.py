"""Adds up the numbers of a table as its rows go by, and compares with the rows of sums that the sheet holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from intake.understanding.result import Total

_NONE = Decimal(0)


@dataclass(slots=True)
class Sums:
    """Sums of one table. A sum of the sheet may cover its group, its page or all above: the scope that fits is its own."""

    sheet: str
    fields: list[str]
    whole: dict[str, Decimal] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)
    _since: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """Label → sums since the last row of sums with that label; "" is since any."""

    def add(self, values: Mapping[str, Decimal]) -> None:
        """One row of data."""
        for name, value in values.items():
            self.whole[name] = self.whole.get(name, _NONE) + value
            for scope in self._since.values():
                scope[name] = scope.get(name, _NONE) + value

    def compare(self, row: int, label: str, theirs: Mapping[str, Decimal]) -> list[Total]:
        """What differs between this row of sums and the rows above it."""
        scopes = [self._since.get(label), self._since.get(""), self.whole]
        best: list[Total] = []
        for scope in scopes:
            if scope is None:
                continue
            found = [
                Total(self.sheet, row, label, name, scope.get(name, _NONE), value)
                for name, value in theirs.items()
            ]
            if not best or sum(t.agrees for t in found) > sum(t.agrees for t in best):
                best = found
        self._since[label] = {}
        self._since[""] = {}
        self.totals += best
        return [total for total in best if not total.agrees]

    def result(self) -> list[Total]:
        """The totals of the whole table, then those of the rows of sums."""
        whole = [
            Total(self.sheet, 0, "", name, self.whole.get(name, _NONE)) for name in self.fields
        ]
        return whole + self.totals
