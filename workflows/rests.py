"""What was approved and not carried out: a linked rest document that keeps the approvals, or nothing."""

import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q

from stock.models import Movement
from workflows import amounts, content, saving, states
from workflows.document_types import DocumentType
from workflows.models import Document, Editor, Line, OrderLine, StepRun
from workflows.move import Move, input_hash

_COPIED = (
    "company", "type", "process", "asker", "department", "partner", "warehouse",
    "target_warehouse", "reason", "cost_object", "reference", "wanted_on", "currency", "rate",
    "note", "custom", "source", "content_version",
)  # fmt: skip
_LINE = (
    "item", "unit", "numerator", "denominator", "side", "source", "target", "lot", "lot_number",
    "manufactured_on", "expires_on", "target_lot_number", "price", "price_with_tax", "tax_rate",
    "original", "source_line", "reservation", "reason", "note", "custom",
)  # fmt: skip


def leave(move: Move) -> None:
    """After posting: make the rest document of what was not carried out, if the process wants one."""
    closes = move.verb in {"complete", "post"} and (
        move.data.get("settle") or move.data.get("close_rest")
    )
    if move.options.rest != "document" or closes:
        return
    short = [
        (line, left)
        for line in move.lines
        if line.actual is not None and (left := amounts.planned(line) - line.actual) > 0
    ]
    if not short:
        return
    rest = _copy(move, short)
    side = Move(rest, None, move.access, "rest", move.now, door=move.door)
    rest.content_hash = content.hashed(rest, side.lines)
    _keep_approvals(move, side)
    side.log("create", data={"rest_of": str(move.document)})
    from workflows import route  # route asks posting, posting leaves rests

    route.advance(side, strict=False)
    saving.save(side)
    move.log("rest", data={"rest": str(rest.key), "number": rest.number})
    move.result["rest"] = rest.pk


def _copy(move: Move, short: list[tuple[Line, Decimal]]) -> Document:
    old = move.document
    rest = Document.objects.create(
        key=uuid.uuid4(),
        rest_of=old,
        door=old.door,
        created_at=move.now,
        changed_at=move.now,
        submitted_at=move.now,
        amount=0,
        **{name: getattr(old, name) for name in _COPIED},
    )
    for editor in old.editors.all():
        Editor.objects.create(document=rest, user=editor.user)
    for position, (line, left) in enumerate(short, 1):
        Line.objects.create(
            document=rest,
            position=position,
            requested=left,
            confirmed=None if line.confirmed is None else left,
            **{name: getattr(line, name) for name in _LINE},
        )
    return rest


def _keep_approvals(move: Move, side: Move) -> None:
    """What was approved for the whole holds for the part: those steps pass, and say so."""
    rest = side.document
    rest.amount = side.facts["amount"]
    for step in move.steps:
        if step.kind not in {"approve", "confirm"}:
            continue
        StepRun.objects.create(
            document=rest,
            content_version=rest.content_version,
            step=step.key,
            name_en=step.name_en,
            name_zh=step.name_zh,
            kind=step.kind,
            entered_at=move.now,
            left_at=move.now,
            outcome=StepRun.Outcome.AUTO,
            input_hash=input_hash(step, side),
            trace=[{"rest_of": move.document.number}],
        )


def gone(postings: Sequence[int | None]) -> set[str]:
    """Keys of the lines of these postings whose movements were reversed."""
    rows = Movement.objects.filter(posting_id__in=[pk or 0 for pk in postings])
    return set(rows.filter(successors__reversal=True).values_list("line_key", flat=True))


def remaining(document: Document, kind: DocumentType, asker: int | None) -> dict[int, Decimal]:
    """Line → what of a posted document can still be used by one of ``kind``, in the line's unit.

    Taken off is what was reversed, and what lines of living documents of the same use ask for; of drafts
    only those of ``asker``, for others are looked at when they are submitted.
    """
    left = balance(document, kind, asker)
    return {line: max(quantity, Decimal(0)) for line, quantity in left.items()}


def balance(
    document: Document, kind: DocumentType, asker: int | None, *, without: int = 0
) -> dict[int, Decimal]:
    """Line → what is left of it in the line's unit; below zero where more is asked for than there was.

    ``without`` is a document whose own lines are not taken off.
    """
    undone = gone([document.posting_id])
    users = using(document, kind, asker, without=without)
    ordered = _ordered(document, kind) if document.kind.orders else None
    left: dict[int, Decimal] = {}
    for line in document.lines.all():
        whole = Decimal(0) if str(line.key) in undone else amounts.done(line)
        if ordered is not None:
            whole = ordered.get(line.pk, Decimal(0))
        left[line.pk] = whole - sum(
            (taken(made, line) for made in users.get(line.pk, ())), Decimal(0)
        )
    return left


def sides(order: Document, kind: DocumentType) -> list[Line]:
    """The lines of an order that documents of ``kind`` deliver: of a production order what goes in or comes out."""
    side = _SIDES.get(kind.code, "")
    return [line for line in order.lines.all() if not side or line.side == side]


_SIDES = {"production_issue": Line.Side.INPUT, "production_receipt": Line.Side.OUTPUT}


def _ordered(order: Document, kind: DocumentType) -> dict[int, Decimal]:
    """Line → what is ordered and not closed short, in the line's unit."""
    mine = {line.pk: line for line in sides(order, kind)}
    rows = OrderLine.objects.filter(document=order, line__in=list(mine))
    return {
        row.line_id: (row.ordered - row.closed)
        * mine[row.line_id].denominator
        / mine[row.line_id].numerator
        for row in rows
    }


def using(
    document: Document, kind: DocumentType, asker: int | None, *, without: int = 0
) -> dict[int, list[Line]]:
    """Line → the lines that use it up for ``kind``: living, of the same use, drafts of ``asker`` alone."""
    if not kind.use:
        return {}
    rows = (
        Line.objects.filter(source_line__document=document)
        .exclude(document__state__in=states.FINAL)
        .exclude(document=without)
        .select_related("document", "unit")
    )
    rows = rows.filter(~Q(document__state__in=states.UNSENT) | Q(document__asker=asker))
    found = [line for line in rows if line.document.kind.use == kind.use]
    undone = gone([line.document.posting_id for line in found])
    users: dict[int, list[Line]] = {}
    for line in found:
        if str(line.key) not in undone:
            users.setdefault(line.source_line_id or 0, []).append(line)
    return users


def taken(made: Line, line: Line) -> Decimal:
    """What a line takes of the line it was made from, in that one's unit."""
    used = amounts.done(made)
    if made.unit_id == line.unit_id:
        return used
    return amounts.base(made, used) * line.denominator / line.numerator
