"""The verbs of those who are asked: agree, refuse, return, hand over, add somebody, take back.

Bodies of the one door: they get a move under the lock and change it; they neither save nor log by themselves.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from core import bulk
from core.errors import LineError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, NumberError, parse_decimal
from people.access import access_for
from people.models import User
from workflows import amounts, content, queries, route, saving, who
from workflows.counting import judging
from workflows.errors import DocumentRefused, WrongState
from workflows.models import StepRun, Task
from workflows.move import Move, rows, whole

_PENDING = frozenset({Task.State.OPEN, Task.State.WAITING, Task.State.HELD})
_DECIDED = (
    "state", "verdict", "decided_by", "decided_at", "comment", "seen_at", "held_until",
)  # fmt: skip
UNDO = timedelta(seconds=10)
"""How long a verdict given on the page can be taken back before the flow moves."""


def agree(move: Move) -> None:
    """Agree in my task; a confirmation writes the confirmed quantities. ``data.hold`` waits for an undo."""
    task = _mine(move)
    _nobody_faster(move, task)
    if task.kind == "approve":
        _four_eyes(move, task)
    else:
        confirm(move, rows(move.data))
    _require_fields(move, task)
    _decide(task, move, "approved")
    move.log(
        "confirm" if task.kind == "confirm" else "approve",
        text=move.text,
        data={"lines": move.result["changed"]} if "changed" in move.result else {},
        **_behalf(task),
    )
    if move.data.get("hold"):
        task.state = Task.State.HELD
        task.held_until = move.now + UNDO
        task.save()
        move.result["held_until"] = task.held_until
        return
    finish(task, move)
    settle_run(move, task.run, strict=False)


def settle_run(move: Move, run: StepRun, *, strict: bool) -> None:
    """After a verdict: close the step and go on, or open the next in turn."""
    tasks = sorted(tasks_of(move, run), key=lambda task: (task.turn, task.pk))
    if _complete(move, run, tasks):
        route.close(run, move, StepRun.Outcome.DONE)
        route.advance(move, strict=strict)
    else:
        _next_turn(run, tasks, move)


def settle(move: Move) -> bool:
    """Let verdicts whose time for undoing is over (or that are overtaken) take effect; whether any did."""
    held = [task for task in move.tasks if task.state == Task.State.HELD]
    for task in held:
        if task.run.left_at is not None:
            continue
        finish(task, move)
        move.log("settle", step=task.run.step, on_behalf_of=task.on_behalf_of)
        settle_run(move, task.run, strict=False)
    return bool(held)


def refuse(move: Move) -> None:
    """It will not be done; final."""
    task = _mine(move)
    _nobody_faster(move, task)
    if task.kind == "approve":
        _four_eyes(move, task)
    if move.document.kind.orders:
        from workflows.orders import changing  # which asks the makers of documents, who ask this

        changing.refuse_refusal(move)
    _decide(task, move, "refused")
    finish(task, move)
    route.close_all(move, StepRun.Outcome.REFUSED)
    old = move.document.state
    move.document.refuse()
    move.document.step = ""
    move.log("refuse", old_state=old, reason=move.reason, text=move.text, **_behalf(task))
    _tell_asker(move, "workflows.refused")


def send_back(move: Move) -> None:
    """Back to the asker, or (``data.to``) to a step before this one."""
    task = _mine(move)
    _decide(task, move, "returned")
    finish(task, move)
    to = str(move.data.get("to") or "")
    old, from_step = move.document.state, task.run.step
    if to:
        keys = [step.key for step in move.steps]
        here = keys.index(from_step) if from_step in keys else len(keys)
        valid = [run for run in move.runs if run.step == to and run.valid]
        done = [run for run in valid if run.outcome == StepRun.Outcome.DONE]
        if to not in keys[:here] or not done:
            raise DocumentRefused(
                _("A document can be returned to an earlier step only, which somebody has done."),
                code="return_to",
            )
    if move.document.kind.shape == "count":
        judging.send_back(move)
    route.close_all(move, StepRun.Outcome.RETURNED)
    move.log(
        "return", reason=move.reason, text=move.text, data={"to": to, "from": from_step},
        old_state=old, **_behalf(task),
    )  # fmt: skip
    if to:
        route.forget_runs(move, [run for run in move.runs if run.step == to])
        route.advance(move, strict=False)
        return
    move.document.send_back()
    move.document.step = ""
    move.events[-1].new_state = move.document.state
    _tell_asker(move, "workflows.returned")


def forward(move: Move) -> None:
    """Hand my task over to somebody else who may do it."""
    task = _mine(move)
    other = _other(move, task)
    task.state = Task.State.CANCELLED
    task.save(update_fields=["state"])
    _ask(move, task.run, other, "forwarded", like=task)
    move.log("forward", text=move.text, data={"to": other.pk, "name": str(other)})


def add(move: Move) -> None:
    """Ask one more person: before me, after me, or beside me; without that agreement the step does not end."""
    task = _mine(move)
    other = _other(move, task)
    where = str(move.data.get("where") or "beside")
    if where not in {"before", "after", "beside"}:
        raise DocumentRefused(_("Add somebody before, after or beside you."), code="where")
    if where != "beside":
        task.run.tasks.filter(turn__gt=task.turn).update(turn=F("turn") + 1)
    if where == "before":
        task.state, task.turn = Task.State.WAITING, task.turn + 1
        task.save(update_fields=["state", "turn"])
    _ask(move, task.run, other, "added", like=task, must=True, where=where)
    move.log("add", text=move.text, data={"to": other.pk, "name": str(other), "where": where})


def assign(move: Move) -> None:
    """The process keeper gives a step that found nobody (or that is stuck) to somebody."""
    run = next((run for run in reversed(move.runs) if run.left_at is None), None)
    if run is None:
        raise WrongState(_("No step is open."))
    other = _user(move)
    _may_do(move, run, other)
    gone = run.tasks.filter(
        Q(state=Task.State.OPEN) | Q(state=Task.State.WAITING, user=other)
    ).order_by("pk")
    last = gone.last()
    must = gone.filter(must=True).exists()
    gone.update(state=Task.State.CANCELLED)
    _ask(move, run, other, "forwarded", like=last, must=must)
    move.log("assign", text=move.text, data={"to": other.pk, "name": str(other)})


def undo(move: Move) -> None:
    """Take my last verdict back: while it is held, or until the next step has begun."""
    held = _held(move)
    if held is not None:
        held.state, held.verdict, held.decided_by = Task.State.OPEN, "", None
        held.decided_at = held.held_until = None
        held.save()
        move.log("undo", step=held.run.step)
        return
    last, run = _undoable(move), move.open_run
    if last is None:
        raise WrongState(
            _("The next step has begun; the verdict stays. Ask its people to return the document.")
        )
    if run is not None:
        route.close(run, move, StepRun.Outcome.CANCELLED)
    route.forget_runs(move, [run for run in move.runs if run.pk >= last.run_id])
    move.log("undo", step=last.run.step)
    route.advance(move, strict=False)


def may_undo(move: Move) -> bool:
    """Whether a verdict of this person can still be taken back."""
    return _held(move) is not None or _undoable(move) is not None


def _held(move: Move) -> Task | None:
    mine = move.document.tasks.filter(state=Task.State.HELD, decided_by=move.actor)
    return mine.select_related("run").last()


def _undoable(move: Move) -> Task | None:
    """My verdict that has taken effect while nobody has looked at what came of it."""
    document, run = move.document, move.open_run
    if run is None or move.actor is None:
        return None
    last = (
        document.tasks.filter(state=Task.State.DONE, decided_by=move.actor, verdict="approved")
        .select_related("run")
        .last()
    )
    newest = document.runs.exclude(outcome__in=["auto", "skipped"]).exclude(pk=run.pk).last()
    begun = run.tasks.filter(
        Q(state__in=[Task.State.DONE, Task.State.HELD]) | Q(seen_at__isnull=False)
    ).exists()
    return last if last is not None and not begun and newest == last.run != run else None


# Helpers -------------------------------------------------------------------------------------------


def confirm(move: Move, given: Sequence[Mapping[str, Any]]) -> None:
    """Write confirmed quantities (line key → quantity); what is not named is confirmed as requested.

    They are content: earlier approvals of other figures are asked for again.
    """
    wanted = _confirmed(move, given)
    changed, written = [], []
    for line in move.lines:
        known = amounts.planned(line)
        quantity = wanted.get(str(line.key), known)
        if quantity != known:
            changed.append({"line": line.position, "old": plain(known), "new": plain(quantity)})
        if quantity != line.confirmed:
            line.confirmed = quantity
            written.append(line)
    saving.save_lines(move, written, ["confirmed"])
    if not changed:
        return
    if move.actor is not None:
        move.sign(move.actor.pk)
    move.result["changed"] = changed
    move.reckon()
    errors = queries.over_remaining(move.document, move.lines)
    if errors:
        raise DocumentRefused(str(errors[0].message), lines=errors)
    move.document.content_version += 1
    move.document.content_hash = content.hashed(move.document, move.lines)


def _confirmed(move: Move, given: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Line key → confirmed quantity; raises DocumentRefused with every bad line."""
    wanted: dict[str, Decimal] = {}
    errors = []
    by_key = {str(line.key): line for line in move.lines}
    for row in given:
        line = by_key.get(str(row.get("key")))
        if line is None:
            errors.append(LineError(0, "unknown_line", _("There is no such line.")))
            continue
        try:
            quantity = parse_decimal(
                str(row.get("confirmed", "")), places=QUANTITY_PLACES, lenient=True
            )
        except NumberError as error:
            errors.append(LineError(line.position, error.code, str(error)))
            continue
        if quantity < 0:
            message = _("A quantity cannot be below zero.")
            errors.append(LineError(line.position, "quantity", message))
        wanted[str(line.key)] = quantity
    if errors:
        raise DocumentRefused(str(errors[0].message), lines=errors)
    return wanted


