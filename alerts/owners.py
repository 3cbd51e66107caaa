"""Whose a case is: the holders of its rule's role in its warehouse, whoever stands in for them, else the fallback."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from alerts.models import Rule
from people.models import Membership, User
from workflows import moment
from workflows.models import Absence

ADMINISTRATORS = "admin"


@dataclass(slots=True)
class Staff:
    """People as they were when first asked for, so keep it for one move only."""

    _members: dict[int, list[tuple[int, bool, frozenset[int]]]] = field(default_factory=dict)
    _away: dict[int, int] | None = None

    def holders(self, rule: Rule, scope: int | None) -> list[int]:
        """Active users who have the rule's role in a scope (None: anywhere), the stand-ins of those away."""
        if rule.role_id is None:
            return []
        if rule.role_id not in self._members:
            self._members[rule.role_id] = _members(Q(role=rule.role_id))
        found = [
            user
            for user, everywhere, scopes in self._members[rule.role_id]
            if everywhere or scope is None or scope in scopes
        ]
        return self.present(found)

    def present(self, users: Iterable[int]) -> list[int]:
        """Whoever is away is replaced by his stand-in."""
        if self._away is None:
            now = moment.now()
            rows = Absence.objects.filter(
                type="", starts_at__lte=now, ends_at__gt=now, stand_in__is_active=True
            )
            self._away = dict(rows.values_list("user_id", "stand_in_id"))
        return list(dict.fromkeys(self._away.get(user, user) for user in users))

    def owner(self, rule: Rule, scope: int | None) -> int | None:
        """Who owns it from the beginning: the only holder, or the fallback where there is none."""
        holders = self.holders(rule, scope)
        if len(holders) == 1:
            return holders[0]
        return None if holders else self.fallback(rule)

    def fallback(self, rule: Rule) -> int | None:
        """Who gets what nobody has."""
        if rule.fallback is None or not rule.fallback.is_active:
            return None
        return self.present([rule.fallback.pk])[0]

    def concerned(self, rule: Rule, scope: int | None, owner: int | None) -> list[int]:
        """Whom a case is told to: its owner, else everybody who may take it, else the administrators."""
        if owner is not None:
            return [owner]
        return self.holders(rule, scope) or self.administrators()

    def above(self, rule: Rule, owner: int | None) -> list[int]:
        """Who is told when it is overdue: the fallback, else the owner's manager, else the administrators."""
        fallback = self.fallback(rule)
        if fallback is not None and fallback != owner:
            return [fallback]
        manager = _manager(owner)
        return [manager] if manager is not None else self.administrators()

    def administrators(self) -> list[int]:
        """Everybody who administers; those for whom nothing else is left."""
        return self.present(user for user, _all, _scopes in _members(Q(role__code=ADMINISTRATORS)))


def _members(which: Q) -> list[tuple[int, bool, frozenset[int]]]:
    rows = Membership.objects.filter(which, user__is_active=True).order_by("user_id")
    return [
        (one.user_id, one.everywhere, frozenset(scope.pk for scope in one.scopes.all()))
        for one in rows.prefetch_related("scopes")
    ]


def _manager(owner: int | None) -> int | None:
    """The manager of the owner's department, or of one above it whose manager is another."""
    user = User.objects.select_related("department").filter(pk=owner).first() if owner else None
    department = user.department if user is not None else None
    seen: set[int] = set()
    while department is not None and department.pk not in seen:
        seen.add(department.pk)
        manager = department.manager
        if manager is not None and manager.is_active and manager.pk != owner:
            return manager.pk
        department = department.parent
    return None
