"""Orders and bills of materials from sheets: each row is a line, resolved and with its quantity in a known unit."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from intake.importing.found import Record
from intake.importing.moving import Frame, number
from intake.importing.resolver import Resolver, text_of
from intake.understanding.result import Row, plain


def read(rows: Sequence[Row], resolver: Resolver, frame: Frame) -> None:
    """Turn rows into records of lines."""
    for row in rows:
        before = len(resolver.out.problems)
        if resolver.out.purpose == "orders":
            values = _order(row, resolver, frame)
        else:
            values = _bom(row, resolver)
        if values is not None and len(resolver.out.problems) == before:
            kind = "order" if resolver.out.purpose == "orders" else "bom"
            resolver.out.records.append(Record(row, resolver.out.table_of(row).sheet, kind, values))


def _order(row: Row, resolver: Resolver, frame: Frame) -> dict[str, Any] | None:
    item, unit = resolver.item(row), resolver.unit(row)
    amount = _quantity(row, resolver, "quantity", "planned", "quantity_in", "quantity_out")
    supplier = resolver.partner(row, "supplier", supplier=True)
    customer = resolver.partner(row, "customer", supplier=False)
    other = None
    if text_of(row, "partner") and not (supplier or customer):
        other = resolver.partner(row, "partner", supplier=True)
    house = resolver.warehouse(row, frame.warehouse)
    if item is None or amount is None or house is None:
        return None
    resolver.ratio(row, item, unit, None)
    if other is not None:
        supplier, customer = (other, None) if other.is_supplier else (None, other)
    kind = "purchase_order" if supplier else "sales_order" if customer else "production_order"
    partner = supplier or customer
    wanted = row.get("date")
    return {
        "type": kind,
        "document": text_of(row, "source")[:80],
        "partner": partner.code if partner else "",
        "warehouse": house.code,
        "wanted_on": wanted.isoformat()[:10] if isinstance(wanted, date) else "",
        "item": item.code,
        "unit": unit.code if unit else item.unit.code,
        "quantity": plain(amount),
        "price": _shown(number(row, "unit_price")),
        "tax_rate": _shown(number(row, "tax_rate")),
    }


def _bom(row: Row, resolver: Resolver) -> dict[str, Any] | None:
    has_parent = bool(text_of(row, "parent") or text_of(row, "parent_name"))
    parent = resolver.item(row, "parent", "parent_name") if has_parent else resolver.item(row)
    if not has_parent and not text_of(row, "item") and not text_of(row, "name"):
        resolver.wrong(
            row, "parent", "parent_missing", _("Nothing says the product of this material.")
        )
        return None
    says_component = text_of(row, "component") or text_of(row, "component_name")
    names = () if has_parent and not says_component else ("component", "component_name")
    component = resolver.item(row, *names)
    amount = _quantity(row, resolver, "quantity", "planned")
    if parent is None or component is None or amount is None:
        return None
    if parent is component:
        message = _("%(item)s cannot be made of itself.") % {"item": parent.code}
        resolver.wrong(row, "component", "own_material", message)
        return None
    unit = resolver.unit(row)
    resolver.ratio(row, component, unit, None)
    return {
        "parent": parent.code,
        "component": component.code,
        "unit": unit.code if unit else component.unit.code,
        "quantity": plain(amount),
        "scrap": _shown(number(row, "scrap_rate")) or "0",
        "note": text_of(row, "remark")[:300],
    }


def _quantity(row: Row, resolver: Resolver, *names: str) -> Decimal | None:
    name = next((n for n in names if number(row, n) is not None), names[0])
    amount = number(row, name)
    if amount is None:
        resolver.wrong(
            row, name, "quantity_missing", _("The quantity is missing; blank is not zero.")
        )
        return None
    if amount <= 0:
        message = _("%(quantity)s is not above zero.") % {"quantity": amount}
        resolver.wrong(row, name, "negative", message)
        return None
    return amount


def _shown(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
