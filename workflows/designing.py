"""The only writer of processes and their versions: drafts step by step, activation, keepers.

A draft may be unfinished; activation refuses with every reason (workflows.readiness). Running documents stay
on the version they travel by: a trigger keeps versions that were activated as they are.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.words import one_line
from people import notices
from people.access import Access
from people.models import User
from workflows import readiness, staff
from workflows.errors import Changed, ProcessRefused, WrongState
from workflows.models import Process, ProcessVersion
from workflows.steps import KINDS, Options, Step, Who

RIGHT = "process.manage"
MOST_STEPS = 30
_NAMES = {
    "approve": ("Approval", "审批"),
    "confirm": ("Confirmation", "确认"),
    "inspect": ("Inspection", "验收"),
    "execute": ("Execution", "执行"),
    "post": ("Posting", "系统登记"),
    "finance": ("Finance", "财务"),
}


def stamp(step: Step) -> str:
    """What a person saw of a step; saving refuses if somebody else has changed it since."""
    body = json.dumps(step.as_dict(), sort_keys=True, default=str)
    return sha256(body.encode()).hexdigest()[:16]


@transaction.atomic
def start_draft(
    process: Process, *, access: Access, source: ProcessVersion | None = None, note: str = ""
) -> ProcessVersion:
    """A draft copied from ``source`` (the active version unless said); raises WrongState if there is one."""
    access.require(RIGHT)
    Process.objects.select_for_update().get(pk=process.pk)
    if process.versions.filter(state=ProcessVersion.State.DRAFT).exists():
        raise WrongState(_("There is a draft already. Activate it or discard it first."))
    source = source or process.versions.filter(state=ProcessVersion.State.ACTIVE).first()
    if source is None or source.process_id != process.pk:
        raise ProcessRefused(_("This process has no such version."), code="unknown_version")
    last = process.versions.aggregate(last=Max("number"))["last"] or 0
    return ProcessVersion.objects.create(
        process=process,
        number=last + 1,
        steps=source.steps,
        options=source.options,
        note=note[:300],
    )


@transaction.atomic
def discard(version: ProcessVersion, *, access: Access) -> None:
    """Throw a draft away."""
    _locked(version, access).delete()


def add_step(version: ProcessVersion, kind: str, *, access: Access) -> Step:
    """A new step of a kind at its usual place: finance last, others before posting."""
    if kind not in KINDS:
        raise ProcessRefused(_("Unknown kind of step."), code="kind")
    made: list[Step] = []

    def change(found: list[Step]) -> list[Step]:
        if len(found) >= MOST_STEPS:
            raise ProcessRefused(_("A process has at most %(n)d steps.") % {"n": MOST_STEPS})
        taken = {step.key for step in found}
        key = next(k for n in range(1, 99) if (k := kind if n == 1 else f"{kind}{n}") not in taken)
        en, zh = _NAMES[kind]
        who = Who("system") if kind == "post" else Who("role")
        fallback = Who("role", "approver", scope="any") if KINDS[kind].decides else None
        made.append(Step(key, kind, en, zh, who=who, fallback=fallback))
        posts = [n for n, step in enumerate(found) if step.kind == "post"]
        place = len(found) if kind in {"finance", "post"} or not posts else posts[0]
        return [*found[:place], made[0], *found[place:]]

    _change(version, access, change)
    return made[0]


def remove_step(version: ProcessVersion, key: str, *, access: Access) -> None:
    """Take a step out."""

    def change(found: list[Step]) -> list[Step]:
        place = _place(found, key)
        return [*found[:place], *found[place + 1 :]]

    _change(version, access, change)


def move_step(version: ProcessVersion, key: str, *, up: bool, access: Access) -> None:
    """Move a step one place up or down; at the end it stays."""

    def change(found: list[Step]) -> list[Step]:
        place = _place(found, key)
        other = place - 1 if up else place + 1
        if 0 <= other < len(found):
            found[place], found[other] = found[other], found[place]
        return found

    _change(version, access, change)


def put_step(version: ProcessVersion, step: Step, *, seen: str, access: Access) -> Step:
    """Save one step; raises Changed if it is no longer what was ``seen`` (see ``stamp``)."""

    def change(found: list[Step]) -> list[Step]:
        place = _place(found, step.key)
        if seen and stamp(found[place]) != seen:
            raise Changed(_("Somebody else has changed this step meanwhile. Look at it again."))
        found[place] = replace(step, key=found[place].key)
        return found

    _change(version, access, change)
    return step


@transaction.atomic
def put_options(
    version: ProcessVersion, options: Options, *, note: str = "", access: Access
) -> None:
    """Save what the process says beside its steps, and what the version is for."""
    locked = _locked(version, access)
    before = (locked.options, locked.note)
    locked.options, locked.note = options.as_dict(), one_line(note, 300)
    if (locked.options, locked.note) != before:
        _save(locked, "options", "note")


def needs_two(process: Process) -> bool:
    """Whether the active version says that the next one is proposed by one person and activated by another."""
    active = process.versions.filter(state=ProcessVersion.State.ACTIVE).first()
    return active is not None and active.read_options().confirmed


@transaction.atomic
def propose(version: ProcessVersion, *, actor: User, access: Access) -> ProcessVersion:
    """Ask another person to activate the draft as it is; raises ProcessRefused with every reason against it.

    Whoever changes the draft after that takes the proposal back.
    """
    locked = _locked(version, access)
    _check_ready(locked)
    if locked.proposed_by_id is None:
        locked.proposed_by, locked.proposed_at = actor, timezone.now()
        locked.save(update_fields=["proposed_by", "proposed_at"])
        others = [user.pk for user in staff.holders_of(RIGHT) if user.pk != actor.pk]
        data = {
            "by": str(actor),
            "name_en": locked.process.name_en,
            "name_zh": locked.process.name_zh,
            "number": locked.number,
        }
        process = locked.process
        url = f"/processes/{process.company_id}/{process.type}/{locked.number}/"
        notices.notify(others, "workflows.proposed", data, url)
    return locked


@transaction.atomic
def activate(version: ProcessVersion, *, actor: User, access: Access) -> ProcessVersion:
    """Let new documents travel by the draft; raises ProcessRefused with every reason against it.

    Where the active version wants two people, somebody else must have proposed the draft as it is
    (NotAllowed).
    """
    locked = _locked(version, access)
    if needs_two(locked.process) and locked.proposed_by_id in {None, actor.pk}:
        raise NotAllowed(
            _("This process wants two people: one proposes the version, another activates it."),
            code="second_person",
        )
    _check_ready(locked)
    for old in ProcessVersion.objects.filter(
        process=locked.process_id, state=ProcessVersion.State.ACTIVE
    ):
        old.state = ProcessVersion.State.RETIRED
        old.save(update_fields=["state"])
    locked.state = ProcessVersion.State.ACTIVE
    locked.activated_at = timezone.now()
    locked.activated_by = actor
    locked.save(update_fields=["state", "activated_at", "activated_by"])
    return locked


def _check_ready(locked: ProcessVersion) -> None:
    reasons = readiness.refusals(locked)
    if reasons:
        raise ProcessRefused(
            _("This version cannot be activated yet."), code="not_ready", lines=reasons
        )


@transaction.atomic
def save_process(process: Process, *, access: Access) -> Process:
    """Save the names and the keeper of a process."""
    access.require(RIGHT)
    process.full_clean()
    process.save()
    return process


def _locked(version: ProcessVersion, access: Access) -> ProcessVersion:
    """The draft under its lock (the process first, as a new draft and an activation take it)."""
    access.require(RIGHT)
    Process.objects.select_for_update().get(pk=version.process_id)
    found = (
        ProcessVersion.objects.select_for_update(of=("self",))
        .select_related("process", "process__company")
        .filter(pk=version.pk)
        .first()
    )
    if found is None or found.state != ProcessVersion.State.DRAFT:
        raise WrongState(_("Only a draft can be changed. Start a new draft from this version."))
    return found


@transaction.atomic
def _change(
    version: ProcessVersion, access: Access, change: Callable[[list[Step]], list[Step]]
) -> None:
    locked = _locked(version, access)
    before = locked.steps
    locked.steps = plain(change(list(locked.read_steps())))
    if locked.steps != before:
        _save(locked, "steps")


def _save(locked: ProcessVersion, *names: str) -> None:
    """Keep a change of the draft; what was proposed is another draft now."""
    locked.proposed_by = locked.proposed_at = None
    locked.save(update_fields=[*names, "proposed_by", "proposed_at"])


def plain(found: list[Step]) -> list[dict[str, object]]:
    """Steps as a version keeps them: what JSON gives back is equal to it."""
    kept: list[dict[str, object]] = json.loads(json.dumps([step.as_dict() for step in found]))
    return kept


def _place(found: list[Step], key: str) -> int:
    place = next((n for n, step in enumerate(found) if step.key == key), None)
    if place is None:
        raise Changed(_("This step is no longer there. Look at the list again."))
    return place
