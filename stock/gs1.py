"""Reads GS1 codes strictly: element strings, their printed form in brackets, and Digital Link addresses.

Pure: knows nothing of our items. A code is GS1 if it says so (symbology identifier, FNC1, brackets, address);
a bare string of digits is only if it begins with a GTIN whose check digit is right and reads to its end.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.utils.translation import gettext as _

from core.errors import DomainError

FNC1 = "\x1d"
"""What a scanner sends between elements of variable length (ASCII 29)."""
_MARKED = ("]C1", "]d2", "]Q3", "]e0", "]J1")
"""Symbology identifiers of codes that hold element strings."""
_SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_TEXT = re.compile(r"""^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$""")
_BRACKET = re.compile(r"\((\d{2,4})\)")
_ALIASES = {"gtin": "01", "lot": "10", "ser": "21", "cpv": "22"}
_LINK_KEYS = frozenset({"01"})


class BadCode(DomainError):
    """A code that says it is GS1 but is not right; the message says what is wrong with it."""

    code = "bad_code"
    status = 422


@dataclass(frozen=True, slots=True)
class Rule:
    """An element: ``least`` to ``most`` characters, digits only or text; ``fixed`` needs no FNC1 after it."""

    least: int
    most: int
    digits: bool = True
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """What a GS1 code says. ``quantity`` counts trade items; ``gtin`` has 14 digits; ``elements`` is all of it."""

    elements: tuple[tuple[str, str], ...]
    gtin: str = ""
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None
    made_on: date | None = None
    quantity: Decimal | None = None
    additional: str = ""
    """AI 240: the maker's own number."""
    customer_part: str = ""
    """AI 241: the number that the customer gave it."""


def _rules() -> dict[str, Rule]:
    whole = {"00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2}
    whole |= dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6)
    rules = {ai: Rule(size, size, fixed=True) for ai, size in whole.items()}
    rules |= {f"41{n}": Rule(13, 13, fixed=True) for n in range(8)}
    measures = [*range(310, 317), *range(320, 338), *range(340, 358), *range(360, 370)]
    rules |= {f"{ai}{n}": Rule(6, 6, fixed=True) for ai in measures for n in range(6)}
    sized = {"402": 17, "422": 3, "424": 3, "426": 3, "7001": 13, "7003": 10, "8001": 14}
    sized |= {"8005": 6, "8006": 18, "8017": 18, "8018": 18, "7006": 6}
    rules |= {ai: Rule(size, size) for ai, size in sized.items()}
    digits = {"30": 8, "37": 8, "242": 6, "7004": 4, "8011": 12}
    rules |= {ai: Rule(1, most) for ai, most in digits.items()}
    for ai, most in (("390", 15), ("391", 18), ("392", 15), ("393", 18)):
        rules |= {f"{ai}{n}": Rule(1, most) for n in range(10)}
    rules |= {"253": Rule(13, 30, digits=False), "255": Rule(13, 25)}
    texts = dict.fromkeys(("10", "21", "22", "235", "243", "254", "420", "710", "711", "712"), 20)
    texts |= dict.fromkeys(("713", "714", "715", "7020", "7021", "7022", "7023", "8012"), 30)
    texts |= dict.fromkeys(("240", "241", "250", "251", "400", "401", "403", "7002"), 30)
    texts |= dict.fromkeys(("8002", "8003", "8004", "8007", "8010", "90"), 30)
    texts |= {"421": 12, "423": 15, "425": 15, "8008": 12, "8013": 25, "8020": 25, "8110": 70}
    texts |= {"8200": 70} | {f"9{n}": 90 for n in range(1, 10)}
    return rules | {ai: Rule(1, most, digits=False) for ai, most in texts.items()}


RULES = _rules()
"""Every application identifier that is understood."""


def check_digit(digits: str) -> str:
    """The digit that makes ``digits`` a GTIN, SSCC or GLN when it is put behind them."""
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def is_gtin(text: str) -> bool:
    """Whether it is a GTIN of 8, 12, 13 or 14 digits with its right check digit."""
    right = len(text) in {8, 12, 13, 14} and text.isascii() and text.isdigit()
    return right and check_digit(text[:-1]) == text[-1]


def forms(gtin: str) -> list[str]:
    """The ways in which the same GTIN is printed and typed: with 14, 13, 12 and 8 digits as far as zeros allow."""
    bare = gtin.zfill(14)
    return [bare[14 - size :] for size in (14, 13, 12, 8) if not bare[: 14 - size].strip("0")]


def bare(text: str) -> str:
    """The text without its symbology identifier."""
    return text[3:] if _SYMBOLOGY.match(text) else text


