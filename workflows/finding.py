"""Ready-made questions to the list of documents: late, stuck, short, unusual … The list and the homes ask here alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import ExtractHour
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stock.models import Period
from workflows import document_types, shortages, states
from workflows.models import Document, Line, StepRun, Task

RECENT = timedelta(days=30)
"""How far back questions about what is done look."""
NEW = timedelta(days=7)
"""How far back unusual documents are shown."""
BIG = 4
"""Times the usual amount of its type."""
OFTEN = 3
"""As many documents of a kind by one person within ``RECENT`` are often."""
NIGHT = (6, 22)
"""Outside these hours of the company's day is an odd hour."""
_LOSSES = ("scrap", "other_out", "stocktake_loss", "stocktake_gain", "other_in")
_Rows = QuerySet[Document]


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is asked, and in which zone days and hours are meant."""

    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Finding:
    """One question: its words, and what it leaves of the documents.

    Questions about the past look back ``window`` by the moment in ``field``; others are about now.
    """

    label: str | Promise
    narrow: Callable[[_Rows, Moment], _Rows]
    field: str = ""
    window: timedelta = RECENT


def _late(rows: _Rows, at: Moment) -> _Rows:
    open_late = Task.objects.filter(
        document=OuterRef("pk"), state=Task.State.OPEN, due_at__lte=at.now
    )
    today = at.now.astimezone(at.zone).date()
    return rows.filter(state__in=states.RUNNING).filter(
        Q(Exists(open_late)) | Q(wanted_on__lt=today)
    )


def _ready(rows: _Rows, _at: Moment) -> _Rows:
    return rows.filter(state__in=[states.APPROVED, states.IN_EXECUTION]).exclude(
        type__in=document_types.ORDERS
    )


def _running(rows: _Rows, _at: Moment) -> _Rows:
    return rows.filter(state__in=states.RUNNING)


def _stuck(rows: _Rows, _at: Moment) -> _Rows:
    """Somebody's turn, but nobody is asked; orders wait for what was made from them."""
    asked = Task.objects.filter(
        document=OuterRef("pk"), state__in=[Task.State.OPEN, Task.State.WAITING, Task.State.HELD]
    )
    waits = StepRun.objects.filter(
        document=OuterRef("pk"), left_at=None, kind__in=["approve", "confirm", "inspect", "execute"]
    )
    return rows.filter(Exists(waits), ~Exists(asked), state__in=states.RUNNING).exclude(
        type__in=document_types.ORDERS
    )


def _differing(sign: str) -> Callable[[_Rows, Moment], _Rows]:
    """Posted lately with less or more than was asked for, or with something not accepted."""

    def narrow(rows: _Rows, at: Moment) -> _Rows:
        lines = Line.objects.filter(document=OuterRef("pk"), actual__isnull=False)
        differs = (
            Q(actual__lt=F("requested")) | Q(rejected__gt=0)
            if sign == "lt"
            else Q(actual__gt=F("requested"))
        )
        return rows.filter(Exists(lines.filter(differs)), posted_at__gte=at.now - RECENT)

    return narrow


def _unpriced(rows: _Rows, _at: Moment) -> _Rows:
    lines = Line.objects.filter(document=OuterRef("pk"), price=None, value=None)
    return rows.filter(
        Exists(lines), type="purchase_in", state__in=states.RUNNING | states.EDITABLE
    )


def _blocked(rows: _Rows, _at: Moment) -> _Rows:
    return rows.filter(pk__in=[one.document.pk for one in shortages.short(rows)])


def _submitted(rows: _Rows, at: Moment) -> _Rows:
    return rows.filter(submitted_at__gte=at.now - NEW).exclude(state=states.VOID)


def _big(rows: _Rows, at: Moment) -> _Rows:
    """Worth several times what documents of its type usually are."""
    usual = (
        Document.objects.filter(submitted_at__gte=at.now - 3 * RECENT, amount__gt=0)
        .order_by()
        .values_list("type")
        .annotate(total=Sum("amount"), number=Count("pk"))
    )
    large = Q(pk__in=[])
    for kind, total, number in usual:
        large |= Q(type=kind, amount__gt=(BIG * total / number).quantize(Decimal("0.01")))
    return _submitted(rows, at).filter(large)


