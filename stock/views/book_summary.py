"""The period summary (收发存汇总): every figure opens the movements that make it."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import exports, tables
from core.tables import Column, Table
from people.doors import needs
from stock import movement_types
from stock.models import Category, Item
from stock.queries import codes
from stock.queries.summary import Summary, SummaryRow, by_warehouse, group_rows, summary
from stock.search_keys import search
from stock.views.book import Question, explain_url, item_url

ROWS = 200
GROUPS = (
    ("opening", "opening", ""),
    ("in", "into", "in"),
    ("out", "out", "out"),
    ("closing", "closing", ""),
)


@require_safe
@needs("stock.view")
def summary_page(request: HttpRequest) -> HttpResponseBase:
    """Opening, in, out and closing of a month or any stretch of days."""
    question = Question(request)
    start, end = _stretch(question)
    by = question.parameters.get("by") or "item"
    by = by if by in {"item", "category", "warehouse"} else "item"
    category = question.number("category")
    text = question.parameters.get("q", "").strip()
    given: dict[str, Any] = {
        "start": start,
        "end": end,
        "warehouses": question.warehouses,
        "items": list(search(Item.objects.all(), text).values_list("pk", flat=True))
        if text
        else None,
        "categories": codes.with_children(category) if category else None,
        "types": bool(question.parameters.get("types")),
    }
    if by == "warehouse":
        answer = by_warehouse(question.access, **given)
    else:
        answer = summary(question.access, by=by, **given)
    export = question.parameters.get("export", "")
    if export in {"csv", "xlsx"}:
        return exports.file(tables.View(_table(question, answer, by), request), export)  # type: ignore[return-value]
    page = Paginator(answer.rows, ROWS).get_page(question.parameters.get("page"))
    context = {
        "answer": answer,
        "question": question,
        "by": by,
        "types": [movement_types.BY_CODE[code] for code in answer.types],
        "groups": _groups(question, answer, list(page.object_list), by),
        "total": _cells(question, answer, answer.total),
        "page": page,
        "months": _months(question),
        "categories": Category.objects.filter(archived_at=None),
        "text": text,
        "category": category,
        "heads": [(_("Opening"), ""), (_("In"), "in"), (_("Out"), "out"), (_("Closing"), "")],
        "units": {row.item.unit for row in answer.rows if row.item},
    }
    return render(request, "stock/book/summary.html", context)


def _stretch(question: Question) -> tuple[date, date]:
    """The days asked for; the current month up to today unless said otherwise."""
    today = timezone.localdate(timezone=question.zone)
    start, end = question.day("from"), question.day("to")
    end = end or today
    start = start or min(end.replace(day=1), end)
    return (start, end) if start <= end else (end, start)


def _months(question: Question) -> list[dict[str, Any]]:
    """Links to this month and the ones before."""
    today = timezone.localdate(timezone=question.zone)
    first = today.replace(day=1)
    found = []
    for _n in range(4):
        last = min((first + timedelta(days=32)).replace(day=1) - timedelta(days=1), today)
        found.append(
            {"label": first.strftime("%Y-%m"), "from": first.isoformat(), "to": last.isoformat()}
        )
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _groups(
    question: Question, answer: Summary, rows: list[SummaryRow], by: str
) -> list[dict[str, Any]]:
    """The rows of the page below the subtotal of their category."""
    if by != "item":
        return [{"head": None, "rows": [(row, _cells(question, answer, row)) for row in rows]}]
    subtotals = {head.category: head for head, _rows in group_rows(answer.rows)}
    shown: dict[str, list[SummaryRow]] = {}
    for row in rows:
        shown.setdefault(row.category, []).append(row)
    return [
        {
            "head": subtotals[name],
            "head_cells": _cells(question, answer, subtotals[name]),
            "rows": [(row, _cells(question, answer, row)) for row in group],
        }
        for name, group in shown.items()
    ]


def _cells(question: Question, answer: Summary, row: SummaryRow) -> list[dict[str, Any]]:
    """The figures of a row with where they lead."""
    cells = []
    for name, attribute, _css in GROUPS:
        cells.append(
            {
                "name": name,
                "quantity": row.number("quantity", attribute),
                "value": row.number("value", attribute),
                "url": _url(question, answer, row, name),
                "types": _by_type(answer, row, name) if name in {"in", "out"} else [],
            }
        )
    return cells


def _url(question: Question, answer: Summary, row: SummaryRow, name: str) -> str:
    if row.item is None:
        return _narrowed(question, answer, row)
    warehouse = question.number("warehouse")
    if name == "opening":
        before = answer.start - timedelta(days=1)
        return explain_url(item=row.item.id, at=before.isoformat(), warehouse=warehouse)
    if name == "closing":
        return explain_url(item=row.item.id, at=answer.end.isoformat(), warehouse=warehouse)
    return item_url(
        row.item.id,
        **{"view": "table", "from": answer.start.isoformat(), "to": answer.end.isoformat()},
        warehouse=warehouse,
    )


def _narrowed(question: Question, answer: Summary, row: SummaryRow) -> str:
    """The items behind the row of a warehouse; categories open by their own subtotal."""
    if not answer.warehouses or row not in answer.rows:
        return ""
    parameters = question.parameters.copy()
    parameters.pop("by", None)
    parameters["warehouse"] = str(answer.warehouses[answer.rows.index(row)])
    return f"?{parameters.urlencode()}"


def _by_type(answer: Summary, row: SummaryRow, name: str) -> list[Any]:
    """(word, quantity, value) of each type that has any."""
    found = []
    for code in answer.types:
        quantity, value = (row.flow(code, kind, name) for kind in ("quantity", "value"))
        if quantity or value:
            found.append((str(movement_types.BY_CODE[code].label), quantity, value))
    return found


def _table(question: Question, answer: Summary, by: str) -> Table:
    """The same figures as a flat list, for the file."""
    columns = [Column("category", _("Warehouse") if by == "warehouse" else _("Category"))]
    if by == "item":
        columns += [
            Column("item", _("Item"), "item.code", kind="code"),
            Column("name", _("Name"), "item.name"),
            Column("unit", _("Unit"), "item.unit"),
        ]
    words = {"opening": _("Opening"), "in": _("In"), "out": _("Out"), "closing": _("Closing")}
    for name, attribute, _css in GROUPS:
        columns.append(
            Column(
                f"{name}_quantity",
                _("%(column)s, quantity") % {"column": words[name]},
                partial(_number, kind="quantity", name=attribute),
                kind="quantity",
            )
        )
        if answer.shows_value:
            columns.append(
                Column(
                    f"{name}_value",
                    _("%(column)s, value") % {"column": words[name]},
                    partial(_number, kind="value", name=attribute),
                    kind="money",
                )
            )
        if name in {"in", "out"}:
            columns += _type_columns(answer, words[name], name)
    name = f"summary-{answer.start.isoformat()}-{answer.end.isoformat()}"
    return Table(name, _("Period summary"), columns, answer.rows, may=question.may)


def _type_columns(answer: Summary, word: str, side: str) -> list[Column]:
    """Quantity and value of each movement type (收发类别) that came or went."""
    kinds = [("quantity", _("quantity"), "quantity"), ("value", _("value"), "money")]
    kinds = kinds if answer.shows_value else kinds[:1]
    return [
        Column(
            f"{side}_{code}_{kind}",
            f"{word} · {movement_types.BY_CODE[code].label}, {label}",
            partial(_flow, code=code, kind=kind, side=side),
            kind=shown,
        )
        for code in answer.types
        if any(getattr(row.by_type.get(code), f"quantity_{side}", 0) for row in answer.rows)
        or any(getattr(row.by_type.get(code), f"value_{side}", 0) for row in answer.rows)
        for kind, label, shown in kinds
    ]


def _flow(row: SummaryRow, *, code: str, kind: str, side: str) -> Decimal | None:
    return row.flow(code, kind, side)


def _number(row: SummaryRow, *, kind: str, name: str) -> Decimal | None:
    return row.number(kind, name)