def _mine(move: Move) -> Task:
    if move.task is None:
        raise WrongState(_("This is not waiting for you."))
    return move.task


def _four_eyes(move: Move, task: Task) -> None:
    out = move.barred
    hands = {move.actor.pk if move.actor else 0, task.on_behalf_of_id or 0}
    if hands & out:
        raise DocumentRefused(
            _("Whoever asked for or edited a document cannot approve it. Somebody else has to."),
            code="four_eyes",
            status=403,
        )


def _nobody_faster(move: Move, task: Task) -> None:
    """Where one verdict is enough, a verdict that is still held stands."""
    held = next(
        (
            one
            for one in tasks_of(move, task.run)
            if one.state == Task.State.HELD and one.pk != task.pk
        ),
        None,
    )
    if held is not None and route.step_of(move, task.run.step).mode == "any" and not task.must:
        raise WrongState(
            _("%(name)s has decided just now.") % {"name": held.decided_by}, code="decided"
        )


def _require_fields(move: Move, task: Task) -> None:
    """What the step asks for comes along or is there already."""
    from workflows import fields, filling

    step = route.step_of(move, task.run.step)
    filling.fill(move, step)
    missing = fields.missing(move.document, step.required)
    if missing:
        raise DocumentRefused(
            _("Fill in first: %(fields)s.") % {"fields": ", ".join(missing)}, code="required"
        )


