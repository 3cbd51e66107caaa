"""Saves what a form sends of a draft, field by field: what two people changed at the same time is merged or shown.

A form sends with each field what it had read there (``was``). If the document has moved on meanwhile, a
field that nobody else touched is simply written; one that somebody else has changed to something else is
a clash: it is not written, and both values go back. What is wrong with one line never holds up another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed
from core.fields import plain
from people.access import Access
from people.models import User
from workflows import door, drafting, offers, queries, reading
from workflows.errors import Changed, DocumentUnknown, WrongState
from workflows.models import Document, Line

Values = Mapping[str, Any]
_WHOLE = (DocumentUnknown, WrongState, NotAllowed)
"""Refusals of the whole request: the document may not be written at all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line as a form sends it: the fields that were changed, and what they were before.

    ``known``: the form had it as saved, so if it is gone somebody else has removed it.
    """

    key: str
    values: Values
    was: Values = field(default_factory=dict)
    known: bool = False


@dataclass(slots=True)
class Saved:
    """What became of one part: ``errors`` and ``clashes`` (theirs, mine) by field."""

    line: Line | None = None
    errors: dict[str, str] = field(default_factory=dict)
    clashes: dict[str, tuple[str, str]] = field(default_factory=dict)
    gone: bool = False


@dataclass(slots=True)
class Outcome:
    """All parts; ``stale``: the draft was written since the form was read, ``by`` names who else did."""

    document: Document
    header: Saved
    rows: list[tuple[str, Saved]]
    stale: bool = False
    by: str = ""


@transaction.atomic
def save(
    document_id: int,
    *,
    actor: User,
    access: Access,
    version: int,
    header: Values | None = None,
    header_was: Values | None = None,
    rows: Sequence[Row] = (),
) -> Outcome:
    """Write what can be written; raises DocumentUnknown, WrongState, NotAllowed for the whole."""
    document = door.lock(document_id)
    if document is None:
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    stale = version != document.version
    by = _others(document, actor) if stale else ""
    saver = _Saver(document, actor, access, stale=stale)
    outcome = Outcome(document, Saved(), [], stale, by)
    if header:
        outcome.header = saver.header(header, header_was or {})
    outcome.rows = [(row.key, saver.row(row)) for row in rows]
    outcome.document = _fresh(document_id)
    return outcome


def _fresh(document_id: int) -> Document:
    return queries.with_names(Document.objects.all()).get(pk=document_id)


def _others(document: Document, actor: User) -> str:
    """Who wrote last, if it was somebody else; the actor's other window has no name."""
    last = document.events.select_related("actor").order_by("-id").first()
    return str(last.actor or "") if last is not None and last.actor_id != actor.pk else ""


