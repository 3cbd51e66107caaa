"""The pages on which the form of document numbers is set: the list of types, and one of them with its next number."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import asked, tables
from core.errors import DomainError
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in
from people.forms import Styled
from people.models import Company
from stock.models import Warehouse
from stock.views.book import Chip
from workflows import document_types, number_rules
from workflows.models import NumberRule
from workflows.number_rules import RIGHT, Format


class EditRule(Styled, forms.ModelForm):
    """The form of numbers of one type."""

    class Meta:
        model = NumberRule
        fields = ["prefix", "names_warehouse", "dated", "digits"]

    def clean_prefix(self) -> str:
        """As it is kept, so that trying out shows what would be saved."""
        try:
            return number_rules.read_prefix(self.cleaned_data["prefix"])
        except DomainError as error:
            raise ValidationError(str(error)) from error


@require_safe
@needs(RIGHT, "audit.view")
def formats(request: HttpRequest) -> HttpResponseBase:
    """How the numbers of each type look, with the next one."""
    access = access_for(request.user)
    companies = list(Company.objects.order_by("pk"))
    table = tables.Table(
        name="number-formats",
        title=_("Number formats"),
        caption=_("How numbers look that are given from now on; those given stay"),
        columns=(
            tables.Column("type", _("Document type"), lambda row: str(row.kind.label), card="m",
                url=lambda row: _url(row) if access.may(RIGHT) else ""),
            tables.Column("company", _("Company"), "company.name", optional=len(companies) < 2),
            tables.Column("warehouse", _("Warehouse"), _warehouse, card="s"),
            tables.Column("following", _("Next number"), kind="code", card="n"),
            tables.Column("restart", _("Begins anew"), _restart),
            tables.Column("state", _("State"), _state, kind="chip", card="t"),
        ),
        rows=number_rules.formats(companies),
        search=_search,
        may=access.may,
    )  # fmt: skip
    url = reverse("workflows:numbering")
    actions = [{"url": url, "label": _("Numbers given"), "icon": "doc"}]
    return tables.respond(request, table, context={"actions": actions})


def _url(row: Format) -> str:
    url = reverse("workflows:number_format", args=[row.company.pk, row.kind.code])
    return f"{url}?warehouse={row.warehouse.pk}" if row.warehouse else url


def _warehouse(row: Format) -> str:
    return row.warehouse.name if row.warehouse else _("all")


def _restart(row: Format) -> str:
    return row.rule.get_dated_display() if row.rule else str(NumberRule.Dated.NEVER.label)


def _state(row: Format) -> Chip:
    return Chip(_("set here"), "go") if row.rule else Chip(_("standard"))


def _search(found: list[Format], text: str) -> list[Format]:
    word = text.casefold()
    return [row for row in found if word in f"{row.kind.label} {row.following}".casefold()]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def edit(request: HttpRequest, company: int, type_code: str) -> HttpResponse:
    """One format: shown with its next number, tried out (``do=try``), saved, or set back to the standard."""
    owner = get_object_or_404(Company, pk=company)
    kind = document_types.BY_CODE.get(type_code)
    if kind is None:
        raise Http404(type_code)
    houses = list(Warehouse.objects.filter(area__company=owner, archived_at=None).order_by("code"))
    chosen = asked.whole(request.GET.get("warehouse"))
    house = next((one for one in houses if one.pk == chosen), None)
    found = NumberRule.objects.filter(company=owner, type=type_code, warehouse=house).first()
    rule = found or NumberRule(company=owner, type=type_code, warehouse=house, prefix=kind.prefix)
    user, access = signed_in(request), access_for(request.user)
    do = request.POST.get("do", "")
    here = request.get_full_path()
    if request.method == "POST" and do == "standard":
        if found is not None:
            number_rules.remove(found, actor=user, access=access)
            messages.success(request, _("Numbers look as they did before, from the next one on."))
        return redirect("workflows:number_formats")
    form = EditRule(request.POST or None, instance=rule)
    valid = request.method == "POST" and form.is_valid()
    if valid and do != "try":
        try:
            number_rules.save(form.save(commit=False), actor=user, access=access)
        except DomainError as error:
            form.add_error("prefix", str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved. It holds from the next number on."))
            return redirect(here)
    first = house or (houses[0] if houses else None)
    shown: Any = form.instance if valid else found
    context = {
        "kind": kind,
        "houses": [(one, one == house) for one in houses],
        "house": house,
        "form": form,
        "found": found,
        "following": number_rules.following(owner, kind, shown, first),
        "now": number_rules.following(owner, kind, found, first),
        "tried": do == "try",
        "changes": changes_of([found]) if found else [],
    }
    status = 422 if form.errors else 200
    return render(request, "workflows/designer/number_format.html", context, status=status)
