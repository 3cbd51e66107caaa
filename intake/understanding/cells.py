"""Reads the cells of one column: raw text → value, with the rule that was used; equal cells are read once."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils.translation import gettext as _

from intake.reading.grid import Raw
from intake.understanding import dates, numbers
from intake.understanding.faults import Fault
from intake.understanding.fields import NUMBERS, Field, Kind
from intake.understanding.numerals import chinese_number
from intake.understanding.words import BIDI, CONTROL, bracketed, cleaned, folded, simplified

Known = Decimal | date | datetime | str | None
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{2}")
_COMMA = re.compile(
    r"(?<![0-9.,])(?:[0-9]{1,3}(?:[. '][0-9]{3})+(?:,[0-9]+)?|[0-9]+,[0-9]+)(?![0-9.,])", re.ASCII
)
"""A number with a decimal comma, or with points, blanks or ' between its thousands."""
_SURELY_COMMA = re.compile(
    r"(?<![0-9,])[0-9]*(?:[. '][0-9]{3})+,[0-9]+(?![0-9,])|(?<![0-9,])[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})(?![0-9,.])",
    re.ASCII,
)
_GROUPED = re.compile(r"[0-9],[0-9]{3}[,.][0-9]", re.ASCII)
"""Thousands between commas."""
_THIRD = re.compile(r"[^0-9.,]{0,6}[1-9][0-9]{0,2}\.[0-9]{3}[^0-9.,]{0,12}", re.ASCII)
"""12.000 may be 12 and twelve thousand."""
_DECIDED = re.compile(r"(?<![0-9.,])(?:0|[0-9]{4,})\.[0-9]{3}(?![0-9.,])", re.ASCII)
_POINT = re.compile(r"[0-9]\.([0-9]{1,2}|[0-9]{4,})(?![0-9,])|,[0-9]{3}\.", re.ASCII)
_AS_FLOAT = re.compile(r"([0-9]+)\.0+")
_DURATION = re.compile(
    r"([0-9]+(?:\.[05])?)\s*(个?月|年|天|日|周|个?星期|days?|d|months?|m|mo|years?|y|yrs?|weeks?|w)?",
    re.IGNORECASE,
)
_SPANS = {
    "月": "M",
    "年": "Y",
    "天": "D",
    "日": "D",
    "周": "W",
    "期": "W",
    "d": "D",
    "m": "M",
    "y": "Y",
    "w": "W",
}
_LENGTH = {Kind.CODE: 200, Kind.UNIT: 40}
_NO_TEXT = frozenset({"-", "--", "—", "——", "/", "\\", "#"})
_MILLION_MILLIONS = 10**15
_TOLD_APART = frozenset({str, float})


@dataclass(frozen=True, slots=True)
class Value:
    """One understood cell. ``rule`` is how raw became value; several are joined with +, "" is "as it stands"."""

    field: str
    raw: str
    value: Known
    rule: str = ""
    unit: str = ""
    """The unit that stood beside the number."""
    warning: str = ""
    """A code, where the value is right only if what the rule assumes is."""


