"""Which of a channel's switches a kind of notice belongs to."""

from people import notice_kinds

TASKS, LATE, CASES, DIGEST, REST = "tasks", "late", "cases", "digest", "rest"
GROUPS = (TASKS, LATE, CASES, DIGEST, REST)
_OF = {
    "workflows.task": TASKS,
    "workflows.urged": TASKS,
    "workflows.returned": TASKS,
    "workflows.mentioned": TASKS,
    "workflows.followup": TASKS,
    "workflows.feedback": TASKS,
    "workflows.proposed": TASKS,
    "alerts.assigned": TASKS,
    "workflows.overdue": LATE,
    "workflows.escalated": LATE,
    "workflows.nobody": LATE,
    "alerts.reminder": LATE,
    "alerts.overdue": LATE,
    "alerts.opened": CASES,
    "alerts.again": CASES,
    "alerts.many": CASES,
    "alerts.comment": CASES,
    "alerts.ended": CASES,
    "alerts.digest": DIGEST,
}


def of(kind: str) -> str:
    """The switch of a kind; whatever has none of its own belongs to the rest."""
    return _OF.get(kind, REST)


def kinds_of(group: str) -> list[str]:
    """The kinds of a switch."""
    return [kind for kind in notice_kinds.codes() if of(kind) == group]
