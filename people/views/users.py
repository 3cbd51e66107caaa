"""Doors of users: list, invitation, edit, roles held, deactivate."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import tables
from core.errors import DomainError
from core.words import listed
from people import accounts, changes, forms, invitations, lockouts, two_step, viewing
from people.access import access_for
from people.accounts import Grant
from people.doors import needs, signed_in
from people.models import Department, Membership, Role, User


def _state(user: User) -> str:
    """Active, invited or deactivated, in words."""
    if not user.is_active:
        return _("deactivated")
    return _("active") if user.has_usable_password() else _("invited")


def _roles(user: User) -> str:
    """The roles of a user whose memberships were fetched."""
    return listed(held.role for held in user.memberships.all())


def narrow_by_state(rows: QuerySet[User], value: str) -> QuerySet[User]:
    """Active (also for an unknown word), invited, deactivated, without a role, or locked out now."""
    if value == "norole":
        return rows.filter(is_active=True, is_superuser=False, memberships=None)
    if value == "locked":
        return rows.filter(username__in=lockouts.names())
    if value == "invited":
        return rows.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if value == "off":
        return rows.filter(is_active=False)
    return rows.filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def _search(rows: QuerySet[User], text: str) -> QuerySet[User]:
    return rows.filter(username__icontains=text) | rows.filter(name__icontains=text)


COLUMNS = (
    tables.Column(
        "username",
        gettext_lazy("User name"),
        kind="code",
        sort="username",
        card="s",
        url=lambda user: reverse("people:user", args=[user.pk]),
    ),
    tables.Column("name", pgettext_lazy("person", "Name"), sort="name", card="m"),
    tables.Column("department", gettext_lazy("Department"), "department.name", sort="department"),
    tables.Column("roles", gettext_lazy("Roles"), _roles),
    tables.Column("email", gettext_lazy("E-mail"), sort="email"),
    tables.Column(
        "last_login", gettext_lazy("Last sign-in"), kind="datetime", sort="last_login", card="x"
    ),
    tables.Column("state", gettext_lazy("State"), _state, card="t"),
)


@require_safe
@needs(accounts.MANAGE)
def listing(request: HttpRequest) -> HttpResponseBase:
    """Every user."""
    rows = User.objects.select_related("department").prefetch_related("memberships__role")
    table = tables.Table(
        name="users",
        title=_("Users"),
        columns=COLUMNS,
        rows=rows,
        filters=(
            tables.Filter(
                "state",
                _("State"),
                narrow_by_state,
                lambda: (
                    ("on", _("active")),
                    ("invited", _("invited")),
                    ("norole", _("without a role")),
                    ("locked", _("locked out now")),
                    ("off", _("deactivated")),
                ),
            ),
            tables.Filter(
                "role",
                _("Role"),
                lambda found, code: found.filter(memberships__role__code=code),
                lambda: [(role.code, str(role)) for role in Role.objects.all()],
            ),
            tables.Filter(
                "department",
                _("Department"),
                lambda found, code: found.filter(department__code=code),
                lambda: [(one.code, one.name) for one in Department.objects.all()],
            ),
        ),
        search=_search,
        order="username",
        may=access_for(request.user).may,
    )
    action = {
        "url": reverse("people:user_new"),
        "label": _("Invite somebody"),
        "icon": "plus",
        "primary": True,
    }
    return tables.respond(request, table, context={"actions": [action]})


def _held(user: User) -> dict[int, Grant]:
    """The user's memberships as grants, by role."""
    return {
        row.role_id: Grant(
            role_id=row.role_id,
            everywhere=row.everywhere,
            scope_ids=frozenset(scope.pk for scope in row.scopes.all()),
        )
        for row in Membership.objects.filter(user=user).prefetch_related("scopes")
    }


@require_http_methods(["GET", "POST"])
@needs(accounts.MANAGE)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody: who it is and which roles."""
    form = forms.InviteUser(request.POST or None)
    grants = forms.Grants(request.POST or None)
    if request.method == "POST" and form.is_valid() and grants.is_valid():
        data = form.cleaned_data
        try:
            user = accounts.invite(
                username=data["username"],
                name=data["name"],
                email=data["email"],
                department=data["department"],
                grants=grants.grants(),
                actor=signed_in(request),
                access=access_for(request.user),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is invited.") % {"name": user})
            return redirect("people:user", user.pk)
    context = {"form": form, "grants": grants}
    return render(request, "people/user_new.html", context, status=_status(request))


def _status(request: HttpRequest) -> int:
    """A form shown again after a refusal is not a success."""
    return 422 if request.method == "POST" else 200


def _page(request: HttpRequest, user: User, **context: Any) -> HttpResponse:
    """The page of one user; ``context`` may bring the form that was refused."""
    history = changes.changes_of([user])
    memberships = Membership.history.filter(user_id=user.pk)  # type: ignore[attr-defined]
    history += changes.read(memberships, subject=True)
    history.sort(key=lambda change: change.at, reverse=True)
    invited = user.is_active and not user.has_usable_password()
    page: dict[str, Any] = {
        "person": user,
        "state": _state(user),
        "form": forms.EditUser(instance=user),
        "grants": forms.Grants(held=_held(user)),
        "own": user.pk == signed_in(request).pk,
        "link": invitations.link_for(user) if invited and not user.is_superuser else "",
        "can_reset": user.is_active and user.has_usable_password() and bool(user.email),
        "has_two_step": two_step.device_of(user) is not None,
        "days": invitations.VALID_FOR.days,
        "changes": history[:50],
    }
    return render(request, "people/user.html", page | context, status=_status(request))


@require_http_methods(["GET", "POST"])
@needs(accounts.MANAGE)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One user: edit name, address and department."""
    user = get_object_or_404(User, pk=pk)
    if request.method != "POST":
        return _page(request, user)
    form = forms.EditUser(request.POST, instance=user)
    if form.is_valid():
        data = form.cleaned_data
        accounts.edit(
            user,
            name=data["name"],
            email=data["email"],
            department=data["department"],
            actor=signed_in(request),
            access=access_for(request.user),
        )
        messages.success(request, _("%(name)s is saved.") % {"name": user})
        return redirect("people:user", pk)
    return _page(request, user, form=form)


@require_POST
@needs(accounts.MANAGE)
def memberships(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the user exactly the chosen roles."""
    user = get_object_or_404(User, pk=pk)
    form = forms.Grants(request.POST)
    refused = ""
    if form.is_valid():
        try:
            accounts.set_memberships(
                user, form.grants(), actor=signed_in(request), access=access_for(request.user)
            )
        except DomainError as error:
            refused = str(error)
        else:
            messages.success(request, _("The roles of %(name)s are saved.") % {"name": user})
            return redirect("people:user", pk)
    return _page(request, user, grants=form, refused=refused)


@require_POST
@needs(accounts.MANAGE)
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate a user or let them in again."""
    user = get_object_or_404(User, pk=pk)
    active = request.POST.get("active") == "1"
    try:
        accounts.set_active(
            user, active=active, actor=signed_in(request), access=access_for(request.user)
        )
    except DomainError as error:
        return _page(request, User.objects.get(pk=pk), refused=str(error))
    text = _("%(name)s may sign in again.") if active else _("%(name)s is deactivated.")
    messages.success(request, text % {"name": user})
    return redirect("people:user", pk)


@require_POST
@needs(accounts.MANAGE)
def rescue(request: HttpRequest, pk: int) -> HttpResponse:
    """Help somebody who cannot get in: end a lock-out, mail a link, drop a lost phone."""
    user = get_object_or_404(User, pk=pk)
    actor, access = signed_in(request), access_for(request.user)
    what = request.POST.get("what")
    if what == "unlock":
        accounts.unlock(user, actor=actor, access=access)
        messages.success(request, _("%(name)s may try again.") % {"name": user})
    elif what == "password":
        accounts.mail_reset(user, actor=actor, access=access)
        messages.success(request, _("A link to set a new password is on its way by mail."))
    elif what == "two_step":
        accounts.drop_two_step(user, actor=actor, access=access)
        messages.success(request, _("Two-step sign-in of %(name)s is off.") % {"name": user})
    return redirect("people:user", pk)


@require_POST
@needs(accounts.MANAGE)
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link; older ones stop working."""
    user = get_object_or_404(User, pk=pk)
    accounts.invite_again(user, actor=signed_in(request), access=access_for(request.user))
    messages.success(request, _("There is a new invitation link; older ones no longer work."))
    return redirect("people:user", pk)


@require_POST
@needs(accounts.MANAGE)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at the application as somebody else, without changing anything."""
    person = get_object_or_404(User, pk=pk)
    try:
        viewing.begin(request, person, viewer=signed_in(request))
    except DomainError as error:
        return _page(request, person, refused=str(error))
    return redirect("/")


@require_POST
@login_required
def look_stop(request: HttpRequest) -> HttpResponse:
    """Be oneself again."""
    person = request.session.get(viewing.KEY)
    viewing.end(request)
    return redirect("people:user", person) if person else redirect("/")
