"""The verbs of those who ask: submit, withdraw, edit again, urge, void, comment, copy.

Bodies of the one door: they get a move under the lock and change it; they neither save nor log by themselves.
"""

import re

from django.utils.translation import gettext as _

from core.errors import LineError
from people.models import User
from workflows import content, fields, fitting, queries, route, shipped, states
from workflows.counting import snapshot
from workflows.document_types import DocumentType
from workflows.errors import DocumentRefused
from workflows.models import Copy, Document, Line, ProcessVersion, StepRun, Task
from workflows.move import Move, whole
from workflows.orders import progress

_MENTION = re.compile(r"@([\w.+-]+)")


def submit(move: Move) -> None:
    """Check the content, bind it by its hash, and let it go on its way."""
    document = move.document
    _check(move)
    version = _way(move)
    new = content.hashed(document, move.lines)
    if new != document.content_hash:
        document.content_version += 1
        document.content_hash = new
    document.amount = move.facts["amount"]
    document.submitted_at = move.now
    if move.actor is not None:
        move.sign(move.actor.pk)
    if document.kind.shape == "count":
        snapshot.take(move)
    move.log(
        "submit",
        content_version=document.content_version,
        text=move.text,
        data={"amount": f"{document.amount:f}", "process": version.number},
    )
    route.advance(move, strict=True)


def _way(move: Move) -> ProcessVersion:
    """The version that it travels by: the active one, or after a return the one it was submitted under.

    What was agreed on another version does not count on this one.
    """
    document = move.document
    if document.state == states.RETURNED and document.process is not None:
        return document.process
    version = shipped.active_version(document.company, document.type)
    if version != document.process:
        route.forget_runs(move, move.runs)
        document.process = version
    move.__dict__.pop("steps", None)
    move.__dict__.pop("options", None)
    return version


def _check(move: Move) -> None:
    document, lines = move.document, move.lines
    kind = document.kind
    errors: list[LineError] = []
    if not lines and kind.shape != "count":
        raise DocumentRefused(_("Add at least one line."), code="no_lines")
    if document.warehouse is None:
        raise DocumentRefused(_("Choose the warehouse."), code="warehouse")
    missing = fields.missing_at_submission(document)
    if missing:
        raise DocumentRefused(
            _("Fill in first: %(fields)s.") % {"fields": ", ".join(missing)}, code="required"
        )
    foreign = document.currency not in {"", document.company.currency}
    if foreign and document.rate == 1 and any(line.price is not None for line in lines):
        raise DocumentRefused(
            _("Enter the exchange rate of %(currency)s.") % {"currency": document.currency},
            code="rate",
        )
    for line in lines:
        errors += _check_line(line, kind)
    if document.source_id is not None:
        Document.objects.select_for_update(of=("self",)).get(pk=document.source_id)
    errors += queries.over_remaining(document, lines)
    if kind.orders:
        errors += progress.problems(move)
    if errors:
        raise DocumentRefused(str(errors[0].message), lines=errors)
    if document.type == "production_order" and all(line.side == Line.Side.INPUT for line in lines):
        raise DocumentRefused(_("Say what is made: a line that comes out."), code="no_product")


def _check_line(line: Line, kind: DocumentType) -> list[LineError]:
    """What is wrong with a line before anybody is asked about it."""
    found = []
    if kind.shape == "value":
        if not line.value:
            found.append(("value", _("Enter a value.")))
    elif line.requested <= 0:
        found.append(("quantity", _("Enter a quantity above zero.")))
    if line.item.archived_at is not None:
        message = _("Item %(item)s is archived. Restore it first.") % {"item": line.item.code}
        found.append(("archived", message))
    if "side" in kind.columns and not line.side:
        found.append(("side", _("Say whether it goes in or comes out.")))
    serial = fitting.pieces(line, line.requested)
    if serial and kind.shape != "value":
        found.append(("serial_quantity", serial))
    for end, place in ((kind.source, line.source), (kind.target, line.target)):
        if wrong := fitting.misfit(end, place):
            found.append(("place_kind", wrong))
    return [LineError(line.position, code, message) for code, message in found]


def withdraw(move: Move) -> None:
    """The asker takes it back before it is carried out."""
    begun = any(line.actual for line in move.lines) or counted(move.document)
    if move.document.state != states.RETURNED and begun:
        raise DocumentRefused(
            _("Work has begun on it; ask for it to be returned."), code="begun", status=409
        )
    route.close_all(move, StepRun.Outcome.CANCELLED)
    old = move.document.state
    move.document.withdraw()
    move.document.step = ""
    move.log("withdraw", old_state=old, text=move.text)


def counted(document: Document) -> bool:
    """Whether anybody has counted anything for it."""
    return document.kind.shape == "count" and document.counts.exists()


def reopen(move: Move) -> None:
    """What was withdrawn is edited again."""
    move.document.reopen()
    move.log("reopen", old_state=states.WITHDRAWN)


def void(move: Move) -> None:
    """It will never be posted; once it has a number, a reason is needed."""
    document = move.document
    if document.number and not move.reason:
        raise DocumentRefused(_("Say why: choose a reason."), code="reason_required")
    if document.kind.orders:
        from workflows.orders import changing  # which makes and takes back documents by these verbs

        changing.cancel(move)
    route.close_all(move, StepRun.Outcome.CANCELLED)
    old = document.state
    document.void()
    document.step = ""
    move.log("void", old_state=old, reason=move.reason, text=move.text)


def remind(move: Move) -> None:
    """Urge whoever has the document."""
    tasks = list(move.document.tasks.filter(state=Task.State.OPEN).select_related("run"))
    if not tasks:
        raise DocumentRefused(_("Nobody is asked right now."), code="nobody")
    from workflows.deciding import tell

    for task in tasks:
        task.urged += 1
        task.save(update_fields=["urged"])
        tell(move, task, "workflows.urged")
    move.log("remind", data={"to": [str(task.user) for task in tasks]}, text=move.text)


def comment(move: Move) -> None:
    """Say something; ``@username`` tells that person, if he may see the document."""
    text = move.text.strip()
    if not text:
        raise DocumentRefused(_("Write something first."), code="empty")
    named = set(_MENTION.findall(text)) | {str(name) for name in move.data.get("mentions", ())}
    told: list[User] = [
        user
        for user in User.objects.filter(username__in=named, is_active=True)
        if queries.may_see(user, move.document)
    ]
    _notify(move, told, "workflows.mentioned")
    move.log("comment", text=text[:4000], data={"mentions": [user.username for user in told]})


def copy(move: Move) -> None:
    """Send a copy to people who may see stock of its warehouses; they decide nothing."""
    given = move.data.get("users", ())
    keys = [whole(key) for key in given] if isinstance(given, list | tuple) else []
    users = list(User.objects.filter(pk__in=keys, is_active=True))
    if not users:
        raise DocumentRefused(_("Choose a person."), code="user")
    for user in users:
        if not queries.may_see(user, move.document):
            raise DocumentRefused(
                _("%(name)s may not see documents of this warehouse.") % {"name": user},
                code="user_right",
            )
    Copy.objects.bulk_create(
        [
            Copy(document=move.document, user=user, by=move.actor, created_at=move.now)
            for user in users
        ],
        ignore_conflicts=True,
    )
    _notify(move, users, "workflows.copied")
    move.log("copy", data={"to": [str(user) for user in users]}, text=move.text)


def _notify(move: Move, users: list[User], kind: str) -> None:
    data = {"by": str(move.actor or ""), "text": move.text[:200]}
    move.tell([user.pk for user in users], kind, data)
