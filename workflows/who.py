"""Who is asked in a step: people by role and warehouse, person or manager, with fallback and stand-ins.

Whoever asked for or edited the content is left out of approvals, also as a stand-in.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from people.access import Access, access_for
from people.models import Department, User
from workflows import moment
from workflows.models import Absence, Document
from workflows.steps import Step, Who


@dataclass(frozen=True, slots=True)
class Asked:
    """One person to ask; ``why`` says why him, ``on_behalf_of`` for whom he stands in."""

    user: User
    why: str
    on_behalf_of: User | None = None


class Staff:
    """Where people are looked up, as they are now; a replay of many documents brings its own, read at once."""

    def person(self, pk: int | None) -> User | None:
        """The user, unless he has left."""
        return User.objects.filter(pk=pk, is_active=True).first() if pk else None

    def holders(self, role: str, scope: int | None) -> list[User]:
        """Everybody in a role there (``None``: anywhere)."""
        there = (
            Q() if scope is None else Q(memberships__everywhere=True) | Q(memberships__scopes=scope)
        )
        users = User.objects.filter(there, is_active=True, memberships__role__code=role)
        return list(users.select_related("department").distinct().order_by("pk"))

    def may(self, user: User, right: str, scope: int | None) -> bool:
        """Whether the user has the right there."""
        return access_for(user).may(right, scope)

    def department(self, pk: int | None) -> Department | None:
        """The department with its manager."""
        return Department.objects.select_related("manager").filter(pk=pk).first() if pk else None

    def stand_ins(self, users: Iterable[User], type_code: str) -> dict[int, User]:
        """Who is away now → who does his tasks of this type."""
        now = moment.now()
        absences = Absence.objects.filter(
            user__in=list(users),
            starts_at__lte=now,
            ends_at__gt=now,
            type__in=["", type_code],
            stand_in__is_active=True,
        )
        return {one.user_id: one.stand_in for one in absences.select_related("stand_in")}


_LIVE = Staff()


def people(
    step: Step, document: Document, *, barred: Iterable[int] = (), staff: Staff = _LIVE
) -> list[Asked]:
    """Whom the step asks of this document now; empty if nobody is left (the process keeper hears of it).

    ``barred`` are users who must not decide: the asker and the editors where four eyes are wanted.
    """
    out = set(barred) if step.about.decides else set()
    found = _allowed(resolve(step.who, document, step, staff), step, document, out, staff)
    if not found and step.fallback is not None:
        fallen = [
            (user, "fallback") for user, _why in resolve(step.fallback, document, step, staff)
        ]
        found = _allowed(fallen, step, document, out, staff)
    return _stood_in(found, document, out, staff)


def barred(document: Document) -> set[int]:
    """The asker and everybody who wrote content."""
    editors = set(document.editors.values_list("user_id", flat=True))
    return editors | ({document.asker_id} if document.asker_id else set())


def scope_of(document: Document, scope: str) -> int | None:
    """The scope in which somebody must have the right; None where no warehouse is concerned."""
    house = document.target_warehouse if scope == "target_warehouse" else document.warehouse
    return house.scope_id if house is not None and scope != "any" else None


def may_do(step: Step, document: Document, access: Access) -> bool:
    """Whether somebody with this access may do the step: he has its right where its people have it."""
    return access.may(step.about.right, scope_of(document, step.who.scope))


def resolve(
    who: Who, document: Document, step: Step, staff: Staff = _LIVE
) -> list[tuple[User, str]]:
    """The people that the words mean, before anybody is left out."""
    if who.kind == "user":
        user = staff.person(who.user)
        return [(user, "user")] if user else []
    if who.kind == "asker":
        return [(document.asker, "asker")] if document.asker and document.asker.is_active else []
    if who.kind == "manager":
        return [(user, "manager") for user in _managers(document, staff)]
    if who.kind == "role":
        holders = staff.holders(who.role, scope_of(document, who.scope))
        return [(user, "role") for user in holders]
    return []


def _managers(document: Document, staff: Staff) -> list[User]:
    """The manager of the asker's department, or of the next one above whose manager is another."""
    department = staff.department(document.asker.department_id if document.asker else None)
    seen: set[int] = set()
    while department is not None and department.pk not in seen:
        seen.add(department.pk)
        manager = department.manager
        if manager is not None and manager.is_active and manager.pk != document.asker_id:
            return [manager]
        department = staff.department(department.parent_id)
    return []


def _allowed(
    found: list[tuple[User, str]], step: Step, document: Document, out: set[int], staff: Staff
) -> list[Asked]:
    scope = scope_of(document, step.who.scope)
    return [
        Asked(user, why)
        for user, why in found
        if user.pk not in out and staff.may(user, step.about.right, scope)
    ]


def _stood_in(found: list[Asked], document: Document, out: set[int], staff: Staff) -> list[Asked]:
    """Whoever is away now is replaced by his stand-in, unless that one must not decide."""
    away = staff.stand_ins([asked.user for asked in found], document.type) if found else {}
    asked_now: dict[int, Asked] = {}
    for asked in found:
        stand_in = away.get(asked.user.pk)
        if stand_in is not None and stand_in.pk not in out:
            asked_now.setdefault(stand_in.pk, Asked(stand_in, "stand_in", asked.user))
        else:
            asked_now[asked.user.pk] = asked
    return list(asked_now.values())
