"""The stocktake that a page is about."""

import uuid

from django.http import HttpRequest
from django.utils.translation import gettext as _

from people.access import Access
from people.models import User
from workflows.errors import DocumentUnknown
from workflows.models import Document
from workflows.views.found import document_of


def stocktake_of(request: HttpRequest, key: uuid.UUID) -> tuple[Document, User, Access]:
    """The stocktake, who asks and what he may do; raises DocumentUnknown for anything else."""
    document, user, access = document_of(request, key)
    if document.type != "stocktake":
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    return document, user, access
