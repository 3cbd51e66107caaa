"""The arithmetic of lines: exact base quantities and values without tax; pure, rounded once per line."""

from decimal import Decimal
from fractions import Fraction

from core.errors import DomainError
from core.fields import plain
from core.numbers import QUANTITY_PLACES, QUANTITY_SCALE, divide_half_up, from_scaled
from core.said import said as _
from workflows.models import Document, Line


class AmountError(DomainError):
    """The quantity has no exact value in the base unit."""

    code = "unit"


def base(line: Line, quantity: Decimal) -> Decimal:
    """``quantity`` (of 6 decimals at most) of the line's unit in base units; raises AmountError unless that is exact."""
    if line.numerator == line.denominator:
        return quantity
    numerator, denominator = quantity.as_integer_ratio()
    scaled, odd = divmod(
        numerator * line.numerator * QUANTITY_SCALE, denominator * line.denominator
    )
    if odd:
        raise AmountError(
            _("%(quantity)s %(unit)s is not an exact number of base units.")
            % {"quantity": plain(quantity), "unit": line.unit.code}
        )
    return from_scaled(scaled, QUANTITY_PLACES)


def planned(line: Line) -> Decimal:
    """What may be carried out, in the line's unit: confirmed, else requested."""
    return line.requested if line.confirmed is None else line.confirmed


def done(line: Line) -> Decimal:
    """What is (to be) moved, in the line's unit: actual, else what was planned."""
    return planned(line) if line.actual is None else line.actual


def rejected(line: Line) -> Decimal:
    """The part of what came that was not accepted, in the line's unit."""
    return line.rejected or Decimal(0)


def net_price(line: Line, rate: Decimal) -> Fraction | None:
    """Per unit, without recoverable tax, in the company's currency; None without a price."""
    if line.price is None:
        return None
    price = Fraction(line.price) * Fraction(rate)
    if line.price_with_tax and line.tax_rate:
        price /= 1 + Fraction(line.tax_rate) / 100
    return price


def net_value(line: Line, quantity: Decimal, rate: Decimal, places: int) -> Decimal | None:
    """What ``quantity`` of the line is worth without tax, rounded once to the currency; None without a price."""
    price = net_price(line, rate)
    if price is None:
        return None
    return _rounded(price * Fraction(quantity), places)


def tax(line: Line, quantity: Decimal, rate: Decimal, places: int) -> Decimal:
    """The tax on ``quantity`` of the line, in the company's currency."""
    price = net_price(line, rate)
    if price is None or not line.tax_rate:
        return Decimal(0)
    return _rounded(price * Fraction(quantity) * Fraction(line.tax_rate) / 100, places)


def _rounded(number: Fraction, places: int) -> Decimal:
    scaled = number * 10**places
    return Decimal(divide_half_up(scaled.numerator, scaled.denominator)).scaleb(-places)


def difference_percent(document: Document, lines: list[Line]) -> Decimal:
    """The largest difference of actual to planned quantity among the lines, in percent of the plan."""
    worst = Fraction(0)
    for line in lines:
        if line.actual is None:
            continue
        plan = planned(line)
        gap = abs(Fraction(line.actual) - Fraction(plan))
        worst = max(worst, gap / Fraction(plan) * 100 if plan else Fraction(100 if gap else 0))
    return Decimal(worst.numerator) / Decimal(worst.denominator) if worst else Decimal(0)
