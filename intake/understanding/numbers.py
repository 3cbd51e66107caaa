"""Reads what people write for numbers, exactly; what could mean two numbers is refused with a proposal."""

import math
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from core.numbers import LIMIT, QUANTITY_PLACES, VALUE_PLACES
from intake.reading.grid import Raw
from intake.understanding.dictionary import units
from intake.understanding.faults import Fault
from intake.understanding.fields import Kind
from intake.understanding.numerals import NUMERAL, chinese_number, is_vague
from intake.understanding.words import BIDI, OVERRIDE, cleaned, folded

PRICE_PLACES = 10
_PLACES = {Kind.QUANTITY: QUANTITY_PLACES, Kind.AMOUNT: VALUE_PLACES}
_NOTHING = frozenset(
    {
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "/",
        "\\",
        "无",
        "没有",
        "空",
        "nil",
        "none",
        "n/a",
        "na",
        "null",
        "*",
        ".",
    }
)
_UNCERTAIN = frozenset(
    {
        "待定",
        "未知",
        "若干",
        "少量",
        "适量",
        "大量",
        "许多",
        "多",
        "不详",
        "?",
        "tbd",
        "tba",
        "some",
        "few",
        "unknown",
        "待盘",
        "未盘",
        "暂无",
    }
)
_SCALES = {
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
    "k": 1_000,
}
_NUMBER = r"(?:[0-9]{1,3}(?:[,'’][0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_PATTERN = re.compile(
    r"(?P<about>约|大约|近|≈|~|approx\.?|ca\.?|about)?\s*"
    r"(?P<open>\()?\s*(?P<sign>[-+−△▲负])?\s*(?P<money>¥|￥|(?:us|hk|nt|au|sg|s|c)?\$|€|£|rmb|cny|usd|eur|hkd|人民币)?\s*(?P<sign2>-)?"
    rf"(?P<number>{_NUMBER})\s*(?P<scale>百万|千万|[百千万亿]|k(?![a-z]))?\s*"
    r"(?P<unit>[^\d\s()+*/=,;:%._-][^\d()+*/=,;:%_-]{0,11})?\s*(?P<after>-)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?e[+-]?[0-9]+", re.IGNORECASE)
_ONE_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_COMMA = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")
_MONEY_WORDS = frozenset({"元", "圆", "块", "rmb", "cny", "usd", "元整", "元/个"})
_NO_UNITS = frozenset(
    {"e", "o", "i", "|", "以上", "以下", "多", "余", "来", "几", "角", "分", "毛", "厘"}
)
"""What stands behind a number and is no unit: letters that look like digits, parts of a currency, vague words."""
_HOME = frozenset({"¥", "￥", "rmb", "cny", "人民币"})
_ABOUT_WORDS = frozenset({"左右", "上下"})
_ABOUT_MARKS = ("余", "多", "来")
"""What stands between a number and its unit where it is a guess: 20余把."""
PER_PACK = re.compile(
    r"(?:1\s*[^\W\d]{0,4}\s*[=*x×:]\s*)?([0-9]+(?:\.[0-9]+)?)\s*[^\W\d]{0,6}(?:\s*/\s*[^\W\d]{1,6})?",
    re.IGNORECASE,
)
"""How much is in a pack: 24, 24瓶/箱, 1*24, 1箱=24瓶."""
_BLANKS = re.compile(r"-?[0-9]{1,3}(?: [0-9]{3})+(?:\.[0-9]+)?")


@dataclass(slots=True)
class Number:
    """What a cell says: the number, None for a cell that says "nothing", with unit and rules."""

    value: Decimal | None
    rules: list[str] = field(default_factory=list)
    unit: str = ""
    warning: str = ""
    money: bool = False
    """Whether a currency stood beside it."""


def read(raw: Raw, kind: Kind) -> Number | Fault:
    """A number of this kind, or why it is none."""
    if isinstance(raw, bool):
        return Fault("not_a_number", _("“%(text)s” is not a number.") % {"text": raw})
    if isinstance(raw, date | time):
        message = _("Excel shows a date here, %(text)s, where a number belongs.")
        return Fault("date_for_number", message % {"text": raw})
    if isinstance(raw, float | int):
        return _fitted(_from_float(raw), kind)
    found = _from_text(raw)
    return found if isinstance(found, Fault) else _fitted(found, kind)


def _from_float(raw: float) -> Number | Fault:
    if isinstance(raw, float) and not math.isfinite(raw):
        return Fault("not_a_number", _("The cell holds no finite number."))
    # Excel keeps 15 digits that count; more are the noise of binary fractions.
    return Number(Decimal(format(raw, ".15g")) if isinstance(raw, float) else Decimal(raw))


def _from_text(raw: str) -> Number | Fault:
    text = folded(raw)
    rules = []
    if OVERRIDE in raw:
        message = _(
            "The cell holds marks that turn the direction of writing: the number may read the other way round."
        )
        return Fault("direction_marks", message)
    if text != raw:
        rules.append(
            "M11"
            if unicodedata.normalize("NFKC", BIDI.sub("", cleaned(raw))) != cleaned(raw)
            else "M10"
        )
    plain = re.sub(r"(?<=\d)[\u00a0\u202f](?=\d{3})", ",", cleaned(raw))
    if plain != cleaned(raw):
        text = folded(plain)
    low = text.casefold()
    if not low:
        return Number(None, rules)
    if low in _NOTHING:
        return Number(None, [*rules, "M16"])
    if low.startswith("#"):
        return Fault("error_cell", _("The cell holds the error %(text)s.") % {"text": text[:20]})
    match = _PATTERN.fullmatch(text)
    if match is None or low in _UNCERTAIN:
        return _in_words(text, rules) or _refused(text)
    return _matched(text, match, rules)


