"""The only watcher of the deadlines of cases: reminds before a case is due, and tells those above when it is overdue.

Each of it happens once per case and opening: the row is claimed under its lock before anybody is told.
"""

import logging

from django.db import transaction
from django.db.models import Q

from alerts import door, states, telling
from alerts.models import Case
from alerts.owners import Staff
from workflows import moment

_BATCH = 200
_logger = logging.getLogger(__name__)


def watch() -> int:
    """Look after open cases whose reminder or deadline is due, the most overdue first; returns how many.

    What goes wrong with one is reported and keeps no other waiting.
    """
    now = moment.now()
    due = Case.objects.filter(state__in=states.LIVE).filter(
        Q(remind_at__lte=now, reminded_at=None) | Q(due_at__lte=now, escalated_at=None)
    )
    seen = 0
    for key in list(due.order_by("due_at", "pk").values_list("pk", flat=True)):
        try:
            seen += _look_after(key)
        except Exception:
            _logger.exception("A deadline could not be looked after", extra={"case": key})
        if seen == _BATCH:
            break
    return seen


@transaction.atomic
def _look_after(key: int) -> bool:
    rows = Case.objects.select_related("rule__fallback", "warehouse__area__company")
    case = rows.select_for_update(of=("self",)).filter(pk=key, state__in=states.LIVE).first()
    if case is None:
        return False
    now = moment.now()
    scope = case.warehouse.scope_id if case.warehouse is not None else None
    staff = Staff()
    whose = staff.concerned(case.rule, scope, case.owner_id)
    if case.due_at is not None and case.due_at <= now and case.escalated_at is None:
        above = staff.above(case.rule, case.owner_id)
        case.escalated_at = now
        case.reminded_at = case.reminded_at or now
        telling.tell(case, [*whose, *above], telling.What.OVERDUE, mark=str(case.times))
        _keep(case, "escalate", above)
    elif case.remind_at is not None and case.remind_at <= now and case.reminded_at is None:
        case.reminded_at = now
        telling.tell(case, whose, telling.What.REMINDER, mark=str(case.times))
        _keep(case, "remind", whose)
    else:
        return False
    return True


def _keep(case: Case, verb: str, told: list[int]) -> None:
    case.version += 1
    case.save()
    door.note(case, verb, case.state, None, moment.now(), "", {"users": told}, key="", door="clock")
