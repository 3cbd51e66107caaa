"""Remembers the layout of each list for each user, one on desks and one on phones (core.layout asks for it)."""

from django.http import HttpRequest

from people.models import ListLayout, User

MOST = 60
"""Columns that are remembered of one list."""


def load(request: HttpRequest, table: str) -> list[str]:
    """The columns as they were left; none if they never were."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return []
    rows = ListLayout.objects.filter(user=user, table=table[:60], phone=_on_phone(request))
    return [str(one) for one in rows.values_list("columns", flat=True).first() or []]


def keep(request: HttpRequest, table: str, specs: list[str]) -> None:
    """Remember them, or forget with none; who looks as another changes nothing of his."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or hasattr(request, "viewer"):
        return
    mine = ListLayout.objects.filter(user=user, table=table[:60], phone=_on_phone(request))
    if specs:
        ListLayout.objects.update_or_create(
            user=user,
            table=table[:60],
            phone=_on_phone(request),
            defaults={"columns": specs[:MOST]},
        )
    else:
        mine.delete()


def _on_phone(request: HttpRequest) -> bool:
    return "Mobi" in request.headers.get("User-Agent", "")