def read(text: str, *, today: date | None = None) -> Code | None:
    """What the code says, None if it is not GS1. Raises BadCode if it says it is and is wrong."""
    text = text.replace("\u241d", FNC1).strip(" \r\n\t")
    today = today or date.today()  # noqa: DTZ011 - only the century is taken from it
    if (link := address(text)) is not None:
        elements = _of_link(link)
        return _code(elements, today) if elements else None
    if text.startswith(_MARKED) or text.startswith(FNC1):
        return _code(_of_string(bare(text).lstrip(FNC1)), today)
    if _SYMBOLOGY.match(text):
        return None
    if text.startswith("(") and _BRACKET.match(text):
        return _code(_of_brackets(text), today)
    if text[:2] in {"01", "02"} and len(text) > 15 and is_gtin(text[2:16]):
        try:
            return _code(_of_string(text), today)
        except BadCode:
            return None
    return None


def _of_string(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        ai = next(
            (text[place : place + n] for n in (2, 3, 4) if text[place : place + n] in RULES), ""
        )
        if not ai:
            raise BadCode(_("“%(text)s” is no element of GS1.") % {"text": text[place : place + 4]})
        place += len(ai)
        rule = RULES[ai]
        end = place + rule.most if rule.fixed else text.find(FNC1, place)
        end = len(text) if end < 0 else end
        found.append((ai, text[place:end]))
        place = end + 1 if text[end : end + 1] == FNC1 else end
    return found


def _of_brackets(text: str) -> list[tuple[str, str]]:
    parts = _BRACKET.split(text)
    return [
        (ai, value.rstrip(FNC1).strip()) for ai, value in zip(parts[1::2], parts[2::2], strict=True)
    ]


def address(text: str) -> SplitResult | None:
    """The parts of a web address; None if it is none."""
    if not text.lower().startswith(("http://", "https://")):
        return None
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _of_link(parts: SplitResult) -> list[tuple[str, str]]:
    """The elements of an address, none if it is no Digital Link."""
    steps = [unquote(step) for step in parts.path.split("/") if step]
    steps = [_ALIASES.get(step, step) for step in steps]
    start = next((n for n, step in enumerate(steps[:-1]) if step in _LINK_KEYS), None)
    if (
        start is None
        or not steps[start + 1].isdigit()
        or len(steps[start + 1]) not in {8, 12, 13, 14}
    ):
        return []
    pairs = list(zip(steps[start::2], steps[start + 1 :: 2], strict=False))
    pairs[0] = (pairs[0][0], pairs[0][1].zfill(14))
    query = parse_qsl(parts.query, keep_blank_values=False)
    return pairs + [
        (_ALIASES.get(ai, ai), value) for ai, value in query if _ALIASES.get(ai, ai) in RULES
    ]


def _code(elements: list[tuple[str, str]], today: date) -> Code:
    values: dict[str, str] = {}
    for ai, value in elements:
        _check(ai, value)
        if values.setdefault(ai, value) != value:
            raise BadCode(_("The code says (%(ai)s) twice, differently.") % {"ai": ai})
    if not values:
        raise BadCode(_("The code is empty."))
    count = values.get("30") or values.get("37")
    return Code(
        tuple(values.items()),
        gtin=values.get("01") or values.get("02") or "",
        lot=values.get("10", ""),
        serial=values.get("21", ""),
        expires_on=_day(values.get("17") or values.get("15"), today),
        made_on=_day(values.get("11"), today),
        quantity=Decimal(count) if count else None,
        additional=values.get("240", ""),
        customer_part=values.get("241", ""),
    )


def _check(ai: str, value: str) -> None:
    rule = RULES.get(ai)
    if rule is None:
        raise BadCode(_("“%(text)s” is no element of GS1.") % {"text": ai[:8]})
    if not rule.least <= len(value) <= rule.most:
        raise BadCode(
            _("(%(ai)s) has %(n)d characters: the code is not whole. Scan it again.")
            % {"ai": ai, "n": len(value)}
        )
    if not _TEXT.match(value) or (rule.digits and not (value.isascii() and value.isdigit())):
        raise BadCode(_("(%(ai)s) holds characters that it may not hold.") % {"ai": ai})
    if ai in {"00", "01", "02"} and check_digit(value[:-1]) != value[-1]:
        raise BadCode(
            _("The check digit of (%(ai)s) %(value)s is wrong: scan it again.")
            % {"ai": ai, "value": value}
        )


def _day(text: str | None, today: date) -> date | None:
    """YYMMDD: the year nearest to this one; day 00 is the last of the month."""
    if not text:
        return None
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += today.year // 100 * 100
    if year - today.year > 50:
        year -= 100
    elif year - today.year < -49:
        year += 100
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError as error:  # IllegalMonthError is one
        raise BadCode(_("%(text)s is no day (YYMMDD).") % {"text": text}) from error
