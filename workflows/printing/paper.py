"""The papers that forms are printed on, in millimetres."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Paper:
    """A size; ``side``, ``top`` and ``bottom`` are its margins (241: the pierced edges are torn off)."""

    code: str
    label: str | Promise
    width: float
    height: float
    side: float
    top: float
    bottom: float
    font: float
    """Size of the text in points."""

    @property
    def low(self) -> bool:
        """Whether browsers would not repeat a whole head on it: they do up to a quarter of the page."""
        return self.height < 200


PAPERS: tuple[Paper, ...] = (
    Paper("a4", _("A4"), 210, 297, 12, 10, 12, 9),
    Paper("a5", _("A5, landscape"), 210, 148, 10, 8, 9, 8.5),
    Paper("241", _("241 × 140 mm, multi-part"), 241, 140, 16, 6, 8, 9),
)
BY_CODE = {paper.code: paper for paper in PAPERS}


class PaperUnknown(DomainError):
    """There is no such size."""

    code = "unknown_paper"
    status = 400


def paper(code: str) -> Paper:
    """The paper called ``code``, A4 where none is named; raises PaperUnknown."""
    found = BY_CODE.get(code or "a4")
    if found is None:
        raise PaperUnknown(
            _("There is no paper “%(code)s”: choose a4, a5 or 241.") % {"code": code[:20]}
        )
    return found
