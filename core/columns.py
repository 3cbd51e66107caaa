"""What a list is declared with: its columns and filters; core.tables draws and sorts it, core.exports writes it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise

Text = str | Promise
NUMERIC = frozenset({"quantity", "money", "unit_cost", "number", "amounts"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    ``value`` is an attribute path (``category.name``) or a function of the row. ``kind`` is text, code,
    quantity, money, unit_cost, number, date, datetime, chip, badge, direction, link or tree; stack and amounts (right-aligned)
    show a ``Stack``, one text below the other. ``sort`` is the field to
    order by. ``total`` sums the page; ``unit`` (attribute path) keeps sums of different units apart.
    ``card`` is its place on a phone: m(ain), n(umber), s(ub), t (state) or x (not shown). Without
    ``right`` the column is neither on the page nor in a file. ``optional`` columns are off at first.
    ``beside`` (as ``value``) is said after it on a phone, where the other columns are not shown. Rows can be put into
    ``groups`` by what many of them share; it needs ``sort``.
    """

    key: str
    label: Text
    value: str | Callable[[Any], Any] = ""
    kind: str = "text"
    sort: str | None = None
    right: str = ""
    total: bool = False
    unit: str = ""
    card: str = "x"
    url: Callable[[Any], str] | None = None
    optional: bool = False
    beside: str | Callable[[Any], Any] = ""
    groups: bool = False

    def of(self, row: Any) -> Any:
        """The column's value in a row."""
        if callable(self.value):
            return self.value(row)
        return resolve(row, self.value or self.key)

    @property
    def numeric(self) -> bool:
        """Whether it is right-aligned."""
        return self.kind in NUMERIC


def resolve(row: Any, path: str) -> Any:
    """``a.b`` of objects and dicts; None where something on the way is None."""
    for name in path.split("."):
        if row is None:
            return None
        row = row.get(name) if isinstance(row, dict) else getattr(row, name)
        if callable(row):
            row = row()
    return row


class Stack(tuple[str, ...]):
    """Texts one below the other in one cell; in a file they are one text."""

    __slots__ = ()

    def __str__(self) -> str:
        return " / ".join(self)


class Amounts(Stack):
    """Amounts one below the other in one cell; in a file they are their sum, a figure that can be reckoned with."""

    total: Decimal

    def __new__(cls, texts: Iterable[str], total: Decimal) -> Self:
        """The amounts as they are shown, and their sum."""
        made = super().__new__(cls, texts)
        made.total = total
        return made


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the line above the list; ``apply`` narrows the rows by the parameter's value.

    ``kind`` is choice, date, text or flag (on or off). Dates called ``from`` and ``to`` become one filter
    with presets. ``unset`` says what holds while nothing is chosen, where that is not simply everything.
    """

    name: str
    label: Text
    apply: Callable[[Any, str], Any]
    choices: Callable[[], Iterable[tuple[str, Text]]] | None = None
    kind: str = "choice"
    unset: Text = ""

    def options(self) -> list[tuple[str, str]]:
        """The choices as shown."""
        return [(str(value), str(text)) for value, text in (self.choices() if self.choices else ())]


@dataclass(frozen=True, slots=True)
class Action:
    """What may be done with rows that were chosen; ``do(request, rows)`` answers, core.choosing calls it.

    ``right`` is one without which it is not offered; more than ``most`` rows are refused. ``choices`` is asked
    beside the button, under ``to-CODE`` of the form: the category that items are moved to.
    """

    code: str
    label: Text
    do: Callable[[HttpRequest, list[Any]], HttpResponseBase]
    icon: str = ""
    right: str = ""
    most: int = 500
    choices: Callable[[], Iterable[tuple[str, Text]]] | None = None
    unset: Text = ""

    def options(self) -> list[tuple[str, str]]:
        """The choices as shown."""
        return [(str(value), str(text)) for value, text in (self.choices() if self.choices else ())]


@dataclass(slots=True)
class Table:
    """A declared list. Saved views and the choice of columns are remembered under its ``name``.

    Files are called by it too, or ``file`` where that says more: the days of a report, which no view depends on.

    ``rows`` is a queryset, a list, or anything with ``len``, slices and iteration. ``order`` names the
    column to sort by at first, with ``-`` downwards.
    """

    name: str
    title: Text
    columns: Sequence[Column]
    rows: Any
    filters: Sequence[Filter] = ()
    search: Callable[[Any, str], Any] | None = None
    order: str = ""
    empty: Text = ""
    may: Callable[[str], bool] = lambda _right: True
    caption: Text = ""
    unit_decimals: Callable[[Any], int | None] = field(default=lambda _row: None)
    below: Callable[[Sequence[Any]], list[tuple[str, str, str]]] = field(default=lambda _rows: [])
    """Links (words, icon, address) about the rows of the page that is shown."""
    actions: Sequence[Action] = ()
    """What may be done with chosen rows; rows of a list without any have no boxes."""
    key: Callable[[Any], Any] = field(default=lambda row: row.pk)
    """What a chosen row is found again by."""
    file: str = ""
    live: str = ""
    """The topics of core.pulse with which open pages read the list again."""
