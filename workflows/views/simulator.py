"""The page on which a version of a process is tried on the documents of the past; nothing is written."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core import asked
from core.words import listed
from people.access import Access, access_for
from people.doors import signed_in
from people.rights import right_label
from workflows import conditions, document_types, drawing, queries, readiness, simulating
from workflows.forecasting import Forecast
from workflows.models import Document
from workflows.picks import Picks
from workflows.replaying import submitted
from workflows.simulating import MOST, OUTCOMES, Simulation, Tried
from workflows.staff import holders_of
from workflows.views.process_pages import LOOKS, find_version, reads

SPANS = (30, 90, 180, 365)
_PAGE = 50
_NAMED = 5
"""So many people are named of those who see amounts."""


@require_safe
@reads
def simulate(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """Try a version on the last ``?days=``; ``?outcome=`` shows only such documents."""
    version = find_version(company, type_code, number)
    days = asked.whole(request.GET.get("days"))
    span = days if days in SPANS else 90
    errors = readiness.unready(version)
    context: dict[str, Any] = {
        "version": version,
        "process": version.process,
        "kind": document_types.BY_CODE[version.process.type],
        "spans": SPANS,
        "days": span,
    }
    if not readiness.testable(errors):
        context["broken"] = errors
        return render(request, "workflows/designer/simulation.html", context)
    simulation = simulating.simulate(version, span)
    access = access_for(request.user)
    context |= _figures(simulation, access)
    context |= _page(request, simulation, access)
    return render(request, "workflows/designer/simulation.html", context)


def _figures(simulation: Simulation, access: Access) -> dict[str, Any]:
    bar = drawing.bar(simulation)
    before, after = simulation.hours
    return {
        "simulation": simulation,
        "total": len(simulation.tried),
        "bar": bar,
        "bar_words": listed(f"{part.label} {part.count}" for part in bar if part.count),
        "free_old": simulation.free(old=True),
        "free_new": simulation.free(),
        "sees_cost": access.scopes("cost.view") is None,
        "hidden": _hidden(access),
        "places": simulation.version.process.company.currency_places,
        "hours_old": None if before is None else f"{before:.1f}",
        "hours_new": None if after is None else f"{after:.1f}",
        "gates": _gates(simulation),
        "honest": _honest(simulation),
    }


def _hidden(access: Access) -> str:
    """Why amounts are not shown, and who sees them; empty for whoever sees them."""
    if access.scopes("cost.view") is None:
        return ""
    right = right_label("cost.view")
    may_look = {user.pk for user in holders_of(*LOOKS)}
    people = [one for one in holders_of("cost.view", everywhere=True) if one.pk in may_look]
    if not people:
        return _(
            "Amounts are not shown to you: that needs “%(right)s” in every warehouse. "
            "Nobody who may look at processes has it; an administrator gives it by a role."
        ) % {"right": right}
    return _(
        "Amounts are not shown to you: that needs “%(right)s” in every warehouse. "
        "Whoever sees them here: %(people)s."
    ) % {"right": right, "people": listed(people[:_NAMED]) + ("…" if people[_NAMED:] else "")}


def _gates(simulation: Simulation) -> list[tuple[bool, str]]:
    counts = simulation.counts
    nobody, stuck = counts["nobody"], counts["stuck"]
    return [
        (
            not nobody,
            ngettext("%(n)d finds nobody", "%(n)d find nobody", nobody) % {"n": nobody}
            if nobody
            else _("every document finds its people"),
        ),
        (
            not stuck,
            ngettext("%(n)d is stuck", "%(n)d are stuck", stuck) % {"n": stuck}
            if stuck
            else _("nobody would have to approve his own document"),
        ),
    ]


def _honest(simulation: Simulation) -> list[str]:
    """What the figures rest on."""
    found = [
        _(
            "The content, the amount and whoever wrote a document are as they were when it was submitted."
        ),
        _(
            "People, their roles and warehouses, the categories of items and stand-ins are as of now: "
            "the question is who would be asked today."
        ),
        _(
            "Whether stock would have gone below zero and how often it had happened are taken from "
            "what the steps saw then, and otherwise from what is recorded of the documents."
        ),
        _(
            "The expected handling adds the medians of the recorded times of the steps at which a "
            "document would stop, in working hours. It is an estimate: people may act otherwise."
        ),
    ]
    if simulation.untimed:
        names = listed(step.name for step in simulation.untimed)
        found.append(
            _("No time is known yet, and none is counted, for: %(steps)s.") % {"steps": names}
        )
    if simulation.imported:
        found.append(
            ngettext(
                "%(n)d document came by an import; it is compared with the version in force.",
                "%(n)d documents came by an import; they are compared with the version in force.",
                simulation.imported,
            )
            % {"n": simulation.imported}
        )
    if simulation.more:
        found.append(_("There are more documents; the newest %(n)d were tried.") % {"n": MOST})
    return found


def _page(request: HttpRequest, simulation: Simulation, access: Access) -> dict[str, Any]:
    """One page of documents; those that stop come first."""
    outcome = request.GET.get("outcome", "")
    order = ["nobody", "stuck", "longer", "other", "faster", "same"]
    found = [one for one in simulation.tried if outcome in {"", one.outcome}]
    found.sort(key=lambda one: order.index(one.outcome))
    page = asked.whole(request.GET.get("page")) or 1
    page = max(1, min(page, -(-len(found) // _PAGE) or 1))
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    keys = [one.document.pk for one in shown]
    visible = queries.visible(signed_in(request), access).filter(pk__in=keys)
    seen = set(visible.values_list("pk", flat=True))
    picks = Picks(simulation.version.process)
    costs = access.scopes("cost.view") is None
    return {
        "rows": [_row(one, picks, sees=one.document.pk in seen, costs=costs) for one in shown],
        "outcome": outcome if outcome in dict(OUTCOMES) else "",
        "outcome_label": dict(OUTCOMES).get(outcome, ""),
        "page": page,
        "previous": page - 1,
        "next": page + 1,
        "first": (page - 1) * _PAGE + 1,
        "last": (page - 1) * _PAGE + len(shown),
        "matching": len(found),
    }


def _row(one: Tried, picks: Picks, *, sees: bool, costs: bool) -> dict[str, Any]:
    document: Document = one.document
    return {
        "name": str(document) if sees else _("a document you may not see"),
        "url": f"/documents/{document.key}/" if sees else "",
        "outcome": one.outcome,
        "label": dict(OUTCOMES)[one.outcome],
        "moment": submitted(document),
        "amount": document.amount,
        "way_old": _way(one.old),
        "way_new": _way(one.new),
        "parts": [_part(n, part, picks, costs=costs) for n, part in enumerate(one.new, 1)]
        if sees
        else [],
    }


def _way(way: Sequence[Forecast]) -> str:
    """The steps at which somebody is asked."""
    return " › ".join(part.step.name for part in way if part.stops) or _("nobody is asked")


def _asked(part: str, words: str) -> str:
    if part == "auto":
        return _("Passes by itself if: %(conditions)s") % {"conditions": words}
    return _("Only if: %(conditions)s") % {"conditions": words}


def _part(number: int, part: Forecast, picks: Picks, *, costs: bool) -> dict[str, Any]:
    words = {
        "skip": _("left out"),
        "auto": _("passes by itself"),
        "system": _("done by the system"),
        "nobody": _("nobody can be asked"),
    }.get(part.outcome) or _("asks %(people)s") % {
        "people": listed(asked.user for asked in part.people)
    }
    return {
        "number": number,
        "name": part.step.name,
        "words": words,
        "trace": [
            {
                "words": _asked(row.get("part", "when"), picks.words(row)),
                "outcome": row["outcome"],
                "actual": conditions.shown(row["field"], row["actual"], picks.names(row["field"]))
                if costs or row["field"] != "amount"
                else "•••",
            }
            for row in part.trace
        ],
    }