class _Saver:
    """Writes the parts of one request; each is a savepoint of the writer of drafts."""

    def __init__(self, document: Document, actor: User, access: Access, *, stale: bool) -> None:
        self.document_id = document.pk
        self.document = document
        """As it was read under its lock, or as the last header left it."""
        self.who: dict[str, Any] = {"actor": actor, "access": access}
        self.stale = stale

    def header(self, values: Values, was: Values) -> Saved:
        """All fields together; if that is refused, those that can be written one by one."""
        saved = Saved()
        wanted = self._without_clashes(values, was, header_values(self.document), saved)
        if not wanted:
            return saved
        try:
            self._write_header(wanted)
        except _WHOLE:
            raise
        except DomainError:
            for name, value in wanted.items():
                try:
                    self._write_header({name: value})
                except DomainError as error:
                    saved.errors[name] = str(error)
        return saved

    def _write_header(self, values: Values) -> None:
        fields = {k: v for k, v in values.items() if not k.startswith("custom.")}
        own = {k.removeprefix("custom."): v for k, v in values.items() if k.startswith("custom.")}
        if own:
            fields["custom"] = own
        self.document = drafting.set_header(self.document_id, fields, **self.who)

    def row(self, row: Row) -> Saved:
        """One line."""
        saved = Saved()
        line = self._line(row.key)
        if line is None and row.known:
            saved.gone = True
            return saved
        values = dict(row.values)
        if line is not None:
            values = self._without_clashes(values, row.was, line_values(line), saved)
        if not values:
            saved.line = line
            return saved
        try:
            self._complete(values, line)
            saved.line = drafting.set_line(self.document_id, values, key=row.key, **self.who)
        except _WHOLE:
            raise
        except DomainError as error:
            saved.line = line
            found = {str(e.data.get("field", "")): str(e.message) for e in error.lines}
            saved.errors = found or {"": str(error)}
        return saved

    def _line(self, key: str) -> Line | None:
        rows = Line.objects.select_related(
            "item", "item__base_unit", "unit", "lot", "source", "target", "reason", "document"
        )
        return rows.filter(document=self.document_id, key=reading.read_key(key)).first()

    def _without_clashes(
        self, values: Values, was: Values, now: Values, saved: Saved
    ) -> dict[str, Any]:
        if not self.stale:
            return dict(values)
        wanted = {}
        for name, mine in values.items():
            theirs = now.get(name, "")
            if name in was and str(was[name]) != theirs and str(mine) != theirs:
                saved.clashes[name] = (theirs, str(mine))
            else:
                wanted[name] = mine
        return wanted

    def _complete(self, values: dict[str, Any], line: Line | None) -> None:
        """What the item settles: its code for what was typed or scanned, and where to take it from."""
        found = offers.find_item(str(values.get("item") or ""))
        if found is None:
            return
        item, unit = found
        values["item"] = item.code
        if unit is not None:
            values.setdefault("unit", unit.code)
        document = self.document
        end = document.kind.source
        house = offers.warehouse_of(document, end)
        changed = line is None or line.item_id != item.pk
        side = values.get("side") or (line.side if line else "")
        if not changed or not end.chosen or house is None or side == Line.Side.OUTPUT:
            return
        if "source" in values or values.get("lot") or not offers.sees(self.who["access"], house):
            return
        picks = offers.picks([item.pk], house, end.kinds).get(item.pk)
        if picks:
            values["source"] = picks[0].place
            if picks[0].lot:
                values["lot"] = picks[0].lot


def number(value: Decimal | None) -> str:
    """A number as a cell has it."""
    return "" if value is None else plain(value)


def header_values(document: Document) -> dict[str, str]:
    """The header as a form has it: codes, ISO dates, plain digits; custom fields as ``custom.KEY``."""
    values = {name: getattr(document, name) for name in ("cost_object", "reference", "currency")}
    values |= {name: getattr(document, name) for name in ("note", "override", "accept_expired")}
    for name in ("warehouse", "target_warehouse", "partner", "department", "reason"):
        record = getattr(document, name)
        values[name] = record.code if record else ""
    values["wanted_on"] = document.wanted_on.isoformat() if document.wanted_on else ""
    zone = ZoneInfo(document.company.time_zone)
    happened = document.effective_at
    values["effective_at"] = f"{happened.astimezone(zone):%Y-%m-%dT%H:%M}" if happened else ""
    values["rate"] = number(document.rate)
    for key, value in document.custom.items():
        values[f"custom.{key}"] = "" if value is None else str(value)
    return values


def line_values(line: Line) -> dict[str, str]:
    """A line as a row of the form has it."""
    return {
        "item": line.item.code,
        "unit": line.unit.code,
        "quantity": number(line.requested) if line.requested else "",
        "side": line.side,
        "source": line.source.code if line.source else "",
        "target": line.target.code if line.target else "",
        "lot": line.lot_number,
        "expires_on": line.expires_on.isoformat() if line.expires_on else "",
        "manufactured_on": line.manufactured_on.isoformat() if line.manufactured_on else "",
        "target_lot": line.target_lot_number,
        "price": number(line.price),
        "price_with_tax": "true" if line.price_with_tax else "",
        "tax_rate": number(line.tax_rate),
        "value": number(line.value),
        "original": str(line.original_id or ""),
        "reason": line.reason.code if line.reason else "",
        "note": line.note,
    }


def check_version(document: Document, version: int) -> None:
    """Raise Changed if the draft is not the one that was seen; 0 means that it was not saved yet."""
    if version and version != document.version:
        raise Changed(
            _("Somebody else has changed this document meanwhile. Look at it again, then repeat."),
            version=document.version,
        )
