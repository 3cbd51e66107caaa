"""Codes that look the same are the same: how every code of master data is read before it is kept."""

import unicodedata
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

_UNSEEN = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0})
"""Letters by their category, and yet nothing is seen of them."""
_UNSEEN_RANGES = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField


def read(text: str) -> str:
    """A code with full-width and other look-alike forms as ordinary ones and single blanks inside.

    Raises ValidationError for line breaks, direction marks and whatever else nobody sees.
    """
    for letter in text.strip():
        if _is_unseen(letter):
            raise ValidationError(
                _("A code cannot hold the invisible character U+%(number)s. Type it again.")
                % {"number": f"{ord(letter):04X}"},
                code="invisible",
            )
    return plain(text)


def plain(text: str) -> str:
    """The text with look-alike forms as ordinary ones and single blanks inside, whatever it holds."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def same(text: str) -> str:
    """What all spellings of one code have in common (docs/adr/0030): width, blanks and case do not count."""
    return plain(text).upper()


def _is_unseen(letter: str) -> bool:
    number = ord(letter)
    return (
        unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        or number in _UNSEEN
        or any(number in span for span in _UNSEEN_RANGES)
    )


class CodeField(CharField):
    """A text column whose value is read as a code whenever a record is checked (forms, sheets)."""

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """The code as it is kept; raises ValidationError."""
        return super().clean(read(value) if isinstance(value, str) else value, model_instance)

    def deconstruct(self) -> Any:
        """For migrations it is the plain column that it is."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs
