"""What is technically wrong now, said by whoever knows it: backups, the check of the book, the way to finance.

An app registers a provider for a topic when it starts; whoever warns people asks here and needs to know none of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from core import backup, jobs
from core.said import Noted

BACKUP_AGE = timedelta(hours=26)
_NO_BACKUP = gettext_noop("No backup was ever made.")
_OLD_BACKUP = gettext_noop("The last backup is of %(at)s.")
_FAILED = gettext_noop("The last backup failed: %(error)s")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong; ``key`` stays the same while it lasts, ``reason`` is noted text (core.said)."""

    key: str
    reason: Noted
    figures: Mapping[str, Any] = field(default_factory=dict)


Provider = Callable[[], list[Trouble]]
_providers: dict[str, dict[str, Provider]] = {}
_addresses: dict[str, str] = {}


def register(topic: str, code: str, provider: Provider, *, url: str = "") -> None:
    """Let ``provider`` say what is wrong with a topic; ``url`` is the page that mends it."""
    _providers.setdefault(topic, {})[code] = provider
    if url:
        _addresses[topic] = url


def now(topic: str) -> list[Trouble]:
    """Everything that is wrong with a topic."""
    return [one for provider in _providers.get(topic, {}).values() for one in provider()]


def address(topic: str) -> str:
    """The page that mends it; empty if nobody has said."""
    return _addresses.get(topic, "")


def _backups() -> list[Trouble]:
    good, newest = backup.last(), jobs.last(backup.JOB)
    if newest is not None and not newest.ok:
        error = str(newest.detail.get("error", "?"))[:200]
        return [Trouble("backup", {"said": _FAILED, "with": {"error": error}})]
    if good is None or good.finished_at is None:
        return [Trouble("backup", {"said": _NO_BACKUP})]
    if timezone.now() - good.finished_at > BACKUP_AGE:
        at = f"{timezone.localtime(good.finished_at):%Y-%m-%d %H:%M}"
        return [Trouble("backup", {"said": _OLD_BACKUP, "with": {"at": at}})]
    return []


register("backup", "core", _backups)
