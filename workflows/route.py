"""The only mover along the steps of a process: opens the next one that is needed and asks its people.

Every advance walks from the first step: one that was done on the same input is done, whatever came between;
one whose input has changed is open again. So a change of approved values asks again by itself.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from django.db import transaction

from core import bulk
from core.errors import DomainError
from workflows import clock, conditions, failures, papers, states, who
from workflows.conditions import Verdict
from workflows.models import Copy, StepRun, Task
from workflows.move import Move, excess, input_hash
from workflows.steps import Step, Who

OVER = "over"
"""Key of the approval that is asked for when execution went beyond tolerance and the process has none."""
_OVER_STEP = Step(
    OVER,
    "approve",
    "Beyond tolerance",
    "超出允差审批",
    who=Who("role", "warehouse_head"),
    fallback=Who("role", "approver", scope="any"),
)
_PENDING = frozenset({Task.State.OPEN, Task.State.WAITING, Task.State.HELD})
Poster = Callable[[Move], None]
_poster: list[Poster] = []


def register_poster(poster: Poster) -> None:
    """Let the posting module say how a document is posted; there is exactly one."""
    _poster[:] = [poster]


def advance(move: Move, *, strict: bool) -> None:
    """Go on until a step needs a person, or the end.

    ``strict``: whoever moved it can mend what stops an automatic posting, so the error is his; otherwise
    the posting step is left open for those who may post, with the error on the timeline.
    """
    if move.open_run is not None:
        return
    for step in _steps(move):
        over = move.document.posting_id is not None and step.kind != "finance"
        if over or _satisfied(step, move):
            continue
        if _passes(step, move):
            continue
        if step.kind == "post" and step.automatic and _posted(move, step, strict=strict):
            continue
        if step.kind == "finance" and move.document.state != states.POSTED:
            continue
        _open(step, move)
        if step.kind != "finance":
            return
    if move.document.state in {states.POSTED, states.REVERSED}:
        move.document.step = ""


def _steps(move: Move) -> list[Step]:
    """The steps of the version, with an approval before posting if execution went too far without one."""
    steps = list(move.steps)
    if any(step.about.decides for step in steps) or not excess(move):
        return steps
    place = next(n for n, step in enumerate(steps) if step.kind == "post")
    return [*steps[:place], _OVER_STEP, *steps[place:]]


def step_of(move: Move, key: str) -> Step:
    """The step of a key; also the one that is added beyond tolerance."""
    if key == OVER:
        return _OVER_STEP
    return next(step for step in move.steps if step.key == key)


def asks_again(move: Move) -> bool:
    """Whether an approval that was given (or was not needed) is needed again because of what was entered."""
    valid = {run.step for run in move.runs if run.valid}
    steps = [step for step in _steps(move) if step.about.decides]
    return any(
        (step.key in valid or step.key == OVER) and not _satisfied(step, move) for step in steps
    )


def _satisfied(step: Step, move: Move) -> bool:
    last = next((run for run in reversed(move.runs) if run.step == step.key and run.valid), None)
    if last is None or last.outcome not in {
        StepRun.Outcome.DONE,
        StepRun.Outcome.AUTO,
        StepRun.Outcome.SKIPPED,
    }:
        return bool(last and last.left_at is None)
    if step.about.decides and _own_hands(last, move):
        return False
    return step.kind == "finance" or last.input_hash == input_hash(step, move)


def _own_hands(run: StepRun, move: Move) -> bool:
    """Whether somebody who approved has become an editor since."""
    if run.outcome != StepRun.Outcome.DONE:
        return False
    hands = [
        task
        for task in move.tasks
        if task.run_id == run.pk and task.state == Task.State.DONE and task.verdict == "approved"
    ]
    out = move.barred
    return any(task.decided_by_id in out or task.on_behalf_of_id in out for task in hands)


def _passes(step: Step, move: Move) -> bool:
    """Leave out a step that is not needed, or let it pass by its rule; both are kept with their trace."""
    beyond = step.about.decides and bool(excess(move))
    needed = conditions.evaluate(step.when, move.facts, empty=True)
    if not needed.holds and not beyond:
        _run(step, move, StepRun.Outcome.SKIPPED, needed.trace)
        return True
    rule = _rule(step, move)
    if rule.holds and not beyond:
        _run(step, move, StepRun.Outcome.AUTO, [*needed.trace, *rule.trace])
        move.log("pass", step=step.key, actor=None, data={"trace": rule.trace})
        return True
    return False


def _rule(step: Step, move: Move) -> Verdict:
    """Whether the step's own rule lets it pass; only approvals and confirmations have one."""
    groups = step.auto if step.about.decides or step.kind == "confirm" else ()
    return conditions.evaluate(groups, move.facts, empty=False, part="auto")


def _run(
    step: Step, move: Move, outcome: str, trace: list[dict[str, Any]], *, keyed: bool = False
) -> StepRun:
    """A step that began now (and has ended, unless it is open); only with ``keyed`` its key is known at once."""
    ended = None if outcome == StepRun.Outcome.OPEN else move.now
    before = [run for run in move.runs if run.step == step.key and run.valid]
    if step.about.decides and any(run.outcome == StepRun.Outcome.DONE for run in before):
        move.log("void_approval", actor=None, step=step.key)
    forget_runs(move, before)
    made = StepRun(
        document=move.document,
        content_version=move.document.content_version,
        step=step.key,
        name_en=step.name_en,
        name_zh=step.name_zh,
        kind=step.kind,
        entered_at=move.now,
        left_at=ended,
        outcome=outcome,
        input_hash=input_hash(step, move),
        trace=trace,
    )
    move.runs.append(made)
    sql, values = bulk.insertion([made])
    if not keyed:
        move.writes.add((sql, values))
        return made
    move.writes.add((f"{sql} RETURNING id", values))
    ((made.pk,),) = move.writes.send()
    return made