def _decide(task: Task, move: Move, verdict: str) -> None:
    task.verdict = verdict
    task.decided_by = move.actor
    task.decided_at = move.now
    task.comment = move.text
    task.seen_at = task.seen_at or move.now


def finish(task: Task, move: Move) -> None:
    """The task is done: what was decided in it is written with the move."""
    task.state = Task.State.DONE
    move.writes.add(bulk.change(task, _DECIDED))


def tasks_of(move: Move, run: StepRun) -> list[Task]:
    """The tasks of a step, oldest first."""
    return [task for task in move.tasks if task.run_id == run.pk]


def _behalf(task: Task) -> dict[str, Any]:
    return {"on_behalf_of": task.on_behalf_of, "step": task.run.step}


def _complete(move: Move, run: StepRun, tasks: list[Task]) -> bool:
    """Whether a step has all the agreement that it needs."""
    if any(task.must and task.state in _PENDING for task in tasks):
        return False
    usual = [task for task in tasks if not task.must and task.state != Task.State.CANCELLED]
    mode = route.step_of(move, run.step).mode
    if mode == "any":
        return any(task.state == Task.State.DONE for task in usual) or not usual
    return not any(task.state in _PENDING for task in usual)


def _next_turn(run: StepRun, tasks: list[Task], move: Move) -> None:
    """Open the waiting tasks that nothing holds up any more."""
    mode = route.step_of(move, run.step).mode
    for task in tasks:
        if task.state != Task.State.WAITING or _held_up(task, tasks, mode):
            continue
        task.state = Task.State.OPEN
        task.created_at = move.now
        task.save(update_fields=["state", "created_at"])
        tell(move, task, "workflows.task")


