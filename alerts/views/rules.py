"""Pages of the rules: all of them with a sentence each, one as a form, tried on the past before it is kept."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts import kinds, replaying, ruling
from alerts.forms import EditRule
from alerts.kinds.base import Kind
from alerts.models import Rule
from core import asked
from core.errors import DomainError
from people.access import access_for
from people.changes import changes_of
from people.doors import needs

_LOOKS = "audit.view"
_GROUPS = (
    ("stock", gettext_lazy("Stock")),
    ("documents", gettext_lazy("Documents")),
    ("unusual", gettext_lazy("Unusual entries")),
    ("people", gettext_lazy("People")),
    ("system", gettext_lazy("System")),
)
_NAMES = ("item", "category", "warehouse", "role", "fallback")
_SHOWN = 100


@require_safe
@needs(ruling.RIGHT, _LOOKS)
def listing(request: HttpRequest) -> HttpResponse:
    """All rules by group: what each says, whose it is, how many cases are open, whether it is noisy."""
    tallies = ruling.tallies()
    rows: dict[str, list[dict[str, Any]]] = {code: [] for code, _label in _GROUPS}
    for rule in Rule.objects.select_related(*_NAMES):
        kind = kinds.get(rule.kind)
        if kind is not None:
            row = {"rule": rule, "says": kind.says(rule), "tally": tallies.get(rule.pk)}
            rows.setdefault(kind.group, []).append(row)
    context = {
        "groups": [(label, rows[code]) for code, label in _GROUPS if rows[code]],
        "kinds": kinds.every(),
        "may_manage": access_for(request.user).may(ruling.RIGHT),
    }
    return render(request, "alerts/rules.html", context)


@require_http_methods(["GET", "POST"])
@needs(ruling.RIGHT, _LOOKS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A rule; ``do=test`` tries what is typed on the past and keeps nothing."""
    rule = get_object_or_404(Rule.objects.select_related(*_NAMES), pk=pk)
    return _page(request, rule, _kind(rule.kind))


@require_http_methods(["GET", "POST"])
@needs(ruling.RIGHT)
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new rule of a kind."""
    found = _kind(kind)
    return _page(request, Rule(kind=found.code, severity="medium"), found)


def _kind(code: str) -> Kind:
    kind = kinds.get(code)
    if kind is None:
        raise Http404(code)
    return kind


def _page(request: HttpRequest, rule: Rule, kind: Kind) -> HttpResponse:
    saved = rule.pk is not None
    form = EditRule(request.POST or None, instance=rule, kind=kind)
    access = access_for(request.user)
    tested, status = None, 200
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "test":
            tested = replaying.replay(rule, asked.whole(request.POST.get("days")) or replaying.DAYS)
        else:
            try:
                ruling.save(rule, access)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The rule is saved."))
                return redirect("alerts:rule", pk=rule.pk)
    if form.errors:
        status = 422
    context = {
        "rule": rule,
        "saved": saved,
        "kind": kind,
        "form": form,
        "says": kind.says(rule) if not form.errors else "",
        "tested": tested,
        "firings": tested.firings[:_SHOWN] if tested else [],
        "tally": ruling.tallies().get(rule.pk) if saved else None,
        "may_manage": access.may(ruling.RIGHT),
        "changes": changes_of([rule]) if saved else [],
    }
    return render(request, "alerts/rule.html", context, status=status)


@require_POST
@needs(ruling.RIGHT)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a rule in force (``do`` is on) or out of it."""
    rule = get_object_or_404(Rule, pk=pk)
    ruling.switch(rule, active=request.POST.get("do") == "on", access=access_for(request.user))
    return redirect("alerts:rules")
