"""The review queue: every entry with both sides, filtered, agreed to one by one, several or a whole day."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core import asked, tables
from core.columns import Action
from core.errors import DomainError
from core.numbers import NumberError, parse_decimal
from core.tables import Column, Filter, Table
from finance.models import Account, Closing, JournalEntry, JournalLine
from finance.reports import balances
from finance.review import facts, reviewing, states
from finance.review.reviewing import Reviewed
from finance.views.books import Desk
from people.doors import needs
from stock import movement_types
from stock.views.book import Chip

RIGHT = "finance.review"
Review = JournalEntry.Review
SAVED = (
    ("unreviewed", {"review": "unreviewed"}),
    ("questioned", {"review": "questioned"}),
    ("missing", {"is": "missing"}),
    ("red", {"is": "red"}),
    ("late", {"is": "late"}),
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def queue(request: HttpRequest) -> HttpResponseBase:
    """The entries of a company, newest first; POST does something with those that are ticked."""
    desk = Desk(request)
    rows = JournalEntry.objects.filter(company=desk.company).exclude(review=Review.NONE)
    table = Table(
        "entries",
        _("Financial review"),
        _columns(),
        facts.entries(rows),
        filters=_filters(desk),
        search=_search,
        order="-date",
        empty=_("Nothing was posted yet."),
        may=desk.access.may,
        actions=[
            Action("accept", _("Mark as reviewed"), _accept, "check", RIGHT, 500),
            Action("reopen", _("Look at again"), _reopen, "reverse", RIGHT, 500),
        ],
        live="book",
    )
    context = {
        **desk.context(),
        "standing": balances.standing(desk.company.pk) if desk.access.may("cost.view") else None,
        "saved": [(_SAVED_WORDS[code](), parameters) for code, parameters in SAVED],
        "day": _day(desk, rows),
    }
    return tables.respond(request, table, template="finance/review.html", context=context)


_SAVED_WORDS = {
    "unreviewed": lambda: _("Unreviewed"),
    "questioned": lambda: _("Questioned"),
    "missing": lambda: _("Without an account"),
    "red": lambda: _("In red"),
    "late": lambda: _("After a close"),
}


def _day(desk: Desk, rows: QuerySet[JournalEntry]) -> dict[str, Any]:
    """The day of the day review: the one that is filtered, else the last with anything."""
    start, end = (asked.day(desk.request.GET.get(name)) for name in ("from", "to"))
    chosen = start if start and start == end else None
    day = chosen or rows.order_by("-date").values_list("date", flat=True).first() or desk.today
    of_day = rows.filter(date=day)
    waiting = of_day.filter(review=Review.UNREVIEWED)
    return {
        "day": day,
        "all": of_day.count(),
        "done": of_day.filter(review__in=[Review.REVIEWED, Review.HANDED_OVER]).count(),
        "open": waiting.count(),
        "last": waiting.order_by("pk").values_list("pk", flat=True).last(),
        "questioned": of_day.filter(review=Review.QUESTIONED).count(),
        "missing": reviewing.without_account(of_day).count(),
    }


def _columns() -> list[Column]:
    return [
        Column("date", _("Date"), "date", kind="date", sort="date", groups=True),
        Column(
            "document", _("Document"), _name, kind="code", sort="document", card="m", url=url_of
        ),
        Column("type", _("Type"), facts.kind, card="s", beside="date"),
        Column("debit", _("Debit"), lambda row: facts.side(row, debit=True).accounts, kind="stack"),
        Column(
            "debits",
            _("Debits"),
            lambda row: facts.side(row, debit=True).amounts,
            kind="amounts",
            right="cost.view",
            card="n",
        ),
        Column(
            "credit", _("Credit"), lambda row: facts.side(row, debit=False).accounts, kind="stack"
        ),
        Column(
            "credits",
            _("Credits"),
            lambda row: facts.side(row, debit=False).amounts,
            kind="amounts",
            right="cost.view",
        ),
        Column(
            "total",
            _("Amount"),
            facts.total,
            kind="money",
            right="cost.view",
            total=True,
            optional=True,
        ),
        Column("voucher", _("Voucher"), facts.voucher, kind="code"),
        Column("review", _("Review"), chip_of, kind="chip", sort="review", card="t", groups=True),
        Column("by", _("Reviewed by"), "reviewed_by", optional=True),
    ]


def _name(row: JournalEntry) -> str:
    return row.document or f"#{row.pk}"


def url_of(row: JournalEntry) -> str:
    """The page of an entry."""
    return reverse("finance:entry", args=[row.pk])


def chip_of(row: JournalEntry) -> Chip:
    """How far it is, as a chip; a missing account comes first."""
    if getattr(row, "missing", False):
        return Chip(_("No account"), "bad")
    return Chip(row.get_review_display(), states.CSS.get(row.review, ""))


def _search(rows: QuerySet[JournalEntry], text: str) -> QuerySet[JournalEntry]:
    lines = JournalLine.objects.filter(entry=OuterRef("pk")).filter(
        Q(item__code__icontains=text)
        | Q(item__name__icontains=text)
        | Q(partner__name__icontains=text)
    )
    return rows.filter(Q(document__icontains=text) | Exists(lines))


def _filters(desk: Desk) -> list[Filter]:
    accounts = Account.objects.filter(company=desk.company)
    lines = JournalLine.objects.filter(entry=OuterRef("pk"))
    shows_cost = desk.access.may("cost.view")

    def by_day(rows: Any, value: str, lookup: str) -> Any:
        found = asked.day(value)
        return rows.filter(**{lookup: found}) if found else rows

    def by_account(rows: Any, value: str) -> Any:
        number = asked.whole(value)
        touched = lines.filter(Q(debit_account=number) | Q(credit_account=number))
        return rows.filter(Exists(touched)) if number else rows

    def by_amount(rows: Any, value: str) -> Any:
        try:
            least = parse_decimal(value, places=4, lenient=True)
        except NumberError:
            return rows
        return rows.filter(total__gte=least)

    kinds = [(one.code, one.label) for one in movement_types.MOVEMENT_TYPES]
    kinds += [(code, label) for code, label in JournalEntry.Kind.choices if code != "posting"]
    reviews = [one for one in Review.choices if one[0] != "none"]
    return [
        Filter("from", _("From"), lambda rows, v: by_day(rows, v, "date__gte"), kind="date"),
        Filter("to", _("To"), lambda rows, v: by_day(rows, v, "date__lte"), kind="date"),
        Filter("type", _("Type"), _by_type, lambda: kinds),
        Filter(
            "account", _("Account"), by_account, lambda: [(str(a.pk), str(a)) for a in accounts]
        ),
        Filter("review", _("Review"), lambda rows, v: rows.filter(review=v), lambda: reviews),
        Filter("is", _("Only"), _only, _only_choices),
        # The amounts could be told from who is left.
        *([Filter("least", _("Amount from"), by_amount, kind="text")] if shows_cost else []),
    ]


def _by_type(rows: Any, value: str) -> Any:
    if value not in movement_types.BY_CODE:
        return rows.filter(kind=value)
    lines = JournalLine.objects.filter(entry=OuterRef("pk"), movement__type=value)
    return rows.filter(Exists(lines), kind=JournalEntry.Kind.POSTING)


def _only_choices() -> Iterable[tuple[str, str]]:
    return [(code, _SAVED_WORDS[code]()) for code in ("missing", "red", "late")]


def _only(rows: Any, value: str) -> Any:
    if value == "missing":
        return rows.filter(missing=True)
    if value == "red":
        return rows.filter(Exists(JournalLine.objects.filter(entry=OuterRef("pk"), amount__lt=0)))
    if value == "late":
        closed = Closing.objects.filter(
            company=OuterRef("company"), closed_at__lt=OuterRef("recorded_at")
        )
        return rows.filter(Exists(closed.filter(month__gte=OuterRef("date"))))
    return rows


# What is done with several ---------------------------------------------------------------------------


def _accept(request: HttpRequest, rows: list[Any]) -> HttpResponse:
    desk = Desk(request)
    ids = [row.pk for row in rows]
    said(request, reviewing.accept(ids, actor=desk.user, access=desk.access))
    return redirect(request.get_full_path())


def _reopen(request: HttpRequest, rows: list[Any]) -> HttpResponse:
    desk = Desk(request)
    ids = [row.pk for row in rows]
    said(request, reviewing.reopen(ids, actor=desk.user, access=desk.access))
    return redirect(request.get_full_path())


def said(request: HttpRequest, result: Reviewed) -> None:
    """Say how many changed, and why others did not."""
    if result.done:
        words = ngettext("%(n)d entry is done.", "%(n)d entries are done.", result.done)
        messages.success(request, words % {"n": result.done})
    for why, number in result.left.items():
        messages.warning(request, f"{number} × {why}")


@require_POST
@needs(RIGHT)
def day(request: HttpRequest) -> HttpResponse:
    """Agree to every unreviewed entry of one day up to ``last``: what was posted since, nobody has seen."""
    desk = Desk(request)
    chosen, last = asked.day(request.POST.get("day")), asked.whole(request.POST.get("last"))
    if chosen is None or last is None:
        raise DomainError(_("Which day?"))
    rows = JournalEntry.objects.filter(
        company=desk.company, date=chosen, review=Review.UNREVIEWED, pk__lte=last
    ).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[: reviewing.MOST])
    said(request, reviewing.accept(ids, actor=desk.user, access=desk.access))
    return redirect(f"{reverse('finance:review')}?from={chosen}&to={chosen}")
