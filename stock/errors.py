"""What can be wrong with a posting, a reservation or a period, in words a user can act on."""

from core.errors import Conflict, DomainError


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