def _held_up(task: Task, tasks: list[Task], mode: str) -> bool:
    """Whether somebody has to agree before this one gets his turn.

    Where people are not asked in turn, whoever put somebody before himself waits for that one alone.
    """
    earlier = [one for one in tasks if one.turn < task.turn]
    pending = [one for one in earlier if one.state in _PENDING]
    put = [one for one in earlier if one.must and one.added_by_id == task.user_id]
    if mode != "turn" and put:
        return any(one in pending for one in put)
    agreed = any(one.state == Task.State.DONE and not one.must for one in tasks)
    if mode == "any" and agreed:
        return any(one.must for one in pending)
    return bool(pending)


def _user(move: Move) -> User:
    user = User.objects.filter(pk=whole(move.data.get("user")), is_active=True).first()
    if user is None:
        raise DocumentRefused(_("Choose a person."), code="user")
    return user


def _other(move: Move, task: Task) -> User:
    other = _user(move)
    if move.actor is not None and other.pk == move.actor.pk:
        raise DocumentRefused(_("Choose somebody else."), code="user")
    busy = {Task.State.OPEN, Task.State.WAITING, Task.State.HELD}
    if task.run.tasks.filter(user=other, state__in=busy).exists():
        raise DocumentRefused(_("%(name)s is asked already.") % {"name": other}, code="user")
    _may_do(move, task.run, other)
    return other


def _may_do(move: Move, run: StepRun, other: User) -> None:
    """Refuse whoever lacks the right or had a hand in the content."""
    step = route.step_of(move, run.step)
    if not who.may_do(step, move.document, access_for(other)):
        raise DocumentRefused(
            _("%(name)s may not do this step here.") % {"name": other}, code="user_right"
        )
    if step.about.decides and other.pk in move.barred:
        raise DocumentRefused(
            _("Whoever asked for or edited a document cannot approve it. Somebody else has to."),
            code="four_eyes",
        )


def _ask(
    move: Move,
    run: StepRun,
    user: User,
    why: str,
    *,
    like: Task | None = None,
    must: bool = False,
    where: str = "",
) -> None:
    after = where == "after"
    turn = like.turn if like else 0
    turn = max(turn - 1, 0) if where == "before" else turn + 1 if after else turn
    task = Task.objects.create(
        document=move.document,
        run=run,
        kind=run.kind,
        user=user,
        why=why,
        added_by=like.added_by if like and like.must and why == "forwarded" else move.actor,
        must=must or bool(like and like.must),
        turn=turn,
        state=Task.State.WAITING if after else Task.State.OPEN,
        created_at=move.now,
        due_at=like.due_at if like else None,
        remind_at=like.remind_at if like else None,
    )
    move.reread()
    if not after:
        tell(move, task, "workflows.task")


def tell(move: Move, task: Task, kind: str) -> None:
    """Put a notice about a task behind the bell of its person."""
    run = task.run
    facts = {"step_en": run.name_en, "step_zh": run.name_zh, "by": str(move.actor or "")}
    move.tell([task.user_id], kind, facts)


def _tell_asker(move: Move, kind: str) -> None:
    asker = move.document.asker_id
    if asker:
        move.tell([asker], kind, {"by": str(move.actor or ""), "text": move.text})
