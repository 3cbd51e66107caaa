"""The only writer of a draft's content: forms, scans, sheets and API calls all write the same draft here, line by line.

What documents give (copies, what remains) begins in ``workflows.copying``. A draft never touches stock. Every write raises the document's version; whoever writes content is an editor.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from core.errors import DomainError, LineError, NotAllowed
from people.access import Access
from people.models import Company, User
from stock.models import Warehouse
from workflows import (
    document_types,
    door,
    moment,
    queries,
    reading,
    saving,
    sight,
    states,
)
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
    check_maker(document_types.BY_CODE[type_code], made_by)
    known = made_before(key, type_code, actor)
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
    move = new_move(document, actor, access, "create", door_name)
    errors: list[LineError] = []
    _add_lines(document, lines, actor, access, errors)
    if errors:
        raise DocumentRefused(str(errors[0].message), lines=errors)
    move.log("create", data={"lines": len(lines)})
    saving.save(move)
    return document


def check_maker(kind: document_types.DocumentType, made_by: str) -> None:
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


def made_before(key: str, type_code: str, actor: User) -> Document | None:
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
    return document, new_move(document, actor, access, "edit", "form")


def new_move(document: Document, actor: User, access: Access, verb: str, door_name: str) -> Move:
    """What the person does to the draft now, under its lock or new."""
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