@dataclass(slots=True)
class Column:
    """Reads one column. ``scale`` multiplies its numbers; ``days`` reads its dates."""

    field: Field
    name: str
    scale: int | Decimal = 1
    days: dates.Reader = dataclasses.field(default_factory=dates.Reader)
    span: str = ""
    """The unit of bare durations: Y, M, W or D."""
    comma: bool = False
    """Whether a comma is the decimal point of its texts, as a person said."""
    commas: list[str] = dataclasses.field(default_factory=list)
    """Texts of the column that can only have a decimal comma."""
    grouped: bool = False
    """Whether a text of the column has commas between its thousands."""
    points: bool = False
    """Whether other texts of the column have a decimal point: then a comma is none."""
    signs: bool = False
    """Whether the column says + where something comes in: then - is no blank."""
    thirds: bool = False
    """Whether texts of the column have a point before exactly three digits."""
    point: str = "point"
    """What such a point is: a decimal "point", a "group" of thousands, or "" where nobody can tell."""
    padded: int = 0
    """The width of codes whose zeros in front other cells of the column kept."""
    _memo: dict[object, Value | Fault] = dataclasses.field(default_factory=dict)

    def read(self, raw: Raw, width: int = 0) -> Value | Fault:
        """The value of a cell; ``width`` is how many digits it shows."""
        key = (raw, width) if type(raw) in _TOLD_APART else (type(raw), raw, width)
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = self._read(raw, width)
        return found

    def _read(self, raw: Raw, width: int) -> Value | Fault:
        kind = self.field.kind
        if isinstance(raw, str):
            if len(raw) > 2_000:
                return Fault(
                    "too_long",
                    _("The text is too long: at most %(limit)d characters.") % {"limit": 2_000},
                )
            if CONTROL.search(raw):
                return Fault(
                    "control", _("The cell holds control characters: nobody can see what is meant.")
                )
        if kind in NUMBERS:
            return self._number(raw)
        if kind is Kind.DATE:
            return self._day(raw)
        if kind is Kind.DURATION:
            return self._duration(raw)
        if kind is Kind.WHOLE:
            return self._whole(raw)
        if kind is Kind.CODE:
            return self._code(raw, width)
        return self._text(raw)

    def _number(self, raw: Raw) -> Value | Fault:
        kind = self.field.kind
        pack = (
            numbers.PER_PACK.fullmatch(folded(raw))
            if kind is Kind.FACTOR and type(raw) is str
            else None
        )
        if pack:
            found = self._number_of(pack[1], kind)
            return found if isinstance(found, Fault) else dataclasses.replace(found, raw=str(raw))
        if self.point != "point" and isinstance(raw, str) and _THIRD.fullmatch(folded(raw)):
            return self._third(raw, kind)
        if not (self.comma and isinstance(raw, str) and _COMMA.search(folded(raw))):
            return self._number_of(raw, kind)
        plain = _COMMA.sub(lambda m: re.sub("[. ']", "", m[0]).replace(",", "."), folded(raw))
        found = self._number_of(plain, kind)
        if isinstance(found, Fault):
            return found
        return dataclasses.replace(found, raw=raw, rule=f"comma+{found.rule}".rstrip("+"))

    def _third(self, raw: str, kind: Kind) -> Value | Fault:
        """A number whose point may separate thousands."""
        text = folded(raw)
        if not self.point:
            message = _("The point in “%(text)s” may separate thousands or decimals.")
            return Fault("thousand_point", message % {"text": text[:40]})
        found = self._number_of(text.replace(".", ""), kind)
        if isinstance(found, Fault):
            return found
        return dataclasses.replace(found, raw=raw, rule=f"group+{found.rule}".rstrip("+"))

    def _number_of(self, raw: Raw, kind: Kind) -> Value | Fault:
        found = numbers.read_percent(raw) if kind is Kind.PERCENT else numbers.read(raw, kind)
        if isinstance(found, Fault):
            return found
        value, rules = found.value, found.rules
        if value is not None and self.scale != 1:
            # Zero keeps no sign.
            value = value * self.scale + 0
            rules = [*rules, "M14"]
        return Value(self.name, shown(raw), value, _joined(rules), found.unit, found.warning)

    def _day(self, raw: Raw) -> Value | Fault:
        found = self.days.read(raw)
        if isinstance(found, Fault):
            return found
        return Value(self.name, shown(raw), found.value, _joined(found.rules), "", found.warning)

    def _whole(self, raw: Raw) -> Value | Fault:
        text = re.sub("[年月日号]$", "", folded(shown(raw)))
        number = (
            int(text)
            if text.isascii() and text.isdigit()
            else chinese_number(text)
            if text
            else None
        )
        if text and (number is None or number > 9999):
            return Fault("date", _("“%(text)s” is no part of a date.") % {"text": text[:40]})
        return Value(self.name, shown(raw), None if number is None else Decimal(number))

    def _duration(self, raw: Raw) -> Value | Fault:
        text = simplified(folded(shown(raw))).casefold()
        if not text or text in _NO_TEXT or text in {"无", "长期"}:
            return Value(self.name, shown(raw), None, "M16" if text else "")
        match = _DURATION.fullmatch(text)
        if match is None:
            return Fault(
                "duration",
                _("“%(text)s” is no time span. Write 12个月 or 365 days.") % {"text": text[:40]},
            )
        word = match[2] or ""
        span = (_SPANS.get(word[-1:]) or _SPANS.get(word[:1], "")) if word else self.span
        if not span:
            return Fault("duration_unit", _("“%(text)s”: days or months?") % {"text": text[:40]})
        rule = "duration" if word else "duration.header"
        return Value(self.name, shown(raw), f"P{match[1]}{span}", rule)

    def _text(self, raw: Raw) -> Value | Fault:
        if not isinstance(raw, str):
            rule = "M17" if isinstance(raw, float) else ""
            return Value(self.name, shown(raw), shown(raw), rule, "", self._became(raw))
        text = BIDI.sub("", cleaned(raw))
        if self.field.kind is Kind.UNIT or len(text) < 200:
            text = " ".join(text.split(" "))
        if text in _NO_TEXT and not (self.signs and text == "-"):
            return Value(self.name, raw, "", "M16")
        warning = "direction_marks" if BIDI.search(raw) else ""
        if self.field.kind is Kind.UNIT:
            text = folded(raw)
        rule = "" if text == raw else "M10"
        return Value(self.name, raw, text, rule, "", warning)

    def _became(self, raw: Raw) -> str:
        """What Excel made of a text that says what goods are: 1-2 becomes a day, and true a truth."""
        if not self.field.core or (isinstance(raw, float | int) and not isinstance(raw, bool)):
            return ""
        return "truth" if isinstance(raw, bool) else "became_date"

    def _code(self, raw: Raw, width: int) -> Value | Fault:
        if isinstance(raw, bool):
            return Value(self.name, shown(raw), shown(raw), "", "", "truth")
        if isinstance(raw, date | datetime | time):
            message = _("Excel made a date of this code: %(text)s. Type it as text.")
            return Fault("code_became_date", message % {"text": raw})
        if isinstance(raw, float | int):
            return self._code_of_number(raw, width)
        text = BIDI.sub("", cleaned(raw))
        if BIDI.search(raw):
            return Fault(
                "direction_marks", _("The code holds marks that turn the direction of writing.")
            )
        if text in _NO_TEXT or text == "无":
            return Value(self.name, raw, "", "M16")
        if text.startswith("#") and folded(text).casefold() in {
            "#n/a",
            "#ref!",
            "#div/0!",
            "#value!",
            "#name?",
            "#num!",
            "#null!",
        }:
            return Fault(
                "error_cell", _("The cell holds the error %(text)s.") % {"text": text[:20]}
            )
        if _SCIENTIFIC.fullmatch(text) and not text.isdigit():
            return _lost(text)
        if len(text) > _LENGTH[Kind.CODE]:
            return Fault(
                "too_long",
                _("The text is too long: at most %(limit)d characters.")
                % {"limit": _LENGTH[Kind.CODE]},
            )
        as_float = _AS_FLOAT.fullmatch(text)
        text = as_float[1] if as_float else text
        plain = folded(text)
        if as_float:
            return Value(self.name, raw, plain, "M17")
        rule = "" if plain == raw else "M11" if plain != text else "M10"
        return Value(self.name, raw, plain, rule)

    def _code_of_number(self, raw: float, width: int) -> Value | Fault:
        if not abs(raw) < _MILLION_MILLIONS:
            return _lost(shown(raw))
        if raw != int(raw):
            text = format(raw, ".15g")
            return Value(self.name, text, text, "M17", "", "number_as_code")
        text = str(int(raw))
        if len(text) >= 11 and text.endswith("00000"):
            return _lost(text)
        if width > len(text):
            return Value(self.name, text, text.zfill(width), "M17")
        warning = "zeros_lost" if self.padded > len(text) else ""
        return Value(self.name, text, text, "M17", "", warning)

    def learn(self, cells: Sequence[Raw]) -> None:
        """Look at the column before its cells are read."""
        if self.field.kind is Kind.DATE:
            self.days.learn(cells)
        elif self.field.kind in NUMBERS:
            texts = [folded(c) for c in cells if isinstance(c, str) and "," in c]
            self.commas = [text for text in texts if _SURELY_COMMA.search(text)]
            self.grouped = any(_GROUPED.search(text) for text in texts)
            texts = [folded(c) for c in cells if isinstance(c, str) and "." in c]
            self.thirds = any(_THIRD.fullmatch(text) for text in texts)
            self.points = any(_POINT.search(text) or _DECIDED.search(text) for text in texts)
        elif self.field.kind is Kind.CODE:
            self.padded = _common_width(cells)
        elif self.name == "type":
            self.signs = "+" in cells
        elif self.field.kind is Kind.DURATION and not self.span:
            self.span = _span_of(self.name)


