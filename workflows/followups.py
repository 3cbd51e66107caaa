"""The only writer of tasks that follow a posting: raised with it, done by the department's people, off with a reversal.

A posted sales issue asks logistics to dispatch and finance to settle, a posted receipt asks finance to settle;
one of each per posting, whatever comes twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core import bulk
from core.errors import NotAllowed
from core.words import kept
from people.access import Access
from people.models import User
from workflows import clock, moment, who
from workflows.errors import Changed, DocumentRefused, DocumentUnknown, WrongState
from workflows.models import FollowUp
from workflows.move import Move
from workflows.steps import Step, Who

Kind, State = FollowUp.Kind, FollowUp.State
RAISED: Mapping[str, tuple[str, ...]] = {
    "sales_out": (Kind.DISPATCH, Kind.SETTLEMENT),
    "purchase_in": (Kind.SETTLEMENT,),
}
"""Type of document → what its posting asks for."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who does a kind of task: ``role`` (``fallback`` where nobody has it) is told, holders of ``rights`` may;
    within ``hours`` of working time."""

    role: str
    fallback: str
    rights: tuple[str, ...]
    hours: int


DUTIES: Mapping[str, Duty] = {
    Kind.DISPATCH: Duty("logistics", "clerk", ("document.dispatch", "document.execute"), 8),
    Kind.SETTLEMENT: Duty("finance", "finance", ("finance.review",), 40),
}
OPEN = (State.OPEN, State.HANDED_OVER)
_STEP = Step("followup", "execute", "", "")


def raise_for(move: Move) -> None:
    """In the transaction of a posting: one task of each kind that the type of the document asks for."""
    document = move.document
    made = []
    kinds = RAISED.get(document.type, ())
    scope = who.scope_of(document, "warehouse")
    roles = [role for kind in kinds for role in (DUTIES[kind].role, DUTIES[kind].fallback)]
    move.staff.expect((role, scope) for role in roles)
    for kind in kinds:
        duty = DUTIES[kind]
        people = _holders(move, duty.role)
        made.append(
            FollowUp(
                kind=kind,
                company=document.company,
                document=document,
                posting_id=document.posting_id or 0,
                warehouse_id=document.warehouse_id or 0,
                role=duty.role if people else duty.fallback,
                due_at=_due(move, duty),
                created_at=move.now,
            )
        )
        told = people or _holders(move, duty.fallback)
        move.tell([one.pk for one in told], "workflows.followup", {"kind": kind})
    if made:
        move.writes.add(bulk.insertion(made))


def _due(move: Move, duty: Duty) -> datetime:
    return clock.add(move.now, timedelta(hours=duty.hours), *move.calendar)


def _holders(move: Move, role: str) -> list[User]:
    found = who.resolve(Who("role", role), move.document, _STEP, move.staff)
    return [user for user, _why in found]


def cancel(move: Move, *, whole: bool) -> None:
    """After a reversal of all that was posted: what is still to be done is off, and its people hear of it."""
    if not whole:
        return
    open_ = FollowUp.objects.filter(document=move.document, state__in=OPEN).select_for_update()
    for one in open_:
        one.state = State.CANCELLED
        _save(one, move.actor)
        told = _holders(move, one.role)
        move.tell([user.pk for user in told], "workflows.followup_cancelled", {"kind": one.kind})


def settled(postings: Sequence[int], actor: User | None) -> None:
    """Finance has invoices for all that these postings received: their tasks to settle are done."""
    waiting = FollowUp.objects.filter(kind=Kind.SETTLEMENT, posting_id__in=postings, state__in=OPEN)
    for one in waiting.select_for_update():
        one.state, one.done_at, one.done_by = State.DONE, moment.now(), actor
        _save(one, actor)


def visible(access: Access) -> QuerySet[FollowUp]:
    """The tasks of those kinds and warehouses that somebody may do or look after."""
    wanted = Q(pk=None)
    for kind, duty in DUTIES.items():
        for right in (*duty.rights, "audit.view"):
            scopes = access.scopes(right)
            where = Q(kind=kind)
            wanted |= where if scopes is None else where & Q(warehouse__scope__in=scopes)
    return FollowUp.objects.filter(wanted).select_related(
        "document", "document__partner", "document__asker", "warehouse", "done_by"
    )


def to_do(access: Access) -> QuerySet[FollowUp]:
    """What is still to be done, what is due first on top."""
    mine = Q(pk=None)
    for kind, duty in DUTIES.items():
        for right in duty.rights:
            scopes = access.scopes(right)
            where = Q(kind=kind)
            mine |= where if scopes is None else where & Q(warehouse__scope__in=scopes)
    return visible(access).filter(mine, state__in=OPEN).order_by("due_at", "id")


def may_do(one: FollowUp, access: Access) -> bool:
    """Whether somebody may close this task."""
    return any(access.may(right, one.warehouse.scope_id) for right in DUTIES[one.kind].rights)


@transaction.atomic
def write(
    key: Any,
    values: Mapping[str, Any],
    *,
    actor: User,
    access: Access,
    version: int | None = None,
) -> FollowUp:
    """Enter what was done: carrier, tracking, note and the next ``state``; the same twice is no error.

    Raises DocumentUnknown, NotAllowed, WrongState, Changed or DocumentRefused.
    """
    one = (
        visible(access).select_related(None).select_for_update(of=("self",)).filter(key=key).first()
    )
    if one is None:
        raise DocumentUnknown(_("There is no such task, or you may not see it."))
    if not may_do(one, access):
        raise NotAllowed(_("You may not do this task."), right=DUTIES[one.kind].rights[0])
    if version is not None and version != one.version:
        raise Changed(_("Somebody else has changed this task meanwhile."), version=one.version)
    values = kept(values)
    wanted = str(values.get("state") or one.state)
    if one.state not in OPEN and wanted != one.state:
        message = _("This task is %(state)s.") % {"state": one.get_state_display()}
        raise WrongState(message, state=one.state)
    for name in ("carrier", "tracking", "note"):
        if name in values:
            setattr(one, name, _text(name, values[name]))
    _go(one, wanted, actor)
    _save(one, actor)
    return one


def _go(one: FollowUp, wanted: str, actor: User) -> None:
    if wanted == one.state:
        return
    if wanted == State.HANDED_OVER and one.kind == Kind.DISPATCH and one.state == State.OPEN:
        if not one.carrier:
            raise DocumentRefused(_("Enter the carrier."), code="carrier")
        one.state = State.HANDED_OVER
    elif wanted == State.DONE:
        if one.kind == Kind.DISPATCH and one.state != State.HANDED_OVER:
            raise WrongState(_("It has to be handed over first."), state=one.state)
        one.state, one.done_at, one.done_by = State.DONE, moment.now(), actor
    else:
        raise DocumentRefused(_("That is no next state of this task."), code="state")


def _text(name: str, value: Any) -> str:
    text = str(value or "").strip()
    longest = getattr(FollowUp._meta.get_field(name), "max_length", None)
    if longest and len(text) > longest:
        raise DocumentRefused(
            _("“%(text)s…” is too long: at most %(longest)d characters.")
            % {"text": text[:20], "longest": longest},
            code="too_long",
        )
    return text


def _save(one: FollowUp, actor: User | None) -> None:
    one.version += 1
    one._history_user = actor
    one.save()
