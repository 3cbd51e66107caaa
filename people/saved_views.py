"""The writer of saved views of lists, and who sees which."""

from urllib.parse import parse_qsl, urlencode

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core import tables
from core.errors import DomainError
from core.words import one_line
from people.models import SavedView, User

MOST = 50
"""Views of one list that one person may keep."""


class CannotSave(DomainError):
    """The view cannot be saved; the message says why."""

    code = "saved_view"


def save(user: User, *, table: str, name: str, query: str, shared: bool) -> SavedView:
    """Keep a view; the same name takes the place of the one before. Raises CannotSave."""
    name = " ".join(one_line(name, 60).split())
    if not name:
        raise CannotSave(_("Give the view a name."))
    rest = [(key, value) for key, value in parse_qsl(query) if key not in {"page", "export"}]
    text = urlencode(rest)
    if len(text) > 2000 or not table or len(table) > 60:
        raise CannotSave(_("This view is too long to be kept."))
    mine = SavedView.objects.filter(user=user, table=table)
    if mine.exclude(name=name).count() >= MOST:
        raise CannotSave(_("At most %(n)d views of a list.") % {"n": MOST})
    kept, _made = SavedView.objects.update_or_create(
        user=user, table=table, name=name, defaults={"query": text, "shared": shared}
    )
    return kept


def of_list(request: HttpRequest, table: str) -> list[tables.SavedView]:
    """One's own views and those for everybody."""
    user = request.user
    if not isinstance(user, User):
        return []
    rows = SavedView.objects.filter(Q(user=user) | Q(shared=True), table=table)
    return [
        tables.SavedView(row.pk, row.name, f"?{row.query}", row.user_id == user.pk, row.shared)
        for row in rows
    ]
