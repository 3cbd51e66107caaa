"""The alert centre: the list of cases by tab, what is due first on top, with why, whose it is and the next thing to do."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Avg, F, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alerts import addresses, digest, door, kinds, noise, queries, states, words
from alerts.kinds.base import Action as Next
from alerts.models import Case, Rule
from alerts.models.rules import Severity
from core import asked, choosing, tables
from core.choosing import One, Outcome
from core.columns import Action, Column, Filter, Table
from people.access import Access, access_for
from people.doors import signed_in
from people.models import User
from stock.views.book import Chip
from workflows import moment, wording

_MINE, _FREE, _ALL, _OVER = "", "free", "all", "over"
_TABS = (
    (_MINE, gettext_lazy("For me")),
    (_FREE, gettext_lazy("Nobody's yet")),
    (_ALL, gettext_lazy("All open")),
    (_OVER, gettext_lazy("Over")),
)
_TONES = {Severity.CRITICAL: "err", Severity.HIGH: "warn"}
MOST = 200
"""Cases that are taken at once."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def centre(request: HttpRequest) -> HttpResponseBase:
    """Cases by tab; POST takes those that are ticked."""
    user = signed_in(request)
    access = access_for(user)
    seen = queries.visible(user, access)
    tab = request.GET.get("tab", "")
    table = Table(
        "cases",
        _("Alerts"),
        _columns(access, over=tab == _OVER),
        queries.with_names(_of_tab(tab, seen, user)),
        filters=_filters(seen),
        search=_search,
        order="-ended" if tab == _OVER else "left",
        empty=_("Nothing has ended yet.")
        if tab == _OVER
        else _("All is well: nothing waits here."),
        may=access.may,
        actions=[Action("acknowledge", _("Take it"), _take, "check", most=MOST)],
        live="cases",
    )
    context = {
        "tab": tab,
        "tabs": [(code, label, _count(code, seen, user)) for code, label in _TABS],
        "mean": _mean_hours(seen),
        "noisy": noise.rules() if access.may(queries.MANAGES) else (),
    }
    return tables.respond(request, table, template="alerts/centre.html", context=context)


def _of_tab(tab: str, seen: QuerySet[Case], user: User) -> QuerySet[Case]:
    if tab == _OVER:
        return seen.filter(state__in=states.OVER)
    if tab == _ALL:
        return queries.live(seen)
    if tab == _FREE:
        return queries.live(seen.filter(owner__isnull=True))
    return queries.for_me(user)


def _count(tab: str, seen: QuerySet[Case], user: User) -> int:
    rows = _of_tab(tab, seen, user)
    if tab == _OVER:
        rows = rows.filter(ended_at__gte=moment.now() - digest.WEEK)
    return rows.count()


def _mean_hours(seen: QuerySet[Case]) -> float | None:
    """How long the cases took that ended in the last week, in hours."""
    ended = seen.filter(ended_at__gte=moment.now() - digest.WEEK)
    took = ended.aggregate(took=Avg(F("ended_at") - F("opened_at")))["took"]
    return None if took is None else round(took.total_seconds() / 3600, 1)


# Columns ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Left:
    """How long there is still time, in words; ``css`` marks what is late."""

    words: str
    css: str = ""

    def __str__(self) -> str:
        return self.words


def _columns(access: Access, *, over: bool) -> list[Column]:
    now = moment.now()

    @cache
    def step(case: Case) -> Next | None:
        return _next(case)

    found = [
        Column("severity", _("Severity"), _severity, kind="badge", sort="severity", groups=True),
        Column(
            "rule",
            _("What"),
            lambda case: str(case.rule),
            sort="rule__pk",
            card="m",
            url=addresses.case,
            beside=words.subject,
            groups=True,
        ),
        Column("subject", _("About"), words.subject),
        Column("why", _("Why"), lambda case: words.reason(case, access), card="s"),
        Column("owner", _("Whose"), words.whose, sort="owner__name", groups=True),
        Column("warehouse", _("Warehouse"), "warehouse.name", sort="warehouse__code", optional=True, groups=True),
        Column("opened", _("Opened"), "opened_at", kind="datetime", sort="opened_at", optional=True),
    ]  # fmt: skip
    if over:
        return [
            *found,
            Column("ended", _("Ended"), "ended_at", kind="datetime", sort="ended_at", card="n"),
            Column("state", _("State"), _state, kind="chip", sort="state", card="t", groups=True),
        ]
    return [
        *found,
        Column("left", _("Time left"), lambda case: _left(case.due_at, now), sort="due_at", card="n"),
        Column("due", _("Due"), "due_at", kind="datetime", sort="due_at", optional=True),
        Column(
            "next",
            _("Next step"),
            kind="link",
            value=lambda case: str(step(case).label) if step(case) else _("Look at it"),  # type: ignore[union-attr]
            card="t",
            url=lambda case: step(case).url if step(case) else addresses.case(case),  # type: ignore[union-attr]
        ),
    ]  # fmt: skip


