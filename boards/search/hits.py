"""What a search finds: hits in groups, the same for the palette, the page and the API."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from people.access import Access
from people.models import User


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: the text as typed, the same as search keys are written, and who asks."""

    text: str
    word: str
    user: User
    access: Access


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing with a page. ``key`` is its code or number, empty for pages; ``exact``: it was named in full."""

    kind: str
    key: str
    title: str
    note: str
    url: str
    icon: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, best first."""

    kind: str
    label: str | Promise
    hits: list[Hit]


Finder = Callable[[Asked, int], list[Hit]]
"""Finds at most so many."""
