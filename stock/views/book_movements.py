"""The movements book, one posting with its lines, and the movements that explain a number."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from core import tables
from core.tables import COUNT_CAP, Column, Filter, Table
from people.doors import needs
from people.models import User
from stock import movement_types
from stock.models import Item, Lot, Partner, Place, Posting
from stock.models.reasons import Reason
from stock.queries.explain import Explanation, Part, explain
from stock.queries.movements import (
    MovementFilter,
    MovementRow,
    Page,
    movements,
    read_page,
    seen_by,
)
from stock.search_keys import search
from stock.views.book import Question, item_url, kind_of, other_end


class BookRows:
    """The movements of a filter as the list framework wants them: counted up to a limit, read in pages."""

    def __init__(self, question: Question, where: MovementFilter) -> None:
        self.question = question
        self.where = where
        self.rows = seen_by(question.sight, where)

    def __len__(self) -> int:
        return self.rows.order_by()[:COUNT_CAP].count()

    def __getitem__(self, part: slice) -> list[MovementRow]:
        ordered = self.rows.order_by("-effective_at", "-id")
        ids = list(ordered.values_list("pk", flat=True)[part])
        chosen = self.rows.model.objects.filter(pk__in=ids)
        return read_page(self.question.whole, chosen, limit=None).rows

    def __iter__(self) -> Iterator[MovementRow]:
        """All of them, for an export: page by page from where the last one ended."""
        page: Page | None = None
        while page is None or page.following is not None:
            cursor = page.following if page else None
            page = read_page(self.question.whole, self.rows, cursor=cursor, limit=2_000)
            yield from page.rows


@require_safe
@needs("stock.view")
def movement_list(request: HttpRequest) -> HttpResponseBase:
    """The book, newest first."""
    question = Question(request)
    table = Table(
        name="movements",
        title=_("Movements"),
        columns=movement_columns(),
        rows=BookRows(question, _wanted(question)),
        filters=_filters(question),
        search=lambda rows, _text: rows,
        may=question.may,
        empty=_("Nothing has moved yet."),
        key=lambda row: row.id,
        live="book",
    )
    context = {"limits": _limits(question), "question": question}
    return tables.respond(request, table, template="stock/book/movements.html", context=context)


def _wanted(question: Question) -> MovementFilter:
    kinds = [kind for kind in question.parameters.getlist("type") if kind in movement_types.BY_CODE]
    direction = question.parameters.get("direction", "")
    if direction:
        kinds = [kind.code for kind in movement_types.MOVEMENT_TYPES if kind.direction == direction]
    text = question.parameters.get("q", "").strip()
    items = question.ids("item")
    document = question.parameters.get("document", "").strip()
    if text:
        if Posting.objects.filter(document=text).exists():
            document = text
        else:
            items = list(search(Item.objects.all(), text).values_list("pk", flat=True)[:500])
    return MovementFilter(
        items=items,
        lots=question.ids("lot"),
        types=kinds or None,
        warehouses=question.warehouses,
        places=question.ids("place"),
        partners=question.ids("partner"),
        actors=question.ids("actor"),
        document=document,
        start=question.start(),
        end=question.after(),
    )


def _same(rows: Any, _value: str) -> Any:
    """For filters that the query itself applies."""
    return rows


def _filters(question: Question) -> list[Filter]:
    directions = [
        ("in", _("in")),
        ("out", _("out")),
        ("move", _("move")),
        ("adjust", _("adjust")),
        ("scrap", _("scrap")),
    ]
    return [
        Filter("from", _("From"), _same, kind="date"),
        Filter("to", _("To"), _same, kind="date"),
        Filter("direction", _("Direction"), _same, lambda: directions),
        Filter("type", _("Type"), _same, lambda: movement_types.CHOICES),
        Filter("warehouse", _("Warehouse"), _same, question.warehouse_choices),
        Filter(
            "partner",
            _("Partner"),
            _same,
            lambda: [
                (str(pk), name)
                for pk, name in Partner.objects.exclude(pk=0).values_list("pk", "name")[:200]
            ],
        ),
        Filter(
            "actor",
            _("Posted by"),
            _same,
            lambda: [(str(pk), name) for pk, name in User.objects.values_list("pk", "name")[:200]],
        ),
    ]


def _limits(question: Question) -> list[tuple[str, str]]:
    """What else the address limits the list to, in words."""
    words: list[tuple[str, str]] = []
    for name, model in (("item", Item), ("lot", Lot), ("place", Place)):
        for pk in question.numbers(name):
            found = model.objects.filter(pk=pk).first()
            if found is None or (
                isinstance(found, Place) and found.warehouse_id not in question.whole.warehouses
            ):
                continue
            words.append((name, str(found)))
    if document := question.parameters.get("document", ""):
        words.append(("document", document))
    return words


def posting_url(row: MovementRow) -> str:
    """The page of the posting that a movement belongs to."""
    return reverse("stock:posting", args=[row.posting])


def movement_columns() -> list[Column]:
    """The columns of the book."""
    return [
        Column("effective_at", _("Happened"), kind="datetime"),
        Column(
            "document",
            _("Document"),
            lambda row: row.document or f"#{row.posting}",
            kind="code",
            card="m",
            url=posting_url,
        ),
        Column("type", _("Type"), Kind, kind="direction", card="t"),
        Column("item", _("Item"), "item.code", kind="code", url=lambda row: item_url(row.item.id)),
        Column("name", _("Name"), "item.name", card="s", beside="effective_at"),
        Column("lot", _("Lot"), "lot.number", kind="code"),
        Column("quantity", _("Quantity"), kind="quantity", card="n", beside="item.unit"),
        Column("unit", _("Unit"), "item.unit"),
        Column("source", pgettext("place", "From"), lambda row: other_end(row, "source")),
        Column("target", pgettext("place", "To"), lambda row: other_end(row, "target")),
        Column("unit_cost", _("Unit cost"), kind="unit_cost", right="cost.view", optional=True),
        Column("value", _("Value"), kind="money", right="cost.view", total=True),
        Column("recorded_at", _("Recorded"), kind="datetime", optional=True),
        Column("cost_object", _("Cost object"), kind="code", optional=True),
        Column("why", _("Why"), optional=True),
        Column("actor", _("Posted by")),
    ]


class Kind:
    """A movement's type in a cell: icon and colour by direction, and its word also in files."""

    def __init__(self, row: MovementRow) -> None:
        kind = kind_of(row)
        self.direction = kind.direction
        self.label = f"{kind.label} · {_('reversal')}" if row.reversal else str(kind.label)

    def __str__(self) -> str:
        return self.label


