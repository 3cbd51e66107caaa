"""Asks every finder and puts what they found into groups; what was named in full comes first."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from boards.search import pages, records
from boards.search.hits import Asked, Finder, Group, Hit
from core.words import one_line
from people.access import Access
from people.models import User
from stock.search_keys import plain

LONGEST = 80
"""Longer texts are cut: no code, number or name is longer."""
PER_GROUP = 5
FINDERS: tuple[tuple[str, object, Finder], ...] = (
    ("item", _("Items"), records.items),
    ("lot", _("Lots"), records.lots),
    ("document", _("Documents"), records.documents),
    ("partner", _("Partners"), records.partners),
    ("place", _("Places"), records.places),
    ("page", pgettext_lazy("of the application", "Pages"), pages.pages),
    ("action", _("New document"), pages.actions),
)
SIGNS: dict[str, tuple[str, ...]] = {">": ("action",), "/": ("page",), "#": ("document",)}
"""A text that begins like this looks in these groups only."""


def search(text: str, user: User, access: Access, *, limit: int = PER_GROUP) -> list[Group]:
    """What the text finds, at most ``limit`` hits of each kind; empty text finds pages and actions."""
    text = one_line(" ".join(text.split()), LONGEST)
    kinds = SIGNS.get(text[:1])
    if kinds:
        text = text[1:].strip()
    elif not text:
        kinds = ("page", "action")
    asked = Asked(text, plain(text).replace("|", " ").strip(), user, access)
    if text and not asked.word:
        return []
    found = []
    for kind, label, finder in FINDERS:
        if kinds is None or kind in kinds:
            hits = finder(asked, 40 if kinds else limit)
            if hits:
                found.append(Group(kind, str(label), hits))
    return sorted(found, key=lambda group: not any(hit.exact for hit in group.hits))


def single(groups: list[Group]) -> Hit | None:
    """The one hit that was named in full, if there is exactly one."""
    exact = [hit for group in groups for hit in group.hits if hit.exact]
    return exact[0] if len(exact) == 1 else None
