"""Scans that a device sends, each with one effect: a line of a draft, or a figure of what is carried out, is raised.

A device may send a scan again, hours later and after others; its key decides. In a draft goods add to their
line or make a new one; while carrying out they raise what was really moved. A place goes to the line that the
same person scanned last; in a draft one that is scanned before goods is where these lie. A figure typed at a line
arrives as what it adds; what is taken back, as the scan that it was. What cannot be taken is kept with the reason, and changes nothing.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, QUANTITY_SCALE, from_scaled
from intake.models import DeviceScan
from people.access import Access
from people.models import User
from stock import units
from stock.errors import Busy
from stock.queries import scans
from stock.queries.scans import Scan
from workflows import amounts, document_types, door, drafting, queries, states
from workflows.errors import DocumentRefused
from workflows.models import Document, Line, Task

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """One scan as it was sent: its key, the document's key, the code, and when the device heard it.

    With ``line`` and ``quantity`` (in the line's unit, may be below zero) it was typed at that line; with ``back``
    it takes back the scan of that key, whatever that had added to which line.
    """

    key: uuid.UUID
    document: uuid.UUID
    code: str
    at: datetime
    line: uuid.UUID | None = None
    quantity: Decimal | None = None
    back: uuid.UUID | None = None


def take(sent: Sent, user: User, access: Access) -> Result:
    """Give the scan its one effect and say what came of it: tone, text, and the line as it is now.

    The same key again is answered as before. Raises Busy if it should be sent again, DocumentRefused if there
    is no such document for this person.
    """
    document = queries.visible(user, access).filter(key=sent.document).first()
    if document is None:
        raise _gone()
    try:
        with transaction.atomic():
            if Document.objects.select_for_update().filter(pk=document.pk).first() is None:
                raise _gone()  # discarded since
            known = _known(sent, user)
            return known if known is not None else _take(sent, document, user, access)
    except IntegrityError:
        known = _known(sent, user)
        if known is None:
            raise
        return known


def _gone() -> DocumentRefused:
    return DocumentRefused(_("There is no such document."), code="unknown_document", status=404)


def _known(sent: Sent, user: User) -> Result | None:
    found = DeviceScan.objects.filter(key=sent.key).first()
    if found is None:
        return None
    if found.user_id != user.pk or found.document.key != sent.document:
        raise DocumentRefused(_("This scan belongs to somebody else."), code="key_reused")
    result: Result = found.result
    return result


def _take(sent: Sent, document: Document, user: User, access: Access) -> Result:
    line: Line | None = None
    try:
        with transaction.atomic():
            if sent.line is not None or sent.back is not None:
                line, more = _entered(_meant(sent, document, user), document, user, access)
                result = _told(document, line, more)
            else:
                scan = scans.read(sent.code, access)
                applied = _apply(scan, sent, document, user, access)
                line, more = applied or (None, Decimal(0))
                result = _told(document, line, more, scan) if line is not None else _here(scan)
            if sent.back is not None:
                result["back"] = str(sent.back)
    except Busy:
        raise
    except DomainError as error:
        first = error.lines[0].message if error.lines else error
        result = {"tone": "bad", "text": str(first), "line": ""}
        line = None
    DeviceScan.objects.create(
        key=sent.key,
        user=user,
        document=document,
        code=sent.code[: scans.LONGEST],
        line=line.key if line is not None else None,
        quantity=sent.quantity,
        scanned_at=min(sent.at, timezone.now()),
        result=result,
    )
    return result


def _meant(sent: Sent, document: Document, user: User) -> Sent:
    """What takes a scan back, as a figure at the line that this was counted on; once."""
    if sent.back is None:
        return sent
    known = DeviceScan.objects.filter(document=document, user=user)
    scan = known.filter(key=sent.back).exclude(line=None).first()
    more = Decimal(scan.result.get("added", 0)) if scan is not None else Decimal(0)
    if scan is None or not more or known.filter(result__back=str(sent.back)).exists():
        raise DocumentRefused(_("There is nothing to take back."))
    return replace(sent, line=scan.line, quantity=-more)


def _entered(sent: Sent, document: Document, user: User, access: Access) -> tuple[Line, Decimal]:
    """The figure of a line with what was typed at it."""
    line = document.lines.filter(key=sent.line).first() if sent.line is not None else None
    if line is None:
        raise DocumentRefused(_("This line is not on the document any more."))
    if sent.quantity is None:
        raise DocumentRefused(_("Enter a number."))
    drafted = document.state in states.EDITABLE
    values = {"quantity" if drafted else "actual": plain(_figure(line, document) + sent.quantity)}
    return _write(values, line, sent, document, user, access)


def _figure(line: Line, document: Document) -> Decimal:
    """How much is asked for, or was moved, so far."""
    return line.requested if document.state in states.EDITABLE else line.actual or Decimal(0)


def _write(
    values: Mapping[str, Any],
    line: Line | None,
    sent: Sent,
    document: Document,
    user: User,
    access: Access,
) -> tuple[Line, Decimal]:
    """The line as it is now, a new one for None, and what its figure has become more."""
    key = line.key if line is not None else sent.key
    before = _figure(line, document) if line is not None else Decimal(0)
    if document.state in states.EDITABLE:
        now = drafting.set_line(document.pk, values, key=str(key), actor=user, access=access)
    else:
        data = {"lines": [{"key": str(key), **values}]}
        act = f"scan:{sent.key}"
        door.act(document.pk, "record", actor=user, access=access, data=data, key=act, door="scan")
        now = document.lines.select_related("item", "unit").get(key=key)
    return now, _figure(now, document) - before


def _apply(
    scan: Scan, sent: Sent, document: Document, user: User, access: Access
) -> tuple[Line, Decimal] | None:
    """Write what the scan says; the line and what it adds, None: a place that holds for the goods that follow."""
    if scan.kind not in {"item", "place"}:
        raise DocumentRefused(_("“%(code)s” is not known yet.") % {"code": sent.code[:60]})
    drafted = document.state in states.EDITABLE
    values: Mapping[str, Any]
    line: Line | None
    if scan.kind == "place":
        if drafted and _begins(document, user):
            return None
        values, line = _placed(scan, document, user)
    elif drafted:
        values, line = _drafted(scan, document, user)
    else:
        values, line = _carried(scan, document, user)
    return _write(values, line, sent, document, user, access)


def _drafted(scan: Scan, document: Document, user: User) -> tuple[Mapping[str, Any], Line | None]:
    """What the scan writes: more of a line of the same goods, or a new line."""
    item, unit = scan.item, scan.unit
    if item is None or unit is None:
        raise _not_here(scan)
    rows = document.lines.select_related("item", "unit").filter(item=item, unit=unit)
    here = _from(document, user)
    if here:
        rows = rows.filter(source__code=here)
    line = rows.filter(lot_number=scan.lot).order_by("position").last() if scan.lot else rows.last()
    if line is not None:
        return {"quantity": plain(line.requested + scan.quantity)}, line
    values = {"item": item.code, "unit": unit.code, "quantity": plain(scan.quantity)}
    if here:
        values["source"] = here
    if scan.lot:
        values["lot"] = scan.lot
    if scan.expires_on and not document.kind.source.chosen:
        values["expires_on"] = scan.expires_on.isoformat()
    return values, None


def _carried(scan: Scan, document: Document, user: User) -> tuple[Mapping[str, Any], Line]:
    """What was moved of the line that these goods belong to: one that still lacks some before the others."""
    rows = list(
        document.lines.select_related("item", "unit").filter(item=scan.item).order_by("position")
    )
    if not rows:
        raise _not_here(scan)
    fits = [line for line in rows if not scan.lot or line.lot_number in {"", scan.lot}]
    if not fits:
        raise DocumentRefused(
            _("Line %(line)s is of lot %(mine)s, this is lot %(theirs)s. Not counted.")
            % {"line": rows[0].position, "mine": rows[0].lot_number, "theirs": scan.lot}
        )
    fits.sort(key=lambda line: (scan.lot != line.lot_number, line.position))
    short = [line for line in fits if (line.actual or Decimal(0)) < amounts.planned(line)]
    line = (short or fits)[0]
    more = Fraction(scan.base) * line.denominator / line.numerator * QUANTITY_SCALE
    if more.denominator != 1:
        raise DocumentRefused(_("This pack is no exact number of %s.") % line.unit.code)
    total = (line.actual or Decimal(0)) + from_scaled(int(more), QUANTITY_PLACES)
    values = {"actual": plain(total)}
    if scan.lot and not line.lot_number:
        values["lot"] = scan.lot
    return values, line


def _last(document: Document, user: User) -> Line | None:
    """The line that this person scanned last."""
    last = DeviceScan.objects.filter(document=document, user=user).exclude(line=None).last()
    if last is None or last.line is None:
        return None
    return document.lines.filter(key=last.line).first()


def _begins(document: Document, user: User) -> bool:
    """Whether a place scanned now belongs to goods that follow: the line before has all its places, or there is none."""
    kind: document_types.DocumentType = document.kind
    line = _last(document, user)
    ends = [name for name in ("source", "target") if getattr(kind, name).chosen]
    whole = line is None or all(getattr(line, f"{name}_id") is not None for name in ends)
    return kind.source.chosen and whole


def _from(document: Document, user: User) -> str:
    """The place that holds for the goods of a draft, "" if none was scanned before goods."""
    held = DeviceScan.objects.filter(document=document, user=user, result__has_key="from")
    last = held.order_by("-pk").first()
    return str(last.result["from"]) if last is not None else ""


def _here(scan: Scan) -> Result:
    place = scan.place.code if scan.place is not None else ""
    return {"tone": "ok", "text": _("From %s") % place, "line": "", "from": place}


def _placed(scan: Scan, document: Document, user: User) -> tuple[Mapping[str, Any], Line]:
    """The place of the line that this person scanned last: where goods come from first, then where they go."""
    line = _last(document, user)
    if line is None or scan.place is None:
        raise DocumentRefused(_("Scan the goods first, then their place."))
    kind: document_types.DocumentType = document.kind
    ends = [name for name in ("source", "target") if getattr(kind, name).chosen]
    if document.state not in states.EDITABLE:
        ends = ends[:1]
    free = [name for name in ends if getattr(line, f"{name}_id") is None]
    if not ends:
        raise DocumentRefused(_("Nobody chooses a place on this document."))
    return {(free or ends[-1:])[0]: scan.place.code}, line


def _not_here(scan: Scan) -> DocumentRefused:
    thing = str(scan.item) if scan.item is not None else scan.text[:60]
    return DocumentRefused(_("%s is not on this document.") % thing)


def _told(document: Document, line: Line, more: Decimal, scan: Scan | None = None) -> Result:
    """What the device shows: the line as it is now, loudly if it is more than planned, and what was added to it."""
    carried = document.state not in states.EDITABLE
    figure = _figure(line, document)
    plan = amounts.planned(line) if carried else None
    over = plan is not None and figure > plan
    place = scan.place.code if scan is not None and scan.place is not None else ""
    amount = plain(figure) if plan is None else f"{plain(figure)} / {plain(plan)}"
    pack = units.packs([line.item_id]).get(line.item_id)
    text = f"{line.position} · {line.item.name} · {place or amount + ' ' + line.unit.code}"
    return {
        "tone": "warn" if over else "ok",
        "text": f"{text} · {_('more than planned')}" if over else text,
        "line": str(line.key),
        "figure": plain(figure),
        "added": plain(more),
        "plan": "" if plan is None else plain(plan),
        "position": line.position,
        "item": line.item.code,
        "name": line.item.name,
        "unit": line.unit.code,
        "pack": plain(units.packed(pack, Fraction(line.numerator, line.denominator))),
        "lot": line.lot_number,
    }


def open_task(document: Document, user: User) -> Task | None:
    """The step of carrying out that waits for the person."""
    rows = document.tasks.filter(user=user, state=Task.State.OPEN)
    return rows.filter(kind__in=["inspect", "execute"]).select_related("run").first()