def _severity(case: Case) -> Chip:
    return Chip(str(case.get_severity_display()), _TONES.get(Severity(case.severity), ""))


def _state(case: Case) -> Chip:
    return Chip(case.about.label, "post" if case.state == "solved" else "dead")


def _left(due: datetime | None, now: datetime) -> Left:
    if due is None:
        return Left("")
    time = wording.lasted(abs(due - now), short=True)
    if due < now:
        return Left(_("%(time)s late") % {"time": time}, "late")
    return Left(_("%(time)s left") % {"time": time})


def _next(case: Case) -> Next | None:
    kind = kinds.get(case.rule.kind)
    return kind.action(case) if kind is not None and case.about.live else None


# Filters and the action --------------------------------------------------------------------------------


def _filters(seen: QuerySet[Case]) -> list[Filter]:
    def rules() -> list[tuple[str, str]]:
        used = seen.filter(state__in=states.LIVE).order_by().values("rule")
        rows = Rule.objects.filter(pk__in=used).order_by("kind", "pk")
        return [(str(rule.pk), str(rule)) for rule in rows]

    return [
        Filter("severity", _("Severity"), _of_severity, lambda: Severity.choices),
        Filter("rule", _("Rule"), _of_rule, rules),
        Filter("owner", _("Whose"), _of_owner, lambda: _owners(seen)),
        Filter("late", _("Overdue"), lambda rows, _on: rows.filter(due_at__lt=moment.now()), kind="flag"),
    ]  # fmt: skip


def _of_severity(rows: QuerySet[Case], value: str) -> QuerySet[Case]:
    return rows.filter(severity=value) if value in Severity.values else rows


def _of_rule(rows: QuerySet[Case], value: str) -> QuerySet[Case]:
    number = asked.whole(value)
    return rows if number is None else rows.filter(rule=number)


def _of_owner(rows: QuerySet[Case], value: str) -> QuerySet[Case]:
    number = asked.whole(value)
    return rows if number is None else rows.filter(owner=number)


def _owners(seen: QuerySet[Case]) -> list[tuple[str, str]]:
    owned = seen.filter(state__in=states.LIVE).order_by().values("owner")
    return [
        (str(user.pk), str(user))
        for user in User.objects.filter(pk__in=owned).order_by("name", "pk")
    ]


def _search(rows: QuerySet[Case], text: str) -> QuerySet[Case]:
    return rows.filter(
        Q(item__code__icontains=text)
        | Q(item__name__icontains=text)
        | Q(lot__number__icontains=text)
        | Q(document__number__icontains=text)
        | Q(partner__name__icontains=text)
    )


def _take(request: HttpRequest, rows: list[Case]) -> HttpResponseBase:
    """Take each case that is ticked; what is not for this user, or taken by somebody, is named with the reason."""
    user = signed_in(request)
    outcome = Outcome(
        title=_("Take several"),
        back=request.get_full_path(),
        again=request.get_full_path(),
        do="acknowledge",
    )

    def take(case: Case) -> Any:
        return door.act(case.key, "acknowledge", actor=user, version=case.version)

    def about(case: Case) -> One:
        return One(str(case.pk), f"{case.rule} {words.subject(case)}", addresses.case(case))

    choosing.each(rows, take, about=about, outcome=outcome)
    done = len(outcome.done)
    outcome.words = ngettext("%(n)d case is yours.", "%(n)d cases are yours.", done) % {"n": done}
    return choosing.show(request, outcome)
