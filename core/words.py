"""Words put together the way the reader's language does it."""

from collections.abc import Iterable

from django.utils.translation import pgettext


def listed(parts: Iterable[object]) -> str:
    """The parts one after another: “a, b, c”; empty for none."""
    return pgettext("between the parts of a list", ", ").join(str(part) for part in parts)


def one_line(text: str, most: int) -> str:
    """What was typed as one line that every database keeps: no control or unpaired characters, no outer blanks."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return kept.strip()[:most].strip()
