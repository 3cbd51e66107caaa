"""The lines of a document as its page shows them: planned and done, stock before → after, cost; only reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from core.templatetags import ui
from people.access import Access
from people.models import User
from stock.models import Movement
from stock.queries.sight import see
from workflows import amounts, states, stock_changes
from workflows.models import Document, Line
from workflows.previewing import Preview
from workflows.stock_changes import Change

PAGE = 100
Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line; what differs from what was asked for is shown struck through beside what is."""

    line: Line
    planned: Decimal
    done: Decimal
    stock: Change | None
    cost: Decimal | None
    reversed: bool = False

    @property
    def differs(self) -> bool:
        """Whether something else was done (or promised) than asked for."""
        return self.done != self.line.requested

    @property
    def amount(self) -> Decimal | None:
        """What it is asked for at, without tax, in the document's currency; None without a price."""
        places = self.line.document.company.currency_places
        return amounts.net_value(self.line, self.done, Decimal(1), places)

    @property
    def accepted(self) -> Decimal | None:
        """What came and was taken in; None until it is counted."""
        return None if self.line.actual is None else self.line.actual - (self.line.rejected or 0)


def seen_places(document: Document, actor: User, access: Access) -> set[int]:
    """Warehouses whose stock may be shown: those one sees, and that of a document one is asked about."""
    seen = set(see(access).warehouses)
    if document.warehouse_id and document.tasks.filter(user=actor).exists():
        seen.add(document.warehouse_id)
    return seen


def stock_of_preview(preview: Preview, seen: set[int]) -> dict[Key, Change]:
    """What the preview says of places one may see."""
    return {
        (row.item.pk, row.lot_id, row.place.pk): Change(row.before, row.after)
        for row in preview.stock
        if row.place.warehouse_id in seen
    }


def stock_of_posting(document: Document, seen: set[int]) -> dict[Key, Change]:
    """What stock was before it was posted and right after."""
    from stock.models import Place

    event = document.events.filter(verb="post").last()
    rows = event.data.get("stock", []) if event is not None else []
    houses = dict(
        Place.objects.filter(pk__in={row[2] for row in rows}).values_list("pk", "warehouse_id")
    )
    return {
        (row[0], row[1], row[2]): Change(Decimal(row[3]), Decimal(row[4]))
        for row in rows
        if houses.get(row[2]) in seen
    }


def costs(document: Document) -> dict[str, Decimal]:
    """Line key → what its movements were worth."""
    rows = Movement.objects.filter(posting_id=document.posting_id or 0).exclude(type="settlement")
    return dict(rows.values_list("line_key").annotate(total=Sum("value")))


def reversed_lines(document: Document) -> set[str]:
    """Keys of lines whose movements were reversed."""
    rows = Movement.objects.filter(posting_id=document.posting_id or 0, successors__reversal=True)
    return set(rows.values_list("line_key", flat=True))


def unpicked(document: Document, lines: Iterable[Line], access: Access) -> dict[int, Change]:
    """Stock of the whole warehouse for lines whose place is still to be picked."""
    if document.posting_id is not None or not document.kind.picks:
        return {}
    open_ = [line for line in lines if line.source_id is None and line.actual is None]
    return stock_changes.stock_of(document, open_, access) if open_ else {}


def rows(
    lines: Iterable[Line],
    stock: Mapping[Key, Change],
    cost: Mapping[str, Decimal],
    undone: set[str],
    unpicked: Mapping[int, Change] | None = None,
) -> list[LineRow]:
    """Lines with what belongs to them; ``unpicked`` is the stock of lines that have no place yet."""
    whole = unpicked or {}
    return [
        LineRow(
            line,
            amounts.planned(line),
            amounts.done(line),
            whole.get(line.pk) or _of_line(line, stock),
            cost.get(str(line.key)),
            str(line.key) in undone,
        )
        for line in lines
    ]


def _of_line(line: Line, stock: Mapping[Key, Change]) -> Change | None:
    """The line's own place where it names one, else all places of its item (and lot)."""
    mine = [
        (key, change)
        for key, change in stock.items()
        if key[0] == line.item_id and (not line.lot_id or key[1] == line.lot_id)
    ]
    chosen = [one for one in mine if one[0][2] in (line.source_id, line.target_id)]
    taken = [one for one in chosen if one[0][2] == line.source_id] or chosen or mine
    if not taken:
        return None
    return Change(
        sum((change.before for _key, change in taken), Decimal(0)),
        sum((change.after for _key, change in taken), Decimal(0)),
    )


def totals(shown: Sequence[LineRow]) -> str:
    """The sum of what is (to be) moved per unit, in words."""
    sums: dict[str, Decimal] = {}
    for row in shown:
        sums[row.line.unit.code] = sums.get(row.line.unit.code, Decimal(0)) + row.done
    return " · ".join(f"{ui.quantity(number)} {unit}" for unit, number in sums.items() if number)


def editable(document: Document) -> bool:
    """Whether the asker's content may still be changed."""
    return document.state in states.EDITABLE
