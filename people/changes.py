"""Reads the history of any record that keeps one: who changed what, when, old and new by name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.words import listed
from people.rights import right_label


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: what it was and what it became, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One saved state of a record; ``who`` is empty for the application itself."""

    at: datetime
    who: str
    kind: str
    subject: str
    fields: tuple[FieldChange, ...]
    why: str = ""

    @property
    def verb(self) -> str:
        """What was done, in words."""
        verbs = {"+": _("created"), "~": _("changed"), "-": _("removed")}
        return str(verbs.get(self.kind, self.kind))


def changes_of(records: Iterable[models.Model], *, limit: int = 50) -> list[Change]:
    """The newest changes of one or several records of one model, newest first."""
    kept = [record for record in records if record.pk is not None]
    if not kept:
        return []
    manager: Any = type(kept[0])._default_manager.model.history  # type: ignore[attr-defined]
    return read(manager.filter(id__in=[record.pk for record in kept]), limit=limit)


def read(rows: Any, *, limit: int = 50, subject: bool = False) -> list[Change]:
    """The changes that history rows make, newest first; ``subject`` names the record of each."""
    states = list(rows.select_related("history_user").order_by("id", "history_date", "history_id"))
    before: dict[Any, Any] = {}
    found: list[tuple[Any, list[tuple[models.Field[Any, Any], Any, Any]]]] = []
    for state in states:
        old = before.get(state.id)
        before[state.id] = state
        found.append((state, _differences(old, state)))
    found.sort(key=lambda pair: (pair[0].history_date, pair[0].history_id), reverse=True)
    found = [pair for pair in found if pair[1] or pair[0].history_type != "~"][:limit]
    names = _names(found)
    return [
        Change(
            at=state.history_date,
            who=str(state.history_user or ""),
            kind=state.history_type,
            subject=str(state.instance) if subject else "",
            why=_why(state),
            fields=tuple(
                FieldChange(_label(field), _show(field, old, names), _show(field, new, names))
                for field, old, new in pairs
            ),
        )
        for state, pairs in found
    ]


def _why(state: Any) -> str:
    """The reason that was given; a sheet gives its own."""
    reason = str(getattr(state, "history_change_reason", None) or "")
    return gettext("by a sheet") if reason == "import" else reason


def _differences(old: Any, new: Any) -> list[tuple[models.Field[Any, Any], Any, Any]]:
    """(field, old value, new value) of what differs; nothing for the first and the last state.

    A version that every change raises says nothing to anybody.
    """
    if old is None or new.history_type != "~":
        return []
    return [
        (field, getattr(old, field.attname), getattr(new, field.attname))
        for field in new.tracked_fields
        if field.name != "version" and getattr(old, field.attname) != getattr(new, field.attname)
    ]


def _names(found: list[tuple[Any, list[Any]]]) -> dict[tuple[type, Any], str]:
    """The names of every record that the changes point to, one query per model."""
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for _state, pairs in found:
        for field, old, new in pairs:
            if field.is_relation:
                wanted[field.related_model] |= {old, new} - {None}
    return {
        (model, pk): str(record)
        for model, pks in wanted.items()
        for pk, record in model._default_manager.in_bulk(pks).items()
    }


def _label(field: models.Field[Any, Any]) -> str:
    """The field's name as on forms, with a capital."""
    name = str(field.verbose_name)
    return name[:1].upper() + name[1:]


def _show(field: models.Field[Any, Any], value: Any, names: dict[tuple[type, Any], str]) -> str:
    """A value in words."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if field.is_relation:
        return names.get((field.related_model, value), str(value))  # type: ignore[arg-type]
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, list):
        return listed(right_label(one) for one in value) or "–"
    return str(value)
