"""Says why one cell cannot be what its column says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """``proposal`` is what was probably meant, to be confirmed by a person; never used without."""

    code: str
    message: str
    proposal: str = ""
