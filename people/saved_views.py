"""The writer of saved views of lists, and who sees which; views that come with the product are data of apps above."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core import tables
from core.errors import DomainError
from core.words import one_line
from people.access import access_for
from people.models import SavedView, User


@dataclass(frozen=True, slots=True)
class Ready:
    """A view that comes with the product, for holders of one of ``rights``; ``query`` as in the list's address."""

    table: str
    name: str | Promise
    query: str
    rights: tuple[str, ...] = ()


_ready: list[Ready] = []


def register(*views: Ready) -> None:
    """Add views; called from AppConfig.ready."""
    _ready.extend(one for one in views if one not in _ready)


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
    """Those that come with the product for what one does, one's own, and those for everybody."""
    user = request.user
    if not isinstance(user, User):
        return []
    access = access_for(user)
    ready = [
        tables.SavedView(0, str(one.name), f"?{one.query}", mine=False, shared=True)
        for one in _ready
        if one.table == table and (not one.rights or any(map(access.may, one.rights)))
    ]
    rows = SavedView.objects.filter(Q(user=user) | Q(shared=True), table=table)
    return ready + [
        tables.SavedView(row.pk, row.name, f"?{row.query}", row.user_id == user.pk, row.shared)
        for row in rows
    ]
