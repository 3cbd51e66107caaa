"""The alert centre and the page of a case: what waits, why, whose it is, by when, and the next thing to do."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Avg, Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alerts import addresses, digest, door, kinds, queries, states, words
from alerts.models import Case, Cause, Rule
from alerts.models.cases import GONE
from alerts.models.rules import Severity
from core import asked
from core.errors import DomainError
from people.access import Access, access_for
from people.doors import signed_in
from people.models import User
from workflows import document_types, drafting, moment, verbs

PAGE = 50
_MINE, _FREE, _ALL, _OVER = "", "free", "all", "over"
_TABS = (
    (_MINE, gettext_lazy("For me")),
    (_FREE, gettext_lazy("Nobody's yet")),
    (_ALL, gettext_lazy("All open")),
    (_OVER, gettext_lazy("Over")),
)


@never_cache
@require_safe
@login_required
def centre(request: HttpRequest) -> HttpResponse:
    """Cases by tab, the worst and most urgent first; ``?severity=``, ``?rule=`` (id), ``?late=1`` narrow them."""
    user = signed_in(request)
    access = access_for(user)
    seen = queries.visible(user, access)
    tab = request.GET.get("tab", "")
    rows = _narrowed(_of_tab(tab, seen, user), request)
    page = Paginator(queries.with_names(rows), PAGE).get_page(request.GET.get("page"))
    may = queries.to_act(user, page.object_list, access)
    live = seen.filter(state__in=states.LIVE)
    levels = dict(live.values_list("severity").annotate(Count("pk")))
    rule = Rule.objects.filter(pk=asked.whole(request.GET.get("rule")) or 0).first()
    context = {
        "tab": tab,
        "tabs": [(code, label, _count(code, seen, user)) for code, label in _TABS],
        "levels": [(code, label, levels.get(code, 0)) for code, label in Severity.choices],
        "severity": request.GET.get("severity", ""),
        "late": bool(request.GET.get("late")),
        "rules": Rule.objects.filter(pk__in=live.values("rule")).order_by("kind", "pk"),
        "rule": rule,
        "page": page,
        "rows": [_row(case, access) | {"may": case.pk in may} for case in page],
        "mean": _mean_hours(seen),
        "now": moment.now(),
    }
    return render(request, "alerts/centre.html", context)


def _of_tab(tab: str, seen: QuerySet[Case], user: User) -> QuerySet[Case]:
    if tab == _OVER:
        return seen.filter(state__in=states.OVER).order_by("-ended_at", "-pk")
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


def _narrowed(rows: QuerySet[Case], request: HttpRequest) -> QuerySet[Case]:
    if (severity := request.GET.get("severity", "")) in Severity.values:
        rows = rows.filter(severity=severity)
    if (rule := asked.whole(request.GET.get("rule"))) is not None:
        rows = rows.filter(rule=rule)
    if request.GET.get("late"):
        rows = rows.filter(due_at__lt=moment.now())
    return rows


def _mean_hours(seen: QuerySet[Case]) -> float | None:
    """How long the cases took that ended in the last week, in hours."""
    ended = seen.filter(ended_at__gte=moment.now() - digest.WEEK)
    took = ended.aggregate(took=Avg(F("ended_at") - F("opened_at")))["took"]
    return None if took is None else round(took.total_seconds() / 3600, 1)


def _row(case: Case, access: Access) -> dict[str, Any]:
    kind = kinds.get(case.rule.kind)
    action = kind.action(case) if kind is not None and case.about.live else None
    return {
        "case": case,
        "url": addresses.case(case),
        "why": words.reason(case, access),
        "action": action,
    }


@never_cache
@require_safe
@login_required
def show(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One case."""
    return _page(request, _case(request, key), {})


