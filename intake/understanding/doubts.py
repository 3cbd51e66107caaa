"""Collects what is wrong and what is uncertain about the rows of one table, and asks what the rows left open."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from intake.reading.grid import address
from intake.understanding.cells import Value
from intake.understanding.faults import Fault
from intake.understanding.result import Caution, Column, Question, Table, Understanding, Wrong

MOST = 500
"""So many warnings of one code are listed for a table; the rest is counted."""


class Doubts:
    """What is wrong and uncertain about one table."""

    def __init__(self, table: Table, out: Understanding) -> None:
        self.table = table
        self.out = out
        self._warned: Counter[str] = Counter()
        self._faulty: dict[int, set[str]] = {}
        self._codes: set[tuple[str, str]] = set()
        """(field, code) of what was found wrong."""

    def wrong(self, number: int, cell: str, name: str, fault: Fault, raw: str = "") -> None:
        """Say what is wrong with a cell of a row."""
        self._faulty.setdefault(number, set()).add(name)
        self._codes.add((name, fault.code))
        facts = (name, fault.code, fault.message, raw[:200], fault.proposal)
        self.out.wrong.append(Wrong(self.table.sheet, number, cell, *facts))

    def faulty(self, number: int, names: Iterable[str]) -> bool:
        """Whether a cell of these fields was found wrong already."""
        return not self._faulty.get(number, frozenset()).isdisjoint(names)

    def warn(self, number: int, cell: str, code: str, message: str) -> None:
        """Say what is uncertain about a cell of a row; of very many alike, the rest is counted."""
        self._warned[code] += 1
        if self._warned[code] <= MOST:
            self.out.warnings.append(Caution(self.table.sheet, number, cell, code, message))

    def count_rest(self) -> None:
        """Say how many warnings were not listed."""
        for code, count in self._warned.items():
            if count > MOST:
                message = _("%(count)d more warnings like these.") % {"count": count - MOST}
                self.out.warnings.append(Caution(self.table.sheet, 0, "", code, message))

    def sentence(self, value: Value) -> str:
        """What a value's warning says."""
        text = _sentences().get(value.warning, value.warning)
        return text % {"raw": value.raw[:60], "value": value.value}

    def question_id(self, kind: str, column: Column) -> str:
        """The id of a question about a column."""
        return f"{kind}:{self.table.sheet}!{address(self.table.header_row or 1, column.at)}"

    def ask_after(self, columns: Sequence[Column], undecided: Mapping[int, set[str]]) -> None:
        """What the cells of columns left open; ``undecided`` is by column what its days or numbers lack."""
        for column in columns:
            header = {"header": column.header}
            if "order" in undecided[column.at]:
                options = [
                    ("ymd", _("year, month, day")),
                    ("mdy", _("month, day, year")),
                    ("dmy", _("day, month, year")),
                ]
                text = _("In which order does “%(header)s” write its days?") % header
                self._ask("date_order", column, text, options)
            if "year" in undecided[column.at]:
                text = _("Which year are the days of “%(header)s” in?") % header
                self._ask("year", column, text, [])
            if (column.field, "duration_unit") in self._codes:
                options = [("D", _("days")), ("M", _("months")), ("Y", _("years"))]
                self._ask(
                    "duration_unit", column, _("What does “%(header)s” count?") % header, options
                )
            if (column.field, "decimal_comma") in self._codes and "comma" in undecided[column.at]:
                text = _("Is the comma in the numbers of “%(header)s” a decimal point?") % header
                self._ask("decimal", column, text, [("comma", _("yes")), ("no", _("no"))])

    def _ask(self, kind: str, column: Column, text: str, options: list[tuple[str, str]]) -> None:
        identifier = self.question_id(kind, column)
        self.out.questions.append(Question(identifier, kind, text, options, column.samples))


def _sentences() -> dict[str, str]:
    return {
        "approximate": _("“%(raw)s” is about that much; %(value)s was taken."),
        "rounded": _("%(raw)s has more decimals than are kept; %(value)s was taken."),
        "weekday_differs": _("The weekday in “%(raw)s” is not that of %(value)s."),
        "month_precision": _("“%(raw)s” names no day; %(value)s was taken."),
        "year_added": _("“%(raw)s” has no year; %(value)s was taken."),
        "minguo": _("“%(raw)s” counts its years from 1912; %(value)s was taken."),
        "number_as_code": _(
            "The code %(raw)s is a number in the file: zeros at its end may be lost."
        ),
        "zeros_lost": _("The code %(raw)s is shorter than the others: zeros in front may be lost."),
        "currency": _("“%(raw)s” is in another currency; %(value)s was taken as it stands."),
        "became_date": _(
            "Excel made a date of this text: %(raw)s. Look whether it says what was typed."
        ),
        "truth": _(
            "Excel made a truth of this text: %(raw)s. Look whether it says what was typed."
        ),
        "direction_marks": _(
            "“%(raw)s” held marks that turn the direction of writing; they were taken out."
        ),
    }
