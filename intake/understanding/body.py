"""Tells what a row below a header is: data, a sum, a footer, a caption or counts. What is no data is told, never dropped in silence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from intake.reading.grid import Raw
from intake.understanding.cells import shown
from intake.understanding.fields import IDENTITY, Kind, field_of
from intake.understanding.profile import Profile
from intake.understanding.result import Column
from intake.understanding.words import folded, header_key, simplified

_SUM = re.compile(
    r".{0,12}?(合计|小计|总计|累计|共计|总和|汇总|合计数|总合计)((\(?大写\)?)?[:：]?[零一二三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正]{2,})?|(过次页|转次页|承前页|接上页|承上页|转下页)|"
    r"(the)?(grand|sub|page|running)?-?totals?.{0,8}|sum|subtotals?",
    re.IGNORECASE,
)
_CARRIED = re.compile(r"过次页|转次页|承前页|接上页|承上页|转下页")
_OPENING = re.compile(
    r"(上|本|年|期|月)?.{0,2}(期初|月初|年初|结转|承前|上期结存|上月结存|上月结转|上年结转|期初余额|期初结存|期初库存)(余额|结存|数|库存)?|opening.{0,10}|broughtforward|b/?f",
    re.IGNORECASE,
)
_FOOT = re.compile(
    r"(制单|制表|审核|审批|经办|复核|主管|保管|签字|签名|批准|领料人|发料人|验收|送货人|收货人|记账|仓管|库管|填表|填报|负责人|打印|财务|会计|"
    r"日期|备注|说明|注|盘点人|监盘|地址|电话|部门|prepared|approved|checked|printed|signature|signed|received by|issued by|note|date)[^:：]{0,12}[:：]|"
    r"第\s*\d+\s*页|共\s*\d+\s*页|page\s*\d+|以下空白|本表|generated (on|by)|exported",
    re.IGNORECASE,
)


class What:
    """What a row is."""

    DATA = "data"
    BLANK = "blank"
    HEADER = "header_repeated"
    SUM = "sum"
    CARRIED = "carried_forward"
    FOOT = "footer"
    CAPTION = "caption"
    COUNTS = "counts"
    UNUSED = "only_unused_columns"


@dataclass(slots=True)
class Sorter:
    """Sorts the rows of one table."""

    columns: Sequence[Column]
    profiles: dict[int, Profile]
    at: list[int] = field(default_factory=list)
    _names: dict[int, str] = field(default_factory=dict)
    _identity: list[int] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)
    _texts: list[int] = field(default_factory=list)
    _words: list[int] = field(default_factory=list)
    _memo: dict[str, bool] = field(default_factory=dict)
    _mapped: set[int] = field(default_factory=set)
    _captions: set[str] = field(default_factory=set)
    _above: Sequence[Raw] = ()
    """The row of data above."""
    _counting: set[int] = field(default_factory=set)
    """Columns that only number the rows: a row with nothing else is an empty line of the form."""

    def __post_init__(self) -> None:
        self.at = [column.at for column in self.columns]
        self._names = {c.at: header_key(c.header.rpartition("/")[2]) for c in self.columns}
        self._counting = {c.at for c in self.columns if c.how == "ignored"}
        self._mapped = {c.at for c in self.columns if c.field}
        for column in self.columns:
            kind = field_of(column.field).kind if column.field else None
            if column.field.partition("[")[0] in IDENTITY:
                self._identity.append(column.at)
            if kind in {Kind.QUANTITY, Kind.AMOUNT, Kind.PRICE}:
                self._numbers.append(column.at)
            elif self.profiles[column.at].pure_number < 0.5 or column.field == "ignore":
                self._texts.append(column.at)
            if kind in {Kind.TEXT, Kind.UNIT} and self.profiles[column.at].pure_number < 0.1:
                self._words.append(column.at)

    def what(self, cells: Sequence[Raw]) -> str:
        """What the row is."""
        filled = [
            at
            for at in self.at
            if (cell := cells[at]) != "" and not (isinstance(cell, str) and not cell.strip())
        ]
        if not filled or (self._counting and self._only_numbers_itself(cells, filled)):
            return What.BLANK
        first = cells[filled[0]]
        if (
            type(first) is str
            and self._names.get(filled[0]) == header_key(first)
            and self._is_header(cells, filled)
        ):
            return What.HEADER
        label = self.label(cells, filled)
        if label:
            return What.CARRIED if _CARRIED.search(label) else What.SUM
        what = self._rest(cells, filled)
        if what == What.CAPTION:
            self._captions.add(folded(shown(first)).casefold())
        elif what == What.DATA:
            self._above = cells
        return what

    def _only_numbers_itself(self, cells: Sequence[Raw], filled: list[int]) -> bool:
        return len(filled) == 1 and filled[0] in self._counting and _numeric(cells[filled[0]])

    def _rest(self, cells: Sequence[Raw], filled: list[int]) -> str:
        few = len(filled) * 5 <= len(self.at) * 2 + 1
        if (
            (few and self._is_foot(cells, filled))
            or self._signs(cells, filled)
            or self._labels(cells, filled)
        ):
            return What.FOOT
        if self._mapped and self._mapped.isdisjoint(filled):
            return What.UNUSED
        if (
            len(filled) == 1
            and len(self.at) > 2
            and type(cells[filled[0]]) is str
            and filled[0] not in self._numbers
        ):
            return What.CAPTION
        words = [at for at in self._words if at in filled]
        if len(words) > 1 and all(_numeric(cells[at]) for at in filled):
            return What.COUNTS
        return What.DATA

    def label(self, cells: Sequence[Raw], filled: Sequence[int]) -> str:
        """The label of a row of sums; "" for any other row."""
        for at in filled[:6]:
            cell = cells[at]
            if type(cell) is not str:
                continue
            known = self._memo.get(cell)
            if known is None:
                known = self._memo[cell] = len(cell) < 40 and is_sum(cell)
            if not known and "otal" in cell:
                known = self._memo[cell] = self._sums_group(cell, at)
            if known:
                others = [
                    i
                    for i in self._identity
                    if i != at and i in filled and not self._sums(cells[i])
                ]
                return "" if others else folded(cell)
        return ""

    def _sums_group(self, cell: str, at: int) -> bool:
        """Whether a text is Total or 合计 with the name of the group above: Total Tools, Tools Total."""
        text = folded(cell).casefold()
        group = text.removeprefix("total ") if text.startswith("total ") else ""
        group = group or (text.removesuffix(" total") if text.endswith(" total") else "")
        above = folded(shown(self._above[at])).casefold() if at < len(self._above) else ""
        return bool(group) and (group in self._captions or group == above)

    def _sums(self, cell: Raw) -> bool:
        return _numeric(cell) or is_sum(shown(cell))

    def _is_header(self, cells: Sequence[Raw], filled: list[int]) -> bool:
        same = sum(
            type(cells[at]) is str and header_key(shown(cells[at])) == self._names[at]
            for at in filled
        )
        return same * 5 >= len(filled) * 4 and same > 1

    def _signs(self, cells: Sequence[Raw], filled: list[int]) -> bool:
        """Whether a row holds nothing but labels to be signed."""
        if len(filled) < 2 or any(type(cells[at]) is not str for at in filled):
            return False
        labels = sum(bool(_FOOT.match(simplified(folded(shown(cells[at]))))) for at in filled)
        return labels > 1 and labels * 3 >= len(filled) * 2

    def _labels(self, cells: Sequence[Raw], filled: list[int]) -> bool:
        """Whether a row is a label with a colon and what it says, in cells of their own."""
        first = cells[filled[0]]
        if type(first) is not str or not first.rstrip().endswith((":", "：")) or len(filled) > 4:
            return False
        return not any(at in self._numbers and _numeric(cells[at]) for at in filled)

    def _is_foot(self, cells: Sequence[Raw], filled: list[int]) -> bool:
        texts = [folded(shown(cells[at])) for at in filled]
        return bool(
            _FOOT.search(simplified(texts[0])) or any(_FOOT.match(simplified(t)) for t in texts)
        ) and not any(at in self._numbers and _numeric(cells[at]) for at in filled)


def is_sum(text: str) -> bool:
    """Whether a text labels a row of sums."""
    return bool(_SUM.fullmatch(simplified(folded(text)).replace(" ", "").strip(":：()")))


def is_opening(text: str) -> bool:
    """Whether a text labels the line that carries a balance forward."""
    return bool(_OPENING.fullmatch(simplified(folded(text)).replace(" ", "").strip(":：")))


def _numeric(cell: Raw) -> bool:
    if type(cell) is str:
        return bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell.strip(), re.ASCII))
    return isinstance(cell, float | int)
