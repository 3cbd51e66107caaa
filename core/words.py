"""Words put together the way the reader's language does it."""

from collections.abc import Iterable

from django.utils.translation import pgettext


def listed(parts: Iterable[object]) -> str:
    """The parts one after another: “a, b, c”; empty for none."""
    return pgettext("between the parts of a list", ", ").join(str(part) for part in parts)
