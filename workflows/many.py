"""Several documents at once: what a verb would do to each and why it would not, then each by the one door.

Nothing is decided about several that could not be decided about one: four eyes, versions, limits and the hash of the
content are the door's. Approving goes further and leaves out what is not within the rules (ADR 0097).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import DomainError
from people.access import Access
from people.models import User
from workflows import door, inbox, moment, previewing, queries, stock_changes
from workflows.inbox import Row
from workflows.models import Document, Task
from workflows.move import Move
from workflows.verbs import BY_CODE

VERBS = ("submit", "approve", "post")
"""What is done to several at once."""
MOST = inbox.PAGE
_WITH = (
    "document__company", "document__process", "document__reason", "document__partner",
    "document__target_warehouse",
)  # fmt: skip


@dataclass(slots=True)
class Outlook:
    """A document and what stands against the verb; ``amount`` only with the right to see it."""

    document: Document
    why_not: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    amount: Decimal | None = None


def to_do(user: User) -> QuerySet[Task]:
    """My open tasks with what their rows show."""
    return queries.to_do(user).select_related(*_WITH)


def look(verb: str, documents: Sequence[Document], user: User, access: Access) -> list[Outlook]:
    """What would be done to each of the documents, in their order."""
    rows: dict[int, Row] = {}
    if verb == "approve":
        tasks = to_do(user).filter(document__in=documents, kind__in=BY_CODE[verb].kinds)
        rows = {row.document.pk: row for row in inbox.rows(access, list(tasks))}
    return [_look(verb, one, rows.get(one.pk), user, access) for one in documents]


def _look(verb: str, document: Document, row: Row | None, user: User, access: Access) -> Outlook:
    scope = document.warehouse.scope_id if document.warehouse else None
    shown = document.amount if document.submitted_at else None
    amount = shown if access.may("cost.view", scope) else None
    refused = refusal(verb, document, user, access)
    if refused:
        return Outlook(document, [refused], amount=amount)
    if row is not None:
        return Outlook(document, objections(row, user, access), row.why, row.amount)
    serious = []
    if verb == "post":
        seen = previewing.preview(document, actor=user, access=access)
        serious = [str(one.message) for one in stock_changes.serious(document, seen.errors)]
    return Outlook(document, serious, amount=amount)


def refusal(verb: str, document: Document, user: User, access: Access) -> str:
    """Why the door would not let this person do the verb here and now; empty if it would."""
    rule = BY_CODE[verb]
    move = Move(document, user, access, "", moment.now())
    if rule.by == "task":
        open_tasks = document.tasks.filter(user=user, state=Task.State.OPEN, kind__in=rule.kinds)
        move.task = open_tasks.select_related("run", "on_behalf_of").first()
    try:
        door.check(rule, move)
    except DomainError as error:
        if verb == "approve" and move.task is None and document.asker_id == user.pk:
            return _("You asked for it yourself; somebody else decides.")
        return str(error)
    return ""


def objections(row: Row, user: User, access: Access) -> list[str]:
    """Why a document is not agreed to in a batch: not within the rules, or it could not be posted now."""
    if not row.batch:
        return [_("its process does not allow a batch")]
    if not row.clean:
        late = [_("it is late")] if row.late else [_("it is due soon")] if row.near else []
        return [*row.flags, *late]
    seen = previewing.preview(row.document, actor=user, access=access)
    return [str(error.message) for error in stock_changes.serious(row.document, seen.errors)]


def act(verb: str, document: Document, version: int, key: str, user: User, access: Access) -> None:
    """Do it to one of them, once per key; raises DomainError with the reason if it is not done."""
    if document.version == version:
        against = look(verb, [document], user, access)[0].why_not
        if against:
            raise DomainError(against[0], code="not_in_a_batch")
    door.act(
        document.pk,
        verb,
        actor=user,
        access=access,
        data={"hold": True} if verb == "approve" else {},
        version=version,
        key=f"many:{key or uuid.uuid4()}",
    )
