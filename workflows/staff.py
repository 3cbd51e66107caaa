"""Everybody, read at once: answers who would be asked of any number of documents with a handful of statements."""

from collections import defaultdict
from collections.abc import Iterable

from people.access import Access, combine
from people.models import Department, Membership, User
from people.rights import RIGHT_CODES
from workflows import moment
from workflows.models import Absence
from workflows.who import Staff


def holders_of(*rights: str, everywhere: bool = False) -> list[User]:
    """Everybody who has one of the rights somewhere, or in every warehouse."""
    return Everybody().holding(rights, everywhere=everywhere)


class Everybody(Staff):
    """People, roles, departments and absences as they are now, kept in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._users = {user.pk: user for user in User.objects.filter(is_active=True)}
        departments = Department.objects.select_related("manager")
        self._departments = {one.pk: one for one in departments}
        self._holders: dict[str, dict[int, set[int] | None]] = defaultdict(dict)
        rows: dict[int, list[tuple[list[str], bool, list[int]]]] = defaultdict(list)
        memberships = Membership.objects.select_related("role").prefetch_related("scopes")
        for one in memberships.order_by("user_id", "pk"):
            scopes = [scope.pk for scope in one.scopes.all()]
            rows[one.user_id].append((one.role.rights, one.everywhere, scopes))
            held = self._holders[one.role.code]
            known = held.get(one.user_id, set())
            held[one.user_id] = None if one.everywhere or known is None else known | set(scopes)
        self._access = {pk: self._combined(user, rows[pk]) for pk, user in self._users.items()}
        now = moment.now()
        away = Absence.objects.filter(starts_at__lte=now, ends_at__gt=now)
        self._away = list(away.filter(stand_in__is_active=True).select_related("stand_in"))

    @staticmethod
    def _combined(user: User, rows: list[tuple[list[str], bool, list[int]]]) -> Access:
        if user.is_superuser:
            return Access(user_id=user.pk, grants=dict.fromkeys(RIGHT_CODES))
        return combine(user.pk, rows)

    def holding(self, rights: Iterable[str], *, everywhere: bool) -> list[User]:
        """Whoever has one of the rights somewhere, or in every warehouse."""
        wanted = set(rights)
        return [
            user
            for pk, user in self._users.items()
            if any(
                not everywhere or self._access[pk].scopes(right) is None
                for right in wanted & self._access[pk].grants.keys()
            )
        ]

    def person(self, pk: int | None) -> User | None:
        """The user, unless he has left."""
        return self._users.get(pk or 0)

    def holders(self, role: str, scope: int | None) -> list[User]:
        """Everybody in a role there (``None``: anywhere)."""
        held = self._holders.get(role, {})
        return [
            self._users[pk]
            for pk, scopes in sorted(held.items())
            if pk in self._users and (scope is None or scopes is None or scope in scopes)
        ]

    def learn(self, users: Iterable[User]) -> None:
        """Nothing to do: it is known."""

    def may(self, user: User, right: str, scope: int | None) -> bool:
        """Whether the user has the right there."""
        access = self._access.get(user.pk)
        return access is not None and access.may(right, scope)

    def department(self, pk: int | None) -> Department | None:
        """The department with its manager."""
        return self._departments.get(pk or 0)

    def stand_ins(self, users: Iterable[User], type_code: str) -> dict[int, User]:
        """Who is away now → who does his tasks of this type."""
        wanted = {user.pk for user in users}
        return {
            one.user_id: one.stand_in
            for one in self._away
            if one.user_id in wanted and one.type in {"", type_code}
        }
