"""What finance refuses, with codes that stay."""

from core.errors import DomainError


class EntryRefused(DomainError):
    """An entry cannot be reviewed or questioned so."""

    code = "entry_refused"


class BatchRefused(DomainError):
    """A batch of vouchers cannot be made, or not go from its state to the one asked for."""

    code = "batch_refused"


class BatchMoved(BatchRefused):
    """Meanwhile somebody did something with the batch."""

    code = "batch_moved"
    status = 409
