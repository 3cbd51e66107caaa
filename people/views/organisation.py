"""Doors of roles and departments."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import tables
from core.errors import DomainError
from people import accounts, changes, forms, organisation
from people.access import access_for
from people.doors import needs, signed_in
from people.models import Department, Role
from people.rights import RIGHTS

_GROUPS = (
    (gettext_lazy("Stock and documents"), ("stock.", "cost.", "document.", "count.")),
    (gettext_lazy("Master data"), ("master.",)),
    (gettext_lazy("Money"), ("period.", "finance.")),
    (gettext_lazy("Administration"), ("process.", "users.", "system.", "audit.")),
)


def right_groups(chosen: set[str]) -> list[tuple[str, list[tuple[str, str, bool, bool]]]]:
    """(group, (code, label, holds per warehouse, chosen) …) for the page of a role."""
    return [
        (
            str(title),
            [
                (right.code, str(right.label), right.scoped, right.code in chosen)
                for right in RIGHTS
                if right.code.startswith(prefixes)
            ],
        )
        for title, prefixes in _GROUPS
    ]


@require_safe
@needs(accounts.MANAGE)
def roles(request: HttpRequest) -> HttpResponseBase:
    """Every role."""
    table = tables.Table(
        name="roles",
        title=_("Roles"),
        columns=(
            tables.Column(
                "name",
                _("Role"),
                str,
                card="m",
                url=lambda role: reverse("people:role", args=[role.pk]),
            ),
            tables.Column("code", _("Code"), kind="code", sort="code", card="s"),
            tables.Column("rights", _("Rights"), lambda role: len(role.rights), kind="number"),
            tables.Column("users", _("Users"), kind="number", sort="users", card="n"),
        ),
        rows=Role.objects.annotate(users=Count("memberships")).order_by("pk"),
        may=access_for(request.user).may,
    )
    action = {
        "url": reverse("people:role_new"),
        "label": _("New role"),
        "icon": "plus",
        "primary": True,
    }
    return tables.respond(request, table, context={"actions": [action]})


@require_http_methods(["GET", "POST"])
@needs(accounts.MANAGE)
def role(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Create a role or change its name and rights."""
    record = get_object_or_404(Role, pk=pk) if pk else Role()
    form = forms.EditRole(request.POST or None, role=record, initial={"name": record.name})
    chosen = set(request.POST.getlist("rights")) if request.POST else set(record.rights)
    if request.method == "POST" and form.is_valid():
        record.code = form.cleaned_data.get("code") or record.code
        try:
            saved = organisation.save_role(
                record,
                name=form.cleaned_data["name"],
                rights=form.cleaned_data["rights"],
                actor=signed_in(request),
                access=access_for(request.user),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved})
            return redirect("people:roles")
    context = {
        "role": record if pk else None,
        "form": form,
        "groups": right_groups(chosen),
        "changes": changes.changes_of([record]),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "people/role.html", context, status=status)


def _by_state(rows: QuerySet[Department], value: str) -> QuerySet[Department]:
    return rows.filter(archived_at__isnull=value != "archived")


def _department_state(one: Department) -> str:
    """In use or archived, in words."""
    return _("archived") if one.archived_at else _("in use")


@require_safe
@needs(accounts.MANAGE)
def departments(request: HttpRequest) -> HttpResponseBase:
    """Every department."""
    rows = Department.objects.select_related("parent", "manager").order_by("code")
    table = tables.Table(
        name="departments",
        title=_("Departments"),
        columns=(
            tables.Column(
                "code",
                _("Code"),
                kind="code",
                sort="code",
                card="s",
                url=lambda one: reverse("people:department", args=[one.pk]),
            ),
            tables.Column("name", _("Name"), sort="name", card="m"),
            tables.Column("parent", _("Belongs to"), "parent.name", sort="parent"),
            tables.Column("manager", _("Manager"), "manager.name", sort="manager", card="n"),
            tables.Column("state", _("State"), _department_state, card="t"),
        ),
        rows=rows,
        filters=(
            tables.Filter(
                "state",
                _("State"),
                _by_state,
                lambda: (("used", _("in use")), ("archived", _("archived"))),
            ),
        ),
        search=lambda found, text: (
            found.filter(code__icontains=text) | found.filter(name__icontains=text)
        ),
        may=access_for(request.user).may,
    )
    action = {
        "url": reverse("people:department_new"),
        "label": _("New department"),
        "icon": "plus",
        "primary": True,
    }
    return tables.respond(request, table, context={"actions": [action]})


@require_http_methods(["GET", "POST"])
@needs(accounts.MANAGE)
def department(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Create or change a department."""
    record = get_object_or_404(Department, pk=pk) if pk else Department()
    form = forms.EditDepartment(request.POST or None, instance=record)
    if request.method == "POST" and form.is_valid():
        try:
            saved = organisation.save_department(
                form.save(commit=False),
                actor=signed_in(request),
                access=access_for(request.user),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved})
            return redirect("people:departments")
    context = {
        "department": record if pk else None,
        "form": form,
        "changes": changes.changes_of([record]),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "people/department.html", context, status=status)


@require_POST
@needs(accounts.MANAGE)
def department_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Archive a department or restore it."""
    record = get_object_or_404(Department, pk=pk)
    try:
        organisation.archive_department(
            record,
            archived=request.POST.get("what") == "archive",
            actor=signed_in(request),
            access=access_for(request.user),
        )
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("people:department", pk)
