"""Lists are declared, not coded: this draws them, whole or as a fragment, and hands them to the export.

``respond`` answers the page, the fragment for htmx, or the file. Filters, order, page and columns are in
the address. What a person may not see (``Column.right``) is in none of the three.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import asked, choosing, exports, grouping, layout, periods
from core.columns import Action, Column, Filter, Table, resolve
from core.templatetags import ui

__all__ = [
    "COUNT_CAP",
    "PAGE_SIZES",
    "Action",
    "Column",
    "Filter",
    "Table",
    "View",
    "resolve",
    "respond",
]

PAGE_SIZES = (50, 100, 200)
COUNT_CAP = 10_000
"""Rows are counted, and can be paged through, up to here; an export has all of them."""
SORT_KEYS = 2


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved view of a list; ``mine``: it may be taken away."""

    key: int
    name: str
    url: str
    mine: bool
    shared: bool


_saved: list[Callable[[HttpRequest, str], list[SavedView]]] = []


def register_saved(source: Callable[[HttpRequest, str], list[SavedView]]) -> None:
    """Where saved views come from: ``source(request, table)``."""
    _saved[:] = [source]


Sums = dict[str, tuple[Decimal, Any]]
"""By unit what there is of it, and a row that tells how it is written."""


@dataclass(slots=True)
class Cell:
    """A value ready to be shown; ``css`` greys a zero and reddens what is below it, ``beside`` is for phones."""

    column: Column
    value: Any
    text: str
    url: str
    css: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row ready to be shown: what it is chosen by, how it is called, what it adds to the sum of those chosen.

    ``head`` is that of the group that begins with it.
    """

    key: str
    name: str
    sum: str
    cells: list[Cell]
    head: grouping.Head | None = None


class View:
    """A table as one request asks for it."""

    def __init__(self, table: Table, request: HttpRequest) -> None:
        self.table = table
        self.request = request
        self.parameters = request.GET
        self.all_columns = [c for c in table.columns if not c.right or table.may(c.right)]
        self.laid = layout.lay(request, table.name, self.all_columns)
        self.columns = [one.column for one in self.laid]
        self.query = self.parameters.get("q", "").strip()
        self.group = grouping.asked(self.parameters.get("group", ""), self.all_columns)
        self.sort_keys = self._sort_keys()
        self.rows = self._sorted(self._filtered(table.rows))
        size = asked.whole(self.parameters.get("size"))
        self.size = size if size in PAGE_SIZES else PAGE_SIZES[0]

    def remember_columns(self) -> None:
        """Keep the columns of the address for the next time."""
        layout.remember(self.request, self.table.name, self.laid, self.all_columns)

    def choosable(self) -> list[tuple[Column, int, bool]]:
        """(column, width, shown) of all columns, those that are shown first and in their order."""
        shown = {one.column.key for one in self.laid}
        left = [(one, 0, False) for one in self.all_columns if one.key not in shown]
        return [(one.column, one.width, True) for one in self.laid] + left

    def groupable(self) -> list[tuple[Column, str, bool]]:
        """(column, address, whether it is so) of what the rows can be put into groups by."""
        able = [one for one in self.all_columns if one.groups and one.sort]
        return [(one, self.url(group=one.key), one is self.group) for one in able]

    def _filtered(self, rows: Any) -> Any:
        if self.query and self.table.search:
            rows = self.table.search(rows, self.query)
        for item in self.table.filters:
            value = self.parameters.get(item.name, "")
            if value:
                rows = item.apply(rows, value)
        return rows

    def _sort_keys(self) -> list[tuple[Column, bool]]:
        """(column, downwards) of each key of the order asked for."""
        by_key = {c.key: c for c in self.all_columns if c.sort}
        keys: list[tuple[Column, bool]] = []
        for part in (self.parameters.get("sort") or self.table.order).split(","):
            column = by_key.pop(part.lstrip("-"), None)
            if column is not None:
                keys.append((column, part.startswith("-")))
        return keys[:SORT_KEYS]

    def _sorted(self, rows: Any) -> Any:
        keys = self.sort_keys
        if self.group is not None:
            down = dict(keys).get(self.group, False)
            keys = [(self.group, down), *(one for one in keys if one[0] is not self.group)]
        if not keys:
            return rows
        if isinstance(rows, QuerySet):
            return rows.order_by(*(_order(rows, *key) for key in keys), "pk")
        for column, down in reversed(keys):
            empty = [row for row in rows if column.of(row) is None]
            full = [row for row in rows if column.of(row) is not None]
            rows = [*sorted(full, key=column.of, reverse=down), *empty]
        return rows

    def heads(self) -> list[dict[str, Any]]:
        """The header cells with the link that sorts by them, and the one that adds a second key."""
        sorted_by = {column.key: down for column, down in self.sort_keys}
        first = next(iter(sorted_by), "")
        heads = []
        for laid in self.laid:
            column = laid.column
            down = sorted_by.get(column.key)
            turned = f"-{column.key}" if down is False else column.key
            leading = "" if not first else f"{'-' if sorted_by[first] else ''}{first},"
            heads.append(
                {
                    "column": column,
                    "width": laid.width,
                    "label": str(column.label),
                    "arrow": "" if down is None else "↓" if down else "↑",
                    "sorted": ("descending" if down else "ascending")
                    if column.key == first
                    else "",
                    "url": self.url(sort=turned) if column.sort else "",
                    "more": self.url(sort=leading + turned) if column.key != first else "",
                }
            )
        return heads

    def url(self, **changes: Any) -> str:
        """This list with other parameters; paging starts again unless ``page`` is given."""
        parameters = self.parameters.copy()
        for name in ("page", "export", *changes):
            parameters.pop(name, None)
        for name, value in changes.items():
            if value not in ("", None):
                parameters[name] = str(value)
        text = parameters.urlencode()
        return f"?{text}" if text else self.request.path

    def carried(self) -> list[tuple[str, str]]:
        """What the form of filters must send along because it is no field of it."""
        return self._all_but({"q", "page", "export", *(item.name for item in self.table.filters)})

    def carried_by_columns(self) -> list[tuple[str, str]]:
        """What the form of columns must send along."""
        return self._all_but({"col", "page", "export"})

    def _all_but(self, names: set[str]) -> list[tuple[str, str]]:
        lists = self.parameters.lists()
        return [(name, v) for name, values in lists if name not in names for v in values if v]

    @property
    def cleared(self) -> str:
        """This list without its filters; what else limits it stays."""
        return self.url(q="", **{item.name: "" for item in self.table.filters})

    @property
    def reset_columns(self) -> str:
        """This list with the columns it has at first."""
        return self.url(col=layout.FORGET)

    @property
    def kept(self) -> str:
        """This list as it is seen now, for a saved view: filters, order and columns."""
        parameters = self.parameters.copy()
        for name in ("page", "export"):
            parameters.pop(name, None)
        parameters.setlist("col", [one.spec for one in self.laid])
        return parameters.urlencode()

    def saved(self) -> list[SavedView]:
        """The views that were saved of this list, for this person."""
        return _saved[0](self.request, self.table.name) if _saved else []

    def sizes(self) -> list[tuple[int, str]]:
        """The page sizes and where they are."""
        return [(size, self.url(size=size)) for size in PAGE_SIZES]

    def shown_filters(self) -> list[dict[str, Any]]:
        """The filters with their current values; a pair of dates is one."""
        names = {item.name for item in self.table.filters if item.kind == "date"}
        paired = {"from", "to"} <= names
        shown: list[dict[str, Any]] = []
        for item in self.table.filters:
            if paired and item.name == "to":
                continue
            if paired and item.name == "from":
                period = periods.chosen(self.parameters.get("from"), self.parameters.get("to"))
                presets = [
                    (name, self.url(**{"from": start, "to": end}))
                    for name, start, end in periods.presets()
                ]
                off = self.url(**{"from": "", "to": ""})
                label = period["words"] or _("Period")
                shown.append(
                    {
                        "kind": "period",
                        "label": label,
                        "value": period,
                        "presets": presets,
                        "off": off,
                    }
                )
                continue
            value = self.parameters.get(item.name, "")
            options = item.options()
            shown.append(
                {
                    "kind": item.kind,
                    "name": item.name,
                    "label": str(item.label),
                    "unset": str(item.unset),
                    "value": value,
                    "text": dict(options).get(value, value),
                    "options": options,
                    "off": self.url(**{item.name: ""}),
                }
            )
        return shown

    @property
    def searchable(self) -> bool:
        """Whether the list has a search of its own; a template would call the function instead."""
        return self.table.search is not None

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.query) or any(self.parameters.get(f.name) for f in self.table.filters)

    def page(self) -> dict[str, Any]:
        """The rows of the page asked for, and where to go from it."""
        total = self.total()
        pages = max(-(-total // self.size), 1)
        number = min(max(asked.whole(self.parameters.get("page")) or 1, 1), pages)
        start = (number - 1) * self.size
        rows = list(self.rows[start : start + self.size])
        return {
            "rows": list(map(self.shown, rows, grouping.heads(self, rows))),
            "objects": rows,
            "below": self.table.below(rows) if rows else [],
            "count": total,
            "capped": total >= COUNT_CAP,
            "number": number,
            "pages": pages,
            "previous": self.url(page=number - 1) if number > 1 else "",
            "next": self.url(page=number + 1) if number < pages else "",
            "totals": self.totals(rows),
            "whole": pages == 1,
            "read_at": timezone.now(),
            "grand": self.grand() if pages > 1 and self.sums_all else None,
            "more": total > len(rows),
        }

    @property
    def sums_all(self) -> bool:
        """Whether the sums of all pages are asked for."""
        return self.parameters.get("totals") == "all"

    @property
    def span(self) -> int:
        """How many cells a row has."""
        return len(self.columns) + bool(self.actions)

    @property
    def again(self) -> str:
        """This page of the list once more."""
        return self.request.get_full_path()

    @property
    def ungrouped(self) -> str:
        """This list as one."""
        return self.url(group="")

    @property
    def summed(self) -> str:
        """This list with the sums of all its pages; empty where it has none."""
        return self.url(totals="all") if any(one.total for one in self.columns) else ""

    def grand(self) -> list[str] | None:
        """The sums of all pages; every row is read, as for a file."""
        rows = self.rows.iterator(2_000) if isinstance(self.rows, QuerySet) else self.rows
        return self.totals(rows)

    def total(self) -> int:
        """How many rows there are, counted up to a limit."""
        if isinstance(self.rows, QuerySet):
            return self.rows.order_by()[:COUNT_CAP].count()
        return len(self.rows)

    @property
    def actions(self) -> list[Action]:
        """What this reader may do with rows that he chooses."""
        return [one for one in self.table.actions if not one.right or self.table.may(one.right)]

    def shown(self, row: Any, head: grouping.Head | None = None) -> Row:
        """A row with its visible cells."""
        cells = [self.cell(column, row) for column in self.columns]
        kept = self.table.actions or self.table.live
        key = str(self.table.key(row)) if kept else ""
        summed = next((one for one in cells if one.column.kind == "money"), None)
        amount = f"{summed.value:f}" if summed and isinstance(summed.value, Decimal) else ""
        return Row(key, cells[0].text, amount, cells, head)

    def cell(self, column: Column, row: Any) -> Cell:
        """One cell."""
        value = column.of(row)
        url = column.url(row) if column.url and value not in (None, "") else ""
        css = getattr(value, "css", "") if column.kind == "text" else ""
        if column.numeric and isinstance(value, Decimal | int):
            css = "" if value > 0 else "neg" if value < 0 else "zero"
        return Cell(column, value, self.text(column, value, row), url, css, _beside(column, row))

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
        return plain_text(value)

    def totals(self, rows: Iterable[Any]) -> list[str] | None:
        """The sum of each column that has one; quantities of different units are never added. Reads the rows once."""
        summed = [column for column in self.columns if column.total]
        sums: dict[str, Sums] = {column.key: {} for column in summed}
        for row in rows:
            for column in summed:
                of = sums[column.key]
                unit = str(resolve(row, column.unit) or "") if column.unit else ""
                before, first = of.get(unit, (Decimal(0), row))
                of[unit] = before + Decimal(column.of(row) or 0), first
        if not any(sums.values()):
            return None
        return [
            self._summed(column, sums[column.key]) if column.total else ""
            for column in self.columns
        ]

    def _summed(self, column: Column, sums: Sums) -> str:
        if len(sums) > 2:
            return ngettext("%(n)d unit", "%(n)d units", len(sums)) % {"n": len(sums)}
        texts = [
            f"{self.text(column, value, row)} {unit if len(sums) > 1 else ''}".rstrip()
            for unit, (value, row) in sorted(sums.items())
        ]
        return " · ".join(texts)


def _order(rows: QuerySet[Any], column: Column, down: bool) -> Any:
    """Empty values last, on every engine and in both directions."""
    name = column.sort or column.key
    try:
        if not rows.model._meta.get_field(name).null:
            return f"-{name}" if down else name
    except (FieldDoesNotExist, AttributeError):
        pass
    return F(name).desc(nulls_last=True) if down else F(name).asc(nulls_last=True)


def _beside(column: Column, row: Any) -> str:
    """What a phone says after a cell."""
    if not column.beside:
        return ""
    value = column.beside(row) if callable(column.beside) else resolve(row, column.beside)
    return "" if value is None else plain_text(value)


def plain_text(value: Any) -> str:
    """A value that is no figure, as a person reads it."""
    if isinstance(value, datetime):
        return ui.moment(value)
    if isinstance(value, date):
        return ui.day(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def respond(
    request: HttpRequest,
    table: Table,
    *,
    template: str = "components/list.html",
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """The list as a page, as the fragment htmx asked for, or as a file (``?export=csv|xlsx``).

    A POST does something with rows that were chosen, where the list declares what.
    """
    view = View(table, request)
    if request.method == "POST":
        return choosing.answer(view)
    view.remember_columns()
    export = request.GET.get("export", "")
    if export in exports.KINDS:
        return exports.answer(view, export)
    page = {
        "view": view,
        "table": table,
        "page": view.page(),
        "heads": view.heads(),
        **(context or {}),
    }
    htmx = getattr(request, "htmx", None)
    fragment = htmx and htmx.target == "list" and not htmx.history_restore_request
    response: HttpResponse = render(
        request, "components/_list.html" if fragment else template, page
    )
    patch_vary_headers(response, ["HX-Request"])
    return response
