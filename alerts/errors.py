"""What can be wrong with what somebody does to a case or a rule."""

from core.errors import Conflict, DomainError


class CaseRefused(DomainError):
    """Something that was given is wrong."""

    code = "case"


class CaseUnknown(DomainError):
    """There is no such case or rule, or the person may not see it."""

    code = "unknown"
    status = 404


class CaseMoved(Conflict):
    """Its state does not allow it (any more), or somebody has changed it meanwhile."""

    code = "case_moved"
