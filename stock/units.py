"""Exact conversion between units at every door; what would not be exact is refused, never rounded."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, QUANTITY_SCALE, from_scaled
from stock.models import Item, ItemUnit, Unit


class UnitError(DomainError):
    """The quantity cannot be had in the other unit."""

    code = "unit"


def ratio(item: Item, unit: Unit) -> Fraction:
    """How many base units of the item one ``unit`` is; raises UnitError if they are not related."""
    if unit.pk == item.base_unit_id:
        return Fraction(1)
    own = ItemUnit.objects.filter(item=item, unit=unit).first()
    if own:
        return Fraction(own.numerator, own.denominator)
    base = item.base_unit
    if (unit.reference_id or unit.pk) == (base.reference_id or base.pk):
        return Fraction(unit.numerator, unit.denominator) / Fraction(
            base.numerator, base.denominator
        )
    raise UnitError(
        _("%(item)s is not kept in %(unit)s. Use %(base)s, or add the unit to the item.")
        % {"item": item.code, "unit": unit.code, "base": base.code}
    )


def to_base(item: Item, quantity: Decimal, unit: Unit) -> Decimal:
    """``quantity`` of ``unit`` in base units; raises UnitError if that has more than 6 decimals."""
    check_decimals(quantity, unit)
    scaled = Fraction(quantity) * ratio(item, unit) * QUANTITY_SCALE
    if scaled.denominator != 1:
        raise UnitError(
            _("%(quantity)s %(unit)s of %(item)s is not an exact number of %(base)s.")
            % {
                "quantity": plain(quantity),
                "unit": unit.code,
                "item": item.code,
                "base": item.base_unit.code,
            }
        )
    return from_scaled(int(scaled), QUANTITY_PLACES)


def from_base(item: Item, quantity: Decimal, unit: Unit) -> Decimal | None:
    """A base quantity in ``unit``; None if it cannot be written exactly with 6 decimals."""
    scaled = Fraction(quantity) / ratio(item, unit) * QUANTITY_SCALE
    return from_scaled(int(scaled), QUANTITY_PLACES) if scaled.denominator == 1 else None


def packs(items: Iterable[int]) -> dict[int, Fraction]:
    """Item → how many base units its largest pack holds, of items that have one; one statement."""
    found: dict[int, Fraction] = {}
    rows = ItemUnit.objects.filter(item__in=list(items))
    for item, *parts in rows.values_list("item_id", "numerator", "denominator"):
        found[item] = max(found.get(item, Fraction(1)), Fraction(*parts))
    return {item: pack for item, pack in found.items() if pack > 1}


def packed(pack: Fraction | None, unit: Fraction) -> Decimal:
    """How many of a unit (so many base units each) a pack holds; 0 without a pack, or where that is not exact."""
    scaled = (pack or 0) / unit * QUANTITY_SCALE
    exact = Fraction(scaled).denominator == 1 and scaled > QUANTITY_SCALE
    return from_scaled(int(scaled), QUANTITY_PLACES) if exact else Decimal(0)


def check_decimals(quantity: Decimal, unit: Unit) -> None:
    """Raise UnitError if the quantity has more decimals than its unit allows."""
    if quantity != round(quantity, unit.decimals):
        raise UnitError(
            _("%(quantity)s has too many decimals: %(unit)s has %(decimals)d.")
            % {"quantity": plain(quantity), "unit": unit.code, "decimals": unit.decimals}
        )
