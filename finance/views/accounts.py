"""Pages of accounts: the chart with its rules, one account, and what misses an account."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core import asked
from core.errors import DomainError
from finance import journal, reclassifying, ruling
from finance.models import Account, AccountRule, Books
from finance.resolving import Asked
from finance.views.asking import company as company_of
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in
from people.models import Company, Department
from stock import movement_types, place_kinds
from stock.models import Category, Reason, Warehouse

RIGHT = "finance.review"
_NAMED: Mapping[str, Any] = {
    "category": Category,
    "warehouse": Warehouse,
    "department": Department,
}


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account; whether it holds stock is chosen once."""

    class Meta:
        model = Account
        fields = ("code", "name_zh", "name_en", "kind", "is_inventory")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("code", "name_zh", "name_en"):
            self.fields[name].widget.attrs["class"] = "inp"
        self.fields["kind"].widget.attrs["class"] = "sel"
        if self.instance.pk:
            del self.fields["is_inventory"]

    def clean(self) -> dict[str, Any]:
        """An account has a name in one language at least."""
        given = super().clean() or {}
        if not given.get("name_zh") and not given.get("name_en"):
            raise forms.ValidationError(_("Enter a name."))
        return given


@require_safe
@needs(RIGHT)
def listing(request: HttpRequest) -> HttpResponse:
    """The chart of accounts, and the rules that find them."""
    company = company_of(request)
    journal.fresh(company.pk)
    rules = (
        AccountRule.objects.filter(company=company, archived_at=None)
        .select_related("account", "category", "warehouse", "department")
        .order_by("place_kind", "pk")
    )
    context = {
        "company": company,
        "books": Books.objects.get(company=company),
        "accounts": Account.objects.filter(company=company, archived_at=None),
        "rules": rules,
        "waiting": len(reclassifying.gaps(company.pk)),
    }
    return render(request, "finance/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def account(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change an account."""
    company = company_of(request)
    found = get_object_or_404(Account, pk=pk) if pk else Account(company=company)
    form = AccountForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        found._history_user = signed_in(request)  # type: ignore[attr-defined]  # simple-history
        try:
            with transaction.atomic():
                form.save()
        except IntegrityError:
            form.add_error("code", _("There is an account with this number already."))
        else:
            messages.success(request, _("%(record)s is saved.") % {"record": found})
            return redirect("finance:accounts")
    status = 422 if request.method == "POST" else 200
    context = {
        "company": found.company,
        "form": form,
        "account": found if pk else None,
        "changes": changes_of([found]) if pk else [],
    }
    return render(request, "finance/account.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def rule(request: HttpRequest) -> HttpResponse:
    """Name the account of a kind of place under conditions; POST ``drop`` uses a rule no more."""
    company = company_of(request)
    access, actor = access_for(request.user), signed_in(request)
    error = ""
    if request.method == "POST":
        try:
            if drop := asked.whole(request.POST.get("drop")):
                found = get_object_or_404(AccountRule, pk=drop, company=company)
                ruling.drop_rule(found, actor=actor, access=access)
                messages.success(request, _("The rule is used no more."))
            else:
                _set(request, company)
                messages.success(request, _("The rule is saved."))
            return redirect("finance:accounts")
        except DomainError as refused:
            error = str(refused)
    context = {"company": company, "error": error, "typed": request.POST, **_choices(company)}
    return render(request, "finance/rule.html", context, status=422 if error else 200)


def _choices(company: Company) -> dict[str, Any]:
    return {
        "accounts": Account.objects.filter(company=company, archived_at=None),
        "kinds": place_kinds.CHOICES,
        "types": movement_types.CHOICES,
        "categories": Category.objects.filter(archived_at=None),
        "warehouses": Warehouse.objects.filter(area__company=company, archived_at=None),
        "departments": Department.objects.filter(company=company),
        "reasons": Reason.objects.all(),
    }


def _known(found: Any, name: str) -> Any:
    """What was chosen for a condition. Raises DomainError where it is not there: without it the rule would be wider."""
    if not found:
        what = next(field.verbose_name for field in AccountRule._meta.fields if field.name == name)
        message = _("What was chosen for “%(what)s” is not there any more. Choose again.")
        raise DomainError(message % {"what": what}, code="unknown")
    return found


def _set(request: HttpRequest, company: Company) -> AccountRule:
    """The rule of a form. Raises DomainError."""
    typed = request.POST
    given: dict[str, Any] = {}
    for name, model in _NAMED.items():
        if text := typed.get(name, "").strip():
            found = model.objects.filter(pk=asked.whole(text) or 0).first()
            given[name] = _known(found, name)
    if typed.get("type"):
        given["type"] = _known(typed["type"] in movement_types.BY_CODE and typed["type"], "type")
    if typed.get("reason"):
        reason = Reason.objects.filter(code=typed["reason"]).values_list("code", flat=True)
        given["reason"] = _known(reason.first(), "reason")
    kind = typed.get("place_kind", "")
    number = asked.whole(typed.get("account"))
    account = Account.objects.filter(pk=number or 0, company=company).first()
    if account is None or kind not in place_kinds.BY_CODE:
        raise DomainError(_("Choose a kind of place and an account."), code="incomplete")
    return ruling.set_rule(
        company,
        kind,
        account,
        actor=signed_in(request),
        access=access_for(request.user),
        conditions=given,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def missing(request: HttpRequest) -> HttpResponse:
    """What misses an account; POST names it once, for all that is like it, and corrects what was booked."""
    company = company_of(request)
    error = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                _set(request, company)
                corrected = reclassifying.apply(
                    company, actor=signed_in(request), access=access_for(request.user)
                )
        except DomainError as refused:
            error = str(refused)
        else:
            text = ngettext(
                "%(n)d booking was corrected.", "%(n)d bookings were corrected.", corrected
            )
            messages.success(request, text % {"n": corrected})
            return redirect("finance:missing")
    context = {
        "company": company,
        "rows": _rows(company),
        "error": error,
        "accounts": Account.objects.filter(company=company, archived_at=None).exclude(
            role="suspense"
        ),
    }
    return render(request, "finance/missing.html", context, status=422 if error else 200)


def _rows(company: Company) -> list[dict[str, Any]]:
    gaps = reclassifying.gaps(company.pk)
    categories = Category.objects.in_bulk({gap.asked.category for gap in gaps})
    reasons = Reason.objects.in_bulk({gap.asked.reason for gap in gaps}, field_name="code")
    return [
        {
            "gap": gap,
            "category": categories.get(gap.asked.category),
            "reason": reasons.get(gap.asked.reason, gap.asked.reason),
            "kind": place_kinds.BY_CODE[gap.asked.place_kind].label,
            "type": movement_types.BY_CODE[gap.asked.type].label,
            "holds": gap.asked.place_kind in place_kinds.PHYSICAL,
        }
        for gap in gaps
    ]


@require_safe
@needs(RIGHT)
def explain(request: HttpRequest) -> HttpResponse:
    """Why an end of a movement has its account: the rules that fit, the one that won first."""
    company = company_of(request)
    kind, type_ = request.GET.get("place_kind", ""), request.GET.get("type", "")
    category = asked.whole(request.GET.get("category"))
    reason = None
    if kind in place_kinds.BY_CODE and category is not None:
        given = Asked(
            kind,
            category,
            type_ if type_ in movement_types.BY_CODE else "",
            request.GET.get("reason", "")[:40],
            asked.whole(request.GET.get("warehouse")),
            asked.whole(request.GET.get("department")),
        )
        reason = ruling.explain(company, given)
    asks = "place_kind" in request.GET and reason is None
    context = {
        "company": company,
        "reason": reason,
        "account": Account.objects.get(pk=reason.account) if reason else None,
        "typed": request.GET,
        "error": _("Choose a kind of place and a category.") if asks else "",
        **_choices(company),
    }
    return render(request, "finance/explain.html", context, status=422 if asks else 200)
