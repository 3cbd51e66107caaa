"""What can be wrong with a posting, a reservation or a period, in words a user can act on."""

from collections.abc import Sequence

from core.errors import Conflict, DomainError, LineError
from core.said import said as _


class PostingRefused(DomainError):
    """The posting breaks rules; ``lines`` names every bad line. Nothing was written."""

    code = "posting_refused"


class KeyReused(Conflict):
    """The same key was used before for something else."""

    code = "key_reused"
    status = 422


class ReservationRefused(DomainError):
    """Not enough is available to promise; ``lines`` names every bad line."""

    code = "reservation_refused"


class PeriodRefused(DomainError):
    """The period cannot be closed or reopened now."""

    code = "period_refused"


class Busy(Conflict):
    """The database stayed busy for too long; nothing was changed and trying again is safe."""

    code = "busy"
    status = 503


class Again(Exception):
    """Something appeared between reading and locking; whoever began the transaction begins anew."""


class Apart(Exception):
    """These postings cannot be made together; whoever began the transaction undoes it and posts them one by one."""


def refusal(errors: Sequence[LineError]) -> PostingRefused:
    """One error that names every bad line; its message is the first of them."""
    ordered = sorted(errors, key=lambda error: error.line)
    first = ordered[0].message
    if len(ordered) > 1:
        first = _("%(count)d lines cannot be posted; nothing was changed. First: %(first)s") % {
            "count": len(ordered),
            "first": first,
        }
    return PostingRefused(first, lines=ordered)
