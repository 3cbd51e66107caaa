"""The only watcher of time limits: reminds before a task is due, then reminds, escalates or reassigns.

Each of it happens once per task: the row is claimed under its lock before anybody is told.
"""

import logging
from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from people.access import SYSTEM, access_for
from workflows import deciding, door, route, saving, who
from workflows.models import Task
from workflows.move import Move
from workflows.steps import Step, Who
from workflows.who import Asked

logger = logging.getLogger(__name__)
_BATCH = 200


def watch() -> int:
    """Look after tasks whose reminder or limit is due, the most overdue first; returns how many.

    What goes wrong with one document is reported and neither keeps others waiting nor takes their place.
    """
    now = timezone.now()
    due = Task.objects.filter(state=Task.State.OPEN).filter(
        Q(remind_at__lte=now, reminded_at=None) | Q(due_at__lte=now, escalated_at=None)
    )
    seen = 0
    for key, document in list(due.order_by("due_at", "pk").values_list("pk", "document_id")):
        try:
            seen += _look_after(key, document)
        except Exception:
            logger.exception("A limit could not be looked after", extra={"document": document})
        if seen == _BATCH:
            break
    return seen


@transaction.atomic
def _look_after(key: int, document_id: int) -> bool:
    document = door.lock(document_id)
    task = Task.objects.select_related("run", "user").filter(pk=key, state=Task.State.OPEN).first()
    if document is None or task is None or task.run.tasks.filter(state=Task.State.HELD).exists():
        return False  # a verdict that was just given decides first
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
    saving.note(move)
    return True


def _late(move: Move, task: Task) -> None:
    """The limit is over: tell the person, and whoever the step names beyond."""
    step = route.step_of(move, task.run.step)
    deciding.tell(move, task, "workflows.overdue")
    others: list[str] = []
    if step.late != "remind" and step.late_to is not None:
        others = [str(one.user) for one in _ask_others(move, task, step, step.late_to)]
        if step.late == "reassign" and others:
            task.state = Task.State.CANCELLED
            task.save(update_fields=["state"])
    move.log("escalate", step=task.run.step, data={"late": [str(task.user)], "to": others})


def _ask_others(move: Move, task: Task, step: Step, late_to: Who) -> list[Task]:
    """Ask those who are named for what is late; the process keeper hears of it if that is nobody at all."""
    document = move.document
    barred = move.barred if step.about.decides else ()
    asked_of = replace(step, who=late_to, fallback=None)
    named = who.people(asked_of, document, barred=barred, staff=move.staff)
    able = [
        one for one in named if who.may_do(step, document, access_for(one.on_behalf_of or one.user))
    ]
    busy = task.run.tasks.exclude(state=Task.State.CANCELLED).values_list("user", flat=True)
    asked = set(busy)
    fresh = [one for one in able if one.user.pk not in asked]
    if not able and document.process is not None and document.process.process.keeper_id:
        run = task.run
        facts = {"step": run.step, "step_en": run.name_en, "step_zh": run.name_zh}
        move.tell([document.process.process.keeper_id], "workflows.nobody", facts)
    if step.mode != "any" or task.must:
        fresh = fresh[:1]  # everybody who is asked must agree there: one takes the seat of one
    return [_ask(move, task, one, must=task.must and step.late == "reassign") for one in fresh]


def _ask(move: Move, task: Task, one: Asked, *, must: bool) -> Task:
    """Overdue as the one it comes from, and not looked after again."""
    made = Task.objects.create(
        document=move.document,
        run=task.run,
        kind=task.kind,
        user=one.user,
        on_behalf_of=one.on_behalf_of,
        why="escalated",
        state=Task.State.OPEN,
        created_at=move.now,
        turn=task.turn,
        must=must,
        due_at=task.due_at,
        reminded_at=move.now,
        escalated_at=move.now,
    )
    deciding.tell(move, made, "workflows.escalated")
    return made
