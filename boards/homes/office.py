"""Tiles of administration and finance: people who cannot work, what was not delivered, checks, backups, sync."""

from collections.abc import Callable
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards import system
from boards.homes import asking, places, series
from core import outbox
from people import accounts
from people.homes import Asked, Figure, Text, Tile
from people.models import User
from people.views.users import narrow_by_state
from workflows import finding

_FIELDS = {"norole": "date_joined", "invited": "date_joined", "locked": "last_login"}


def _people(asked: Asked, *, state: str) -> Figure:
    rows = narrow_by_state(User.objects.all(), state)
    number = rows.count()
    past = series.per_day(rows, _FIELDS[state], asked.now, asking.zone(asked)) if number else []
    return Figure(
        number,
        asking.address("people:users", state=state),
        series=past,
        past=_("of these, by the day they were added"),
        tone="bad" if state == "locked" else "warn",
    )


def _dead(asked: Asked) -> Figure:
    rows = outbox.dead()
    number = rows.count()
    return Figure(
        number,
        asking.address("boards:system") + "#dead",
        note=_("the page says why, and sends again"),
        series=series.per_day(rows, "created_at", asked.now, asking.zone(asked)) if number else [],
        past=_("of these, by day"),
        tone="bad",
    )


def _health(asked: Asked) -> Figure:
    lines = system.nightly()
    bad = [line for line in lines if line.tone != "ok"]
    return Figure(
        len(bad),
        asking.address("boards:system"),
        note=str(bad[0].label) + ": " + bad[0].said if bad else "",
        tone="bad",
    )


def _posted_today(asked: Asked) -> Figure:
    rows = asking.documents(asked)
    at = asking.moment(asked)
    past = series.per_day(rows, "posted_at", at.now, at.zone)
    return Figure(
        finding.narrow(rows, "today", at).count(),
        asking.address("workflows:documents", **{"is": "today"}),
        before=past[-2],
        against=_("yesterday"),
        series=past,
        past=_("documents posted a day"),
    )


def _unsynced(asked: Asked) -> Figure:
    at = asking.moment(asked)
    rows = finding.narrow(asking.documents(asked), "unsynced", at)
    number = rows.count()
    return Figure(
        number,
        asking.address("workflows:documents", **{"is": "unsynced"}),
        series=series.per_day(rows, "posted_at", at.now, at.zone) if number else [],
        past=_("of these, by day"),
        tone="warn",
    )


def _nobody(asked: Asked) -> Figure:
    at = asking.moment(asked)
    rows = finding.narrow(asking.documents(asked), "fallback", at)
    number = rows.count()
    return Figure(
        number,
        asking.address("workflows:documents", **{"is": "fallback"}),
        note=_("went to whoever keeps the process"),
        series=series.per_day(rows, "submitted_at", at.now, at.zone) if number else [],
        past=_("of these, by day"),
        tone="warn",
    )


def _tile(code: str, label: Text, place: int, read: Callable[[Asked], Figure | None]) -> Tile:
    return Tile(code, label, {places.ADMIN: place}, read, (accounts.MANAGE,))


TILES = (
    _tile("no_role", gettext_lazy("Without a role"), 20, partial(_people, state="norole")),
    _tile("locked", gettext_lazy("Locked out"), 21, partial(_people, state="locked")),
    _tile("invited", gettext_lazy("Invited, not come yet"), 22, partial(_people, state="invited")),
    Tile("nobody", gettext_lazy("Steps without people"), {places.ADMIN: 11}, _nobody),
    Tile(
        "dead",
        gettext_lazy("Not delivered"),
        {places.ADMIN: 30, places.FINANCE: 11},
        _dead,
        ("system.manage", "audit.view"),
    ),
    Tile(
        "health",
        gettext_lazy("Book check and backup"),
        {places.ADMIN: 31, places.FINANCE: 12},
        _health,
        ("system.manage", "audit.view"),
    ),
    Tile(
        "posted_today",
        gettext_lazy("Posted today"),
        {places.FINANCE: 3},
        _posted_today,
        check=False,
    ),
    Tile("unsynced", gettext_lazy("Not with finance yet"), {places.FINANCE: 10}, _unsynced),
)
