"""The only writer of notices."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from core import bulk
from core.together import Statement
from people import notice_kinds
from people.models import Notice, User


def notify(
    users: Iterable[User | int],
    kind: str,
    data: Mapping[str, Any] | None = None,
    url: str = "",
) -> list[Notice]:
    """Put one notice behind the bell of each active user; ``url`` is a path of this site."""
    _check(kind, url)
    wanted = {user.pk if isinstance(user, User) else user for user in users}
    readers = User.objects.filter(pk__in=wanted, is_active=True).order_by("pk")
    now = timezone.now()
    return Notice.objects.bulk_create(
        [
            Notice(user_id=pk, kind=kind, data=dict(data or {}), url=url, created_at=now)
            for pk in readers.values_list("pk", flat=True)
        ]
    )


def telling(
    users: Iterable[int], kind: str, data: Mapping[str, Any] | None = None, url: str = ""
) -> Statement:
    """The statement that does what ``notify`` does, for those who send several together."""
    _check(kind, url)
    among, keys = bulk.among("u.id", sorted(set(users)))
    row = Notice(kind=kind, data=dict(data or {}), url=url, created_at=timezone.now())
    names = ("kind", "data", "url", "created_at")
    types = {"kind": "text", "url": "text", "data": "jsonb", "created_at": "timestamptz"}
    typed = connection.vendor == "postgresql"
    marks = ", ".join(f"%s::{types[name]}" if typed else "%s" for name in names)
    sql = (
        f"INSERT INTO people_notice (user_id, {', '.join(names)}) SELECT u.id, {marks} "
        f"FROM people_user u WHERE u.is_active AND {among} ORDER BY u.id"
    )
    return sql, [*bulk.values(row, names), keys]


def _check(kind: str, url: str) -> None:
    """Raise LookupError or ValueError unless the kind is known and the address is one of this site."""
    if not notice_kinds.known(kind):
        raise LookupError(kind)
    if url and (not url.startswith("/") or url.startswith("//")):
        raise ValueError(url)


def mark_read(user: User, *, notice_id: int | None = None) -> int:
    """Mark one notice (or all of them) of the user as read; returns how many were unread."""
    unread = Notice.objects.filter(user=user, read_at=None)
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    return unread.update(read_at=timezone.now())
