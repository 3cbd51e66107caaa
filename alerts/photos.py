"""The only writer of photos of cases: checked and kept like the attachments of documents, noted on the timeline."""

import uuid
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from alerts import door
from alerts.errors import CaseRefused
from alerts.models import CasePhoto
from core.words import kept
from people.access import Access
from people.models import User
from workflows import attachments, moment

MOST = 20
"""So many photos a case may have."""


def add(
    case_key: uuid.UUID | str,
    file: BinaryIO,
    name: str,
    *,
    actor: User,
    access: Access,
    key: str = "",
    door_name: str = "form",
) -> CasePhoto:
    """Keep a photo or file with a case that the person may see; the same ``key`` (a UUID of the device) keeps it once.

    Raises CaseUnknown, CaseRefused (key, count), DocumentRefused (kind, size, damage).
    """
    try:
        number = uuid.UUID(key) if key else uuid.uuid4()
    except ValueError as error:
        raise CaseRefused(_("The request cannot be read."), code="key") from error
    prepared = attachments.prepare(file, kept(name))
    with transaction.atomic():
        case = door.lock(case_key, actor, access)
        there = case.photos.filter(key=number).first()
        if there is not None:
            return there
        if case.photos.count() >= MOST:
            raise CaseRefused(_("A case has at most %d photos.") % MOST, code="file_count")
        content, now = prepared.content, moment.now()
        made = CasePhoto.objects.create(
            case=case,
            key=number,
            name=prepared.name,
            content_type=content.content_type,
            size=len(content.data),
            sha256=prepared.digest,
            width=content.width,
            height=content.height,
            has_thumbnail=bool(content.thumbnail),
            user=actor,
            created_at=now,
        )
        told = {"file": str(made.key), "name": made.name}
        door.note(case, "photo", case.state, actor, now, "", told, str(number), door_name)
    return made
