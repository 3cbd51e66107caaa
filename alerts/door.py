"""The one door of cases: every verb of a person, from every page, API call and channel, comes through here.

In one transaction: lock → seen before? → may he see and do it, does its state allow it → the verb's body → save with
a higher version → timeline.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from alerts import hours, queries, states, telling
from alerts.errors import CaseMoved, CaseRefused, CaseUnknown
from alerts.models import Case, CaseEvent, Cause
from alerts.models.cases import GONE
from alerts.states import VERB_BY_CODE, Verb
from core.errors import NotAllowed
from core.words import kept
from people.access import Access, access_for
from people.models import User
from workflows import moment

LONGEST_SILENCE = 365
"""Days for which a dismissed case may be kept from coming again."""
_CLOSING = 500
_TEXT = 4_000


@dataclass(slots=True)
class _Move:
    case: Case
    verb: Verb
    actor: User
    access: Access
    text: str
    cause: str
    data: Mapping[str, Any]
    now: datetime
    noted: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The case after the verb; ``repeated`` if the same key had done it before."""

    case: Case
    repeated: bool = False


def act(  # noqa: PLR0913 - one argument per fact of the request
    case_key: uuid.UUID | str,
    verb: str,
    *,
    actor: User,
    access: Access | None = None,
    text: str = "",
    cause: str = "",
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
    key: str = "",
    door: str = "form",
) -> Outcome:
    """Do ``verb`` to the case.

    ``version`` is the one that the person saw; the same ``key`` has one effect. ``cause`` is a code of the list (solve),
    ``data`` holds ``user`` (assign) and ``silent_days`` (dismiss). Raises CaseUnknown, NotAllowed, CaseMoved, CaseRefused;
    nothing is changed then.
    """
    rule = VERB_BY_CODE.get(verb)
    if rule is None or rule.system or verb == "photo":
        raise CaseRefused(_("There is no such action."), code="unknown_verb")
    access = access or access_for(actor)
    key = kept(key[:120])
    try:
        with transaction.atomic():
            case = lock(case_key, actor, access)
            if key and case.events.filter(key=key).exists():
                return Outcome(case, repeated=True)
            move = _Move(
                case,
                rule,
                actor,
                access,
                kept(text).strip()[:_TEXT],
                cause,
                kept(data or {}),
                moment.now(),
            )
            _check(move, version)
            was = case.state
            _BODIES[verb](move)
            case.version += 1
            case.save()
            note(case, verb, was, actor, move.now, move.text, move.noted, key, door)
    except IntegrityError as error:
        if "case_open_once" in str(error) or "subject_key" in str(error):
            raise CaseMoved(
                _("There is another open case about the same. Go on with that one.")
            ) from error
        raise
    return Outcome(case)


def possible(case: Case, actor: User, access: Access | None = None) -> list[Verb]:
    """What the person may do with the case now."""
    own = queries.may_act(actor, case, access)
    return [
        verb
        for verb in states.VERBS
        if not verb.system
        and case.state in verb.sources
        and (own or not verb.own)
        and not (verb.code == "acknowledge" and case.owner_id not in {None, actor.pk} and not own)
    ]


def lock(key: uuid.UUID | str, actor: User, access: Access) -> Case:
    """The case, locked to the end of the transaction; raises CaseUnknown."""
    try:
        number = key if isinstance(key, uuid.UUID) else uuid.UUID(str(key))
    except ValueError as error:
        raise _unknown() from error
    case = (
        Case.objects.select_related("rule", "warehouse__area__company")
        .select_for_update(of=("self",))
        .filter(key=number)
        .first()
    )
    if case is None or not queries.may_see(actor, case, access):
        raise _unknown()
    return case


def note(  # noqa: PLR0913 - one argument per column of the entry
    case: Case,
    verb: str,
    was: str,
    actor: User | None,
    now: datetime,
    text: str,
    data: Mapping[str, Any],
    key: str,
    door: str,
) -> CaseEvent:
    """Write one entry of the timeline."""
    return CaseEvent.objects.create(
        case=case,
        at=now,
        actor=actor,
        verb=verb,
        old_state=was,
        new_state=case.state,
        text=text,
        data=dict(data),
        key=key,
        door=door,
    )


def _unknown() -> CaseUnknown:
    return CaseUnknown(_("There is no such case, or you may not see it."))


