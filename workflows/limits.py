"""The only watcher of time limits: reminds before a task is due, then reminds, escalates or reassigns.

Each of it happens once per task: the row is claimed under its lock before anybody is told.
"""

import logging

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from people.access import SYSTEM, access_for
from workflows import deciding, door, route, saving, who
from workflows.models import Task
from workflows.move import Move

logger = logging.getLogger(__name__)
_BATCH = 200


def watch() -> int:
    """Look after every task whose reminder or limit is due; returns how many.

    What goes wrong with one document is reported and does not keep the others waiting.
    """
    now = timezone.now()
    due = Task.objects.filter(state=Task.State.OPEN).filter(
        Q(remind_at__lte=now, reminded_at=None) | Q(due_at__lte=now, escalated_at=None)
    )
    seen = 0
    for key, document in list(
        due.order_by("due_at", "pk").values_list("pk", "document_id")[:_BATCH]
    ):
        try:
            seen += _look_after(key, document)
        except Exception:
            logger.exception("A limit could not be looked after", extra={"document": document})
    return seen


@transaction.atomic
def _look_after(key: int, document_id: int) -> bool:
    document = door.lock(document_id)
    task = Task.objects.select_related("run", "user").filter(pk=key, state=Task.State.OPEN).first()
    if document is None or task is None:
        return False
    now = timezone.now()
    move = Move(document, None, SYSTEM, "limits", now, door="task")
    if task.due_at is not None and task.due_at <= now and task.escalated_at is None:
        task.escalated_at = now
        task.reminded_at = task.reminded_at or now
        task.save(update_fields=["escalated_at", "reminded_at"])
        _late(move, task)
    elif task.remind_at is not None and task.remind_at <= now and task.reminded_at is None:
        task.reminded_at = now
        task.save(update_fields=["reminded_at"])
        move.log("reminder", step=task.run.step, data={"to": [str(task.user)]})
        deciding.tell(move, task, "workflows.task")
    else:
        return False
    saving.save(move)
    return True


def _late(move: Move, task: Task) -> None:
    """The limit is over: tell the person, and whoever the step names beyond."""
    step = route.step_of(move, task.run.step)
    deciding.tell(move, task, "workflows.overdue")
    others: list[str] = []
    if step.late != "remind" and step.late_to is not None:
        barred = who.barred(move.document) if step.about.decides else set()
        asked = set(
            task.run.tasks.exclude(state=Task.State.CANCELLED).values_list("user", flat=True)
        )
        for user, _why in who.resolve(step.late_to, move.document, step):
            if user.pk in barred or user.pk in asked:
                continue
            if not who.may_do(step, move.document, access_for(user)):
                continue
            new = Task.objects.create(
                document=move.document,
                run=task.run,
                kind=task.kind,
                user=user,
                why="escalated",
                state=Task.State.OPEN,
                created_at=move.now,
                turn=task.turn,
                must=task.must and step.late == "reassign",
                escalated_at=move.now,
            )
            deciding.tell(move, new, "workflows.escalated")
            others.append(str(user))
        if step.late == "reassign" and others:
            task.state = Task.State.CANCELLED
            task.save(update_fields=["state"])
    move.log("escalate", step=task.run.step, data={"late": [str(task.user)], "to": others})
