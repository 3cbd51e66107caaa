"""The only writer of drafts: forms, scans, sheets and API calls all write the same draft here, line by line.

A draft never touches stock. Every write raises the document's version; whoever writes content is an editor.
"""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from core.errors import DomainError, LineError, NotAllowed
from core.fields import plain
from core.numbers import QUANTITY_PLACES
from people.access import Access
from people.models import Company, User
from stock.models import Movement, Place, Warehouse
from workflows import (
    amounts,
    document_types,
    door,
    moment,
    queries,
    reading,
    rests,
    saving,
    sight,
    states,
)
from workflows.document_types import DocumentType
from workflows.errors import Changed, DocumentRefused, DocumentUnknown, WrongState
from workflows.models import Document, Editor, Line
from workflows.move import Move
from workflows.orders import progress

MAX_LINES = reading.MOST_LINES


@transaction.atomic
def create(  # noqa: PLR0913 - one argument per fact of the draft
    type_code: str,
    *,
    actor: User,
    access: Access,
    company: Company | None = None,
    header: Mapping[str, Any] | None = None,
    lines: Sequence[Mapping[str, Any]] = (),
    key: str = "",
    door_name: str = "form",
    made_by: str = "",
) -> Document:
    """A new draft; the same ``key`` (a UUID made by the client) gives the same draft again.

    Raises DocumentRefused with every bad line, NotAllowed without the right to ask in the warehouse.
    """
    if type_code not in document_types.BY_CODE:
        raise DocumentRefused(_("There is no document type “%s”.") % type_code, code="unknown_type")
    _check_maker(document_types.BY_CODE[type_code], made_by)
    known = _known(key, type_code, actor)
    if known is not None:
        return known
    access.require("document.ask")
    sight.require_value(document_types.BY_CODE[type_code], access, None)
    company = company or Company.objects.earliest("pk")
    now = moment.now()
    document = Document(
        key=reading.read_key(key) if key else uuid.uuid4(),
        company=company,
        type=type_code,
        asker=actor,
        department=actor.department,
        currency=company.currency,
        door=door_name,
        created_at=now,
        changed_at=now,
    )
    reading.read_header(document, header or {}, access)
    if document.warehouse is None:
        document.warehouse = usual_warehouse(access)
    document._history_user = actor
    document.save()
    Editor.objects.get_or_create(document=document, user=actor)
    move = _move(document, actor, access, "create", door_name)
    errors: list[LineError] = []
    _add_lines(document, lines, actor, access, errors)
    if errors:
        raise DocumentRefused(str(errors[0].message), lines=errors)
    move.log("create", data={"lines": len(lines)})
    saving.save(move)
    return document


def _check_maker(kind: document_types.DocumentType, made_by: str) -> None:
    """Some types are made by one package only: stocktakes are planned, their differences counted."""
    if kind.made_by != made_by:
        raise DocumentRefused(
            _("%(type)s is not written by hand: plan a stocktake and count.")
            % {"type": kind.label},
            code="not_by_hand",
        )


@transaction.atomic
def set_header(
    document_id: int,
    values: Mapping[str, Any],
    *,
    actor: User,
    access: Access,
    version: int | None = None,
) -> Document:
    """Change header fields of a draft; only those named are touched."""
    document, move = _open(document_id, actor, access, version)
    before, partner = reading.header_words(document), document.partner_id
    reading.read_header(document, values, access)
    if document.partner_id != partner and progress.delivered(document):
        message = _("Part of %s was delivered: its partner stays. Close what is open instead.")
        raise DocumentRefused(message % document, code="delivered")
    _leave_places(document, actor)
    after = reading.header_words(document)
    changed = {
        name: [before.get(name, ""), after[name]]
        for name in after
        if before.get(name, "") != after[name]
    }
    if changed:
        move.log("edit", data={"header": changed})
    _saved(move)
    return document


def _leave_places(document: Document, actor: User) -> None:
    """Places of a warehouse that is no longer the document's are taken out of its lines."""
    for name, end in (("source", document.kind.source), ("target", document.kind.target)):
        if not end.chosen:
            continue
        house = getattr(document, f"{end.warehouse}_id")
        away = document.lines.exclude(**{name: None}).exclude(**{f"{name}__warehouse": house})
        for line in away:
            setattr(line, name, None)
            line._history_user = actor
            line.save(update_fields=[name])


@transaction.atomic
def set_line(
    document_id: int,
    values: Mapping[str, Any],
    *,
    key: str = "",
    actor: User,
    access: Access,
    version: int | None = None,
) -> Line:
    """Write one line of a draft: a new one for a new ``key``, else only the named fields are touched."""
    document, move = _open(document_id, actor, access, version)
    if document.kind.shape == "count":
        raise DocumentRefused(
            _("A stocktake has count lines only; they come from its plan."), code="lines"
        )
    number = reading.read_key(key) if key else uuid.uuid4()
    line = document.lines.select_related("item", "unit").filter(key=number).first()
    if line is None:
        so_far = document.lines.aggregate(count=Count("pk"), last=Max("position"))
        if so_far["count"] >= MAX_LINES:
            raise DocumentRefused(_("A document has at most %d lines.") % MAX_LINES, code="lines")
        line = Line(document=document, key=number, position=(so_far["last"] or 0) + 1)
        before: dict[str, Any] = {}
    else:
        before = reading.line_words(line)
    item = line.item_id
    reading.read_line(line, values, document, access)
    if before and line.item_id != item and progress.touched(line):
        raise _delivered(line)
    line._history_user = actor
    line.save()
    after = reading.line_words(line)
    changed = {
        name: [before.get(name), after[name]] for name in after if before.get(name) != after[name]
    }
    if changed:
        move.log(
            "edit",
            data={"line": line.position, "item": line.item.code, "new": not before, **changed},
        )
    _saved(move)
    return line


