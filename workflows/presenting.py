"""How a document is read by a person: its way as steps, whether stock has changed, how long it took. Only reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.templatetags.ui import quantity
from core.words import listed
from people.access import Access
from people.models import User
from stock.place_kinds import PHYSICAL
from stock.queries.movements import MovementFilter, MovementRow, movements
from workflows import forecasting, states, wording
from workflows.forecasting import Forecast
from workflows.models import Document, StepRun, Task
from workflows.move import Move
from workflows.steps import Step


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the way: ``css`` is done, now, skip or nothing; ``due`` until when, if it is open."""

    key: str
    name: str
    css: str
    who: str = ""
    at: datetime | None = None
    note: str = ""
    due: datetime | None = None
    late: bool = False
    why: Sequence[str] = ()

    @property
    def current(self) -> bool:
        """Whether the document is here."""
        return "now" in self.css


@dataclass(frozen=True, slots=True)
class Say:
    """The sentence that says whether stock has changed; ``css`` colours it."""

    text: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """How long it took: ``total`` is ``touch`` (people worked on it) and ``waiting``."""

    total: timedelta
    touch: timedelta
    running: bool = False

    @property
    def words(self) -> str:
        """In words."""
        parts = {
            "total": wording.lasted(self.total),
            "touch": wording.lasted(self.touch),
            "waiting": wording.lasted(self.total - self.touch),
        }
        if self.running:
            return _("%(total)s so far = %(touch)s working + %(waiting)s waiting") % parts
        return _("%(total)s in all = %(touch)s working + %(waiting)s waiting") % parts


@dataclass
class Way:
    """The runs of a document, read once, and what becomes of the rest of its steps."""

    document: Document
    move: Move
    runs: list[StepRun] = field(default_factory=list)
    ahead: list[Forecast] = field(default_factory=list)

    @classmethod
    def read(cls, document: Document, actor: User, access: Access) -> "Way":
        """With the people of its steps; of a running document also whom the next steps would ask."""
        move = Move(document, actor, access, "look", timezone.now())
        runs = list(
            document.runs.prefetch_related(
                "tasks__user", "tasks__decided_by", "tasks__on_behalf_of"
            ).order_by("id")
        )
        way = cls(document, move, runs)
        if document.state in states.RUNNING | {states.POSTED}:
            way.ahead = forecasting.forecast(move.steps, document, move.facts)
        return way

    def latest(self, key: str) -> StepRun | None:
        """The newest run of a step."""
        return next((run for run in reversed(self.runs) if run.step == key), None)

    @property
    def open(self) -> StepRun | None:
        """The run that is open now; a finance step only if nothing else is."""
        mine = [run for run in self.runs if run.left_at is None]
        return next((run for run in mine if run.kind != "finance"), mine[0] if mine else None)


def steps_line(way: Way, *, money: bool) -> list[StepView]:
    """The way of the document from who asked to the end; ``money``: amounts may be named."""
    document = way.document
    names = wording.code_names([run.trace for run in way.runs])
    views = [_start(way)]
    known = {step.key for step in way.move.steps}
    forecasts = {one.step.key: one for one in way.ahead}
    extra = [run for run in way.runs if run.step not in known]
    for step in way.move.steps:
        if step.kind == "post" and extra:
            views.append(_of_run(extra[-1], wording.run_name(extra[-1]), names, money=money))
        run = way.latest(step.key)
        stale = run is not None and not run.valid and run.left_at is not None
        if step.kind == "post" and document.posting_id is not None:
            views.append(_posted(way, step, run))
        elif run is not None and not (stale and document.state in states.RUNNING):
            views.append(_of_run(run, step.name, names, money=money))
        else:
            views.append(_to_come(step, forecasts.get(step.key), names, money=money))
    if way.move.options.feedback:
        views.append(_feedback(document))
    return views


