"""Finds pages and actions by their words in either language, by pinyin and by initials."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from boards.search.hits import Asked, Hit
from core import navigation
from people.access import Access
from stock.search_keys import plain, readings
from workflows import document_types, sight


@dataclass(frozen=True, slots=True)
class _Entry:
    """A page or an action as it is found."""

    label: str | Promise
    url: str
    icon: str


def pages(asked: Asked, limit: int) -> list[Hit]:
    """Pages of the menu that the asker may open, and the account's."""
    return _hits("page", _menu(asked.access), asked, limit)


def actions(asked: Asked, limit: int) -> list[Hit]:
    """What the asker may begin: each type of document."""
    return _hits("action", _beginnings(asked.access), asked, limit)


def _menu(access: Access) -> Iterator[_Entry]:
    for entry in navigation.entries():
        if not entry.open_to(access.may):
            continue
        try:
            yield _Entry(entry.label, reverse(entry.url_name), entry.icon)
        except NoReverseMatch:
            continue
    yield _Entry(_("Notices"), reverse("people:notices"), "bell")
    yield _Entry(_("Your account"), reverse("people:profile"), "user")


def _beginnings(access: Access) -> Iterator[_Entry]:
    if not access.may("document.ask"):
        return
    for kind in document_types.DOCUMENT_TYPES:
        if kind.by_hand and sight.may_begin(kind, access):
            yield _Entry(kind.label, reverse("workflows:new", args=[kind.code]), "plus")


def _hits(kind: str, entries: Iterator[_Entry], asked: Asked, limit: int) -> list[Hit]:
    found = []
    for entry in entries:
        words = _words(entry.label)
        if not asked.word or any(asked.word in word for word in words):
            begins = any(word.startswith(asked.word) for word in words)
            hit = Hit(kind, "", str(entry.label), "", entry.url, entry.icon, asked.word in words)
            found.append((not begins, hit))
    return [hit for _later, hit in sorted(found, key=lambda one: one[0])][:limit]


def _words(label: str | Promise) -> frozenset[str]:
    shown = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            shown.append(str(label))
    return _keys(*shown)


@lru_cache(maxsize=512)
def _keys(*shown: str) -> frozenset[str]:
    found = {plain(text) for text in shown}
    for text in shown:
        found |= readings(text)
    return frozenset(found)