def forget_runs(move: Move, runs: Sequence[StepRun]) -> None:
    """These steps count no more."""
    _learn_keys(move, runs)
    for run in runs:
        run.valid = False
    if runs:
        among, keys = bulk.among("id", [run.pk for run in runs])
        move.writes.add((f"UPDATE workflows_steprun SET valid = false WHERE {among}", [keys]))


def _learn_keys(move: Move, runs: Sequence[StepRun]) -> None:
    """Write the steps that wait, so that these can be written again."""
    if any(run.pk is None for run in runs):
        move.writes.send()
        written, _tasks = papers.work(move.document)
        for run, known in zip(move.runs, written, strict=True):
            run.pk = known.pk


def _posted(move: Move, step: Step, *, strict: bool) -> bool:
    """Post now; False if that was not possible and somebody has to do it by hand."""
    _look_up(move)
    if strict:
        _poster[0](move)
        _run(step, move, StepRun.Outcome.DONE, [])
        return True
    move.writes.send()
    number = move.document.number
    try:
        with transaction.atomic():
            _poster[0](move)
    except DomainError as error:
        move.writes.drop()
        move.document.number = number
        move.log("post_failed", actor=None, step=step.key, data=failures.note(error))
        return False
    _run(step, move, StepRun.Outcome.DONE, [])
    return True


def _look_up(move: Move) -> None:
    """Ask for every fact of the steps now: posting changes what goods are worth and what is there."""
    for step in move.steps:
        for condition in chain(*step.when, *step.auto):
            move.facts.get(condition.field)


def _open(step: Step, move: Move) -> None:
    """Begin a step: its run, its tasks, the state that goes with it, and the notices."""
    document = move.document
    needed = conditions.evaluate(step.when, move.facts, empty=True)
    trace = [*needed.trace, *_rule(step, move).trace]
    barred = move.barred if step.about.decides else ()
    asked = who.people(_by_hand(step), document, barred=barred, staff=move.staff)
    run = _run(step, move, StepRun.Outcome.OPEN, trace, keyed=bool(asked))
    if step.kind != "finance":
        document.step = step.key
        _state(step, move)
    due, remind = clock.limits(step, move.calendar, move.now) if asked else (None, None)
    tasks = [
        Task(
            document=document,
            run=run,
            kind=step.kind,
            user=one.user,
            on_behalf_of=one.on_behalf_of,
            why=one.why,
            turn=number if step.mode == "turn" else 0,
            state=Task.State.WAITING if step.mode == "turn" and number else Task.State.OPEN,
            created_at=move.now,
            due_at=due,
            remind_at=remind,
        )
        for number, one in enumerate(asked)
    ]
    if tasks:
        move.writes.add(bulk.insertion(tasks))
        move.again()
    _tell(move, step, tasks)


def _by_hand(step: Step) -> Step:
    """An automatic posting that failed is done by those who may execute in the warehouse."""
    if not step.automatic:
        return step
    return Step(
        step.key,
        step.kind,
        step.name_en,
        step.name_zh,
        who=Who("role", "clerk"),
        fallback=Who("role", "warehouse_head"),
    )


def _state(step: Step, move: Move) -> None:
    document = move.document
    old = document.state
    if step.kind in {"approve", "confirm"}:
        if old != states.IN_APPROVAL:
            document.ask()
    elif old != states.IN_EXECUTION:
        counts = document.kind.shape == "count"
        started = counts or any(line.actual is not None for line in move.lines)
        if started:
            document.begin()
        elif old != states.APPROVED:
            document.clear()


def _tell(move: Move, step: Step, tasks: list[Task]) -> None:
    document = move.document
    facts = {"step": step.key, "step_en": step.name_en, "step_zh": step.name_zh}
    asked = [task.user_id for task in tasks if task.state == Task.State.OPEN]
    move.tell(asked, "workflows.task", facts)
    if not tasks:
        move.log("nobody", actor=None, step=step.key)
        keeper = document.process.process.keeper_id if document.process else None
        if keeper:
            move.tell([keeper], "workflows.nobody", facts)
    for role in step.copy_to:
        holders = who.resolve(Who("role", role), document, step, move.staff)
        copies = [Copy(document=document, user=user, created_at=move.now) for user, _why in holders]
        Copy.objects.bulk_create(copies, ignore_conflicts=True)


def close(run: StepRun, move: Move, outcome: str) -> None:
    """End a run: its remaining tasks are no longer needed, and the time people worked on it is kept."""
    _learn_keys(move, [run])
    tasks = [task for task in move.tasks if task.run_id == run.pk]
    touched = sum(
        int((task.decided_at - task.seen_at).total_seconds())
        for task in tasks
        if task.decided_at and task.seen_at
    )
    left = [task for task in tasks if task.state in _PENDING]
    for task in left:
        task.state = Task.State.CANCELLED
    if left:
        among, keys = bulk.among("id", [task.pk for task in left])
        sql = f"UPDATE workflows_task SET state = 'cancelled' WHERE {among}"
        move.writes.add((sql, [keys]))
    run.left_at = move.now
    run.outcome = outcome
    run.touch_seconds = max(touched, 0)
    move.writes.add(bulk.change(run, ("left_at", "outcome", "touch_seconds")))


def close_all(move: Move, outcome: str) -> None:
    """End every run that is open."""
    for run in [run for run in move.runs if run.left_at is None]:
        close(run, move, outcome)
