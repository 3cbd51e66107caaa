"""The only writer of periods: closing waits for postings under way, and nothing enters a closed month."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from core.dialect import Dialect
from core.errors import LineError
from core.said import said as _
from people.access import Access
from people.models import Company, User
from stock import closing
from stock.book_sql import facts
from stock.errors import PeriodRefused
from stock.models import Period


@transaction.atomic
def close(
    company: Company,
    month: date,
    *,
    actor: User | None,
    access: Access,
    reason: str = "",
) -> Period:
    """Close a month (any day of it); nothing can be posted into it or any month before.

    Raises NotAllowed, or PeriodRefused for a month that has not ended, is closed already, or has something
    open that blocks (``lines`` names all of it).
    """
    access.require("period.close")
    first = month.replace(day=1)
    today = timezone.localdate(timezone=ZoneInfo(company.time_zone))
    if first >= today.replace(day=1):
        raise PeriodRefused(
            _("The period %(month)s has not ended yet.") % {"month": first.strftime("%Y-%m")}
        )
    period = _locked(company, first)
    if period.state == Period.State.CLOSED:
        raise PeriodRefused(
            _("The period %(month)s is closed already.") % {"month": first.strftime("%Y-%m")}
        )
    blocking = closing.blocking(company, first)
    if blocking:
        raise PeriodRefused(
            _("This keeps the month open: %(first)s") % {"first": blocking[0].text},
            code="blocked",
            lines=[LineError(0, one.code, one.text) for one in blocking],
        )
    step = closing.Closing(company, first, actor, access, reason)
    closing.run_before(step)
    _change(period, Period.State.CLOSED, actor, reason)
    closing.run_after(step, period)
    return period


@transaction.atomic
def reopen(
    company: Company, month: date, *, actor: User | None, access: Access, reason: str
) -> Period:
    """Open a closed month again; a reason is required, and later months must be open."""
    access.require("period.close")
    first = month.replace(day=1)
    if not reason.strip():
        raise PeriodRefused(_("Reopening a period needs a reason."), code="reason_required")
    period = _locked(company, first)
    later = Period.objects.filter(
        company=company, month__gt=first, state=Period.State.CLOSED
    ).first()
    if later:
        raise PeriodRefused(
            _("Reopen %(month)s first: periods are reopened from the latest.")
            % {"month": str(later)}
        )
    if period.state == Period.State.OPEN:
        raise PeriodRefused(_("The period %(month)s is open.") % {"month": first.strftime("%Y-%m")})
    return _change(period, Period.State.OPEN, actor, reason)


def open_day(company: Company, day: date) -> date:
    """The day, or the first one after the last closed month; that stays so until the transaction ends."""
    with connection.cursor() as cursor:
        facts.share_periods(cursor, Dialect(connection.vendor), company.pk)
    closed = Period.objects.filter(company=company, state=Period.State.CLOSED)
    last = closed.order_by("-month").values_list("month", flat=True).first()
    if last is None:
        return day
    return max(day, (last + timedelta(days=31)).replace(day=1))


def _locked(company: Company, month: date) -> Period:
    """The month's row, held alone until the end of the transaction."""
    with connection.cursor() as cursor:
        facts.hold_periods(cursor, Dialect(connection.vendor), company.pk)
    period, _made = Period.objects.get_or_create(
        company=company, month=month, defaults={"changed_at": timezone.now()}
    )
    return period


def _change(period: Period, state: str, actor: User | None, reason: str) -> Period:
    period.state = state
    period.changed_at = timezone.now()
    period.changed_by = actor
    period.reason = reason[:300]
    period._history_user = actor  # type: ignore[attr-defined]  # simple-history reads it
    period.save()
    return period
