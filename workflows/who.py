"""Who is asked in a step: people by role and warehouse, person or manager, with fallback and stand-ins.

Whoever asked for or edited the content is left out of approvals, also as a stand-in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from core.questions import Question
from people.access import Access, access_for, learn
from people.models import Department, Membership, User
from workflows import moment
from workflows.models import Absence, Document
from workflows.steps import Step, Who


@dataclass(frozen=True, slots=True)
class Asked:
    """One person to ask; ``why`` says why him, ``on_behalf_of`` for whom he stands in."""

    user: User
    why: str
    on_behalf_of: User | None = None


_MEMBERS: Question[Membership] = Question(
    lambda one, two, three, four, scope, five, six: (
        Membership.objects.annotate(
            here=Exists(
                Membership.scopes.through.objects.filter(membership=OuterRef("pk"), scope=scope)
            )
        )
        .filter(
            Q(role__code__in=[five, six])
            | Q(role__code__in=[one, two, three, four]) & (Q(everywhere=True) | Q(here=True)),
            user__is_active=True,
        )
        .select_related("user", "user__department", "role")
        .order_by("user_id")
    ),
    *(str, str, str, str, int, str, str),
)
"""Who has one of four roles in a scope, or one of two anywhere; there is no role with an empty code."""
_AWAY: Question[Absence] = Question(
    lambda since, until, code: Absence.objects.filter(
        Q(type="") | Q(type=code),
        starts_at__lte=since,
        ends_at__gt=until,
        stand_in__is_active=True,
    ).select_related("stand_in"),
    datetime,
    datetime,
    str,
)
Place = tuple[str, int | None]
"""A role and the scope in which somebody has it (``None``: anywhere)."""


class Staff:
    """Where people are looked up, as they were when each was first asked for; so keep it for one move only.

    Roles that are expected to be asked for are read together.
    """

    def __init__(self) -> None:
        self._found: dict[Place, list[User]] = {}
        self._expected: dict[Place, None] = {}
        self._absences: dict[str, list[Absence]] = {}

    def person(self, pk: int | None) -> User | None:
        """The user, unless he has left."""
        return User.objects.filter(pk=pk, is_active=True).first() if pk else None

    def expect(self, places: Iterable[Place]) -> None:
        """Read these with the first that is asked for."""
        self._expected.update(dict.fromkeys(places))

    def holders(self, role: str, scope: int | None) -> list[User]:
        """Everybody in a role there (``None``: anywhere)."""
        if (role, scope) not in self._found:
            self._read(role, scope)
        return self._found[role, scope]

    def _read(self, role: str, scope: int | None) -> None:
        """Read a role there, and with it as many of the expected ones as there is room for."""
        known = [place for place in self._expected if place not in self._found]
        wanted = dict.fromkeys([(role, scope), *known])
        scopes = {there for _role, there in wanted if there is not None}
        house = scope if scope is not None else min(scopes, default=0)
        here = [code for code, there in wanted if there == house][:4]
        anywhere = [code for code, there in wanted if there is None][:2]
        pad = [""] * 4
        found = _MEMBERS.all(*(here + pad)[:4], house, *(anywhere + pad)[:2])
        for code in here:
            self._found[code, house] = [
                one.user for one in found if one.role.code == code and _there(one)
            ]
        for code in anywhere:
            self._found[code, None] = [one.user for one in found if one.role.code == code]

    def learn(self, users: Iterable[User]) -> None:
        """Read at once what these may."""
        learn(users)

    def may(self, user: User, right: str, scope: int | None) -> bool:
        """Whether the user has the right there."""
        return access_for(user).may(right, scope)

    def department(self, pk: int | None) -> Department | None:
        """The department with its manager."""
        return Department.objects.select_related("manager").filter(pk=pk).first() if pk else None

    def stand_ins(self, users: Iterable[User], type_code: str) -> dict[int, User]:
        """Who is away now → who does his tasks of this type."""
        now, wanted = moment.now(), {user.pk for user in users}
        away = self._absences.get(type_code)
        if away is None:
            away = self._absences[type_code] = _AWAY.all(now, now, type_code)
        return {one.user_id: one.stand_in for one in away if one.user_id in wanted}


def _there(membership: Any) -> bool:
    """Whether the role is held in the scope that was asked about."""
    return bool(membership.everywhere or membership.here)


def people(
    step: Step, document: Document, *, barred: Iterable[int] = (), staff: Staff | None = None
) -> list[Asked]:
    """Whom the step asks of this document now; empty if nobody is left (the process keeper hears of it).

    ``barred`` are users who must not decide: the asker and the editors where four eyes are wanted.
    """
    staff = staff or Staff()
    out = set(barred) if step.about.decides else set()
    found = _allowed(resolve(step.who, document, step, staff), step, document, out, staff)
    if not found and step.fallback is not None:
        fallen = [
            (user, "fallback") for user, _why in resolve(step.fallback, document, step, staff)
        ]
        found = _allowed(fallen, step, document, out, staff)
    return _stood_in(found, document, out, staff)


def roles_of(steps: Iterable[Step], document: Document) -> list[Place]:
    """The roles that steps may ask, and where."""
    asked = [who for step in steps for who in (step.who, step.fallback) if who]
    return [(who.role, scope_of(document, who.scope)) for who in asked if who.kind == "role"]


def barred(document: Document, editors: Iterable[int] | None = None) -> set[int]:
    """The asker and everybody who wrote content (``editors``, if they are known already)."""
    if editors is None:
        editors = document.editors.values_list("user_id", flat=True)
    return set(editors) | ({document.asker_id} if document.asker_id else set())


def scope_of(document: Document, scope: str) -> int | None:
    """The scope in which somebody must have the right; None where no warehouse is concerned."""
    house = document.target_warehouse if scope == "target_warehouse" else document.warehouse
    return house.scope_id if house is not None and scope != "any" else None


def may_do(step: Step, document: Document, access: Access) -> bool:
    """Whether somebody with this access may do the step: he has its right where its people have it."""
    return access.may(step.about.right, scope_of(document, step.who.scope))


def resolve(
    who: Who, document: Document, step: Step, staff: Staff | None = None
) -> list[tuple[User, str]]:
    """The people that the words mean, before anybody is left out."""
    staff = staff or Staff()
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
    staff.learn(user for user, _why in found)
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
