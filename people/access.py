"""The one way to ask what a user may see and do; every query and every door asks here."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from core import bulk, prepared
from core.errors import NotAllowed
from core.said import said as _
from people import rights
from people.models import User


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


_Held = dict[int, tuple[list[str], bool, list[int]]]
"""Membership → the rights of its role, whether everywhere, its scopes."""


def access_for(user: User | AnonymousUser) -> Access:
    """The user's access, read once per user object; a superuser may do everything."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    known: Access | None = user.__dict__.get("_access")
    if known is None:
        learn([user])
        known = user.__dict__["_access"]
    return known


def learn(users: Iterable[User]) -> None:
    """Read what several users may in one statement; who has it read already keeps it."""
    unknown = [user for user in users if user.is_active and "_access" not in user.__dict__]
    held = _held([user.pk for user in unknown if not user.is_superuser])
    for user in unknown:
        user.__dict__["_access"] = _access(user, held.get(user.pk, {}))


def _held(users: list[int]) -> dict[int, _Held]:
    """The memberships of users, each row one scope of one of them."""
    found: dict[int, _Held] = {}
    if not users:
        return found
    among, keys = bulk.among("m.user_id", users)
    rows = prepared.fetch(
        "SELECT m.user_id, m.id, r.rights, m.everywhere, s.scope_id FROM people_membership m "
        "JOIN people_role r ON r.id = m.role_id "
        f"LEFT JOIN people_membership_scopes s ON s.membership_id = m.id WHERE {among}",
        keys,
    )
    for user, pk, codes, everywhere, scope in rows:
        memberships = found.setdefault(user, {})
        if pk not in memberships:
            memberships[pk] = (json.loads(codes), bool(everywhere), [])
        if scope is not None:
            memberships[pk][2].append(scope)
    return found


def _access(user: User, held: _Held) -> Access:
    if user.is_superuser:
        return Access(user_id=user.pk, grants=dict.fromkeys(rights.RIGHT_CODES))
    return combine(user.pk, held.values())
