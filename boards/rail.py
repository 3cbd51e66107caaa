"""Draws the rail for one reader: eight lines at most, of which most are groups that open; and the bar of a phone.

A group is open on its own pages and where the reader left it open (the cookie ``rail-open``, kept by static/js/app.js).
Only what a reader may open is drawn; a group of which one entry is left is that entry. Who may open so much that there
would be more lines finds the groups that he works in least inside another (``Group.joins``).
"""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from core import navigation
from core.navigation import Entry
from people.access import Access

OPEN = "rail-open"
MOST = 8
"""Lines that are taken in at a glance."""
AHEAD = 13
"""Where a group stands for those who work in it most: after home and what is to do."""


@dataclass(slots=True)
class Line:
    """A link, or a group with its links in ``entries``."""

    label: str
    icon: str
    order: float
    url: str = ""
    code: str = ""
    current: bool = False
    open: bool = False
    count: int = 0
    entries: list["Line"] = field(default_factory=list)


@dataclass(slots=True)
class Rail:
    """What base.html draws."""

    lines: list[Line]
    tabs: list[dict[str, Any]]


def draw(request: HttpRequest, user_id: int, access: Access) -> Rail:
    """The rail of the request's page."""
    shown = [
        (entry, line) for entry in navigation.entries() if (line := _line(entry, user_id, access))
    ]
    here = max(
        (line for _entry, line in shown if _holds(line.url, request.path)),
        key=lambda line: len(line.url),
        default=None,
    )
    if here is not None:
        here.current = True
    tabs = [
        (entry.tab, {"label": line.label, "short": str(entry.short or entry.label), "icon": line.icon,
                     "url": line.url, "current": line.current, "count": line.count})
        for entry, line in shown
        if entry.tab is not None
    ]  # fmt: skip
    return Rail(
        _grouped(shown, access, set(request.COOKIES.get(OPEN, "").split("."))),
        [tab for _place, tab in sorted(tabs, key=lambda one: one[0])],
    )


def _line(entry: Entry, user_id: int, access: Access) -> Line | None:
    """None where the reader may not go, or where this installation has no such page."""
    if not entry.open_to(access.may):
        return None
    try:
        url = reverse(entry.url_name)
    except NoReverseMatch:
        return None
    count = entry.count(user_id) if entry.count is not None else 0
    return Line(str(entry.label), entry.icon, entry.order, url, entry.url_name, count=count)


def _holds(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def _grouped(shown: list[tuple[Entry, Line]], access: Access, opened: set[str]) -> list[Line]:
    lines: dict[str, Line] = {}
    joined = _joined(shown, access)
    for entry, line in shown:
        if not entry.group:
            lines[line.code] = line
            continue
        about = navigation.group(joined.get(entry.group, entry.group))
        ahead = bool(about.ahead) and access.may(about.ahead)
        group = lines.setdefault(
            f"group:{about.code}",
            Line(
                str(about.label),
                about.icon,
                AHEAD + about.order / 1000 if ahead else about.order,
                code=about.code,
                open=about.code in opened,
            ),
        )
        group.entries.append(line)
        group.count += line.count
        if line.current:
            group.current = group.open = True
    found = [_alone(line) for line in lines.values()]
    return sorted(found, key=lambda line: line.order)


def _joined(shown: list[tuple[Entry, Line]], access: Access) -> dict[str, str]:
    """The groups that stand in another one, by code, so that the rail is not too long."""
    codes = {entry.group for entry, _line in shown if entry.group}
    alone = sum(not entry.group for entry, _line in shown)
    able = [about for code in codes if (about := navigation.group(code)).joins in codes]
    able.sort(key=lambda about: (bool(about.kept) and access.may(about.kept), -about.order))
    return {about.code: about.joins for about in able[: max(0, alone + len(codes) - MOST)]}


def _alone(line: Line) -> Line:
    """A group of one is no group."""
    if len(line.entries) != 1:
        return line
    only = line.entries[0]
    only.order = line.order
    return only
