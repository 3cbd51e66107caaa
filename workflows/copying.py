"""Drafts made from documents: the same once more, or another type with what remains of it.

A draft never touches stock (see ``workflows.drafting``, which writes it from here on).
"""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.fields import plain
from core.numbers import QUANTITY_PLACES
from people.access import Access
from people.models import User
from stock.models import Movement, Place
from workflows import (
    amounts,
    document_types,
    door,
    drafting,
    moment,
    queries,
    reading,
    rests,
    saving,
    sight,
    states,
)
from workflows.document_types import DocumentType
from workflows.errors import DocumentRefused, DocumentUnknown, WrongState
from workflows.models import Document, Editor, Line

_COPIED = (
    "company", "type", "department", "partner", "warehouse", "target_warehouse", "reason",
    "cost_object", "reference", "wanted_on", "currency", "rate", "note", "custom", "source",
)  # fmt: skip
_COPIED_OF_LINE = (
    "position", "item", "unit", "numerator", "denominator", "requested", "side", "source", "target",
    "lot", "lot_number", "manufactured_on", "expires_on", "target_lot_number", "price",
    "price_with_tax", "tax_rate", "value", "original", "reason", "note", "custom",
)  # fmt: skip


@transaction.atomic
def copy(
    document: Document,
    *,
    actor: User,
    access: Access,
    replaces: bool = False,
    only: Sequence[Line] | None = None,
    key: str = "",
    door_name: str = "form",
) -> Document:
    """A draft with the same content, asked for by ``actor``; the same ``key`` makes one copy.

    What ``replaces`` a reversed document asks for what was moved, not for a rest that was left, and of its
    ``only`` lines alone. Prices that the actor may not see are left out.
    """
    scope = document.warehouse.scope_id if document.warehouse else None
    drafting.check_maker(document.kind, "")
    access.require("document.ask", scope)
    sight.require_value(document.kind, access, scope)
    known = drafting.made_before(key, document.type, actor)
    if known is not None:
        return known
    now = moment.now()
    made = Document.objects.create(
        **{name: getattr(document, name) for name in _COPIED},
        key=reading.read_key(key) if key else uuid.uuid4(),
        asker=actor,
        replaces=document if replaces else None,
        door=door_name,
        created_at=now,
        changed_at=now,
    )
    Editor.objects.create(document=made, user=actor)
    names: tuple[str, ...] = _COPIED_OF_LINE
    if replaces or document.state == states.VOID:
        names += ("source_line",)
    if not (access.may("cost.view", scope) or sight.sees_money(document, access, actor)):
        names = tuple(name for name in names if name not in sight.PRICES)
    for line in document.lines.all() if only is None else only:
        values = {name: getattr(line, name) for name in names}
        if replaces:
            values["requested"] = amounts.done(line)
            if document.kind.shape != "value" and not values["requested"]:
                continue
        Line.objects.create(document=made, **values)
    move = drafting.new_move(made, actor, access, "create", door_name)
    move.log("create", data={"copy_of": str(document)})
    saving.save(move)
    return made


@transaction.atomic
def make_from(
    source_id: int,
    type_code: str,
    *,
    actor: User,
    access: Access,
    lines: Mapping[str, Any] | None = None,
    door_name: str = "form",
    key: str = "",
) -> Document:
    """A draft of another type with what remains of a document's lines (or of those named, key → quantity).

    The same ``key`` makes one document. Prices are taken along for those who may see costs there; those of an
    order always, for whoever sees them on the order (workflows.sight).
    """
    made_before = drafting.made_before(key, type_code, actor)
    if made_before is not None:
        return made_before
    source = door.lock(source_id)
    if source is None or not queries.may_see(actor, source, access):
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    kind = document_types.BY_CODE.get(type_code)
    if kind is None or source.type not in kind.made_from:
        raise DocumentRefused(
            _("%(type)s cannot be made from this document.")
            % {"type": document_types.label(type_code)},
            code="made_from",
        )
    if source.state == states.REVERSED:
        raise WrongState(_("%s was reversed.") % source)
    if source.kind.orders and source.state != states.IN_EXECUTION:
        raise WrongState(_("%s is not open.") % source)
    if source.state != states.POSTED and not source.kind.orders:
        raise WrongState(_("%s is not posted yet.") % source)
    warehouse = source.target_warehouse if type_code == "transfer_in" else source.warehouse
    scope = warehouse.scope_id if warehouse else None
    access.require("document.ask", scope)
    sight.require_value(kind, access, scope)
    now = moment.now()
    made = Document.objects.create(
        key=reading.read_key(key) if key else uuid.uuid4(),
        company=source.company,
        type=type_code,
        asker=actor,
        department=source.department or actor.department,
        partner=source.partner,
        warehouse=warehouse,
        cost_object=_cost_object(source),
        reference=source.number or "",
        wanted_on=source.wanted_on if source.kind.orders else None,
        currency=source.currency,
        rate=source.rate,
        source=source,
        door=door_name,
        created_at=now,
        changed_at=now,
    )
    Editor.objects.create(document=made, user=actor)
    priced = access.may("cost.view", scope) or source.kind.orders
    if not lines_from(source, made, lines, priced=priced):
        raise DocumentRefused(_("Nothing is left of %s.") % source, code="nothing_left")
    move = drafting.new_move(made, actor, access, "create", door_name)
    move.log("create", data={"made_from": str(source)})
    saving.save(move)
    return made