def _matched(text: str, match: re.Match[str], rules: list[str]) -> Number | Fault:
    facts = match.groupdict()
    if bool(facts["open"]) != bool(facts["close"]):
        return _refused(text)
    unit, suffix_about = _unit(facts["unit"] or "")
    if unit.casefold() in _NO_UNITS or unit.endswith(("?", "半", "红", "红字")):
        return _refused(text)
    number = facts["number"]
    value = Decimal(re.sub(r"[,'’]", "", number))
    if re.search(r"[,'’]", number):
        rules.append("M12")
    money = (facts["money"] or unit).casefold()
    if facts["money"] or unit.casefold() in _MONEY_WORDS:
        rules.append("M12")
        unit = "" if unit.casefold() in _MONEY_WORDS else unit
    signs = [
        facts["sign"] not in {None, "+"},
        bool(facts["open"]),
        bool(facts["after"]),
        bool(facts["sign2"]),
    ]
    if sum(signs) > 1:
        return _refused(text)
    if any(signs):
        value = -value
        if facts["sign"] != "-":
            rules.append("M15")
    if facts["scale"]:
        value *= _SCALES[facts["scale"].casefold()]
        rules.append("M14")
    if unit:
        rules.append("M13")
    about = bool(facts["about"]) or suffix_about
    return Number(
        value,
        [*rules, "M13"] if about and not unit else rules,
        unit,
        "approximate" if about else "currency" if facts["money"] and money not in _HOME else "",
        bool(facts["money"]) or money in _MONEY_WORDS,
    )


def _unit(text: str) -> tuple[str, bool]:
    text = text.strip()
    for word in _ABOUT_WORDS:
        if text.endswith(word):
            return text.removesuffix(word).strip(), True
    if len(text) > 1 and text.startswith(_ABOUT_MARKS):
        return text[1:], True
    return text, False


def _refused(text: str) -> Fault:
    """Why a text is no number, with a proposal where there is one."""
    shown = {"text": text[:40]}
    if _SCIENTIFIC.fullmatch(text):
        return Fault(
            "scientific", _("“%(text)s” lost digits: Excel wrote a long number short.") % shown
        )
    if _COMMA.fullmatch(text):
        return Fault(
            "decimal_comma",
            _("In “%(text)s” the comma may be a decimal point. Write 1234.5.") % shown,
        )
    sums = re.fullmatch(r"([1-9][0-9]*(?:\.[0-9]+)?)\s*([+*x×])\s*([0-9]+(?:\.[0-9]+)?)", text)
    if sums:
        one, two = Decimal(sums[1]), Decimal(sums[3])
        result = one + two if sums[2] == "+" else one * two
        message = _("“%(text)s” is a calculation; is %(result)s meant?")
        return Fault("compound", message % {**shown, "result": result}, str(result))
    if _BLANKS.fullmatch(text):
        plain = text.replace(" ", "")
        message = _("“%(text)s” holds a blank: is %(result)s meant?")
        return Fault("compound", message % {**shown, "result": plain}, plain)
    if len(_ONE_NUMBER.findall(text)) > 1:
        return Fault("compound", _("“%(text)s” holds two numbers; write one, in one unit.") % shown)
    return Fault("not_a_number", _("“%(text)s” is not a number.") % shown)


def _in_words(text: str, rules: list[str]) -> Number | Fault | None:
    """Chinese numerals; with a unit behind them they are a proposal only."""
    plain = re.sub("[元圆][整正]?$", "", text)
    if is_vague(plain):
        return None
    if NUMERAL.fullmatch(plain):
        value = chinese_number(plain)
        return None if value is None else Number(Decimal(value), [*rules, "M16"])
    match = re.match(NUMERAL, text)
    if match and text[match.end() :].casefold() in units():
        value = chinese_number(match[0])
        message = _("“%(text)s” is written in words; is %(result)s meant?")
        return Fault(
            "number_in_words",
            message % {"text": text, "result": f"{value} {text[match.end() :]}"},
            str(value),
        )
    return None


def _fitted(number: Number | Fault, kind: Kind) -> Number | Fault:
    """The number in the decimals that its kind keeps; percents as points."""
    if isinstance(number, Fault) or number.value is None:
        return number
    if number.money and kind is Kind.QUANTITY:
        return Fault("money", _("A sum of money stands where a quantity belongs."))
    value = number.value
    places = _PLACES.get(kind, PRICE_PLACES)
    if abs(value) >= Decimal(LIMIT).scaleb(-min(places, QUANTITY_PLACES)):
        return Fault("too_large", _("“%(text)s” is too large.") % {"text": format(value, ".6g")})
    if kind is Kind.PERCENT:
        return _percent(number)
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if rounded != value:
        number.value = rounded
        number.rules.append("rounded")
        if kind is Kind.QUANTITY:
            number.warning = "rounded"
    return number


def _percent(number: Number) -> Number:
    value = number.value or Decimal(0)
    if 0 < abs(value) < 1:
        number.value = value * 100
        number.rules.append("percent")
    return number


def read_percent(raw: Raw) -> Number | Fault:
    """A share in points: 13, 13% and 0.13 are all 13."""
    if isinstance(raw, str) and folded(raw).endswith("%"):
        found = read(folded(raw)[:-1], Kind.FACTOR)
        if isinstance(found, Number):
            found.rules.append("percent")
        return found
    return read(raw, Kind.PERCENT)
