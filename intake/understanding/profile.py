"""Looks at the cells of a column: what they could be, whatever the header says."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from intake.reading.grid import Raw
from intake.understanding import numbers
from intake.understanding.cells import shown
from intake.understanding.dictionary import movement_words, units
from intake.understanding.fields import Field, Kind
from intake.understanding.numbers import Number
from intake.understanding.traditional import simplified
from intake.understanding.words import folded, full_key, is_chinese

LOOKED_AT = 200
_FLAGS = frozenset({"0", "1", "是", "否", "有", "无", "y", "n", "yes", "no", "true", "false"})
_NEARLY = frozenset({"compound", "number_in_words", "scientific", "decimal_comma"})
_STAND_INS = frozenset({"若干", "少量", "适量", "待定", "未盘"})
SAMPLES = 3
_DATE_LIKE = re.compile(
    r"\d{1,4}\s*[-/.年。]\s*\d{1,2}\s*[-/.月。].*|\d{1,2}[/.-]\d{1,2}|(19|20)\d{2}[-/.年]\d{1,2}月?|(19|20)\d{6}|"
    r"[〇○零一二三四五六七八九\d]{2,4}年.*月.*|\d{1,2}月\d{1,2}[日号]?.*|"
    r".*(星期|周)[一二三四五六日].*|\d{1,2}[- ][a-z]{3}[- ,]*\d{2,4}|[a-z]{3,9} \d{1,2},? \d{4}",
    re.IGNORECASE,
)
_DURATION = re.compile(r"\d+\s*(个月|个?月|年|天|days?|months?|years?|m|d|y)", re.IGNORECASE)
_MOVES = re.compile(
    ".{0,4}(送货|退货|发货|收货|到货|进货|出货|补货|换货|借出|借用|归还|退库|退料|领用|领料|入库|出库|调拨|盘盈|盘亏|报损|报废|returns?|receipts?|issues?|deliver(y|ies))",
    re.IGNORECASE,
)
"""What may be a type of movement, whether we know it or not."""
_DAY_NUMBER = re.compile(r"([1-9]|[12][0-9]|3[01])[日号]?", re.ASCII)
TAGGED = re.compile(r"\[([^\[\]]{1,60})\]\s*(\S.*)")
"""A code in brackets and a name: [A-1] Bolt."""
_CODE = re.compile(r"(?=.*\d)[\w.#/+-]{2,40}", re.ASCII)


@dataclass(slots=True)
class Profile:
    """Shares, from 0 to 1, of the cells that hold something; ``samples`` are the first different ones."""

    filled: int = 0
    rows: int = 0
    number: float = 0
    pure_number: float = 0
    day: float = 0
    unit: float = 0
    movement: float = 0
    duration: float = 0
    code: float = 0
    barcode: float = 0
    chinese: float = 0
    flag: float = 0
    """Cells that only say yes or no."""
    packed: float = 0
    """Cells that say how much is in a pack: 24瓶/箱."""
    tagged: float = 0
    """Cells that begin with a code in brackets."""
    small: float = 0
    """Cells that may be the day of a month."""
    unique: float = 0
    length: float = 0
    samples: list[str] = field(default_factory=list)

    def fit(self, wanted: Field) -> float:
        """How well the cells fit a field, from 0 to 1; an empty column fits all."""
        if not self.filled:
            return 0.9
        fits = {
            Kind.DATE: self.day,
            Kind.DURATION: max(self.duration, self.pure_number),
            Kind.QUANTITY: self.number,
            Kind.PRICE: self.number,
            Kind.AMOUNT: self.number,
            Kind.PERCENT: self.number,
            Kind.FACTOR: max(self.number, self.packed),
            Kind.WHOLE: self.number,
        }
        if wanted.kind is Kind.DATE and self.small >= 0.9:
            return 0.8
        if wanted.kind in fits:
            share = fits[wanted.kind]
            return 1.0 if share >= 0.5 else 0.75 if share >= 0.25 else 0.2
        if wanted.kind is Kind.UNIT:
            return (
                1.0 if self.unit >= 0.5 else 0.8 if self.length <= 6 and self.number < 0.3 else 0.2
            )
        if wanted.kind is Kind.CODE:
            # A code in words is unusual, days are none; a column of Chinese sentences is no code at all.
            if wanted.code in {"lot", "serial"} and self.flag > 0.95:
                return 0.2
            return 0.3 if self.day > 0.8 and self.code < 0.2 else 0.5 if self.length > 40 else 1.0
        if wanted.code in {"name", "warehouse", "supplier", "customer"} and self.day > 0.8:
            return 0.2
        return 1.0


def look(cells: Sequence[Raw]) -> Profile:
    """The profile of a column's first cells."""
    found = Profile(rows=len(cells))
    texts: list[str] = []
    counts: Counter[str] = Counter()
    for raw in cells:
        text = folded(shown(raw))
        if not text:
            continue
        texts.append(text)
        for name in _says(raw, text):
            counts[name] += 1
    found.filled = len(texts)
    if not texts:
        return found
    for name, count in counts.items():
        setattr(found, name, count / len(texts))
    found.unique = len(set(texts)) / len(texts)
    found.length = sum(len(text) for text in texts) / len(texts)
    found.samples = [text[:60] for text in dict.fromkeys(texts)][:SAMPLES]
    return found


def _says(raw: Raw, text: str) -> list[str]:
    is_moment = isinstance(raw, date | datetime)
    tests = {
        "day": is_moment
        or _is_serial(raw)
        or bool(isinstance(raw, str) and _DATE_LIKE.fullmatch(text)),
        "unit": simplified(text).casefold() in units(),
        "movement": full_key(text) in movement_words()
        or text in movement_words()
        or bool(_MOVES.fullmatch(simplified(text))),
        "duration": bool(_DURATION.fullmatch(text)),
        "code": bool(_CODE.fullmatch(text)),
        "barcode": is_barcode(text),
        "chinese": is_chinese(text),
        "small": bool(_DAY_NUMBER.fullmatch(text)),
        "packed": "/" in text and bool(numbers.PER_PACK.fullmatch(text)),
        "tagged": text[0] == "[" and bool(TAGGED.fullmatch(text)),
        "flag": text.casefold() in _FLAGS,
    }
    says = [name for name, holds in tests.items() if holds]
    return says if is_moment or isinstance(raw, bool) else says + _number(raw, text)


def _number(raw: Raw, text: str) -> list[str]:
    """What a cell says about numbers; words such as 若干 stand in for one."""
    found = numbers.read(text.removesuffix("%") if isinstance(raw, str) else raw, Kind.PRICE)
    if isinstance(found, Number):
        return (
            ["number", "pure_number"] if found.value is not None and not found.unit else ["number"]
        )
    looks = found.code in _NEARLY and text[:1].isdigit()
    return ["number"] if looks or text in _STAND_INS or text.startswith("#") else []


def _is_serial(raw: Raw) -> bool:
    """Whether a number may be one of Excel's days of the last decades."""
    return isinstance(raw, float) and 32_000 <= raw <= 55_000


def is_barcode(text: str) -> bool:
    """Whether the check digit of an EAN or UPC is right."""
    if len(text) not in {8, 12, 13, 14} or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(letter) for letter in reversed(text)]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0
