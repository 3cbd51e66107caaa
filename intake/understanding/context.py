"""Reads what stands around a table: title lines, sheet and file names, captions above parts of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from intake.understanding import dates, money
from intake.understanding.dictionary import Dictionary
from intake.understanding.fields import FIELDS, Kind
from intake.understanding.numerals import chinese_number
from intake.understanding.words import folded, full_key, header_key, simplified

_PAIR = re.compile(
    r"([^\s:：;；,，]{1,16})\s*[:：]\s*([^:：]*?)(?=\s+[^\s:：]{1,16}\s*[:：]|\s*[;；]|$)"
)
_YEAR_MONTH = re.compile(r"(20[0-9]{2})\s*[年\-./]\s*([0-9]{1,2})\s*月?(?![0-9])", re.ASCII)
_WHOLE_DAY = re.compile(
    r"(?<![0-9.])(?:19|20)[0-9]{2}(?:年[0-9]{1,2}月[0-9]{1,2}日|([-/.])[0-9]{1,2}\1[0-9]{1,2})(?![0-9])"
)
_OF_THE_SHEET = re.compile(
    r"[:：]|打印|制表|製表|导出|生成|截至|截止|起|print|export|generated|as of|until|from",
    re.IGNORECASE,
)
"""A day behind a label, or of the paper, is not the day of the rows."""
_TWO_YEARS = re.compile(
    r"(?<![0-9])(20[0-9]{2})[^0-9][0-9年月日.\-/ ]{0,12}(?:至|到|~|—|--|-)\s*(20[0-9]{2})(?![0-9])",
    re.ASCII,
)
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})\s*(?:年|年度|$|[^0-9])", re.ASCII)
_IN_WORDS = re.compile("二[〇○零][〇○零一二三四五六七八九]{2}(?=年)")
_MONTH = re.compile(r"(?<![0-9])(1[0-2]|0?[1-9])\s*月", re.ASCII)
_IN = re.compile(
    r"入库|进货|采购|收货|进仓|入仓|到货|购进|验收|收料|receipt|received|receiving|inbound|purchase|stock.?in\b|goods.?in",
    re.IGNORECASE,
)
_OUT = re.compile(
    r"出库|销售|领料|领用|发货|出货|出仓|发料|零售|issue|outbound|sales?\b|shipment|dispatch|stock.?out\b|goods.?out|consumption",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"订单(?!号)|订货|请购|purchase orders?|sales orders?|open orders|order list", re.IGNORECASE
)
_BOMS = re.compile(
    r"\bboms?\b|物料清单|用料(清单|表|明细)|配料(单|表)|配方(单|表)|bills? of materials?",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"(全部|所有)\w{0,4}|各(仓库?|库房|门店|部门)|不限|汇总|\*|all( (warehouses|locations|stores|sites|branches|items|products|suppliers|customers|categories))?",
    re.IGNORECASE,
)
"""What a filter says that was set to nothing: 全部仓库 is no warehouse."""
_BOTH = re.compile(
    r"出入库|进销存|进出|收发|调拨|盘点|transfer|stocktake|in.?(and|&).?out", re.IGNORECASE
)
_CARRIED = frozenset(
    {
        "warehouse",
        "warehouse_from",
        "warehouse_to",
        "place",
        "supplier",
        "customer",
        "department",
        "date",
        "source",
        "name",
        "item",
        "spec",
        "model",
        "unit",
        "type",
        "person",
        "lot",
        "barcode",
        "parent",
        "parent_name",
        "category",
    }
)
"""Fields that a line above a table can say for all of its rows."""
_KEPT_SHORT = {"name": 80, "unit": 6}
_CURRENCY = frozenset(
    {"元", "万元", "千元", "人民币", "美元", "rmb", "cny", "usd", "eur", "人民币元", "元角分"}
)


@dataclass(slots=True)
class Context:
    """What is said for a whole table."""

    lines: list[str] = field(default_factory=list)
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Field → (text, address of the cell that says it)."""
    year: int = 0
    month: int = 0
    orders: bool = False
    """Whether a line or a name says that the rows are orders."""
    boms: bool = False
    """Whether a line or a name says that the rows are what a product is made of."""
    direction: str = ""
    """in, out, both or "" where nothing is said."""
    currency_scale: int = 1
    """10,000 where a line says that amounts are in 万元."""


def read(lines: Iterable[tuple[str, str]], names: Sequence[str], words: Dictionary) -> Context:
    """The context of (address, text) lines above a table; ``names`` are of sheet and file, the nearest first."""
    found = Context()
    told = [(address, text) for address, text in lines if text.strip()]
    for address, text in told:
        plain = simplified(folded(text))
        found.lines.append(plain)
        for label, value in _PAIR.findall(plain):
            _constant(found, label, value.strip(), address, words)
    if "date" not in found.constants:
        _title_date(found, told)
    texts = [simplified(text) for text in [*found.lines, *names]]
    found.year, found.month = period(texts)
    found.orders = any(_ORDERS.search(text) for text in [*found.lines, *names])
    found.boms = any(_BOMS.search(_apart(text)) for text in [*found.lines, *names])
    found.direction = next(
        (d for d in (_direction(text) for text in [*found.lines, *names]) if d), ""
    )
    return found