def _case(request: HttpRequest, key: uuid.UUID) -> Case:
    user = signed_in(request)
    found = queries.with_names(queries.visible(user)).filter(key=key).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, case: Case, typed: Mapping[str, str], error: str = "", status: int = 200
) -> HttpResponse:
    user = signed_in(request)
    access = access_for(user)
    possible = {verb.code for verb in door.possible(case, user, access)}
    context = {
        **_row(case, access),
        "rule_says": words.rule_sentence(case),
        "possible": possible,
        "causes": Cause.objects.filter(archived_at=None).exclude(code=GONE),
        "people": _others(case, user) if "assign" in possible else (),
        "events": [(event, _told(event.verb)) for event in queries.timeline(case)],
        "photos": case.photos.order_by("pk"),
        "before": _before(case, queries.visible(user, access)),
        "typed": typed,
        "error": error,
        "key": uuid.uuid4(),
        "now": moment.now(),
    }
    return render(request, "alerts/case.html", context, status=status)


def _told(verb: str) -> str:
    known = states.VERB_BY_CODE.get(verb)
    return str(known.told) if known is not None else verb


def _before(case: Case, seen: QuerySet[Case]) -> QuerySet[Case]:
    """Earlier cases about the same that the reader may see, newest first."""
    same = Q(subject_kind=case.subject_kind, subject_key=case.subject_key, rule=case.rule_id)
    return seen.filter(same).exclude(pk=case.pk).order_by("-pk")[:5]


def _others(case: Case, user: User) -> QuerySet[User]:
    """To whom it may be handed: the holders of its role, or else everybody who is active."""
    everybody = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name", "pk")
    holders = everybody.filter(memberships__role=case.role_id).distinct()
    return holders if case.role_id is not None and holders.exists() else everybody


@require_POST
@login_required
def act(request: HttpRequest, key: uuid.UUID, verb: str) -> HttpResponse:
    """Do a verb; what is refused is said on the page, with what was typed."""
    case = _case(request, key)
    user = signed_in(request)
    try:
        done = door.act(
            case.key,
            verb,
            actor=user,
            text=request.POST.get("text", ""),
            cause=request.POST.get("cause", ""),
            data={name: request.POST.get(name, "") for name in ("user", "silent_days")},
            version=asked.whole(request.POST.get("version")),
            key=request.POST.get("key", ""),
        )
    except DomainError as error:
        typed = {name: request.POST.get(name, "") for name in ("text", "cause", "silent_days")}
        return _page(request, _case(request, key), typed, str(error), error.status)
    messages.success(
        request, _("%(case)s: %(state)s") % {"case": case.rule, "state": done.case.about.label}
    )
    back = request.POST.get("next") == "centre"
    return redirect(addresses.CENTRE if back else addresses.case(case))


@never_cache
@require_safe
@login_required
def week(request: HttpRequest) -> HttpResponse:
    """The week in alerts, as the digest tells it."""
    user = signed_in(request)
    found = digest.of(user)
    causes = Cause.objects.in_bulk([code for code, _n in found.causes], field_name="code")
    context = {
        "week": found,
        "causes": [(causes[code], number) for code, number in found.causes],
        "kinds": [(kinds.label(code), number) for code, number in found.kinds],
        "mistakes": [
            (document_types.label(type_code), step, verbs.EVENT_LABELS.get(verb, verb), number)
            for type_code, step, verb, number in found.mistakes
        ],
    }
    return render(request, "alerts/week.html", context)


@require_POST
@login_required
def begin(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Make the draft that the case's next step is, filled in; the same ``key`` makes one."""
    case = _case(request, key)
    user = signed_in(request)
    kind = kinds.get(case.rule.kind)
    action = kind.action(case) if kind is not None else None
    if action is None or not action.begins or case.item is None:
        raise Http404
    if not case.about.live:
        return _page(request, case, {}, _("This case is over. Open it again first."), 409)
    line = {"item": case.item.code}
    if case.lot is not None:
        line["lot"] = case.lot.number
    header = {"warehouse": case.warehouse.code} if case.warehouse is not None else {}
    try:
        draft = drafting.create(
            action.begins,
            actor=user,
            access=access_for(user),
            header=header,
            lines=[line],
            key=request.POST.get("key") or str(case.key),
        )
    except DomainError as error:
        return _page(request, case, {}, str(error), error.status)
    return redirect("workflows:edit", draft.key)
