"""The one door of documents: every verb, from every form, API call, scan, import and task, comes through here.

In one transaction: lock → seen before? → permission, scope, state → reason → the verb's body → save with a
higher version → timeline → outbox. What the body refuses leaves nothing behind.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import prepared
from core.errors import NotAllowed
from core.words import kept
from people import rights
from people.access import SYSTEM, Access, access_for
from people.models import User
from stock.errors import Again, Busy, KeyReused
from stock.models import Reason
from workflows import (
    asking,
    deciding,
    executing,
    moment,
    papers,
    posting,
    queries,
    reversing,
    route,
    saving,
    states,
    who,
)
from workflows.errors import Changed, DocumentRefused, DocumentUnknown, WrongState
from workflows.models import Document, Task
from workflows.move import Move
from workflows.orders import changing
from workflows.verbs import BY_CODE, Verb

logger = logging.getLogger(__name__)
route.register_poster(posting.post)

_BODIES: dict[str, Callable[[Move], None]] = {
    "submit": asking.submit,
    "approve": deciding.agree,
    "refuse": deciding.refuse,
    "return": deciding.send_back,
    "withdraw": asking.withdraw,
    "reopen": asking.reopen,
    "forward": deciding.forward,
    "add": deciding.add,
    "assign": deciding.assign,
    "remind": asking.remind,
    "record": executing.record,
    "complete": executing.complete,
    "post": executing.post,
    "undo": deciding.undo,
    "void": asking.void,
    "reverse": reversing.reverse,
    "amend": changing.amend,
    "close": changing.close,
    "reserve": changing.reserve,
    "comment": asking.comment,
    "copy": asking.copy,
}
_OFFERED = frozenset({"forward", "add", "return"})
"""What a step offers only if its process says so (``Step.actions``)."""
_WRITTEN = {"approve": ("approve", "confirm"), "complete": ("complete", "sync", "recount")}
"""How a verb is called on the timeline, where that depends on the step."""
_TRIES = 5
_RETRY = frozenset({"40001", "40P01", "55P03"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb did; ``repeated`` if the same key had done it before."""

    document: Document
    repeated: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)


def act(  # noqa: PLR0913 - one argument per fact of the request
    document_id: int,
    verb: str,
    *,
    actor: User | None,
    access: Access | None = None,
    reason: str = "",
    text: str = "",
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
    key: str = "",
    door: str = "form",
) -> Outcome:
    """Do ``verb`` to the document.

    ``version`` is the one that the person saw (Changed if it is another now); the same ``key`` has one
    effect. ``actor`` None is the system itself (trusted imports). Raises DocumentRefused, WrongState,
    Changed, NotAllowed, DocumentUnknown, PostingRefused, Busy; nothing is changed then.
    """
    rule = BY_CODE.get(verb)
    if rule is None:
        raise DocumentRefused(_("There is no such action."), code="unknown_verb")
    request = _Request(
        rule,
        actor,
        access or (access_for(actor) if actor is not None else SYSTEM),
        kept(reason),
        kept(text),
        kept(data or {}),
        version,
        kept(key[:120]),
        door,
    )
    nested = connection.in_atomic_block
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return _act(document_id, request)
        except Again:
            _back_off(attempt)
        except IntegrityError as error:
            raise _explain(error) from error
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", None)
            if code == prepared.GONE and attempt < _TRIES - 1:
                prepared.forget(connection)
                continue
            if nested or code not in _RETRY or attempt == _TRIES - 1:
                if code in _RETRY or "locked" in str(error):
                    raise Busy(
                        _("The database is busy. Nothing was changed; try again.")
                    ) from error
                raise
            _back_off(attempt)
    raise Busy(_("The database is busy. Nothing was changed; try again."))


