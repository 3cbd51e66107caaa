"""The page of a case: what it is about, why, whose it is, by when, what was done, and the next thing to do."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alerts import addresses, digest, door, kinds, queries, states, words
from alerts.models import Case, Cause
from alerts.models.cases import GONE
from core import asked
from core.errors import DomainError
from people.access import Access, access_for
from people.doors import signed_in
from people.models import User
from workflows import drafting, moment


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
        "mistakes": digest.in_words(found.mistakes),
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