def _start(way: Way) -> StepView:
    document, options = way.document, way.move.options
    zh = (get_language() or "").startswith("zh")
    name = options.start_name_zh if zh else options.start_name_en
    here = document.state in states.EDITABLE | {states.WITHDRAWN}
    note = str(document.about.label) if here else ""
    at = document.submitted_at or document.created_at
    return StepView(
        "start", name, "now" if here else "done", str(document.asker or _("the system")), at, note
    )


def _of_run(run: StepRun, name: str, names: wording.Names, *, money: bool) -> StepView:
    tasks = list(run.tasks.all())
    why = wording.because(run.trace, names, money=money)
    if run.left_at is None:
        open_ = [task for task in tasks if task.state == Task.State.OPEN]
        held = [task for task in tasks if task.state == Task.State.HELD]
        who = listed(task.user for task in [*held, *open_]) or _("nobody found")
        due = min((task.due_at for task in open_ if task.due_at), default=None)
        late = due is not None and due < timezone.now()
        note = _("can still be undone") if held else ""
        return StepView(run.step, name, "now", who, run.entered_at, note, due, late, why)
    if run.outcome == StepRun.Outcome.AUTO:
        return StepView(run.step, name, "done skip", "", run.left_at, _("passed by rule"), why=why)
    if run.outcome == StepRun.Outcome.SKIPPED:
        return StepView(run.step, name, "skip", note=_("not needed"))
    if run.outcome == StepRun.Outcome.CANCELLED:
        return StepView(run.step, name, "skip", note=str(run.get_outcome_display()))
    who = listed(dict.fromkeys(_decider(task) for task in tasks if task.decided_by))
    note = "" if run.outcome == StepRun.Outcome.DONE else str(run.get_outcome_display())
    return StepView(run.step, name, "done", who, run.left_at, note, why=why)


def _decider(task: Task) -> str:
    if task.on_behalf_of is None:
        return str(task.decided_by)
    return _("%(who)s for %(whom)s") % {"who": task.decided_by, "whom": task.on_behalf_of}


def _posted(way: Way, step: Step, run: StepRun | None) -> StepView:
    by_hand = [task for task in run.tasks.all() if task.decided_by] if run else []
    who = listed(task.decided_by for task in by_hand) or _("the system")
    return StepView(step.key, step.name, "done", who, way.document.posted_at)


def _to_come(
    step: Step, forecast: Forecast | None, names: wording.Names, *, money: bool
) -> StepView:
    if forecast is None:
        return StepView(step.key, step.name, "")
    if forecast.outcome == "skip":
        return StepView(step.key, step.name, "skip", note=_("not needed"))
    if forecast.outcome == "auto":
        why = wording.because(forecast.trace, names, money=money)
        return StepView(step.key, step.name, "skip", note=_("passes by rule"), why=why)
    if forecast.outcome == "system":
        return StepView(step.key, step.name, "", _("the system"))
    if forecast.outcome == "nobody":
        return StepView(step.key, step.name, "", note=_("nobody found"))
    return StepView(step.key, step.name, "", listed(one.user for one in forecast.people))


def _feedback(document: Document) -> StepView:
    event = document.events.filter(verb="feedback").last()
    name = _("Exception feedback")
    if event is None:
        return StepView("feedback", name, "")
    count = len(event.data.get("lines", ()))
    differ = ngettext(
        "%(count)d line differs from the plan", "%(count)d lines differ from the plan", count
    )
    note = differ % {"count": count} if count else _("as planned")
    return StepView("feedback", name, "done", "", event.at, note)


def times(way: Way) -> Times | None:
    """From submission to the end (or now); None for what was never submitted."""
    document = way.document
    if document.submitted_at is None:
        return None
    ends = [run.left_at for run in way.runs if run.left_at is not None]
    running = document.state in states.RUNNING | {states.RETURNED}
    end = document.posted_at or (timezone.now() if running else max(ends, default=None))
    finance = [run.left_at for run in way.runs if run.kind == "finance" and run.left_at]
    end = max([end, *finance]) if end is not None else document.submitted_at
    total = max(end - document.submitted_at, timedelta())
    touch = min(timedelta(seconds=sum(run.touch_seconds for run in way.runs)), total)
    return Times(total, touch, running)


