"""Why a version of a process must not be activated yet: every reason, in words for the person who edits it."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import LineError
from core.words import listed
from people.models import Role
from people.rights import right_label
from stock.models import Balance, Warehouse
from workflows import simulating, steps, who
from workflows.models import Document, ProcessVersion
from workflows.picks import Picks
from workflows.simulating import Simulation
from workflows.staff import Everybody, holders_of
from workflows.steps import Step, Who

_BROKEN = {"kind", "condition"}
"""Where one of these is wrong the steps cannot be tried at all."""


def refusals(version: ProcessVersion, simulation: Simulation | None = None) -> list[LineError]:
    """Everything against activating it; ``line`` is the step counted from 1, 0 the whole."""
    found = unready(version)
    if not testable(found):
        return found
    return [*found, *_blocked(simulation or simulating.simulate(version))]


def unready(version: ProcessVersion) -> list[LineError]:
    """What is against it before any document of the past is asked; cheap enough for every page."""
    found_steps = version.read_steps()
    found = steps.problems(found_steps)
    found += _hidden(found_steps, Picks(version.process))
    found += _frozen(found_steps, Picks(version.process))
    if version.read_options().confirmed and len(holders_of("process.manage")) < 2:
        text = _("Only one person may set processes: nobody else could activate the next version.")
        found.append(LineError(0, "one_manager", text))
    if testable(found):
        found += _without_right(found_steps)
        found += _nobody(version, found_steps)
        found += _alone(version, found_steps)
    return found


def testable(errors: Iterable[LineError]) -> bool:
    """Whether the steps can be tried on documents at all."""
    return not any(error.code in _BROKEN for error in errors)


def _hidden(found_steps: Sequence[Step], picks: Picks) -> Iterator[LineError]:
    labels = {code: str(label) for code, label in picks.form_fields}
    for number, step in enumerate(found_steps, 1):
        both = [labels.get(name, name) for name in step.required if name in step.hidden]
        if both:
            text = _("Required, but not shown: %(fields)s.") % {"fields": listed(both)}
            yield LineError(number, "hidden", text)


def _frozen(found_steps: Sequence[Step], picks: Picks) -> Iterator[LineError]:
    """Fields that nobody can fill in at a step, since they are content that approvals are bound to."""
    labels = {code: str(label) for code, label in picks.form_fields}
    free = {*steps.FILLED, "photo"}
    for number, step in enumerate(found_steps, 1):
        if step.automatic and step.required:
            yield LineError(
                number, "nobody_fills", _("The system fills in no fields; a person does.")
            )
        wrong = [
            labels.get(name, name)
            for name in step.required
            if name not in free and not name.startswith("custom:")
        ]
        if wrong:
            text = _(
                "A step cannot require %(fields)s: once a document is submitted that is fixed. "
                "Require it when it is asked for."
            ) % {"fields": listed(wrong)}
            yield LineError(number, "frozen_field", text)


def _without_right(found_steps: Sequence[Step]) -> Iterator[LineError]:
    roles = {role.code: role for role in Role.objects.all()}
    for number, step in enumerate(found_steps, 1):
        if step.automatic:
            continue
        for asked in (step.who, step.fallback, step.late_to):
            if asked is None or asked.kind != "role" or not asked.role:
                continue
            role = roles.get(asked.role)
            if role is None:
                text = _("There is no role “%(role)s” any more.") % {"role": asked.role}
                yield LineError(number, "unknown_role", text)
            elif step.about.right not in role.rights:
                text = _("The role %(role)s may not “%(right)s”, which this step needs.") % {
                    "role": role,
                    "right": right_label(step.about.right),
                }
                yield LineError(number, "role_right", text)


def warehouses_in_use(version: ProcessVersion) -> list[Warehouse]:
    """The company's warehouses that have stock or documents."""
    stocked = Balance.objects.filter(place__warehouse=OuterRef("pk")).exclude(on_hand=0)
    busy = Document.objects.filter(Q(warehouse=OuterRef("pk")) | Q(target_warehouse=OuterRef("pk")))
    rows = Warehouse.objects.filter(area__company=version.process.company_id, archived_at=None)
    return list(rows.filter(Exists(stocked) | Exists(busy)).order_by("code"))


