"""What can be wrong with a document, a step or a process, in words a user can act on."""

from core.errors import Conflict, DomainError


class DocumentRefused(DomainError):
    """The document cannot do this; ``lines`` names every bad line. Nothing was changed."""

    code = "document_refused"


class DocumentUnknown(DomainError):
    """There is no such document, or the person may not see it."""

    code = "unknown_document"
    status = 404


class WrongState(Conflict):
    """The document is not where the request thinks it is."""

    code = "wrong_state"


class Changed(Conflict):
    """Somebody else has changed the document meanwhile; ``data`` has its version."""

    code = "changed"


class BookMoved(Conflict):
    """Figures of the book have changed since they were shown; ``data`` has the new stamp."""

    code = "book_moved"


class ProcessRefused(DomainError):
    """The version of a process cannot be saved or activated; ``lines`` names the steps."""

    code = "process_refused"
