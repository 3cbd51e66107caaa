"""Lists are declared, not coded: columns, filters, sorting, paging, phone cards and export of what is shown.

A ``Table`` holds columns and filters and gets a queryset; ``respond`` answers the page, the fragment for
htmx, or the file. What a person may not see (``Column.right``) is in none of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core import exports
from core.templatetags import ui

Text = str | Promise
PAGE_SIZES = (50, 100, 200)
COUNT_CAP = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    ``value`` is an attribute path (``category.name``) or a function of the row. ``kind`` is text, code,
    quantity, money, unit_cost, date, datetime, chip or direction. ``sort`` is the field to order by.
    ``total`` sums the page; ``unit`` (attribute path) keeps sums of different units apart. ``card`` is its
    place on a phone: m(ain), n(umber), s(ub), t (state) or x (not shown).
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

    def of(self, row: Any) -> Any:
        """The column's value in a row."""
        if callable(self.value):
            return self.value(row)
        return resolve(row, self.value or self.key)

    @property
    def numeric(self) -> bool:
        """Whether it is right-aligned."""
        return self.kind in {"quantity", "money", "unit_cost", "number"}


def resolve(row: Any, path: str) -> Any:
    """``a.b`` of objects and dicts; None where something on the way is None."""
    for name in path.split("."):
        if row is None:
            return None
        row = row.get(name) if isinstance(row, dict) else getattr(row, name)
        if callable(row):
            row = row()
    return row


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the line above the list; ``apply`` narrows the rows by the parameter's value."""

    name: str
    label: Text
    apply: Callable[[Any, str], Any]
    choices: Callable[[], Iterable[tuple[str, Text]]] | None = None
    kind: str = "choice"

    def options(self) -> list[tuple[str, str]]:
        """The choices as shown."""
        return [(str(value), str(text)) for value, text in (self.choices() if self.choices else ())]


@dataclass(slots=True)
class Table:
    """A declared list. ``name`` is part of file names and of the remembered choice of columns."""

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


@dataclass(slots=True)
class Cell:
    """A value ready to be shown."""

    column: Column
    value: Any
    text: str
    url: str