def _check(move: _Move, version: int | None) -> None:
    case = move.case
    if move.verb.own and not queries.may_act(move.actor, case, move.access):
        raise NotAllowed(_("This case is for others to deal with; you may comment on it."))
    if version is not None and version != case.version:
        raise CaseMoved(
            _("Somebody else has changed this case meanwhile. Look at it again, then repeat."),
            version=case.version,
        )
    if case.state not in move.verb.sources:
        raise CaseMoved(
            _("This case is %(state)s: that is not possible now.") % {"state": case.about.label},
            state=case.state,
        )


def _acknowledge(move: _Move) -> None:
    case = move.case
    case.owner = move.actor
    case.acknowledged_at = move.now
    case.acknowledge()


def _start(move: _Move) -> None:
    case = move.case
    case.owner = case.owner or move.actor
    case.acknowledged_at = case.acknowledged_at or move.now
    case.start()


def _release(move: _Move) -> None:
    case = move.case
    case.owner = case.acknowledged_at = None
    case.release()


def _assign(move: _Move) -> None:
    """To somebody who may see it; he hears of it."""
    case = move.case
    try:
        number = int(str(move.data.get("user") or ""))
    except ValueError as error:
        raise CaseRefused(_("Choose somebody."), code="user") from error
    user = User.objects.filter(pk=number, is_active=True).first()
    if user is None or not queries.may_see(user, case):
        raise CaseRefused(_("Choose somebody who may see this case."), code="user")
    case.owner = user
    move.noted = {"to": str(user)}
    told = {"by": str(move.actor), "text": move.text}
    telling.tell(case, [user.pk], telling.What.ASSIGNED, mark=str(case.version), data=told)


def _solve(move: _Move) -> None:
    case = move.case
    found = Cause.objects.filter(code=move.cause, archived_at=None).exclude(code=GONE).first()
    if found is None:
        raise CaseRefused(_("Choose why it came."), code="cause")
    case.cause, case.closing = found, move.text[:_CLOSING]
    move.noted = {"cause": found.code}
    case.solve()
    _over(move)


def _dismiss(move: _Move) -> None:
    case = move.case
    if not move.text:
        raise CaseRefused(_("Say why there is nothing to do."), code="text")
    try:
        days = int(str(move.data.get("silent_days") or 0))
    except ValueError as error:
        raise CaseRefused(_("Enter a whole number of days."), code="silent_days") from error
    if not 0 <= days <= LONGEST_SILENCE:
        raise CaseRefused(
            _("Enter from 0 to %(most)d days.") % {"most": LONGEST_SILENCE}, code="silent_days"
        )
    case.closing = move.text[:_CLOSING]
    case.silent_until = move.now + timedelta(days=days) if days else None
    move.noted = {"silent_days": days} if days else {}
    case.dismiss()
    _over(move)


def _over(move: _Move) -> None:
    case = move.case
    case.ended_at = move.now
    if case.reporter_id is not None and case.reporter_id != move.actor.pk:
        told = {"by": str(move.actor), "text": move.text}
        telling.tell(
            case, [case.reporter_id], telling.What.ENDED, mark=str(case.version), data=told
        )


def _reopen(move: _Move) -> None:
    case = move.case
    case.reopen()
    case.times += 1
    case.cause = case.ended_at = case.cleared_at = case.silent_until = None
    case.acknowledged_at = case.reminded_at = case.escalated_at = None
    case.closing = ""
    if case.rule.deadline_hours is not None:
        case.due_at = hours.of(case.warehouse).after(move.now, case.rule.deadline_hours)


def _comment(move: _Move) -> None:
    """The owner and whoever reported it hear of it."""
    case = move.case
    if not move.text:
        raise CaseRefused(_("Write something."), code="text")
    others = {case.owner_id, case.reporter_id} - {None, move.actor.pk}
    told = {"by": str(move.actor), "text": move.text[:200]}
    telling.tell(
        case,
        [one for one in others if one is not None],
        telling.What.COMMENT,
        mark=str(case.version),
        data=told,
    )


_BODIES: dict[str, Callable[[_Move], None]] = {
    "acknowledge": _acknowledge,
    "start": _start,
    "release": _release,
    "assign": _assign,
    "solve": _solve,
    "dismiss": _dismiss,
    "reopen": _reopen,
    "comment": _comment,
}
