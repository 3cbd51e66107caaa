"""Cursor paging: a page says where the next one starts, so that rows coming in between shift nothing."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core.api.shapes import Malformed

Row = TypeVar("Row")
AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, the cursor of the next page (empty: this is the last) and what is said beside the rows.

    ``costs``: the asker may see costs.
    """

    rows: Sequence[Mapping[str, Any]]
    next: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)
    costs: bool = False


def encode(*parts: str | int) -> str:
    """A cursor made of the last row's key."""
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The parts of a cursor; None without one. Raises Malformed unless it was made by ``encode``."""
    if not cursor:
        return None
    try:
        parts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    if (
        not isinstance(parts, list)
        or len(parts) != len(kinds)
        or any(type(part) is not kind for part, kind in zip(parts, kinds, strict=True))
        or any(isinstance(part, int) and abs(part) >= 2**63 for part in parts)
        or any(isinstance(part, str) and not part.isprintable() for part in parts)
    ):
        raise _not_ours()
    return parts


def moment_of(part: str) -> datetime:
    """A moment that a cursor holds in ISO 8601; raises Malformed."""
    try:
        at = parse_datetime(part)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 1 < at.year < 9999:
        raise _not_ours()
    return at


def _not_ours() -> Malformed:
    return Malformed(_("This cursor is not one of ours; take “next” of the page before."))


def of_queryset(
    rows: QuerySet[AnyModel], column: str, *, cursor: str | None, limit: int
) -> tuple[list[AnyModel], str]:
    """A page of a table in the order of ``column`` (a text that is never null), then id."""
    start = decode(cursor, str, int)
    if start is not None:
        after, pk = start
        rows = rows.filter(Q(**{f"{column}__gt": after}) | Q(**{column: after}, pk__gt=pk))
    found = list(rows.order_by(column, "pk")[: limit + 1])
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    return found[:limit], encode(getattr(last, column), last.pk)


def by_key(
    rows: QuerySet[AnyModel], *, cursor: str | None, limit: int, newest_first: bool = True
) -> tuple[list[AnyModel], str]:
    """A page of a table in the order in which its rows were made."""
    start = decode(cursor, int)
    if start is not None:
        rows = rows.filter(**{"pk__lt" if newest_first else "pk__gt": start[0]})
    found = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    return found[:limit], encode(found[limit - 1].pk) if len(found) > limit else ""


def of_list(
    rows: Sequence[Row],
    key: Callable[[Row], Sequence[str | int]],
    *,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[Row], str]:
    """A page of a list that is sorted by ``key``, which is different for each row."""
    if not rows:
        return rows, ""
    start = decode(cursor, *(type(part) for part in key(rows[0])))
    if start is not None:
        rows = [row for row in rows if list(key(row)) > start]
    if len(rows) <= limit:
        return rows, ""
    return rows[:limit], encode(*key(rows[limit - 1]))
