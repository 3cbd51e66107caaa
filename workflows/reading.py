"""The only reader of what people and programs write into drafts: codes become records, digits exact numbers.

Everything is checked by the one strict parser; what is wrong with a line is reported all at once.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import asked
from core.errors import DomainError, LineError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, parse_decimal
from core.words import kept, one_line
from people.access import Access
from people.models import Company, Department
from stock import units
from stock.models import Item, Lot, Movement, Partner, Place, Reason, Unit, Warehouse
from workflows import amounts, document_types, fields, fitting, sight
from workflows.errors import DocumentRefused
from workflows.models import Document, Line

HEADER = (
    "warehouse", "target_warehouse", "partner", "department", "reason", "cost_object", "reference",
    "wanted_on", "effective_at", "currency", "rate", "note", "override", "accept_expired", "custom",
)  # fmt: skip
"""What a header consists of; related records are given by their codes."""
LINE = (
    "item", "unit", "quantity", "side", "source", "target", "lot", "manufactured_on", "expires_on",
    "target_lot", "price", "price_with_tax", "tax_rate", "value", "original", "reason", "note", "custom",
    "position",
)  # fmt: skip
MOST_LINES = 10_000
_LONGEST_LOT = 80
_CURRENCY = re.compile("[A-Z]{3}")
_RELATED: dict[str, Any] = {
    "warehouse": Warehouse,
    "target_warehouse": Warehouse,
    "partner": Partner,
    "department": Department,
    "reason": Reason,
}
_TEXTS = ("cost_object", "reference", "note", "override", "accept_expired")


def read_key(text: str) -> uuid.UUID:
    """A UUID made by the client; raises DocumentRefused."""
    try:
        return uuid.UUID(str(text))
    except ValueError as error:
        raise DocumentRefused(_("“%s” is not a key.") % str(text)[:40], code="key") from error


def read_header(document: Document, values: Mapping[str, Any], access: Access) -> None:
    """Read the named header fields; raises DocumentRefused, or NotAllowed for a warehouse out of reach."""
    values = kept(values)
    unknown = sorted(set(values) - set(HEADER))
    if unknown:
        raise DocumentRefused(
            _("Unknown fields: %s") % ", ".join(unknown), code="unknown_field", fields=unknown
        )
    for name, model in _RELATED.items():
        if name in values:
            setattr(document, name, _by_code(model, values[name], name))
    for name in _TEXTS:
        if name in values:
            setattr(document, name, _text(name, values[name]))
    if "currency" in values:
        document.currency = _currency(values["currency"], document.company)
    _read_figures(document, values)
    if document.warehouse is not None and "warehouse" in values:
        access.require("document.ask", document.warehouse.scope_id)
        sight.require_value(document.kind, access, document.warehouse.scope_id)
    if document.warehouse_id and document.warehouse_id == document.target_warehouse_id:
        raise DocumentRefused(_("Choose another warehouse to go to."), code="target_warehouse")


def _read_figures(document: Document, values: Mapping[str, Any]) -> None:
    if "wanted_on" in values:
        document.wanted_on = read_date(values["wanted_on"])
    if "effective_at" in values:
        document.effective_at = _moment(values["effective_at"], document.company)
    if "rate" in values:
        document.rate = _rate(values["rate"])
    if "custom" in values:
        read = fields.read(document.type, fields.mapping(values["custom"]))
        document.custom = {**document.custom, **read}


def _text(name: str, value: Any) -> str:
    text = str(value or "").strip()
    longest = getattr(Document._meta.get_field(name), "max_length", None)
    if longest and len(text) > longest:
        raise DocumentRefused(
            _("“%(text)s…” is too long: at most %(longest)d characters.")
            % {"text": text[:20], "longest": longest},
            code="too_long",
        )
    return text


def _currency(value: Any, company: Company) -> str:
    """The code of a currency; the company's own for nothing typed."""
    code = str(value or "").strip().upper() or company.currency
    if not _CURRENCY.fullmatch(code):
        raise DocumentRefused(_("A currency is three letters, for example USD."), code="currency")
    return code


def _rate(value: Any) -> Decimal:
    rate = read_number(value, 6) or Decimal(1)
    if rate <= 0:
        raise DocumentRefused(_("An exchange rate is above zero."), code="rate")
    return rate


def _by_code(model: Any, code: Any, name: str) -> Any:
    if code in (None, ""):
        return None
    found = model.objects.filter(code=str(code), archived_at=None).first()
    if found is None or (model is Partner and found.pk == 0):
        raise DocumentRefused(
            _("%(field)s: there is no “%(code)s”.")
            % {"field": document_types.HEADER_FIELDS.get(name, name), "code": str(code)[:60]},
            code=f"unknown_{name}",
        )
    return found


def read_date(value: Any) -> date | None:
    """A date as a form or the API gives it (ISO); raises DocumentRefused."""
    if value in (None, ""):
        return None
    found = asked.day(value) if len(str(value)) == len("2026-03-12") else None
    if found is None:
        raise _no_date(value)
    return found


