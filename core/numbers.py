"""Exact numbers: the only parser of typed numbers and the only place where one is rounded.

Quantities carry 6 decimals and values 4. Both are kept as scaled integers, because a numeric column
accepts NaN and SQLite keeps decimals as floats. Code outside the ledger's inner loop sees ``Decimal``.
"""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from core.errors import DomainError
from core.said import said as _

QUANTITY_PLACES = 6
VALUE_PLACES = 4
QUANTITY_SCALE = 10**QUANTITY_PLACES
VALUE_SCALE = 10**VALUE_PLACES
LIMIT = 2**63 - 1
"""Scaled integers are stored in 64 bits."""

_LONG = re.compile(r"-?[0-9]{14,}(\.[0-9]+)?")
_STRICT = re.compile(r"-?[0-9]{1,13}(\.[0-9]+)?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


class NumberError(DomainError):
    """The text is not a number that this place accepts."""

    code = "number"


def parse_decimal(text: str | int | Decimal, *, places: int, lenient: bool = False) -> Decimal:
    """Read a number exactly; raises NumberError.

    Accepts ASCII digits, an optional minus and at most ``places`` decimals. ``lenient`` is for people
    (forms and sheets): full-width digits, outer blanks and thousands commas are read as well.
    Exponents, underscores, NaN, infinity, other scripts' digits and floats are refused everywhere.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise NumberError(_("“%(text)s” is not a number.") % {"text": text})
    shown = format(text, "f") if isinstance(text, Decimal) else str(text)
    plain = shown
    if lenient:
        plain = unicodedata.normalize("NFKC", shown).strip().replace("−", "-")
        if _GROUPED.fullmatch(plain):
            plain = plain.replace(",", "")
    if _LONG.fullmatch(plain) and plain.lstrip("-0").partition(".")[0][13:]:
        raise NumberError(_("“%(text)s” is too large.") % {"text": shown[:40]})
    if not _STRICT.fullmatch(plain):
        raise NumberError(
            _("“%(text)s” is not a number. Use digits, for example 12 or 0.5.")
            % {"text": shown[:40]}
        )
    number = Decimal(plain)
    if number != number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):
        raise NumberError(
            _("“%(text)s” has too many decimals: at most %(places)d are kept.")
            % {"text": shown[:40], "places": places}
        )
    if abs(number) * 10**places > LIMIT:
        raise NumberError(_("“%(text)s” is too large.") % {"text": shown[:40]})
    return number


def to_scaled(number: Decimal | int, scale: int) -> int:
    """``number`` × ``scale`` as an integer; raises NumberError unless that is exact and fits 64 bits."""
    if isinstance(number, int):
        scaled = number * scale
    else:
        if not number.is_finite():
            raise NumberError(_("“%(text)s” is not a number.") % {"text": number})
        numerator, denominator = number.as_integer_ratio()
        scaled, rest = divmod(numerator * scale, denominator)
        if rest:
            raise NumberError(_("“%(text)s” has too many decimals.") % {"text": number})
    if abs(scaled) > LIMIT:
        raise NumberError(_("“%(text)s” is too large.") % {"text": number})
    return scaled


def from_scaled(scaled: int, places: int) -> Decimal:
    """The decimal that ``scaled`` stands for, written with exactly ``places`` decimals."""
    return Decimal(scaled).scaleb(-places)


def digits(scaled: int, places: int) -> str:
    """What ``scaled`` stands for in digits, without zeros that say nothing: 1500000 with 6 places is 1.5."""
    whole, part = divmod(abs(scaled), 10**places)
    text = f"{whole}.{part:0{places}d}".rstrip("0") if part else str(whole)
    return f"-{text}" if scaled < 0 else text


def divide_half_up(numerator: int, denominator: int) -> int:
    """``numerator ÷ denominator`` to the nearest integer, halves away from zero; exact for any size."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)
