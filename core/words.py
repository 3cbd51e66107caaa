"""Words put together the way the reader's language does it."""

from collections.abc import Iterable, Mapping
from typing import Any
from unicodedata import category

from django.utils.translation import pgettext


def listed(parts: Iterable[object]) -> str:
    """The parts one after another: “a, b, c”; empty for none."""
    return pgettext("between the parts of a list", ", ").join(str(part) for part in parts)


def one_line(text: str, most: int) -> str:
    """What was typed as one line that every database keeps: no control or unpaired characters, no outer blanks."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return kept.strip()[:most].strip()


def kept(value: Any) -> Any:
    """The value as every database can keep it: its texts without control characters and halves of letters.

    Line breaks and tabs stay; lists and objects are walked through.
    """
    if isinstance(value, str):
        if value.isprintable():
            return value
        return "".join(one for one in value if one in "\n\t" or category(one) not in {"Cc", "Cs"})
    if isinstance(value, Mapping):
        return {kept(key): kept(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [kept(one) for one in value]
    return value
