"""Who may see and do what, and where: one row per user and right, from the roles they hold."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import asked, tables
from core.words import listed
from people import accounts
from people.access import Access, access_for
from people.doors import needs
from people.models import Membership, Scope, User
from people.rights import RIGHTS, Right

_RIGHTS = {right.code: right for right in RIGHTS}


@dataclass(slots=True)
class Row:
    """A user, a right, where it holds and by which roles."""

    user: User
    right: Right
    everywhere: bool = False
    scopes: set[str] = field(default_factory=set)
    roles: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """In words."""
        if self.everywhere or not self.right.scoped:
            return _("everywhere")
        return listed(sorted(self.scopes)) or _("nowhere yet")

    @property
    def through(self) -> str:
        """The roles that give it."""
        return listed(self.roles)


def rows() -> list[Row]:
    """Every right of every active user; three statements."""
    found: dict[tuple[int, str], Row] = {}
    held = Membership.objects.filter(user__is_active=True).select_related("user", "role")
    for membership in held.prefetch_related("scopes").order_by("user__name", "role"):
        for code in membership.role.rights:
            if code not in _RIGHTS:
                continue
            row = found.setdefault((membership.user_id, code), Row(membership.user, _RIGHTS[code]))
            row.everywhere |= membership.everywhere
            row.scopes |= {scope.name for scope in membership.scopes.all()}
            row.roles.append(str(membership.role))
    for user in User.objects.filter(is_active=True, is_superuser=True):
        for code, right in _RIGHTS.items():
            found[user.pk, code] = Row(user, right, everywhere=True, roles=[_("superuser")])
    return list(found.values())


@require_safe
@needs(accounts.MANAGE, "audit.view")
def listing(request: HttpRequest) -> HttpResponseBase:
    """The list; ``?user=`` one user, ``?right=`` one right, ``?scope=`` one warehouse."""
    found, access = rows(), access_for(request.user)
    table = tables.Table(
        name="access",
        title=_("Who may what"),
        caption=_("One row per user and right, from the roles they hold"),
        columns=(
            tables.Column(
                "user",
                _("User"),
                "user.name",
                sort="user",
                card="m",
                url=lambda row: _page(row, access),
            ),
            tables.Column("right", _("May"), "right.label", card="s"),
            tables.Column("where", _("Where"), "where", card="t"),
            tables.Column("through", _("By the role"), "through"),
        ),
        rows=found,
        filters=(
            tables.Filter("user", _("User"), _of_user, lambda: _users(found)),
            tables.Filter(
                "right",
                _("May"),
                lambda kept, code: [row for row in kept if row.right.code == code],
                lambda: [(right.code, right.label) for right in RIGHTS],
            ),
            tables.Filter(
                "scope",
                _("Warehouse"),
                _in_scope,
                lambda: list(Scope.objects.values_list("name", "name")),
            ),
        ),
        search=_search,
        order="user",
        may=access.may,
        empty=_("Nobody has any right yet."),
    )
    return tables.respond(request, table)


def _page(row: Row, access: Access) -> str:
    """The page of the user, for those who may open it."""
    return reverse("people:user", args=[row.user.pk]) if access.may(accounts.MANAGE) else ""


def _users(found: Iterable[Row]) -> list[tuple[str, str]]:
    names: dict[int, str] = defaultdict(str)
    for row in found:
        names[row.user.pk] = str(row.user)
    return [(str(pk), name) for pk, name in names.items()]


def _of_user(kept: list[Row], value: str) -> list[Row]:
    return [row for row in kept if row.user.pk == asked.whole(value)]


def _in_scope(kept: list[Row], name: str) -> list[Row]:
    """Rights that hold in a warehouse."""
    return [row for row in kept if row.right.scoped and (row.everywhere or name in row.scopes)]


def _search(kept: list[Row], text: str) -> list[Row]:
    word = text.casefold()
    return [
        row
        for row in kept
        if word in f"{row.user.name} {row.user.username} {row.right.label}".casefold()
    ]