def span_of_header(header: str) -> str:
    """Y, M, W or D if the header says in what its durations are counted."""
    for text in [*bracketed(header), header]:
        plain = simplified(folded(text)).casefold()
        for words, span in (
            (("天", "日", "day"), "D"),
            (("月", "month"), "M"),
            (("年", "year"), "Y"),
            (("周", "week"), "W"),
        ):
            if any(word in plain for word in words):
                return span
    return ""


def _span_of(name: str) -> str:
    return "D" if name == "lead_time" else ""


def _common_width(cells: Iterable[Raw]) -> int:
    """The width of the codes of digits that begin with a zero, if they agree and numbers stand beside them."""
    widths: Counter[int] = Counter()
    has_numbers = False
    for cell in cells:
        if isinstance(cell, str):
            text = cleaned(cell)
            if text.isascii() and text.isdigit():
                widths[len(text)] += text.startswith("0")
        elif isinstance(cell, float | int):
            has_numbers = True
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    return width if has_numbers and count else 0


def _lost(text: str) -> Fault:
    message = _(
        "Excel shortened the code %(text)s; its digits are lost. Take it from the source as text."
    )
    return Fault("code_lost_digits", message % {"text": text[:40]})


def _joined(rules: list[str]) -> str:
    return "+".join(dict.fromkeys(rules))


def shown(raw: Raw) -> str:
    """A raw cell as text: numbers with the digits that Excel keeps, moments in ISO."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        whole = abs(raw) < _MILLION_MILLIONS and raw == int(raw)
        return str(int(raw)) if whole else format(raw, ".15g")
    if isinstance(raw, datetime):
        return raw.isoformat(sep=" ")
    return raw.isoformat() if isinstance(raw, date | time) else str(raw)