def _no_date(value: Any) -> DocumentRefused:
    return DocumentRefused(
        _("“%s” is not a date. Write it like 2026-03-12.") % str(value)[:20], code="date"
    )


def _moment(value: Any, company: Company) -> datetime | None:
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        return value
    zone = ZoneInfo(company.time_zone)
    found = asked.moment(value)
    if found is None:
        day = read_date(value)
        if day is None:
            return None
        found = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    return found if timezone.is_aware(found) else found.replace(tzinfo=zone)


def read_number(value: Any, places: int) -> Decimal | None:
    """An exact number, None for nothing typed; raises NumberError."""
    if value in (None, ""):
        return None
    return parse_decimal(
        value if isinstance(value, Decimal | int) else str(value), places=places, lenient=True
    )


def read_line(line: Line, values: Mapping[str, Any], document: Document, access: Access) -> None:
    """Read the named fields into the line; raises DocumentRefused with all that is wrong with it."""
    values = kept(values)
    unknown = sorted(set(values) - set(LINE))
    if unknown:
        raise DocumentRefused(_("Unknown fields: %s") % ", ".join(unknown), code="unknown_field")
    problems: list[DomainError] = []

    def attempt(field: str, reader: Any, *arguments: Any) -> None:
        try:
            reader(*arguments)
        except DomainError as error:
            error.data.setdefault("field", field)
            problems.append(error)

    attempt("item", _read_item, line, values)
    if line.item_id is not None:
        attempt("unit", _read_unit, line, values)
    if line.unit_id is not None:
        attempt("quantity", _read_quantity, line, values, document)
        attempt("lot", _read_lots, line, values)
    for name in ("source", "target"):
        attempt(name, _read_end, line, values, document, name)
    for name, places in (("price", 6), ("tax_rate", 6), ("value", VALUE_PLACES)):
        attempt(name, _read_money, line, values, name, places)
    attempt("value", _check_money, line, values, document)
    attempt("side", _read_side, line, values)
    attempt("reason", _read_rest, line, values)
    attempt("original", _read_original, line, values, document, access)
    if problems:
        raise DocumentRefused(
            str(problems[0]),
            code=problems[0].code,
            lines=[LineError(line.position, p.code, str(p), p.data) for p in problems],
        )


def _read_item(line: Line, values: Mapping[str, Any]) -> None:
    if "item" not in values:
        if line.item_id is None:
            raise DocumentRefused(_("Choose an item."), code="item_required")
        return
    code = str(values["item"] or "").strip()
    item = (
        Item.objects.select_related("base_unit").filter(code__iexact=code).first()
        or Item.objects.select_related("base_unit").filter(barcodes__code=code).first()
    )
    if item is None:
        raise DocumentRefused(
            _("There is no item “%s”. Type a code, or choose from the list.") % code[:60],
            code="unknown_item",
        )
    if line.item_id != item.pk:
        line.item, line.lot, line.lot_number = item, None, ""
        line.actual = line.rejected = line.rechecked = None
        if "unit" not in values:
            line.unit, line.numerator, line.denominator = item.base_unit, 1, 1


def _read_unit(line: Line, values: Mapping[str, Any]) -> None:
    if "unit" not in values:
        return
    code = str(values["unit"] or "").strip() or line.item.base_unit.code
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise DocumentRefused(_("There is no unit “%s”.") % code[:20], code="unknown_unit")
    ratio = units.ratio(line.item, unit)
    line.unit, line.numerator, line.denominator = unit, ratio.numerator, ratio.denominator


def _read_quantity(line: Line, values: Mapping[str, Any], document: Document) -> None:
    if "quantity" not in values:
        if line.requested is None:
            line.requested = Decimal(0)
        return
    quantity = read_number(values["quantity"], QUANTITY_PLACES) or Decimal(0)
    if quantity < 0:
        line.requested = line.requested or Decimal(0)
        raise DocumentRefused(_("A quantity cannot be below zero."), code="quantity")
    if quantity != line.requested:
        line.actual = line.rejected = line.rechecked = None
    line.requested = quantity
    line.confirmed = None
    units.check_decimals(quantity, line.unit)
    amounts.base(line, quantity)
    if document.kind.shape == "value":
        line.requested = Decimal(0)


def read_lot_number(value: Any) -> str:
    """The number of a lot as one line without what nobody sees or types; raises DocumentRefused."""
    number = one_line(str(value or ""), _LONGEST_LOT + 1)
    if len(number) > _LONGEST_LOT:
        raise DocumentRefused(_("This lot number is too long."), code="lot")
    return number


def _read_lots(line: Line, values: Mapping[str, Any]) -> None:
    for name in ("manufactured_on", "expires_on"):
        if name in values:
            setattr(line, name, read_date(values[name]))
    if "lot" in values:
        number = read_lot_number(values["lot"])
        line.lot_number = number
        line.lot = Lot.objects.filter(item=line.item, number=number).first() if number else None
        if line.item.tracking == Item.Tracking.NONE and number:
            line.lot_number, line.lot = "", None
            raise DocumentRefused(
                _("%(item)s is not tracked by lot.") % {"item": line.item.code},
                code="lot_not_tracked",
            )
    if "target_lot" in values:
        line.target_lot_number = read_lot_number(values["target_lot"])