class View:
    """A table as one request asks for it."""

    def __init__(self, table: Table, request: HttpRequest) -> None:
        self.table = table
        self.request = request
        self.parameters = request.GET
        self.all_columns = [c for c in table.columns if not c.right or table.may(c.right)]
        hidden = self._hidden()
        self.columns = [c for c in self.all_columns if c.key not in hidden]
        self.hidden = hidden
        self.query = self.parameters.get("q", "").strip()
        self.rows = self._sorted(self._filtered(table.rows))
        self.size = self._size()

    def _hidden(self) -> set[str]:
        chosen = self.parameters.getlist("col")
        if chosen:
            return {c.key for c in self.all_columns if c.key not in chosen}
        remembered = self.request.session.get(f"columns:{self.table.name}")
        if remembered is not None:
            return set(remembered)
        return {c.key for c in self.all_columns if c.optional}

    def _size(self) -> int:
        asked = self.parameters.get("size", "")
        return int(asked) if asked.isdigit() and int(asked) in PAGE_SIZES else PAGE_SIZES[0]

    def _filtered(self, rows: Any) -> Any:
        if self.query and self.table.search:
            rows = self.table.search(rows, self.query)
        for item in self.table.filters:
            value = self.parameters.get(item.name, "")
            if value:
                rows = item.apply(rows, value)
        return rows

    def _sorted(self, rows: Any) -> Any:
        asked = self.parameters.get("sort", "") or self.table.order
        if not asked:
            return rows
        name, down = asked.lstrip("-"), asked.startswith("-")
        column = next((c for c in self.all_columns if c.key == name), None)
        if column is None or not column.sort:
            return rows
        if isinstance(rows, QuerySet):
            fields = [f"-{column.sort}" if down else column.sort]
            return rows.order_by(*fields, "pk")
        empty = [row for row in rows if column.of(row) is None]
        full = [row for row in rows if column.of(row) is not None]
        return [*sorted(full, key=column.of, reverse=down), *empty]

    @property
    def sort(self) -> tuple[str, bool]:
        """The key sorted by, and whether downwards."""
        asked = self.parameters.get("sort", "") or self.table.order
        return asked.lstrip("-"), asked.startswith("-")

    def heads(self) -> list[dict[str, Any]]:
        """The header cells with the link that sorts by them."""
        key, down = self.sort
        return [
            {
                "column": column,
                "label": str(column.label),
                "sorted": ("descending" if down else "ascending") if column.key == key else "",
                "url": self.url(
                    sort=f"-{column.key}" if column.key == key and not down else column.key
                )
                if column.sort
                else "",
            }
            for column in self.columns
        ]

    def url(self, **changes: Any) -> str:
        """This list with other parameters; paging starts again."""
        parameters = self.parameters.copy()
        parameters.pop("page", None)
        parameters.pop("export", None)
        for name, value in changes.items():
            parameters.pop(name, None)
            if value not in ("", None):
                parameters[name] = str(value)
        return "?" + parameters.urlencode()

    def shown_filters(self) -> list[dict[str, Any]]:
        """The filters with their current values."""
        return [
            {
                "filter": item,
                "name": item.name,
                "label": str(item.label),
                "value": self.parameters.get(item.name, ""),
                "options": item.options(),
                "off": self.url(**{item.name: ""}),
            }
            for item in self.table.filters
        ]

    @property
    def searchable(self) -> bool:
        """Whether the list has a search box (templates would call ``table.search`` itself)."""
        return self.table.search is not None

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.query) or any(self.parameters.get(f.name) for f in self.table.filters)

    def page(self) -> dict[str, Any]:
        """The rows of the page asked for, and where to go from it."""
        total = self.total()
        paginator = Paginator(self.rows, self.size)
        paginator.__dict__["count"] = total
        asked = self.parameters.get("page", "1")
        number = min(max(int(asked) if asked.isdigit() else 1, 1), paginator.num_pages)
        start = (number - 1) * self.size
        rows = list(self.rows[start : start + self.size])
        pages = self.parameters.copy()
        pages.pop("page", None)
        rest = pages.urlencode()

        def link(page: int) -> str:
            return "?" + urlencode({"page": page}) + (f"&{rest}" if rest else "")

        return {
            "rows": [self.cells(row) for row in rows],
            "objects": rows,
            "count": total,
            "capped": total >= COUNT_CAP,
            "number": number,
            "previous": link(number - 1) if number > 1 else "",
            "next": link(number + 1) if number < paginator.num_pages else "",
            "totals": self.totals(rows),
        }

    def total(self) -> int:
        """How many rows there are, counted up to a limit."""
        if isinstance(self.rows, QuerySet):
            return self.rows.order_by()[:COUNT_CAP].count()
        return len(self.rows)

    def cells(self, row: Any) -> list[Cell]:
        """The visible cells of a row."""
        return [self.cell(column, row) for column in self.columns]

    def cell(self, column: Column, row: Any) -> Cell:
        """One cell."""
        value = column.of(row)
        url = column.url(row) if column.url else ""
        return Cell(column, value, self.text(column, value, row), url)

    def text(self, column: Column, value: Any, row: Any) -> str:
        """A value as a person reads it."""
        if value is None or value == "":
            return ""
        if column.kind == "quantity":
            return ui.quantity(value, self.table.unit_decimals(row))
        if column.kind == "money":
            return ui.money(value)
        if column.kind == "unit_cost":
            return ui.unit_cost(value)
        if isinstance(value, datetime):
            return ui.moment(value)
        if isinstance(value, date):
            return ui.day(value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return str(value)

    def totals(self, rows: Sequence[Any]) -> list[str] | None:
        """The sum of each column that has one; quantities of different units are never added."""
        if not rows or not any(column.total for column in self.columns):
            return None
        result = []
        for column in self.columns:
            if not column.total:
                result.append("")
                continue
            sums: dict[str, Decimal] = {}
            for row in rows:
                unit = str(resolve(row, column.unit) or "") if column.unit else ""
                sums[unit] = sums.get(unit, Decimal(0)) + Decimal(column.of(row) or 0)
            if len(sums) > 1:
                result.append(_("mixed"))
            else:
                result.append(self.text(column, next(iter(sums.values())), rows[0]))
        return result


def respond(
    request: HttpRequest,
    table: Table,
    *,
    template: str = "components/list.html",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """The list as a page, as the fragment htmx asked for, or as a file (``?export=csv|xlsx``)."""
    view = View(table, request)
    if request.GET.getlist("col"):
        request.session[f"columns:{table.name}"] = sorted(view.hidden)
    export = request.GET.get("export", "")
    if export in {"csv", "xlsx"}:
        return exports.file(view, export)
    page = {
        "view": view,
        "table": table,
        "page": view.page(),
        "heads": view.heads(),
        **(context or {}),
    }
    if getattr(request, "htmx", False) and request.htmx.target == "list":
        return render(request, "components/_table.html", page)
    return render(request, template, page)


def now_stamp() -> str:
    """Today, for file names."""
    return timezone.localdate().isoformat()
