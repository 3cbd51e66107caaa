"""The only writer of absences: somebody is away, somebody else does his tasks meanwhile."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import User
from workflows import document_types
from workflows.errors import DocumentRefused
from workflows.models import Absence


@transaction.atomic
def set_away(
    user: User,
    stand_in: User | None,
    *,
    starts_at: datetime,
    ends_at: datetime,
    type_code: str = "",
) -> Absence:
    """Let ``stand_in`` be asked instead of ``user`` in that time, for all types or one; raises DocumentRefused.

    What waits for the user already stays with him; he can hand it over.
    """
    if stand_in is None or not stand_in.is_active or stand_in.pk == user.pk:
        raise DocumentRefused(_("Choose somebody else as your stand-in."), code="stand_in")
    if ends_at <= starts_at:
        raise DocumentRefused(_("The end must be after the beginning."), code="ends")
    if ends_at <= timezone.now():
        raise DocumentRefused(_("That time is over already."), code="ends")
    if type_code and type_code not in document_types.BY_CODE:
        raise DocumentRefused(_("There is no document type “%s”.") % type_code, code="unknown_type")
    overlapping = Absence.objects.filter(
        user=user,
        type__in=["", type_code] if type_code else [""],
        starts_at__lt=ends_at,
        ends_at__gt=starts_at,
    )
    if not type_code:
        overlapping = Absence.objects.filter(
            user=user, starts_at__lt=ends_at, ends_at__gt=starts_at
        )
    if (known := overlapping.first()) is not None:
        raise DocumentRefused(
            _("You have a stand-in for part of that time already: %(name)s. End that first.")
            % {"name": known.stand_in},
            code="overlap",
        )
    made = Absence(
        user=user, stand_in=stand_in, starts_at=starts_at, ends_at=ends_at, type=type_code
    )
    made.save()
    return made


@transaction.atomic
def end(absence: Absence) -> None:
    """It is over now; one that has not begun is taken out."""
    now = timezone.now()
    if absence.starts_at >= now:
        absence.delete()
    elif absence.ends_at > now:
        absence.ends_at = now
        absence.save(update_fields=["ends_at"])
