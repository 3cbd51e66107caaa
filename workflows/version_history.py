"""What was done to a version of a process, in words: who changed what, when, from what to what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from workflows import sentences
from workflows.models import ProcessVersion
from workflows.picks import Picks
from workflows.sentences import Change

_MOST = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One saved state; ``who`` is empty for the application itself."""

    at: datetime
    who: str
    verb: str
    changes: list[Change]


def told(version: ProcessVersion, picks: Picks) -> list[Entry]:
    """The newest entries first."""
    manager: Any = ProcessVersion.history  # type: ignore[attr-defined]
    rows = manager.filter(id=version.pk).select_related("history_user")
    newest = list(rows.order_by("-history_date", "-history_id")[: _MOST + 1])
    found = []
    for place, row in enumerate(newest[:_MOST]):
        old = newest[place + 1] if place + 1 < len(newest) else None
        found.append(
            Entry(
                at=row.history_date,
                who=str(row.history_user or ""),
                verb=_verb(row, old),
                changes=_changes(row, old, picks),
            )
        )
    return found


def _verb(row: Any, old: Any) -> str:
    if row.history_type == "+" or old is None:
        return _("created")
    if row.state != old.state:
        state = ProcessVersion.State
        words = {state.ACTIVE: _("activated"), state.RETIRED: _("retired")}
        return words.get(row.state, str(row.state))
    if row.proposed_by_id != old.proposed_by_id and row.proposed_by_id is not None:
        return _("proposed for activation")
    return _("changed")


def _changes(row: Any, old: Any, picks: Picks) -> list[Change]:
    if old is None:
        return []
    changes = sentences.compare(old, row, picks)
    if old.note != row.note:
        changes.append(Change(_("What for"), _("changed"), [old.note or "–"], [row.note or "–"]))
    return changes
