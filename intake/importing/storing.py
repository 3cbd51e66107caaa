"""Keeps the files of imports, whole or not at all, each under its own hash; nothing in them is ever run or served."""

import os
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import DomainError
from intake.models import Import
from intake.reading import limits
from workflows import attachments


def keep(data: bytes) -> str:
    """Put the content in its place; returns its SHA-256. Raises DomainError for one that is too large or empty."""
    if not data:
        raise DomainError(_("The file is empty."), code="empty")
    if len(data) > limits.FILE_BYTES:
        raise DomainError(
            _(
                "The file is larger than %(limit)d MB. Split it, or save only the sheet that is needed."
            )
            % {"limit": limits.FILE_BYTES // (1 << 20)},
            code="too_large",
        )
    digest = sha256(data).hexdigest()
    attachments.put(place_of(digest), data)
    # One that lay there already is new again for whoever clears away what nobody needs.
    os.utime(place_of(digest))
    return digest


def path_of(job: Import) -> Path:
    """Where the file of an import lies."""
    return place_of(job.sha256)


def place_of(digest: str) -> Path:
    """Where the file of this SHA-256 lies."""
    return Path(settings.MEDIA_ROOT) / "imports" / digest[:2] / digest