def _read_end(line: Line, values: Mapping[str, Any], document: Document, name: str) -> None:
    if name not in values:
        return
    end = document.kind.source if name == "source" else document.kind.target
    code = str(values[name] or "").strip()
    if not code:
        setattr(line, name, None)
        return
    if not end.chosen:
        raise DocumentRefused(
            _("The place is given by the type of the document."), code="place_given"
        )
    warehouse = getattr(document, end.warehouse)
    place = Place.objects.filter(
        warehouse=warehouse, code=code, is_group=False, archived_at=None
    ).first()
    if place is None or warehouse is None:
        raise DocumentRefused(
            _("There is no place “%(place)s” in this warehouse.") % {"place": code[:60]},
            code="unknown_place",
        )
    if wrong := fitting.misfit(end, place):
        raise DocumentRefused(wrong, code="place_kind")
    setattr(line, name, place)


def _read_money(line: Line, values: Mapping[str, Any], name: str, places: int) -> None:
    if name not in values:
        return
    number = read_number(values[name], places)
    if number is not None and number < 0 and name != "value":
        raise DocumentRefused(_("A price cannot be below zero."), code="price")
    if number is not None and name == "tax_rate" and number >= 1000:
        raise DocumentRefused(_("A tax rate is a percentage."), code="tax_rate")
    setattr(line, name, number)


def _check_money(line: Line, values: Mapping[str, Any], document: Document) -> None:
    if "price_with_tax" in values:
        line.price_with_tax = values["price_with_tax"] in (True, "true", "1", "on")
    step = Decimal(1).scaleb(-document.company.currency_places)
    if line.value is not None and line.value % step:
        raise DocumentRefused(_("The value has more decimals than the currency."), code="value")


def _read_side(line: Line, values: Mapping[str, Any]) -> None:
    if "side" not in values:
        return
    side = str(values["side"] or "")
    if side not in {"", *Line.Side.values}:
        raise DocumentRefused(_("Say whether it goes in or comes out."), code="side")
    line.side = side


def _read_rest(line: Line, values: Mapping[str, Any]) -> None:
    if "reason" in values:
        line.reason = _by_code(Reason, values["reason"], "reason")
    if "note" in values:
        line.note = str(values["note"] or "").strip()[:300]
    if values.get("position"):
        position = asked.whole(values["position"])
        if position is None or position > MOST_LINES:
            raise DocumentRefused(_("That is no place in the document."), code="position")
        line.position = position
    if "custom" in values:
        line.custom = {**line.custom, **fields.mapping(values["custom"])}


def _read_original(
    line: Line, values: Mapping[str, Any], document: Document, access: Access
) -> None:
    if "original" not in values:
        return
    line.original = None
    if values["original"]:
        found = _originals(document, access).filter(pk=asked.whole(values["original"]) or 0)
        line.original = found.filter(item_id=line.item_id).first()
        if line.original is None:
            raise DocumentRefused(_("That movement does not fit this line."), code="original")


def _originals(document: Document, access: Access) -> QuerySet[Movement]:
    """Movements that lines of the type return or adjust, where the user sees the stock of one end."""
    kind = document.kind
    rows = Movement.objects.filter(posting__company=document.company)
    if not (kind.returns or kind.shape == "value"):
        return rows.none()
    if kind.made_from:
        rows = rows.filter(type__in=kind.made_from)
    scopes = access.scopes("stock.view")
    if scopes is None:
        return rows
    ends = Q(source__warehouse__scope__in=scopes) | Q(target__warehouse__scope__in=scopes)
    return rows.filter(ends)


def header_words(document: Document) -> dict[str, str]:
    """Header fields as the timeline keeps them: codes, ISO dates, plain digits; custom fields as ``custom:KEY``.

    What they are called in the language of whoever reads it is said by workflows.telling.
    """
    words: dict[str, str] = {}
    for name in HEADER:
        value = getattr(document, name)
        if name == "custom":
            words |= {f"custom:{key}": _kept(one) for key, one in value.items()}
        else:
            words[name] = _kept(value.code if name in _RELATED and value is not None else value)
    return words


def _kept(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):  # a moment is one, too
        return value.isoformat()
    return "" if value is None else str(value)


def line_words(line: Line) -> dict[str, str]:
    """Fields of a line as the timeline shows them."""
    words = {
        "item": line.item.code,
        "quantity": plain(line.requested),
        "unit": line.unit.code,
        "lot": line.lot_number,
        "source": line.source.code if line.source else "",
        "target": line.target.code if line.target else "",
        "note": line.note,
    }
    for name in ("price", "tax_rate", "value"):
        value = getattr(line, name)
        words[name] = "" if value is None else plain(value)
    return words
