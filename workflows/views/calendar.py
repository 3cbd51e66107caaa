"""The working calendar of a company: hours of the weekdays, holidays and worked days, pasted or one by one."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core import asked
from core.errors import DomainError, LineError
from people.access import access_for
from people.changes import changes_of
from people.doors import needs
from people.models import Company
from workflows import arranging

_SHOWN = timedelta(days=400)


def _company(request: HttpRequest) -> Company:
    wanted = request.POST.get("company") or request.GET.get("company", "")
    found = Company.objects.order_by("pk")
    if wanted:
        found = found.filter(pk=asked.whole(wanted) or 0)
    company = found.first()
    if company is None:
        raise Http404(wanted)
    return company


def _weekdays() -> list[str]:
    return [
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(arranging.RIGHT)
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the calendar; save the hours of the weekdays."""
    company = _company(request)
    typed = {n: request.POST.get(f"day{n}", "")[:200] for n in range(7)}
    errors: tuple[LineError, ...] = ()
    if request.method == "POST":
        try:
            arranging.save_week(company, typed, access=access_for(request.user))
        except DomainError as error:
            errors = error.lines
        else:
            messages.success(request, _("The hours are saved; tasks that run keep their limit."))
            return redirect(f"{reverse('workflows:calendar')}?company={company.pk}")
    return _page(request, company, typed if errors else None, errors)


def _page(
    request: HttpRequest,
    company: Company,
    typed: dict[int, str] | None = None,
    week_errors: tuple[LineError, ...] = (),
    days_errors: tuple[LineError, ...] = (),
) -> HttpResponse:
    record = arranging.calendar_of(company)
    wrong = {error.line - 1: str(error.message) for error in week_errors}
    hours = {n: arranging.in_words(record.hours.get(str(n), [])) for n in range(7)}
    rows = record.holidays.filter(day__gte=timezone.localdate() - _SHOWN) if record.pk else []
    context = {
        "company": company,
        "companies": Company.objects.order_by("pk"),
        "week": [
            (n, name, (typed or hours)[n], wrong.get(n, "")) for n, name in enumerate(_weekdays())
        ],
        "days": [(row.day, row.name, arranging.in_words(row.hours)) for row in rows],
        "days_errors": days_errors,
        "pasted": request.POST.get("pasted", "") if days_errors else "",
        "changes": changes_of([record]),
    }
    status = 422 if week_errors or days_errors else 200
    return render(request, "workflows/designer/calendar.html", context, status=status)


@require_POST
@needs(arranging.RIGHT)
def day(request: HttpRequest) -> HttpResponse:
    """Keep pasted days, or (``remove``) let a day be as its weekday again."""
    company = _company(request)
    access = access_for(request.user)
    remove = request.POST.get("remove", "")
    if remove:
        known = asked.day(remove)
        if known is None:
            raise Http404(remove)
        arranging.remove_day(company, known, access=access)
    else:
        week = arranging.calendar_of(company).hours
        usual = next((week[str(n)] for n in range(7) if week.get(str(n))), [["09:00", "17:00"]])
        try:
            days = arranging.read_days(request.POST.get("pasted", "")[:50_000], usual)
            count = arranging.put_days(company, days, access=access)
        except DomainError as error:
            return _page(
                request, company, days_errors=error.lines or (LineError(0, error.code, str(error)),)
            )
        messages.success(
            request, ngettext("%(n)d day is kept.", "%(n)d days are kept.", count) % {"n": count}
        )
    return redirect(f"{reverse('workflows:calendar')}?company={company.pk}#days")