def _back_off(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter


@dataclass(frozen=True, slots=True)
class _Request:
    verb: Verb
    actor: User | None
    access: Access
    reason: str
    text: str
    data: Mapping[str, Any]
    version: int | None
    key: str
    door: str


def _act(document_id: int, request: _Request) -> Outcome:
    document = lock(document_id)
    if document is None or not _may_see(request, document):
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    move = Move(
        document,
        request.actor,
        request.access,
        request.verb.code,
        moment.now(),
        request.reason,
        request.text.strip()[:4000],
        request.data,
        request.door,
    )
    if request.key and _repeated(move, request):
        return Outcome(document, repeated=True)
    if request.version is not None and request.version != document.version:
        raise Changed(
            _("Somebody else has changed this document meanwhile. Look at it again, then repeat."),
            version=document.version,
        )
    undoable = request.verb.code == "withdraw"
    name = _settled_by(move, due=undoable) if request.verb.settles else ""
    move.task = _task(request, move)
    try:
        check(request.verb, move)
    except WrongState as error:
        if name and undoable:
            raise WrongState(_decided(name), code="decided") from error
        raise
    _check_reason(request, move)
    _BODIES[request.verb.code](move)
    _keyed(move, request)
    saving.save(move)
    return Outcome(document, result=move.result)


def _repeated(move: Move, request: _Request) -> bool:
    """Whether the verb was done with this key before; raises KeyReused if another was."""
    move.editors, done = papers.seen(move.document, request.key)
    if done and done not in _WRITTEN.get(request.verb.code, (request.verb.code,)):
        raise KeyReused(
            _("This key was used before for something else. Nothing was done."), key=request.key
        )
    return bool(done)


def lock(document_id: int) -> Document | None:
    """The document, locked until the transaction ends."""
    return papers.LOCKED.first(document_id)


def check(verb: Verb, move: Move) -> None:
    """Raise WrongState or NotAllowed unless the verb is possible here, now, for this person."""
    document = move.document
    if document.state not in verb.states or (verb.orders and not document.kind.orders):
        raise WrongState(
            _("%(document)s is %(state)s: “%(verb)s” is not possible now.")
            % {"document": document, "state": document.about.label, "verb": verb.label},
            state=document.state,
        )
    if move.actor is None:
        return
    if not _allowed(verb, move):
        if verb.code == "undo":
            raise WrongState(_refusal(verb, move))
        raise NotAllowed(_refusal(verb, move), right=verb.right)


def _allowed(verb: Verb, move: Move) -> bool:
    document, access, actor = move.document, move.access, move.actor
    scope = document.warehouse.scope_id if document.warehouse else None
    if verb.by == "task":
        return _may_do(verb, move)
    if verb.code == "undo":
        return deciding.may_undo(move)
    if verb.code == "remind" and document.kind.orders and document.state == states.IN_EXECUTION:
        return False  # nobody's step is open of an order in force
    if verb.by == "asker":
        if actor is not None and document.asker_id == actor.pk:
            return not verb.right or access.may(verb.right, scope) or verb.code == "void"
        if verb.orders or (verb.code == "void" and document.state not in states.EDITABLE):
            return access.may("process.manage")
        return verb.code in {"submit", "void"} and access.may("document.ask", scope)
    if verb.by == "keeper":
        keeper = document.process.process.keeper_id if document.process else None
        return (actor is not None and actor.pk == keeper) or access.may("process.manage")
    if verb.by == "right":
        return access.may(verb.right, scope)
    return True


def _may_do(verb: Verb, move: Move) -> bool:
    """Whether I have a task here, still have its right (or stand in for one who has), and the step offers this."""
    task = move.task
    return task is not None and _has_right(move, task) and _step_lets(verb, move, task)


def _has_right(move: Move, task: Task) -> bool:
    step = route.step_of(move, task.run.step)
    if who.may_do(step, move.document, move.access):
        return True
    away = task.on_behalf_of
    return away is not None and who.may_do(step, move.document, access_for(away))


def _step_lets(verb: Verb, move: Move, task: Task) -> bool:
    """Whether the step offers this; a posting that failed by itself may always be given away."""
    if verb.code not in _OFFERED:
        return True
    step = route.step_of(move, task.run.step)
    return step.automatic or verb.code in step.actions


def _refusal(verb: Verb, move: Move) -> str:
    if verb.by == "task" and move.task is not None:
        if not _has_right(move, move.task):
            return _("You may no longer do this step. Ask for it to be handed to somebody else.")
        return _("This step does not offer “%(verb)s”.") % {"verb": verb.label}
    if verb.by == "task":
        return _("This is not waiting for you.")
    if verb.code == "undo":
        return _(
            "The next step has begun; the verdict stays. Ask its people to return the document."
        )
    if verb.by == "asker":
        return _("Only whoever asked for it may do that.")
    if verb.by == "keeper":
        return _("Only the keeper of the process may do that.")
    return _("You may not %(right)s here. Ask an administrator for it.") % {
        "right": rights.right_label(verb.right)
    }


def possible(document: Document, actor: User, access: Access) -> list[Verb]:
    """The verbs that this person could use now; what is shown is what is allowed."""
    move = Move(document, actor, access, "", moment.now())
    mine = list(
        document.tasks.filter(user=actor, state=Task.State.OPEN).select_related(
            "run", "on_behalf_of"
        )
    )
    found = []
    for verb in BY_CODE.values():
        move.task = next((task for task in mine if task.kind in verb.kinds), None)
        if verb.orders and not document.kind.orders:
            continue
        if document.state in verb.states and _allowed(verb, move):
            found.append(verb)
    return found


def _task(request: _Request, move: Move) -> Task | None:
    """My open task that this verb is about; of several the oldest."""
    if request.actor is None or request.verb.by != "task":
        return None
    return next(
        (
            task
            for task in move.tasks
            if task.user_id == request.actor.pk
            and task.state == Task.State.OPEN
            and task.kind in request.verb.kinds
        ),
        None,
    )


def _may_see(request: _Request, document: Document) -> bool:
    return request.actor is None or queries.may_see(request.actor, document, request.access)


def _check_reason(request: _Request, move: Move) -> None:
    """Refusing, returning, reversing and voiding need a reason of the list (and words for “other”)."""
    if not request.reason:
        if request.verb.reason:
            raise DocumentRefused(_("Say why: choose a reason."), code="reason_required")
        return
    known = Reason.objects.filter(code=request.reason, archived_at=None).exists()
    if not known:
        raise DocumentRefused(_("There is no such reason."), code="unknown_reason")
    if request.verb.reason and len(move.text) < 2:
        raise DocumentRefused(_("Say why in a few words."), code="text_required")


def _keyed(move: Move, request: _Request) -> None:
    """The first entry of this verb carries the key, so that the same request has one effect."""
    if not request.key:
        return
    names = _WRITTEN.get(request.verb.code, (request.verb.code,))
    next(event for event in move.events if event.verb in names).key = request.key


def _explain(error: IntegrityError) -> Exception:
    """A law of the database that a race broke, in readable words."""
    text = str(error)
    if "do not approve" in text:
        return DocumentRefused(
            _("Whoever asked for or edited a document cannot approve it. Somebody else has to."),
            code="four_eyes",
        )
    if "graph of documents" in text or "frozen" in text or "is over" in text:
        return WrongState(_("The document has moved on meanwhile. Look at it again."))
    if "order_line_within_order" in text:
        return DocumentRefused(
            _("More would be delivered than is ordered. Look at the order again."),
            code="beyond_order",
        )
    if "event_key_once" in text or "workflows_event.key" in text:
        return Changed(_("The same request is being carried out already."))
    return error


def settle_due(limit: int = 500) -> int:
    """Let held verdicts whose ten seconds are over take effect; returns how many documents moved on.

    What goes wrong with one document is reported and does not keep the others waiting.
    """
    now = timezone.now()
    due = Task.objects.filter(state=Task.State.HELD, held_until__lte=now)
    moved = 0
    for key in list(due.values_list("document_id", flat=True).distinct()[:limit]):
        try:
            moved += settle(key)
        except Exception:
            logger.exception("A verdict could not take effect", extra={"document": key})
    return moved


def settle(document_id: int) -> bool:
    """Let the held verdicts of a document take effect now."""
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                document = lock(document_id)
                if document is None:
                    return False
                move = Move(document, None, SYSTEM, "", moment.now(), door="task")
                return bool(_settled_by(move))
        except Again:
            _back_off(attempt)
    return False


def _decided(name: str) -> str:
    return _(
        "%(name)s has decided just now; it takes effect in a few seconds. Look again then."
    ) % {"name": name}


def _settled_by(move: Move, *, due: bool = False) -> str:
    """Let held verdicts take effect in the name of whoever decided, not of whoever comes along; his name.

    With ``due`` a verdict that can still be undone is left alone.
    """
    document = move.document
    if document.state not in states.RUNNING:
        return ""
    held = next((task for task in reversed(move.tasks) if task.state == Task.State.HELD), None)
    if held is None or (due and held.held_until and held.held_until > moment.now()):
        return ""
    by = held.decided_by
    other = Move(
        document, by, access_for(by) if by else SYSTEM, "approve", moment.now(), door=move.door
    )
    deciding.settle(other)
    saving.save(other)
    move.forget()
    return str(by or held.user)
