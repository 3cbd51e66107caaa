"""The week in alerts: open cases, what became of the others, and the mistakes by step and cause; data that channels lay out.

Everybody gets the cases that he may see; people without an open or ended one get nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, QuerySet

from alerts import addresses, queries, states, telling
from alerts.models import Case
from people.models import User
from workflows import document_types, moment, verbs, wording
from workflows import queries as documents
from workflows.models import Event, StepRun

WEEK = timedelta(days=7)
_SHOWN = 20
_TOLD = 5
"""Cases and mistakes that a message names; the page has all."""
RETURNS = ("return", "refuse", "reverse", "post_failed")
"""Entries of documents that say that something was wrong."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One person's week up to ``until``. Rows are plain data: ids, codes, counts."""

    since: datetime
    until: datetime
    opened: int
    ended: int
    open: int
    overdue: int
    mean_hours: float | None
    """How long cases took that ended, on average."""
    causes: Sequence[tuple[str, int]]
    """Cause code → cases that ended for it."""
    kinds: Sequence[tuple[str, int]]
    """Kind of rule → open cases."""
    mistakes: Sequence[tuple[str, str, str, int]]
    """Type of document, step, verb (return, refuse, reverse, post_failed), how often."""
    cases: Sequence[int]
    """Ids of open cases, the most overdue first."""


def of(user: User, until: datetime | None = None) -> Digest:
    """The week of one person."""
    until = until or moment.now()
    since = until - WEEK
    rows = queries.visible(user)
    live = rows.filter(state__in=states.LIVE)
    over = rows.filter(ended_at__gte=since, ended_at__lt=until)
    return Digest(
        since=since,
        until=until,
        opened=rows.filter(opened_at__gte=since, opened_at__lt=until).count(),
        ended=over.count(),
        open=live.count(),
        overdue=live.filter(due_at__lt=until).count(),
        mean_hours=_mean(over),
        causes=_counted(over.exclude(cause=None), "cause__code"),
        kinds=_counted(live, "rule__kind"),
        mistakes=mistakes(user, since, until),
        cases=list(queries.live(rows).values_list("pk", flat=True)[:_SHOWN]),
    )


def mistakes(user: User, since: datetime, until: datetime) -> list[tuple[str, str, str, int]]:
    """What was returned, refused, reversed or could not be posted, by type of document and step."""
    rows = Event.objects.filter(
        verb__in=RETURNS,
        at__gte=since,
        at__lt=until,
        document__in=documents.visible(user).order_by().values("pk"),
    )
    counted = rows.order_by().values_list("document__type", "step", "verb").annotate(n=Count("pk"))
    return sorted(counted, key=lambda row: (-row[3], row[:3]))


@dataclass(frozen=True, slots=True)
class Mistake:
    """A row of the mistakes in words of the active language."""

    type: str
    step: str
    what: str
    times: int

    @property
    def said(self) -> str:
        """Type, step and what happened in one line."""
        return " · ".join(part for part in (self.type, self.step, self.what) if part)


def in_words(rows: Sequence[Sequence[Any]]) -> list[Mistake]:
    """The rows of ``Digest.mistakes`` for a reader; steps are called as in the newest run of theirs."""
    if not rows:
        return []
    runs = StepRun.objects.filter(
        document__type__in={row[0] for row in rows}, step__in={row[1] for row in rows}
    )
    newest = (
        runs.order_by().values("document__type", "step").annotate(newest=Max("pk")).values("newest")
    )
    named = {
        (run.document.type, run.step): wording.run_name(run)
        for run in StepRun.objects.filter(pk__in=newest).select_related("document")
    }
    return [
        Mistake(
            document_types.label(kind),
            named.get((kind, step), ""),
            str(verbs.EVENT_LABELS.get(verb, verb)),
            times,
        )
        for kind, step, verb, times in rows
    ]


def _mean(over: QuerySet[Case]) -> float | None:
    taken = [
        (one.ended_at - one.opened_at).total_seconds() for one in over if one.ended_at is not None
    ]
    return round(sum(taken) / len(taken) / 3600, 1) if taken else None


def _counted(rows: QuerySet[Case], field: str) -> list[tuple[str, int]]:
    found = rows.order_by().values_list(field).annotate(n=Count("pk"))
    return sorted(found, key=lambda row: (-row[1], row[0]))


def send() -> int:
    """Tell everybody who has something to read; once per week; returns how many."""
    until = moment.now()
    mark = f"{until.isocalendar().year}-W{until.isocalendar().week:02}"
    told = 0
    for user in User.objects.filter(is_active=True):
        if not _concerned(user):
            continue
        week = of(user, until)
        if not (week.open or week.opened or week.ended):
            continue
        data = {
            "opened": week.opened,
            "ended": week.ended,
            "open": week.open,
            "overdue": week.overdue,
            "cases": list(week.cases[:_TOLD]),
            "mistakes": [list(row) for row in week.mistakes[:_TOLD]],
            "until": until.isoformat(),
            "url": addresses.WEEK,
        }
        telling.tell_at_large([user.pk], telling.What.DIGEST, mark=mark, data=data, due_at=until)
        told += 1
    return told


def _concerned(user: User) -> bool:
    """Whether cases are this person's business: he owned one, may take some, or edits rules."""
    return Case.objects.filter(queries.entitled(user)).exists()
