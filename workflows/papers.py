"""What the door reads of one document under its lock: its lines, its steps, its tasks and whose hands were on it."""

from collections.abc import Iterable

from django.db.models import CharField, Value

from core.questions import Question
from workflows.models import Document, Editor, Event, Line, StepRun, Task

LOCKED: Question[Document] = Question(
    lambda pk: (
        Document.objects.select_for_update(of=("self",))
        .select_related(
            "company",
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
_RUNS: Question[StepRun] = Question(
    lambda pk: StepRun.objects.filter(document=pk).order_by("id"), int
)
_TASKS: Question[Task] = Question(lambda pk: Task.objects.filter(document=pk).order_by("id"), int)
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


def runs(document: Document) -> list[StepRun]:
    """The steps as they were run, oldest first."""
    found = _RUNS.all(document.pk)
    for run in found:
        run.document = document
    return found


def tasks(document: Document, steps: Iterable[StepRun]) -> list[Task]:
    """The tasks of these steps, oldest first."""
    known = {run.pk: run for run in steps}
    found = [task for task in _TASKS.all(document.pk) if task.run_id in known]
    for task in found:
        task.document, task.run = document, known[task.run_id]
    return found


def editors(document: Document) -> set[int]:
    """Who wrote content."""
    return {pk for pk, _verb in _EDITORS.all(document.pk)}


def seen(document: Document, key: str) -> tuple[set[int], str]:
    """Who wrote content, and which verb was done with this key before; empty if none was."""
    rows = _SEEN.all(document.pk, key)
    done = next((verb for _pk, verb in rows if verb), "")
    return {pk for pk, verb in rows if not verb}, done