def rows_of(document: Document, access: Access) -> list[MovementRow]:
    """The movements of the document, as far as one may see them, in their order."""
    if document.posting_id is None:
        return []
    page = movements(
        access, MovementFilter(posting=document.posting_id), newest_first=False, limit=None
    )
    return sorted(page.rows, key=lambda row: row.line)


def say(document: Document, rows: Sequence[MovementRow], *, undone: int = 0) -> Say:
    """One sentence: has stock changed, where, by how much. ``undone`` is how many movements were reversed."""
    if document.kind.orders and document.state in {states.IN_EXECUTION, states.CLOSED}:
        return _of_order(document)
    if document.posting_id is None:
        text = _("%(state)s · stock not changed yet") % {"state": document.about.label}
        if document.state in states.FINAL | {states.WITHDRAWN}:
            text = _("%(state)s · stock was not changed") % {"state": document.about.label}
        return Say(text)
    if document.state == states.REVERSED:
        return Say(_("Reversed · stock is as before"), "rev")
    parts = _changes(rows, _houses(document)) or [_("stock has changed")]
    text = _("Posted") + " · " + _("; ").join(parts)
    if undone:
        text += " · " + _("part of it was reversed")
    return Say(text, "done")


def _of_order(document: Document) -> Say:
    """How far an order is: stock is changed by the documents made from it."""
    lines = list(document.progress.all())
    data = {
        "state": document.about.label,
        "open": sum(1 for line in lines if line.open),
        "lines": len(lines),
    }
    if document.state == states.CLOSED:
        return Say(_("%(state)s · nothing is open any more") % data, "done")
    return Say(_("%(state)s · %(open)s of %(lines)s lines have something open") % data)


def _houses(document: Document) -> dict[int, str]:
    """Names of the warehouses between which the document moves."""
    both = [document.warehouse, document.target_warehouse]
    return {house.pk: house.name or house.code for house in both if house is not None}


def _changes(rows: Sequence[MovementRow], houses: Mapping[int, str]) -> list[str]:
    """Per warehouse what left, came or moved."""
    groups: dict[tuple[str, str], list[MovementRow]] = {}
    for row in rows:
        source, target = (_house(row, end, houses) for end in ("source", "target"))
        if not row.quantity:
            groups.setdefault(("value", source or target), []).append(row)
        elif source and source == target:
            groups.setdefault(("within", source), []).append(row)
        else:
            for kind, house in (("left", source), ("came", target)):
                if house:
                    groups.setdefault((kind, house), []).append(row)
    return [_change(kind, house, found) for (kind, house), found in groups.items()]


def _house(row: MovementRow, end: str, houses: Mapping[int, str]) -> str:
    place = getattr(row, end)
    if place is None or place.kind not in PHYSICAL:
        return ""
    return houses.get(place.warehouse or 0, _("another warehouse"))


def _change(kind: str, house: str, rows: Sequence[MovementRow]) -> str:
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row.item.unit] = sums.get(row.item.unit, Decimal(0)) + row.quantity
    count = len({row.item.id for row in rows})
    data: dict[str, Any] = {
        "count": count,
        "house": house,
        "sums": listed(f"{quantity(number)} {unit}" for unit, number in sums.items()),
    }
    if kind == "value":
        return _("only the value of stock in %(house)s has changed") % data
    if kind == "within":
        text = ngettext(
            "%(count)d item moved within %(house)s: %(sums)s",
            "%(count)d items moved within %(house)s: %(sums)s",
            count,
        )
    elif kind == "left":
        text = ngettext(
            "%(count)d item left %(house)s: %(sums)s",
            "%(count)d items left %(house)s: %(sums)s",
            count,
        )
    else:
        text = ngettext(
            "%(count)d item came into %(house)s: %(sums)s",
            "%(count)d items came into %(house)s: %(sums)s",
            count,
        )
    return text % data
