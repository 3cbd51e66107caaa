"""The one way to ask what a user may see and do; every query and every door asks here."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from core.errors import NotAllowed
from core.said import said as _
from people import rights
from people.models import Membership, User


@dataclass(frozen=True, slots=True)
class Access:
    """What one user may do: per right either everywhere (None) or the ids of some scopes."""

    user_id: int | None
    grants: dict[str, frozenset[int] | None]

    def may(self, right: str, scope: int | None = None) -> bool:
        """Whether the user has the right at all, or (given a scope) has it there."""
        if right not in rights.RIGHT_CODES:
            raise LookupError(right)
        if right not in self.grants:
            return False
        where = self.grants[right]
        return where is None or scope is None or scope in where

    def scopes(self, right: str) -> frozenset[int] | None:
        """The scopes where the user has the right; None means everywhere, empty means nowhere."""
        return self.grants.get(right, frozenset())

    def require(self, right: str, scope: int | None = None) -> None:
        """Raise NotAllowed, naming the right, unless the user has it."""
        if not self.may(right, scope):
            raise NotAllowed(
                _("You may not %(right)s here. Ask an administrator for it.")
                % {"right": rights.right_label(right)},
                right=right,
            )


NOBODY = Access(user_id=None, grants={})
SYSTEM = Access(user_id=None, grants=dict.fromkeys(rights.RIGHT_CODES))
"""The application itself: commands run on the server and background tasks."""


def combine(user_id: int, memberships: Iterable[tuple[list[str], bool, list[int]]]) -> Access:
    """The union of memberships, each (rights, everywhere, scope ids)."""
    grants: dict[str, frozenset[int] | None] = {}
    for codes, everywhere, scope_ids in memberships:
        for code in codes:
            known = grants.get(code, frozenset())
            grants[code] = None if everywhere or known is None else known | frozenset(scope_ids)
    return Access(user_id=user_id, grants=grants)


def access_for(user: User | AnonymousUser) -> Access:
    """The user's access, read once per user object; a superuser may do everything."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    known: Access | None = user.__dict__.get("_access")
    if known is None:
        if user.is_superuser:
            known = Access(user_id=user.pk, grants=dict.fromkeys(rights.RIGHT_CODES))
        else:
            rows = Membership.objects.filter(user=user).select_related("role")
            known = combine(
                user.pk,
                [
                    (row.role.rights, row.everywhere, [scope.pk for scope in row.scopes.all()])
                    for row in rows.prefetch_related("scopes")
                ],
            )
        user.__dict__["_access"] = known
    return known