def _odd_hour(rows: _Rows, at: Moment) -> _Rows:
    morning, night = NIGHT
    return (
        _submitted(rows, at)
        .exclude(door="import")
        .annotate(hour=ExtractHour("submitted_at", tzinfo=at.zone))
        .filter(Q(hour__lt=morning) | Q(hour__gte=night))
    )


def _repeated(rows: _Rows, at: Moment) -> _Rows:
    """Losses and corrections that one person asks for again and again."""
    same = (
        Document.objects.filter(
            type=OuterRef("type"),
            asker=OuterRef("asker"),
            warehouse=OuterRef("warehouse"),
            submitted_at__gte=at.now - RECENT,
        )
        .order_by()
        .values("type")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        _submitted(rows, at)
        .filter(type__in=_LOSSES, asker__isnull=False)
        .annotate(times=Subquery(same))
        .filter(times__gte=OFTEN)
    )


def _backdated(rows: _Rows, at: Moment) -> _Rows:
    return rows.filter(
        posted_at__gte=at.now - RECENT,
        posting__effective_at__lt=F("posting__recorded_at") - timedelta(days=1),
    ).exclude(door="import")


def _after_close(rows: _Rows, _at: Moment) -> _Rows:
    """Posted into a month after it had been closed: it must have been opened again."""
    closed = Q(pk__in=[])
    for row in (
        Period.history.filter(state=Period.State.CLOSED)
        .order_by()
        .values("company_id", "month", "changed_at")
    ):
        closed |= Q(
            company=row["company_id"],
            posting__business_date__year=row["month"].year,
            posting__business_date__month=row["month"].month,
            posting__recorded_at__gt=row["changed_at"],
        )
    return rows.filter(closed)


def _today(rows: _Rows, at: Moment) -> _Rows:
    day = at.now.astimezone(at.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return rows.filter(posted_at__gte=day)


def _unsynced(rows: _Rows, _at: Moment) -> _Rows:
    """Posted, but finance has not done its step."""
    waits = StepRun.objects.filter(document=OuterRef("pk"), kind="finance", left_at=None)
    return rows.filter(Exists(waits), state=states.POSTED)


def _fallback(rows: _Rows, at: Moment) -> _Rows:
    """A step found nobody of its own and asked whoever stands in for the process."""
    lost = Task.objects.filter(
        document=OuterRef("pk"), why="fallback", created_at__gte=at.now - RECENT
    )
    return rows.filter(Exists(lost))


def _reversed(rows: _Rows, at: Moment) -> _Rows:
    return rows.filter(state=states.REVERSED, changed_at__gte=at.now - RECENT)


def _posted(rows: _Rows, at: Moment) -> _Rows:
    return rows.filter(posted_at__gte=at.now - RECENT)


FINDINGS: dict[str, Finding] = {
    "late": Finding(_("late"), _late),
    "ready": Finding(_("to carry out"), _ready),
    "blocked": Finding(_("lacks stock"), _blocked),
    "running": Finding(_("on their way"), _running),
    "stuck": Finding(_("nobody is asked"), _stuck),
    "unpriced": Finding(_("price missing"), _unpriced),
    "short": Finding(_("fewer than asked for, 30 days"), _differing("lt"), "posted_at"),
    "over": Finding(_("more than asked for, 30 days"), _differing("gt"), "posted_at"),
    "big": Finding(_("unusually large, 7 days"), _big, "submitted_at", NEW),
    "odd_hour": Finding(_("at an odd hour, 7 days"), _odd_hour, "submitted_at", NEW),
    "repeated": Finding(_("corrected again and again, 7 days"), _repeated, "submitted_at", NEW),
    "backdated": Finding(_("dated back, 30 days"), _backdated, "posted_at"),
    "after_close": Finding(_("posted into a closed month"), _after_close),
    "reversed": Finding(_("reversed, 30 days"), _reversed, "changed_at"),
    "today": Finding(_("posted today"), _today),
    "unsynced": Finding(_("not with finance yet"), _unsynced),
    "fallback": Finding(_("a step without people, 30 days"), _fallback),
    "done": Finding(_("posted, 30 days"), _posted, "posted_at"),
}
CHOICES = [(code, found.label) for code, found in FINDINGS.items()]


def narrow(rows: _Rows, code: str, at: Moment) -> _Rows:
    """What the question leaves of the documents; an unknown one leaves all."""
    found = FINDINGS.get(code)
    return found.narrow(rows, at) if found else rows