@transaction.atomic
def remove_line(
    document_id: int, key: str, *, actor: User, access: Access, version: int | None = None
) -> None:
    """Take a line out of a draft; a line that is gone already is no error."""
    document, move = _open(document_id, actor, access, version)
    line = document.lines.filter(key=reading.read_key(key)).select_related("item").first()
    if line is None:
        return
    if progress.touched(line):
        raise _delivered(line)
    move.log("edit", data={"line": line.position, "item": line.item.code, "removed": True})
    line._history_user = actor
    line.delete()
    _saved(move)


def _delivered(line: Line) -> DocumentRefused:
    """What was delivered of a line stays its own."""
    message = _("Line %(line)s: part of it was delivered. It stays; close the rest of it short.")
    message %= {"line": line.position}
    return DocumentRefused(
        message, code="delivered", lines=[LineError(line.position, "delivered", message)]
    )


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
    _check_maker(document.kind, "")
    access.require("document.ask", scope)
    sight.require_value(document.kind, access, scope)
    known = _known(key, document.type, actor)
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
    move = _move(made, actor, access, "create", door_name)
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
    made_before = _known(key, type_code, actor)
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
    move = _move(made, actor, access, "create", door_name)
    move.log("create", data={"made_from": str(source)})
    saving.save(move)
    return made


_COPIED = (
    "company", "type", "department", "partner", "warehouse", "target_warehouse", "reason",
    "cost_object", "reference", "wanted_on", "currency", "rate", "note", "custom", "source",
)  # fmt: skip
_COPIED_OF_LINE = (
    "position", "item", "unit", "numerator", "denominator", "requested", "side", "source", "target",
    "lot", "lot_number", "manufactured_on", "expires_on", "target_lot_number", "price",
    "price_with_tax", "tax_rate", "value", "original", "reason", "note", "custom",
)  # fmt: skip


def _known(key: str, type_code: str, actor: User) -> Document | None:
    """The document that the same request has made before."""
    known = Document.objects.filter(key=reading.read_key(key)).first() if key else None
    if known is not None and (known.asker_id != actor.pk or known.type != type_code):
        raise DocumentRefused(_("This key belongs to another document."), code="key")
    return known


def usual_warehouse(access: Access) -> Warehouse | None:
    """The warehouse, if there is only one in which the user may ask."""
    scopes = access.scopes("document.ask")
    rows = Warehouse.objects.filter(archived_at=None)
    if scopes is not None:
        rows = rows.filter(scope__in=scopes)
    found = list(rows[:2])
    return found[0] if len(found) == 1 else None


def _open(
    document_id: int, actor: User, access: Access, version: int | None
) -> tuple[Document, Move]:
    """The draft under its lock, if this person may write it now."""
    document = door.lock(document_id)
    if document is None or not queries.may_see(actor, document, access):
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    if document.state not in states.EDITABLE:
        raise WrongState(
            _("%(document)s is %(state)s and cannot be edited.")
            % {"document": document, "state": document.about.label},
            state=document.state,
        )
    scope = document.warehouse.scope_id if document.warehouse else None
    if document.asker_id != actor.pk and not access.may("document.ask", scope):
        raise NotAllowed(_("Only whoever asked for it may do that."), right="document.ask")
    if version is not None and version != document.version:
        raise Changed(
            _("Somebody else has changed this document meanwhile. Look at it again, then repeat."),
            version=document.version,
        )
    return document, _move(document, actor, access, "edit", "form")


def _move(document: Document, actor: User, access: Access, verb: str, door_name: str) -> Move:
    return Move(document, actor, access, verb, moment.now(), door=door_name)


def _saved(move: Move) -> None:
    if move.events and move.actor is not None:
        Editor.objects.get_or_create(document=move.document, user=move.actor)
    saving.save(move)


def _add_lines(
    document: Document,
    rows: Sequence[Mapping[str, Any]],
    actor: User,
    access: Access,
    errors: list[LineError],
) -> None:
    if len(rows) > MAX_LINES:
        raise DocumentRefused(_("A document has at most %d lines.") % MAX_LINES, code="lines")
    for position, row in enumerate(rows, 1):
        line = Line(document=document, position=position)
        if row.get("key"):
            line.key = reading.read_key(row["key"])
        try:
            reading.read_line(line, {k: v for k, v in row.items() if k != "key"}, document, access)
        except DomainError as error:
            errors += [LineError(position, e.code, e.message, e.data) for e in error.lines] or [
                LineError(position, error.code, str(error), error.data)
            ]
            continue
        line._history_user = actor
        line.save()


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
