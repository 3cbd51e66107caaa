"""What the door reads of one document under its lock: its lines, its steps, its tasks and whose hands were on it."""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, Value

from core.questions import Question
from workflows.models import Document, Editor, Event, Line, StepRun, Task

LOCKED: Question[Document] = Question(
    lambda pk: (
        Document.objects.select_for_update(of=("self",))
        .select_related(
            "company",
            "company__calendar",
            "process",
            "process__process",
            "asker",
            "asker__department",
            "warehouse",
            "target_warehouse",
            "partner",
            "department",
            "reason",
            "source",
        )
        .filter(pk=pk)
    ),
    int,
)
"""The document with its names, locked until the transaction ends."""
_LINES: Question[Line] = Question(
    lambda pk: Line.objects.filter(document=pk).order_by("position", "id"), int
)
_OF_RUN = [field.attname for field in StepRun._meta.concrete_fields]
_OF_TASK = [field.attname for field in Task._meta.concrete_fields]
_WORK: Question[tuple[Any, ...]] = Question(
    lambda pk: (
        StepRun.objects.filter(document=pk)
        .order_by("id", "tasks__id")
        .values_list(*_OF_RUN, *(f"tasks__{name}" for name in _OF_TASK))
    ),
    int,
)
"""The steps, each as often as it has tasks, with the task (or nothing) beside it."""
_NAMED = Value("", CharField())
_EDITORS: Question[tuple[int, str]] = Question(
    lambda pk: Editor.objects.filter(document=pk).values_list("user_id", _NAMED), int
)
_SEEN: Question[tuple[int, str]] = Question(
    lambda pk, key: (
        Editor.objects.filter(document=pk)
        .values_list("user_id", _NAMED)
        .union(
            Event.objects.filter(document=pk, key=key).order_by().values_list("document", "verb"),
            all=True,
        )
    ),
    int,
    str,
)


def lines(document: Document) -> list[Line]:
    """The lines in order; what one of them names is read for all of them when it is first asked for."""
    found = _LINES.all(document.pk)
    for line in found:
        line._state.fields_cache["document"] = document
        line.peers = found
    return found


def work(document: Document) -> tuple[list[StepRun], list[Task]]:
    """The steps as they were run and their tasks, both oldest first."""
    runs: dict[int, StepRun] = {}
    tasks = []
    for row in _WORK.all(document.pk):
        run = runs.get(row[0])
        if run is None:
            run = runs[row[0]] = _run(row[: len(_OF_RUN)])
            run.document = document
        if row[len(_OF_RUN)] is not None:
            task = _task(row[len(_OF_RUN) :])
            task.document, task.run = document, run
            tasks.append(task)
    return list(runs.values()), sorted(tasks, key=lambda task: task.pk)


def _run(row: Sequence[Any]) -> StepRun:
    return StepRun.from_db(DEFAULT_DB_ALIAS, _OF_RUN, row)


def _task(row: Sequence[Any]) -> Task:
    return Task.from_db(DEFAULT_DB_ALIAS, _OF_TASK, row)


def editors(document: Document) -> set[int]:
    """Who wrote content."""
    return {pk for pk, _verb in _EDITORS.all(document.pk)}


def seen(document: Document, key: str) -> tuple[set[int], str]:
    """Who wrote content, and which verb was done with this key before; empty if none was."""
    rows = _SEEN.all(document.pk, key)
    done = next((verb for _pk, verb in rows if verb), "")
    return {pk for pk, verb in rows if not verb}, done
