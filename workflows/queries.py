"""Questions about documents: what one may see, what waits for whom, what happened, what is left."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import LineError
from core.fields import plain
from people.access import Access, access_for
from people.models import User
from workflows import rests, states
from workflows.models import Copy, Document, Event, Line, Task

NAMES = (
    "asker", "warehouse", "target_warehouse", "partner", "department", "reason", "company",
)  # fmt: skip
"""The records whose names lists show."""


def visible(user: User, access: Access | None = None) -> QuerySet[Document]:
    """The documents that a user may see: of warehouses he sees, his own, those he was asked
    about, and those on a process that he keeps."""
    access = access or access_for(user)
    scopes = access.scopes("stock.view")
    if scopes is None:
        return Document.objects.all()
    return Document.objects.filter(
        Q(warehouse__scope__in=scopes)
        | Q(target_warehouse__scope__in=scopes)
        | Q(asker=user)
        | Q(process__process__keeper=user)
        | Exists(Task.objects.filter(document=OuterRef("pk"), user=user))
        | Exists(Copy.objects.filter(document=OuterRef("pk"), user=user))
    )


def listed(user: User, access: Access | None = None) -> QuerySet[Document]:
    """What lists show: other people's drafts are theirs alone until they are submitted."""
    return visible(user, access).exclude(
        ~Q(asker=user), state__in=[states.DRAFT, states.VOID], number=None
    )


def may_see(user: User, document: Document, access: Access | None = None) -> bool:
    """Whether the user may see the document."""
    seen = (access or access_for(user)).scopes("stock.view")
    houses = (document.warehouse, document.target_warehouse)
    if seen is None or any(house is not None and house.scope_id in seen for house in houses):
        return True
    return visible(user, access).filter(pk=document.pk).exists()


def with_names(rows: QuerySet[Document]) -> QuerySet[Document]:
    """With what lists show, in one statement."""
    return rows.select_related(*NAMES)


def to_do(user: User) -> QuerySet[Task]:
    """What waits for the user, overdue first, then what is due first."""
    from django.db.models import F

    return (
        Task.objects.filter(user=user, state=Task.State.OPEN)
        .select_related("document", "document__asker", "document__warehouse", "run", "on_behalf_of")
        .order_by(F("due_at").asc(nulls_last=True), "id")
    )


def waiting(user_id: int, *, overdue: bool = False) -> int:
    """How many tasks wait for the user; only those that are late if ``overdue``."""
    rows = Task.objects.filter(user=user_id, state=Task.State.OPEN)
    return (rows.filter(due_at__lte=timezone.now()) if overdue else rows).count()


def decided(user: User) -> QuerySet[Task]:
    """What the user has decided or done, newest first."""
    return (
        Task.objects.filter(decided_by=user, state__in=[Task.State.DONE, Task.State.HELD])
        .select_related("document", "document__asker", "document__warehouse", "run")
        .order_by("-decided_at", "-id")
    )


def asked_by(user: User) -> QuerySet[Document]:
    """What the user has asked for, newest first."""
    return with_names(Document.objects.filter(asker=user)).order_by("-id")


def copied_to(user: User) -> QuerySet[Copy]:
    """What was copied to the user, newest first."""
    return (
        Copy.objects.filter(user=user)
        .select_related("document", "document__asker", "document__warehouse", "by")
        .order_by("-id")
    )


def timeline(document: Document) -> QuerySet[Event]:
    """Everything that happened to a document, newest first."""
    return document.events.select_related("actor", "on_behalf_of").order_by("-id")


def over_remaining(document: Document, lines: Sequence[Line]) -> list[LineError]:
    """Lines that ask for more than is left of the line they were made from.

    Whoever asks in order to write holds the lock of the source, so that two cannot take the same.
    """
    wanted: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.source_line is not None:
            wanted[line.source_line_id or 0] += rests.taken(line, line.source_line)
    if not wanted or document.source is None:
        return []
    left = rests.balance(document.source, document.kind, document.asker_id, without=document.pk)
    undone = rests.gone([document.source.posting_id])
    errors = []
    for line in lines:
        origin = line.source_line_id or 0
        if line.source_line is not None and str(line.source_line.key) in undone:
            message = _("%s was reversed.") % document.source
            errors.append(LineError(line.position, "over_remaining", message))
        elif origin in left and wanted[origin] > left[origin]:
            message = _("Only %(left)s are left of %(source)s.")
            data = {"left": plain(max(left[origin], Decimal(0))), "source": document.source}
            errors.append(LineError(line.position, "over_remaining", message % data))
    return errors
