"""Reads what a header says of its numbers besides its name: their unit, their scale, or what a price is for."""

import re
from collections.abc import Sequence
from decimal import Decimal

from intake.understanding import money
from intake.understanding.dictionary import unit_of, units
from intake.understanding.result import Column
from intake.understanding.words import bracketed

_SCALES = {
    "万元": 10_000,
    "千元": 1_000,
    "万": 10_000,
    "千": 1_000,
    "百": 100,
    "万个": 10_000,
    "千个": 1_000,
    "千只": 1_000,
    "万只": 10_000,
    "千件": 1_000,
    "千支": 1_000,
    "万支": 10_000,
    "千米": 1,
    "kpcs": 1_000,
    "百个": 100,
}
_FOR_MANY = re.compile("(?:元|块|rmb|¥)/(百|千|万)[^0-9]{0,2}")
"""A price for so many."""
_NO_UNITS = frozenset(
    {
        "current", "new", "old", "actual", "physical", "total", "required", "optional", "est", "est.", "estimated", "system", "net",
        "gross", "onhand", "on-hand", "instock", "max", "min", "auto", "manual", "final", "latest", "number", "integer", "+/-", "a", "b", "c",
        "必填", "选填", "可选", "实际", "最新", "合计", "含税", "未税", "不含", "本月", "上月", "今日", "昨日", "当前", "目前",
        "期初", "期末", "默认", "参考", "系统", "手工", "账面", "实盘", "盘点", "估计", "预计", "大写", "小写", "正数", "负数",
        "入库", "出库", "自动", "公式", "数字", "整数", "新", "旧", "原", "总", "净", "毛", "含", "约", "收", "发", "入", "出",
    }
)  # fmt: skip
"""Words in brackets that say something else than a unit."""
_NO_UNIT_SIGNS = ("含", "税", "填", "选", "=", "+", "*", "×", "÷", "①", "②", "③")
_LONGEST = 8


def read(column: Column, layers: Sequence[str]) -> None:
    """The unit or scale that a header says in brackets, or behind a slash."""
    for text in [part for layer in layers for part in bracketed(layer)]:
        plain = text.replace(" ", "").casefold()
        plain = plain.removeprefix("单位:").removeprefix("unit:")
        if plain in _SCALES:
            column.scale = _SCALES[plain]
            plain = plain.lstrip("百千万k")
        for_many = _FOR_MANY.fullmatch(plain)
        if for_many:
            column.scale = Decimal(1) / _SCALES[for_many[1]]
        if (
            not for_many
            and plain not in {"元", "万元", "千元", "rmb", "cny", "%", "¥"}
            and _may_be_unit(plain)
        ):
            column.unit = plain
    column.unit = column.unit or unit_of(layers[-1])


def _may_be_unit(text: str) -> bool:
    """Whether a word in the brackets of a header may say a unit; (current) and (必填) do not."""
    if text in units() or "/" in text or money.is_code(text):
        return len(text) <= _LONGEST
    # What nobody knows is taken for a unit: the books ask about it, where a unit that is left out would be missed by nobody.
    told = text in _NO_UNITS or any(sign in text for sign in _NO_UNIT_SIGNS)
    return len(text) <= _LONGEST and not text.isdigit() and not told