def _title_date(found: Context, told: Iterable[tuple[str, str]]) -> None:
    """The one whole day that a title says, 收货记录 2024-06-01; two days are a period."""
    titles = [(address, folded(text)) for address, text in told]
    days = [
        (m[0], address)
        for address, text in titles
        if not _OF_THE_SHEET.search(text)
        for m in _WHOLE_DAY.finditer(text)
    ]
    if len(days) == 1 and day_of(days[0][0]):
        found.constants["date"] = days[0]


def _constant(found: Context, label: str, value: str, address: str, words: Dictionary) -> None:
    """A pair of label and value, if it is one that holds for all rows."""
    key = header_key(label)
    if key in {"单位", "币种", "金额单位", "货币", "currency"} and full_key(value) in _CURRENCY:
        found.currency_scale = {"万元": 10_000, "千元": 1_000}.get(value, 1)
        if money.is_foreign(value):
            found.constants.setdefault("currency", (value, address))
        return
    codes = [code for code in words.exact(label) if code in _CARRIED]
    if _ALL.fullmatch(value):
        return
    if not value or not codes or len(value) > _KEPT_SHORT.get(codes[0], 60):
        return
    code = codes[0]
    if len(words.exact(label)) > 1 and key in {"编号", "单位", "名称"}:
        # NO. on a card is its item, on a slip its own number; nobody can tell from the word alone.
        code = "unit" if key == "单位" and len(value) <= 3 else "name" if key == "名称" else ""
    if code and FIELDS[code].kind is not Kind.NOTHING:
        found.constants.setdefault(code, (value, address))


def _apart(text: str) -> str:
    """A text in which BOM is a word of its own."""
    return re.sub(r"(?<=[A-Za-z])(?![A-Za-z])|(?<![A-Za-z])(?=[A-Za-z])", " ", text)


GROUPS = frozenset({"warehouse", "place", "category", "supplier", "customer", "department"})
"""Fields that a line in the middle of a table can say for the rows below it."""


def group_of(text: str, words: Dictionary) -> dict[str, str]:
    """Field → text of what a line in the middle of a table says for the rows below it."""
    found = read([("", text)], (), words).constants
    return {name: said for name, (said, _where) in found.items() if name in GROUPS}


def period(texts: Iterable[str]) -> tuple[int, int]:
    """Year and month that texts say, 0 where they say none."""
    year = month = 0
    for text in (_IN_WORDS.sub(_as_digits, written) for written in texts):
        span = _TWO_YEARS.search(text)
        if span and span[1] != span[2]:
            # Two years: which of them a day without one is in, nobody can tell.
            return 0, 0
        both = _YEAR_MONTH.search(text)
        if both and 1 <= int(both[2]) <= 12:
            return int(both[1]), int(both[2])
        compact = re.search(r"(?<![0-9])(20[0-9]{2})(0[1-9]|1[0-2])(?![0-9])", text)
        if compact:
            return int(compact[1]), int(compact[2])
        only = _YEAR.search(text)
        year = year or (int(only[1]) if only else 0)
        named = _MONTH.search(text)
        month = month or (int(named[1]) if named else 0)
    return year, month


_ONE_MONTH = re.compile(
    r"(?<![0-9\-./年至到~—])(?:(20[0-9]{2})\s*年?[\-./ ]?)?\s*(1[0-2]|0?[1-9])\s*月(?:份|度)?(?!\s*[0-9至到~—\-])|"
    r"(?<![0-9])(20[0-9]{2})[\-./](1[0-2]|0[1-9])(?![0-9\-./])",
    re.ASCII,
)
_SPAN = re.compile(r"至|到|~|～|—|--|季|半年|[0-9]\s*-\s*[0-9]+\s*月| to ", re.IGNORECASE)


def one_month(texts: Iterable[str]) -> tuple[int, int]:
    """The one month, with its year or 0, that a table is about by its titles and names; (0, 0) where they name none or several."""
    found: set[tuple[int, int]] = set()
    for text in texts:
        plain = simplified(folded(text))
        months = [(int(m[1] or m[3] or 0), int(m[2] or m[4])) for m in _ONE_MONTH.finditer(plain)]
        if months and _SPAN.search(plain):
            return 0, 0
        found.update(months)
    if len({month for _year, month in found}) != 1 or len({y for y, _m in found if y}) > 1:
        return 0, 0
    return max(found)


def _as_digits(match: re.Match[str]) -> str:
    return str(chinese_number(match[0].replace("○", "〇")))


def _direction(text: str) -> str:
    if _BOTH.search(text):
        return "both"
    goes_in, goes_out = bool(_IN.search(text)), bool(_OUT.search(text))
    if goes_in and goes_out:
        return "both"
    return "in" if goes_in else "out" if goes_out else ""


def direction(text: str) -> str:
    """in, out, both or "": what a caption says."""
    return _direction(simplified(folded(text)))


def day_of(text: str) -> bool:
    """Whether a text is a whole day: a constant date, not a period."""
    found = dates.Reader().read(text)
    return isinstance(found, dates.Day) and found.value is not None and not found.warning
