"""Tries a version of a process on the documents of the past: which way each would have gone; writes nothing.

Each document goes twice over the same facts: along the version it travelled by (the active one, if it was
imported), and along the version that is tried.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from workflows import clock, forecasting, who
from workflows.forecasting import Forecast
from workflows.models import Document, ProcessVersion, StepRun
from workflows.replaying import Old, Replay
from workflows.staff import Everybody
from workflows.steps import Step

MOST = 1000
"""Documents tried at once, the newest; a simulation says so where there are more."""
_CHUNK = 250
OUTCOMES = (
    ("same", _("Same path")),
    ("faster", _("Faster")),
    ("longer", _("More steps")),
    ("other", _("Other people")),
    ("stuck", _("Stuck")),
    ("nobody", _("Nobody to ask")),
)
"""``stuck``: people are there, but none of them may decide this one (four eyes); ``nobody``: nobody is."""


@dataclass(slots=True)
class Tried:
    """One document: its way then and now, what came of it, and where it would have stopped."""

    document: Document
    old: Sequence[Forecast]
    new: Sequence[Forecast]
    outcome: str
    stopped: Step | None = None
    hours_old: float | None = None
    hours_new: float | None = None

    @property
    def free(self) -> bool:
        """Whether nobody would approve it."""
        return not _approved(self.new)

    @property
    def was_free(self) -> bool:
        """Whether nobody had to approve it on the old way."""
        return not _approved(self.old)


@dataclass(slots=True)
class Simulation:
    """A version over the documents of ``days``; amounts in the company's currency, hours in working time."""

    version: ProcessVersion
    days: int
    at: datetime
    tried: list[Tried] = field(default_factory=list)
    more: bool = False
    """There were more than ``MOST`` documents."""
    imported: int = 0
    untimed: list[Step] = field(default_factory=list)
    """Steps for which no time was ever recorded; the expected hours leave them out."""

    @property
    def counts(self) -> Counter[str]:
        """How many documents of each outcome."""
        return Counter(one.outcome for one in self.tried)

    @property
    def blocked(self) -> list[Tried]:
        """Documents that would never arrive."""
        return [one for one in self.tried if one.outcome in {"stuck", "nobody"}]

    @property
    def hours(self) -> tuple[float | None, float | None]:
        """The median of the expected hours on the old way and on the new one."""
        return (
            _median(one.hours_old for one in self.tried),
            _median(one.hours_new for one in self.tried),
        )

    def free(self, *, old: bool = False) -> tuple[int, Decimal, Decimal]:
        """Documents that nobody approves: how many, their amounts together, the largest."""
        found = [one.document.amount for one in self.tried if (one.was_free if old else one.free)]
        return len(found), sum(found, Decimal(0)), max(found, default=Decimal(0))


def documents(version: ProcessVersion, days: int) -> QuerySet[Document]:
    """The documents of the version's type that were submitted in the last ``days``, newest first."""
    since = timezone.now() - timedelta(days=days)
    return (
        Document.objects.filter(
            company=version.process.company_id,
            type=version.process.type,
            submitted_at__isnull=False,
        )
        .filter(Q(submitted_at__gte=since, batch="") | ~Q(batch="") & Q(effective_at__gte=since))
        .select_related(
            "company", "process", "warehouse", "target_warehouse", "partner", "department",
            "reason", "asker",
        )
        .order_by("-submitted_at", "-pk")
    )  # fmt: skip


def simulate(version: ProcessVersion, days: int = 90) -> Simulation:
    """Try the version on the documents of the last ``days``."""
    found = list(documents(version, days)[: MOST + 1])
    simulation = Simulation(version, days, timezone.now(), more=len(found) > MOST)
    active = version.process.versions.filter(state=ProcessVersion.State.ACTIVE).first() or version
    ways = {version.pk: version.read_steps(), active.pk: active.read_steps()}
    for document in found:
        if document.process is not None and document.process_id not in ways:
            ways[document.process.pk] = document.process.read_steps()
    replay = Replay(_asked(ways.values()))
    staff = Everybody()
    times: list[StepRun] = []
    for start in range(0, min(len(found), MOST), _CHUNK):
        for old in replay.read(found[start : min(start + _CHUNK, MOST)]):
            simulation.imported += bool(old.document.batch)
            own = active.pk if old.document.batch else old.document.process_id or active.pk
            simulation.tried.append(_try(old, ways[own], ways[version.pk], staff))
            times += old.runs
    _time(simulation, times)
    return simulation


def _asked(ways: Iterable[Sequence[Step]]) -> set[str]:
    return {
        condition.field
        for steps in ways
        for step in steps
        for group in (*step.when, *step.auto)
        for condition in group
    }


def _try(old: Old, before: Sequence[Step], after: Sequence[Step], staff: Everybody) -> Tried:
    def way(steps: Sequence[Step]) -> list[Forecast]:
        return forecasting.forecast(steps, old.document, old.facts, barred=old.barred, staff=staff)

    was, will = way(before), way(after)
    stopped = next((one.step for one in will if one.outcome == "nobody"), None)
    if stopped is not None:
        there = who.people(stopped, old.document, staff=staff)
        return Tried(old.document, was, will, "stuck" if there else "nobody", stopped)
    return Tried(old.document, was, will, _compared(was, will))


def _compared(was: Sequence[Forecast], will: Sequence[Forecast]) -> str:
    """Fewer or more stops, or as many: at the same steps with the same people, or not."""
    before = [one for one in was if one.stops]
    after = [one for one in will if one.stops]
    if len(after) != len(before):
        return "faster" if len(after) < len(before) else "longer"
    same = all(
        (a.step.key, a.step.kind, _asked_people(a)) == (b.step.key, b.step.kind, _asked_people(b))
        for a, b in zip(before, after, strict=True)
    )
    return "same" if same else "other"


def _asked_people(one: Forecast) -> tuple[str, set[int]]:
    return one.step.mode, {asked.user.pk for asked in one.people}


def _approved(way: Sequence[Forecast]) -> bool:
    return any(one.step.about.decides and one.stops for one in way)


def _time(simulation: Simulation, runs: Sequence[StepRun]) -> None:
    """Expect of each document the medians of the recorded times of the steps at which it would stop."""
    if not simulation.tried:
        return
    week, special, zone = clock.calendar_of(simulation.tried[0].document)
    by_step: dict[str, list[float]] = defaultdict(list)
    by_kind: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        if run.left_at is None or run.outcome not in {"done", "returned", "refused"}:
            continue
        if run.kind == "post":
            continue
        worked = clock.between(run.entered_at, run.left_at, week, special, zone)
        by_step[f"{run.step}:{run.kind}"].append(worked.total_seconds() / 3600)
        by_kind[run.kind].append(worked.total_seconds() / 3600)
    usual = {key: median(values) for key, values in by_step.items()}
    usual_of_kind = {key: median(values) for key, values in by_kind.items()}
    untimed: dict[str, Step] = {}

    def expected(way: Sequence[Forecast], *, note: bool) -> float | None:
        total = 0.0
        for one in way:
            if not one.stops:
                continue
            step = one.step
            hours = usual.get(f"{step.key}:{step.kind}", usual_of_kind.get(step.kind))
            if hours is None and note:
                untimed[step.key] = step
            total += hours or 0.0
        return total if usual else None

    for one in simulation.tried:
        one.hours_old = expected(one.old, note=False)
        one.hours_new = expected(one.new, note=True)
    simulation.untimed = list(untimed.values())


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
