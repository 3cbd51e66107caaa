"""What every door of a document's page shares: the document that the person may see, and nothing else."""

import uuid

from django.http import HttpRequest
from django.utils.translation import gettext as _

from people.access import Access, access_for
from people.doors import signed_in
from people.models import User
from workflows import queries
from workflows.errors import DocumentUnknown
from workflows.models import Document, Task


def document_of(request: HttpRequest, key: uuid.UUID) -> tuple[Document, User, Access]:
    """The document of the address with who asks; raises DocumentUnknown (404), seen or not."""
    user = signed_in(request)
    access = access_for(user)
    found = (
        queries.visible(user, access)
        .select_related(
            "asker", "asker__department", "warehouse", "target_warehouse", "partner", "department",
            "reason", "company", "process", "process__process", "source", "rest_of", "replaces",
        )
        .filter(key=key)
        .first()
    )  # fmt: skip
    if found is None:
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    return found, user, access


def held_by(user: User) -> Task | None:
    """My newest verdict that can still be taken back."""
    return (
        Task.objects.filter(decided_by=user, state=Task.State.HELD)
        .select_related("document", "run")
        .order_by("-decided_at")
        .first()
    )
