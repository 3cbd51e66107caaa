"""Master data from sheets: items and partners are made or changed, each row a record of its own, with what it was before."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import codes
from intake.importing.found import Record
from intake.importing.resolver import Resolver, short, text_of
from intake.resolving.names import same_code
from intake.understanding.result import Row

PARTNER_FIELDS = {
    "contact": "contact",
    "phone": "phone",
    "email": "email",
    "address": "address",
    "note": "remark",
}


def read(rows: Sequence[Row], resolver: Resolver, purpose: str) -> None:
    """Turn rows into records; the same code twice in a sheet with different content is a conflict."""
    seen: dict[str, tuple[object, ...]] = {}
    for row in rows:
        record = _item(row, resolver) if purpose == "items" else _partner(row, resolver)
        if record is None:
            continue
        code = same_code(str(record.values["code"]))
        above = seen.get(code)
        if above is None:
            seen[code] = record.content()
            resolver.out.records.append(record)
        elif above != record.content():
            message = _("“%(code)s” stands above with other content: which row holds?")
            resolver.wrong(row, "item", "conflict", message % {"code": record.values["code"]})


def _record(row: Row, resolver: Resolver, kind: str, values: dict[str, Any]) -> Record:
    return Record(row, resolver.out.table_of(row).sheet, kind, values)


def _item(row: Row, resolver: Resolver) -> Record | None:
    name = text_of(row, "name") or text_of(row, "name_spec")
    spec = " ".join(t for t in (text_of(row, "spec"), text_of(row, "model")) if t)
    code = text_of(row, "item") or text_of(row, "barcode")
    found = resolver.catalogue.find_item(text_of(row, "item"), text_of(row, "barcode"), name, spec)
    unit = resolver.unit(row)
    if text_of(row, "unit") and unit is None:
        return None
    code = found.record.code if found else code or short(f"{name} {spec}".strip(), 60)
    kept = _code(row, resolver, code, 60)
    if kept is None:
        return None
    values: dict[str, Any] = {
        "code": kept,
        "name": name[:200] or None,
        "specification": spec[:200] or None,
        "category": text_of(row, "category")[:120] or None,
        "unit": unit.code if unit else None,
        "barcode": text_of(row, "barcode")[:80] or None,
        "reorder_point": _amount(row, "reorder_point", "safety_stock", "min_stock"),
        "maximum": _amount(row, "max_stock"),
        "note": text_of(row, "remark") or None,
    }
    return _record(row, resolver, "item", values)


def _partner(row: Row, resolver: Resolver) -> Record | None:
    name = next(
        (t for n in ("partner", "supplier", "customer", "name") if (t := text_of(row, n))), ""
    )
    code = next(
        (t for n in ("partner_code", "supplier_code", "customer_code") if (t := text_of(row, n))),
        "",
    )
    found = resolver.catalogue.find_partner(code or name)
    kept = _code(row, resolver, found.code if found else code or short(name, 40), 40)
    if kept is None:
        return None
    kind = text_of(row, "partner_kind").casefold()
    supplies = bool(text_of(row, "supplier")) or "供" in kind or "suppl" in kind or "vendor" in kind
    buys = bool(text_of(row, "customer")) or "客" in kind or "custom" in kind
    values: dict[str, Any] = {
        "code": kept,
        "name": (name or kept)[:200],
        "is_supplier": supplies or None,
        "is_customer": buys or None,
    }
    for field, source in PARTNER_FIELDS.items():
        values[field] = text_of(row, source)[:300] or None
    if not (supplies or buys or found):
        message = _(
            "Nothing says whether “%(name)s” is a supplier or a customer: it was taken for both."
        )
        resolver.note(row, "partner", "partner_kind", message % {"name": name})
        values["is_supplier"] = values["is_customer"] = True
    return _record(row, resolver, "partner", values)


def _code(row: Row, resolver: Resolver, text: str, length: int) -> str | None:
    try:
        code = codes.read(text)
    except ValidationError as error:
        resolver.wrong(row, "item", "code", " ".join(error.messages), raw=text)
        return None
    if not code or len(code) > length:
        message = _("“%(text)s…” is too long for a code: at most %(limit)d characters.")
        resolver.wrong(
            row, "item", "code", message % {"text": text[:20], "limit": length}, raw=text
        )
        return None
    return code


def _amount(row: Row, *names: str) -> Decimal | None:
    for name in names:
        value = row.get(name)
        if isinstance(value, Decimal):
            return value
    return None
