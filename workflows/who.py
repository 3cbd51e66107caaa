"""Who is asked in a step: people by role and warehouse, person or manager, with fallback and stand-ins.

Whoever asked for or edited the content is left out of approvals, also as a stand-in.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from people.access import access_for
from people.models import User
from workflows import moment
from workflows.models import Absence, Document
from workflows.steps import Step, Who


@dataclass(frozen=True, slots=True)
class Asked:
    """One person to ask; ``why`` says why him, ``on_behalf_of`` for whom he stands in."""

    user: User
    why: str
    on_behalf_of: User | None = None


def people(step: Step, document: Document, *, barred: Iterable[int] = ()) -> list[Asked]:
    """Whom the step asks of this document now; empty if nobody is left (the process keeper hears of it).

    ``barred`` are users who must not decide: the asker and the editors where four eyes are wanted.
    """
    out = set(barred) if step.about.decides else set()
    found = _allowed(resolve(step.who, document, step), step, document, out)
    if not found and step.fallback is not None:
        fallen = [(user, "fallback") for user, _why in resolve(step.fallback, document, step)]
        found = _allowed(fallen, step, document, out)
    return _stood_in(found, document, out)


def barred(document: Document) -> set[int]:
    """The asker and everybody who wrote content."""
    editors = set(document.editors.values_list("user_id", flat=True))
    return editors | ({document.asker_id} if document.asker_id else set())


def scope_of(document: Document, scope: str) -> int | None:
    """The scope in which somebody must have the right; None where no warehouse is concerned."""
    house = document.target_warehouse if scope == "target_warehouse" else document.warehouse
    return house.scope_id if house is not None and scope != "any" else None


def resolve(who: Who, document: Document, step: Step) -> list[tuple[User, str]]:
    """The people that the words mean, before anybody is left out."""
    if who.kind == "user":
        return [(user, "user") for user in User.objects.filter(pk=who.user or 0, is_active=True)]
    if who.kind == "asker":
        return [(document.asker, "asker")] if document.asker and document.asker.is_active else []
    if who.kind == "manager":
        return [(user, "manager") for user in _managers(document)]
    if who.kind == "role":
        return [(user, "role") for user in _holders(who, document)]
    return []


def _managers(document: Document) -> list[User]:
    """The manager of the asker's department, or of the next one above whose manager is another."""
    department = document.asker.department if document.asker else None
    seen: set[int] = set()
    while department is not None and department.pk not in seen:
        seen.add(department.pk)
        manager = department.manager
        if manager is not None and manager.is_active and manager.pk != document.asker_id:
            return [manager]
        department = department.parent
    return []


def _holders(who: Who, document: Document) -> list[User]:
    scope = scope_of(document, who.scope)
    there = Q() if scope is None else Q(memberships__everywhere=True) | Q(memberships__scopes=scope)
    users = User.objects.filter(there, is_active=True, memberships__role__code=who.role)
    return list(users.select_related("department").distinct().order_by("pk"))


def _allowed(
    found: list[tuple[User, str]], step: Step, document: Document, out: set[int]
) -> list[Asked]:
    scope = scope_of(document, step.who.scope)
    return [
        Asked(user, why)
        for user, why in found
        if user.pk not in out and access_for(user).may(step.about.right, scope)
    ]


def _stood_in(found: list[Asked], document: Document, out: set[int]) -> list[Asked]:
    """Whoever is away now is replaced by his stand-in, unless that one must not decide."""
    now = moment.now()
    away = {
        absence.user_id: absence.stand_in
        for absence in Absence.objects.filter(
            user__in=[asked.user for asked in found],
            starts_at__lte=now,
            ends_at__gt=now,
            type__in=["", document.type],
            stand_in__is_active=True,
        ).select_related("stand_in")
    }
    asked_now: dict[int, Asked] = {}
    for asked in found:
        stand_in = away.get(asked.user.pk)
        if stand_in is not None and stand_in.pk not in out:
            asked_now.setdefault(stand_in.pk, Asked(stand_in, "stand_in", asked.user))
        else:
            asked_now[asked.user.pk] = asked
    return list(asked_now.values())
