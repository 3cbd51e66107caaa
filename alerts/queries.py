"""Questions about cases: what one may see and do, what is whose, what happened."""

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from alerts import states
from alerts.models import Case, CaseEvent
from people.access import Access, access_for
from people.models import Membership, User
from workflows import moment

NAMES = (
    "rule", "item", "item__base_unit", "lot", "warehouse", "partner", "document", "owner", "role", "reporter", "cause",
)  # fmt: skip
"""The records whose names lists show."""
MANAGES = "process.manage"
"""The right to edit rules; whoever has it may do everything with cases."""


def entitled(user: User) -> Q:
    """Cases that are for somebody to do: his own, and those of a role that he has in their warehouse."""
    wanted = Q(owner=user) | Q(rule__fallback=user)
    for one in Membership.objects.filter(user=user).prefetch_related("scopes"):
        where = Q(role=one.role_id)
        if not one.everywhere:
            scopes = [scope.pk for scope in one.scopes.all()]
            where &= Q(warehouse__isnull=True) | Q(warehouse__scope__in=scopes)
        wanted |= where
    return wanted


def visible(user: User, access: Access | None = None) -> QuerySet[Case]:
    """The cases that a user may see: those for him, those he reported, those of goods and warehouses that he sees."""
    access = access or access_for(user)
    if access.may(MANAGES):
        return Case.objects.all()
    wanted = entitled(user) | Q(reporter=user)
    scopes = access.scopes("stock.view")
    if scopes is None:
        wanted |= Q(warehouse__isnull=False) | Q(item__isnull=False) | Q(document__isnull=False)
    else:
        wanted |= Q(warehouse__scope__in=scopes)
    return Case.objects.filter(wanted)


def may_see(user: User, case: Case, access: Access | None = None) -> bool:
    """Whether the user may see the case."""
    return visible(user, access).filter(pk=case.pk).exists()


def may_act(user: User, case: Case, access: Access | None = None) -> bool:
    """Whether it is for the user to take, solve or dismiss it."""
    return case.pk in to_act(user, [case], access or access_for(user))


def to_act(user: User, cases: Iterable[Case], access: Access) -> set[int]:
    """Which of these cases it is for the user to take, solve or dismiss; ids, in one statement."""
    if access.may(MANAGES):
        return {case.pk for case in cases}
    mine = Q(owner=user) | entitled(user)
    rows = Case.objects.filter(mine, pk__in=[case.pk for case in cases])
    return set(rows.values_list("pk", flat=True))


def with_names(rows: QuerySet[Case]) -> QuerySet[Case]:
    """With what lists show, in one statement."""
    return rows.select_related(*NAMES)


def live(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Those that somebody has still to do with, what is due first on top."""
    return rows.filter(state__in=states.LIVE).order_by(F("due_at").asc(nulls_last=True), "pk")


def for_me(user: User, access: Access | None = None) -> QuerySet[Case]:
    """Open cases that are for the user to look after: his own and those of his roles."""
    return live(visible(user, access).filter(entitled(user)).distinct())


def mine(user: User) -> QuerySet[Case]:
    """Open cases that the user owns."""
    return live(Case.objects.filter(owner=user))


def unclaimed(user: User) -> QuerySet[Case]:
    """Open cases that nobody owns and that the user may take."""
    return live(Case.objects.filter(entitled(user), owner__isnull=True))


def overdue(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Open ones whose time is over."""
    return live(rows).filter(due_at__lt=moment.now())


def timeline(case: Case) -> QuerySet[CaseEvent]:
    """What happened to a case, newest first."""
    return case.events.select_related("actor").order_by("-id")
