"""The only writer of bills of materials, and what they say an order needs.

Quantities of materials are in the unit of their line and rounded up to its decimals when a bill is exploded.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError, LineError
from core.numbers import LIMIT, QUANTITY_PLACES, from_scaled
from core.words import kept
from people.access import Access
from people.models import User
from stock import units
from stock.models import Item, Unit
from workflows import amounts, drafting, reading
from workflows.errors import Changed, DocumentRefused, DocumentUnknown
from workflows.models import Bom, BomLine, Document, Line

MOST = 1_000
"""Materials of one bill."""


def find(code: str) -> Bom:
    """The bill of an item that is in use; raises DocumentUnknown."""
    found = Bom.objects.select_related("item__base_unit").filter(item__code__iexact=code).first()
    if found is None or found.archived_at is not None:
        raise DocumentUnknown(_("There is no bill of materials of “%s”.") % code[:60])
    return found


@transaction.atomic
def save(
    code: str,
    *,
    quantity: Any,
    lines: Sequence[Mapping[str, Any]],
    note: str = "",
    actor: User,
    access: Access,
    version: int | None = None,
) -> Bom:
    """Write the whole bill of an item: ``lines`` of item, unit, quantity, scrap_percent, note.

    Raises NotAllowed without the right to edit master data, Changed if it is another version now,
    DocumentRefused with every bad line.
    """
    access.require("master.edit")
    item = _item(code)
    known = Bom.objects.select_for_update().filter(item=item).first()
    if version is not None and version != (known.version if known else 0):
        raise Changed(
            _("Somebody else has changed this bill meanwhile. Look at it again, then repeat."),
            version=known.version if known else 0,
        )
    bom = known or Bom(item=item, version=0)
    bom.quantity = reading.read_number(quantity, QUANTITY_PLACES) or Decimal(0)
    if bom.quantity <= 0:
        raise DocumentRefused(_("Enter a quantity above zero."), code="quantity")
    made = _read(bom, lines)
    bom.note, bom.archived_at = str(kept(note) or "").strip()[:300], None
    bom.version += 1
    bom.changed_at = timezone.now()
    bom._history_user = actor
    bom.save()
    for old in bom.lines.all():
        old._history_user = actor
        old.delete()
    for line in made:
        line.bom = bom
        line._history_user = actor
        line.save()
    return bom


@transaction.atomic
def archive(code: str, *, actor: User, access: Access) -> None:
    """Take a bill out of use; orders that were made with it keep their lines."""
    access.require("master.edit")
    bom = find(code)
    bom.archived_at, bom.changed_at = timezone.now(), timezone.now()
    bom.version += 1
    bom._history_user = actor
    bom.save()


def _item(code: str) -> Item:
    text = str(kept(code) or "").strip()
    item = Item.objects.select_related("base_unit").filter(code__iexact=text).first()
    if item is None:
        raise DocumentRefused(_("There is no item “%s”.") % text[:60], code="unknown_item")
    return item


def _read(bom: Bom, given: Sequence[Mapping[str, Any]]) -> list[BomLine]:
    if not given:
        raise DocumentRefused(_("Add at least one material."), code="no_lines")
    if len(given) > MOST:
        raise DocumentRefused(_("A bill has at most %d materials.") % MOST, code="lines")
    found: list[BomLine] = []
    errors: list[LineError] = []
    for position, row in enumerate(given, 1):
        try:
            line = _line(bom, position, kept(row))
            if any(line.item_id == other.item_id for other in found):
                raise DocumentRefused(_("The same material is on another line."), code="twice")
            found.append(line)
        except DomainError as error:
            errors.append(LineError(position, error.code, str(error)))
    if errors:
        raise DocumentRefused(str(errors[0].message), lines=errors)
    return found


def _line(bom: Bom, position: int, row: Mapping[str, Any]) -> BomLine:
    item = _item(str(row.get("item") or ""))
    if item.pk == bom.item_id or _made_of(item, bom.item_id):
        raise DocumentRefused(_("A product is not made of itself."), code="loop")
    code = str(row.get("unit") or "").strip() or item.base_unit.code
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise DocumentRefused(_("There is no unit “%s”.") % code[:20], code="unknown_unit")
    units.ratio(item, unit)
    quantity = reading.read_number(row.get("quantity"), QUANTITY_PLACES) or Decimal(0)
    if quantity <= 0:
        raise DocumentRefused(_("Enter a quantity above zero."), code="quantity")
    scrap = reading.read_number(row.get("scrap_percent"), 6) or Decimal(0)
    if not 0 <= scrap < 1000:
        raise DocumentRefused(_("Scrap is a percentage."), code="scrap_percent")
    return BomLine(
        position=position,
        item=item,
        unit=unit,
        quantity=quantity,
        scrap_percent=scrap,
        note=str(row.get("note") or "").strip()[:300],
    )


def _made_of(item: Item, product: int | None) -> bool:
    """Whether the product goes into the item, however deep."""
    seen: set[int] = set()
    wanted = [item.pk]
    while wanted:
        rows = BomLine.objects.filter(bom__item__in=wanted, bom__archived_at=None)
        below = set(rows.values_list("item_id", flat=True)) - seen
        if product in below:
            return True
        seen |= below
        wanted = list(below)
    return False


def needs(bom: Bom, quantity: Decimal) -> list[tuple[BomLine, Decimal]]:
    """What ``quantity`` base units of the product take: each material with its scrap, rounded up to its unit.

    Raises DocumentRefused for more than a quantity can hold.
    """
    found = []
    for line in bom.lines.select_related("item__base_unit", "unit"):
        whole = Fraction(line.quantity) * Fraction(quantity) / Fraction(bom.quantity)
        places = min(line.unit.decimals, QUANTITY_PLACES)
        steps = math.ceil(whole * (100 + Fraction(line.scrap_percent)) / 100 * 10**places)
        if steps * 10 ** (QUANTITY_PLACES - places) > LIMIT:
            message = _("The order is too large: of %(item)s no such quantity can be kept.")
            raise DocumentRefused(message % {"item": line.item.code}, code="too_large")
        found.append((line, from_scaled(steps, places)))
    return found


@transaction.atomic
def explode(document: Document, *, actor: User, access: Access, version: int | None = None) -> int:
    """Write the materials of what a production order makes into its draft; returns how many lines.

    A material that is on the order already gets the quantity of the bill; others stay as they are.
    """
    if document.type != "production_order":
        raise DocumentRefused(_("Only production orders have materials."), code="type")
    wanted: dict[tuple[str, str], Decimal] = {}
    products = list(document.lines.filter(side=Line.Side.OUTPUT).select_related("item", "unit"))
    if not products:
        raise DocumentRefused(_("Say what is made: a line that comes out."), code="no_product")
    for product in products:
        bom = find(product.item.code)
        for line, quantity in needs(bom, amounts.base(product, amounts.planned(product))):
            key = (line.item.code, line.unit.code)
            wanted[key] = wanted.get(key, Decimal(0)) + quantity
    there = {
        (line.item.code, line.unit.code): line
        for line in document.lines.filter(side=Line.Side.INPUT).select_related("item", "unit")
    }
    for (item, unit), quantity in wanted.items():
        known = there.get((item, unit))
        drafting.set_line(
            document.pk,
            {"item": item, "unit": unit, "quantity": quantity, "side": Line.Side.INPUT.value},
            key=str(known.key) if known else "",
            actor=actor,
            access=access,
            version=version,
        )
        version = None
    return len(wanted)