@require_safe
@needs("stock.view")
def posting_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One posting: who, when, why, what it moved, and what reversed it."""
    question = Question(request)
    posting = Posting.objects.select_related("actor", "company").filter(pk=pk).first()
    if posting is None:
        raise Http404
    page = movements(question.access, MovementFilter(posting=pk), newest_first=False, limit=None)
    if not page.rows:
        raise Http404
    rows = sorted(page.rows, key=lambda row: row.line)
    reasons = {reason.code: str(reason) for reason in Reason.objects.all()}
    context = {
        "posting": posting,
        "lines": [
            (
                row,
                Kind(row),
                other_end(row, "source"),
                other_end(row, "target"),
                reasons.get(row.reason, row.reason),
            )
            for row in rows
        ],
        "shows_cost": question.whole.shows_cost and any(row.value is not None for row in rows),
        "value": sum(row.value for row in rows if row.value is not None),
        "reversed_by": list(posting.reversals.values_list("pk", "document")),
        "seal": getattr(getattr(posting, "sealed", None), "seal_id", None),
        "question": question,
    }
    return render(request, "stock/book/posting.html", context)


@require_safe
@needs("stock.view")
def explain_page(request: HttpRequest) -> HttpResponseBase:
    """The movements whose signed sum is the number asked about."""
    question = Question(request)
    number = question.number("item")
    item = Item.objects.select_related("base_unit").filter(pk=number).first() if number else None
    if item is None:
        raise Http404
    at = question.at()
    answer = explain(
        question.access,
        item.pk,
        lots=question.ids("lot"),
        places=question.ids("place"),
        warehouses=question.warehouses,
        at=at,
        limit=None if question.parameters.get("export") else 1_000,
    )
    if question.parameters.get("export"):
        return tables.respond(request, _parts_table(question, item, answer))
    came = sum(part.change for part in answer.parts if part.change > 0)
    went = -sum(part.change for part in answer.parts if part.change < 0)
    context = {
        "item": item,
        "answer": answer,
        "at": at,
        "came": came,
        "went": went,
        "parts": [
            (
                part,
                Kind(part.movement),
                other_end(part.movement, "source"),
                other_end(part.movement, "target"),
            )
            for part in answer.parts
        ],
        "agrees": answer.following is None and came - went == answer.on_hand,
        "shows_cost": question.sight.shows_cost,
        "limits": [limit for limit in _limits(question) if limit[0] != "item"],
        "chosen": [question.whole.warehouses[pk].name for pk in question.warehouses or ()],
        "decimals": item.base_unit.decimals,
        "question": question,
    }
    return render(request, "stock/book/explain.html", context)


def _parts_table(question: Question, item: Item, answer: Explanation) -> Table:
    """The parts as a list, for their export."""
    columns = [
        Column("change", _("Change"), kind="quantity"),
        *(
            Column(
                column.key,
                column.label,
                partial(_of_movement, column=column),
                kind=column.kind,
                right=column.right,
            )
            for column in movement_columns()
        ),
    ]
    return Table(f"explain-{item.code}", _("Explanation"), columns, answer.parts, may=question.may)


def _of_movement(part: Part, *, column: Column) -> Any:
    return column.of(part.movement)