def lines_from(
    source: Document, made: Document, wanted: Mapping[str, Any] | None, *, priced: bool
) -> int:
    """Lines with what remains; each names the movement it returns, or the order line. Returns how many."""
    left = rests.remaining(source, made.kind, made.asker_id)
    users = rests.using(source, made.kind, made.asker_id, without=made.pk)
    moved: dict[str, list[Movement]] = {}
    rows = Movement.objects.filter(posting_id=source.posting_id or 0).exclude(type="settlement")
    for row in rows.select_related("target").order_by("line"):
        moved.setdefault(row.line_key, []).append(row)
    position = 0
    delivered = {one.pk for one in rests.sides(source, made.kind)} if source.kind.orders else set()
    for line in source.lines.select_related("item", "unit"):
        quantity = left[line.pk]
        if wanted is not None:
            asked = reading.read_number(wanted.get(str(line.key)), QUANTITY_PLACES) or Decimal(0)
            if asked > quantity:
                raise DocumentRefused(
                    _("Only %(left)s are left of %(source)s.")
                    % {"left": plain(quantity), "source": source},
                    code="over_remaining",
                )
            quantity = asked
        whole = moved.get(str(line.key), [])
        movements = [row for row in whole if _leaves_from(made.kind, row)]
        if whole and not movements:
            continue
        if source.kind.orders and line.pk not in delivered:
            continue
        some = len(movements) < len(whole)
        taken = users.get(line.pk, [])
        for original, part in _parts(made, line, quantity, movements, taken, some=some):
            position += 1
            made_line = _line_from(made, line, position, part, original)
            if not priced:
                made_line.price = made_line.tax_rate = None
            made_line.save()
    return position


def _parts(
    made: Document,
    line: Line,
    quantity: Decimal,
    movements: Sequence[Movement],
    users: Sequence[Line],
    *,
    some: bool,
) -> list[tuple[Movement | None, Decimal]]:
    """What of the quantity is taken of which movement: what was rejected lies elsewhere than the rest.

    ``some``: the line moved more, to places that this kind of document does not take goods from.
    """
    if quantity <= 0:
        return []
    kind = made.kind
    one = len(movements) < 2 and not some
    if one or kind.shape == "value" or not (kind.returns or kind.source.chosen):
        return [(movements[0] if movements else None, quantity)]
    parts: list[tuple[Movement | None, Decimal]] = []
    for movement in movements:
        there = movement.quantity * line.denominator / line.numerator
        for user in users:
            same = user.original_id == movement.pk if user.original_id else None
            if user.source_id == movement.target_id if same is None else same:
                there -= rests.taken(user, line)
        part = min(there, quantity)
        if part > 0:
            parts.append((movement, part))
            quantity -= part
    return parts


def _leaves_from(kind: DocumentType, movement: Movement) -> bool:
    """Whether the goods lie where documents of the kind take them: what is released lies in quarantine."""
    if kind.returns or kind.shape == "value" or not kind.source.chosen:
        return True
    return movement.target.kind in kind.source.kinds


def _line_from(
    made: Document, line: Line, position: int, quantity: Decimal, original: Movement | None
) -> Line:
    """A line, not saved, with what the line of the source says."""
    back = made.kind.returns or made.kind.shape == "value"
    return Line(
        document=made,
        position=position,
        item=line.item,
        unit=line.unit,
        numerator=line.numerator,
        denominator=line.denominator,
        requested=Decimal(0) if made.kind.shape == "value" else quantity,
        lot=line.lot,
        lot_number=line.lot_number,
        expires_on=line.expires_on,
        source=line.source if _plans(made) else _left_from(made, line, original),
        target=line.target if _plans(made) else None,
        original=original if back else None,
        source_line=line,
        price=line.price if made.kind.gives_cost else None,
        price_with_tax=line.price_with_tax,
        tax_rate=line.tax_rate,
    )


def _cost_object(source: Document) -> str:
    """Under which name costs are gathered: a production order without one has its number."""
    if source.cost_object or source.type != "production_order":
        return source.cost_object
    return source.number or ""


def _plans(made: Document) -> bool:
    """Whether the places were planned by an order."""
    return made.source is not None and made.source.kind.orders


def _left_from(made: Document, line: Line, original: Movement | None) -> Place | None:
    """Where goods of the source lie now, if the new document takes them from a chosen place."""
    end = made.kind.source
    if not end.chosen or original is None:
        return None
    return Place.objects.filter(pk=original.target_id, kind__in=end.kinds).first()