def _nobody(version: ProcessVersion, found_steps: Sequence[Step]) -> Iterator[LineError]:
    """Steps that would find nobody in a warehouse in use, whoever asks."""
    staff = Everybody()
    picks = Picks(version.process)
    houses = warehouses_in_use(version)
    for number, step in enumerate(found_steps, 1):
        if (
            step.automatic
            or step.who.kind == "asker"
            or (step.who.kind == "role" and not step.who.role)
        ):
            continue
        empty = [str(house) for house in houses if not _there(version, step, house, staff)]
        if not empty:
            continue
        missing = listed(picks.who(one) for one in (step.who, step.fallback) if one is not None)
        text = _("Nobody for %(warehouses)s: missing is %(who)s.") % {
            "warehouses": listed(empty),
            "who": missing,
        }
        yield LineError(number, "nobody", text, {"warehouses": empty})


def _alone(version: ProcessVersion, found_steps: Sequence[Step]) -> Iterator[LineError]:
    """Steps whose second check finds no second person."""
    staff = Everybody()
    for number, step in enumerate(found_steps, 1):
        if step.recheck != "other" or (step.who.kind == "role" and not step.who.role):
            continue
        if step.who.kind != "role":
            text = _("A second check by another person needs a role, not one person.")
            yield LineError(number, "recheck_alone", text)
            continue
        houses = warehouses_in_use(version)
        few = [str(one) for one in houses if len(_asked(version, step, one, staff)) == 1]
        if few:
            text = _("Only one person for %(warehouses)s: a second check needs another one.")
            yield LineError(number, "recheck_alone", text % {"warehouses": listed(few)})


def _there(version: ProcessVersion, step: Step, house: Warehouse, staff: Everybody) -> bool:
    """Whether somebody would be asked of a document of this warehouse (which goes to it, too)."""
    document = _of(version, house)
    if (
        step.who.kind == "manager"
    ):  # whose manager is known only with the asker: the fallback counts
        return step.fallback is not None and bool(
            who.people(_by(step, step.fallback), document, staff=staff)
        )
    return bool(who.people(step, document, staff=staff))


def _asked(version: ProcessVersion, step: Step, house: Warehouse, staff: Everybody) -> set[int]:
    found = who.people(step, _of(version, house), staff=staff)
    return {one.user.pk for one in found}


def _of(version: ProcessVersion, house: Warehouse) -> Document:
    return Document(
        company_id=version.process.company_id,
        type=version.process.type,
        warehouse=house,
        target_warehouse=house,
    )


def _by(step: Step, whom: Who) -> Step:
    return Step(step.key, step.kind, step.name_en, step.name_zh, who=whom)


def _blocked(simulation: Simulation) -> Iterator[LineError]:
    """Documents of the past that would never arrive."""
    numbers = {step.key: n for n, step in enumerate(simulation.version.read_steps(), 1)}
    for outcome in ("nobody", "stuck"):
        by_step: dict[str, list[str]] = {}
        for one in simulation.tried:
            if one.outcome == outcome and one.stopped is not None:
                by_step.setdefault(one.stopped.key, []).append(str(one.document))
        for key, names in by_step.items():
            yield LineError(
                numbers.get(key, 0), outcome, _stopped(outcome, names), {"documents": names}
            )


def _stopped(outcome: str, names: list[str]) -> str:
    data = {"n": len(names), "first": listed(names[:3])}
    if outcome == "nobody":
        return (
            ngettext(
                "%(n)d document of the past would find nobody: %(first)s.",
                "%(n)d documents of the past would find nobody: %(first)s and so on.",
                len(names),
            )
            % data
        )
    return (
        ngettext(
            "%(n)d document of the past would be stuck, as whoever is asked wrote it: %(first)s.",
            "%(n)d documents of the past would be stuck, as whoever is asked wrote them: %(first)s and so on.",
            len(names),
        )
        % data
    )
