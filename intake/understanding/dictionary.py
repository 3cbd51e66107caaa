"""The header dictionary: which fields a header may mean, and how sure that is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from intake.understanding.fields import FIELDS
from intake.understanding.words import folded, full_key, header_key, is_chinese, tokens

_CHINESE = re.compile("[\u3400-\u9fff]+")
_NOT_CHINESE = re.compile("[^\u3400-\u9fff]+")
_TOTAL_OF = re.compile("总([㐀-鿿]{1,2})数量?")
"""总瓶数: all of it, in the unit that it names."""
_DATA = Path(__file__).parent / "data"
EXACT = 1.0
CONTAINS = 0.7
NEAR = 0.6
_NEUTRAL = [
    "商品",
    "产品",
    "物料",
    "货品",
    "货物",
    "存货",
    "材料",
    "物资",
    "药品",
    "原料",
    "配件",
    "零件",
    "物品",
    "本期",
    "本月",
    "当前",
    "实际",
    "本次",
    "系统",
    "单据",
    "业务",
    "明细",
    "基本",
    "主要",
    "我方",
    "公司",
    "仓储",
    "库存",
    "所属",
    "对应",
    "详细",
    "具体",
    "默认",
    "入库",
    "出库",
    "采购",
    "销售",
    "item",
    "product",
    "material",
    "stock",
    "goods",
    "the",
    "our",
    "current",
    "actual",
    "part",
    "article",
    "inventory",
    "warehouse",
]
"""Words in front of a header that do not change what it means."""
OF_THE_PERIOD = ("今日", "当日", "本日", "本月", "当月", "本期", "本周", "本年", "本季")
"""What a column is of, where the table is about one period."""
_CHANGING = [
    "计划",
    "预计",
    "预估",
    "赠品",
    "赠送",
    "不良",
    "次品",
    "坏",
    "待",
    "未",
    "已",
    "去年",
    "上年",
    "累计",
    "最近",
    "最后",
    "上次",
    "最小",
    "最大",
    "最低",
    "最高",
    "安全",
    "在途",
    "占用",
    "锁定",
    "预留",
    "退",
    "超",
    "缺",
    "planned",
    "expected",
    "reserved",
    "allocated",
    "transit",
    "min",
    "max",
    "minimum",
    "maximum",
    "safety",
    "reorder",
    "damaged",
    "returned",
    "open",
    "pending",
    "bad",
    "free",
    "gift",
    "last",
    "previous",
    "target",
    "forecast",
    "budget",
    "backorder",
    "committed",
    "ordered",
    "package",
    "per",
]
"""Words that make another thing of what follows; then a part of the header tells nothing."""


@dataclass(slots=True)
class Dictionary:
    """Words → fields. ``own`` are words that the company added: they win over what is shipped."""

    words: dict[str, tuple[str, ...]]
    own: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _memo: dict[str, dict[str, float]] = field(default_factory=dict)

    def with_words(self, words: Mapping[str, Iterable[str]]) -> "Dictionary":
        """A dictionary that also knows these: field → words. Unknown fields are left out."""
        own: dict[str, tuple[str, ...]] = dict(self.own)
        for code, texts in words.items():
            if code in FIELDS:
                for text in texts:
                    own[header_key(text)] = (code,)
        return Dictionary(self.words, own)

    def exact(self, text: str) -> tuple[str, ...]:
        """The fields that a header names exactly, apart from its spelling."""
        for key in (full_key(text), header_key(text)):
            if key and key in self.own:
                return self.own[key]
        for key in (full_key(text), header_key(text)):
            if key in self.words:
                return self.words[key]
            # PO # is PO No.
            if key.endswith(("#", "№")) and f"{key[:-1]}no" in self.words:
                return self.words[f"{key[:-1]}no"]
        return ()

    def scores(self, text: str) -> dict[str, float]:
        """Field → how well the header fits it, from 0 to 1."""
        known = self._memo.get(text)
        if known is None:
            known = self._memo[text] = self._scores(text)
        return known

    def _scores(self, text: str) -> dict[str, float]:
        exact = self.exact(text)
        if exact:
            return {code: EXACT if len(exact) == 1 else 0.9 for code in exact}
        said = self._said_otherwise(text)
        if said:
            return said
        key = header_key(text)
        found = self._by_end(text, key)
        if found is None:
            return {}
        return found or self._near(key)

    def _said_otherwise(self, text: str) -> dict[str, float]:
        """The fields of a header that says 数 for 数量, or says itself in both languages."""
        key = header_key(text)
        if key.endswith("数") and self.exact(f"{key}量"):
            return dict.fromkeys(self.exact(f"{key}量"), 0.95)
        if key.startswith(OF_THE_PERIOD) and self.exact(key[2:]):
            return dict.fromkeys(self.exact(key[2:]), 0.9)
        if unit_of(text):
            return {"quantity": 0.9}
        halves = [half for half in _halves(text) if half]
        if len(halves) < 2:
            return {}
        codes = [set(self.exact(half)) for half in halves]
        both = set.intersection(*codes)
        return dict.fromkeys(both, EXACT if len(both) == 1 else 0.9)

    def _by_end(self, text: str, key: str) -> dict[str, float] | None:
        """By the longest word at the end: that is where both languages put what it is; None if it is another thing."""
        if not is_chinese(key):
            parts = tokens(text)
            for start in range(1, len(parts)):
                end = "".join(parts[start:])
                if end in self.words and len(end) > 2:
                    front = parts[:start]
                    return self._scored(
                        end, all(w in _NEUTRAL for w in front), any(w in _CHANGING for w in front)
                    )
            return {}
        for start in range(1, len(key) - 1):
            end, before = key[start:], key[:start]
            if end in self.words:
                changing = any(word in before for word in _CHANGING)
                return self._scored(end, before in _NEUTRAL, changing)
        return {}

    def _scored(self, end: str, neutral: bool, changing: bool) -> dict[str, float] | None:
        if changing:
            return None
        score = 0.85 if neutral else CONTAINS
        return dict.fromkeys(self.words[end], score)

    def _near(self, key: str) -> dict[str, float]:
        """By one letter more, less or different, for words that are long enough for that to be a slip."""
        least = 5 if is_chinese(key) else 6
        if len(key) < least:
            return {}
        found: dict[str, float] = {}
        for word, codes in self.words.items():
            if abs(len(word) - len(key)) <= 1 and len(word) >= least and _one_slip(word, key):
                found.update(dict.fromkeys(codes, NEAR))
        return found if len(found) == 1 else {}


def _halves(text: str) -> tuple[str, str]:
    """The Chinese and the other letters of a header."""
    plain = folded(text)
    return _NOT_CHINESE.sub("", plain), _CHINESE.sub(" ", plain).strip()


def _one_slip(one: str, two: str) -> bool:
    if len(one) > len(two):
        one, two = two, one
    at = next((i for i, letter in enumerate(one) if letter != two[i]), len(one))
    if len(one) == len(two):
        return one[at + 1 :] == two[at + 1 :]
    return one[at:] == two[at + 1 :]


def _lines(name: str) -> list[str]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def shipped() -> Dictionary:
    """The dictionary as shipped."""
    found: dict[str, tuple[str, ...]] = {}
    for line in [*_lines("headers.txt"), *_lines("headers_europe.txt")]:
        code, _equals, words = line.partition(" = ")
        for word in words.split(", "):
            key = full_key(word)
            if code not in found.get(key, ()):
                found[key] = (*found.get(key, ()), code)
    return Dictionary(found)


def label(code: str) -> str:
    """The name of a field in the language that is active: in Chinese, the first word of its line."""
    plain, _bracket, tag = code.rstrip("]").partition("[")
    word = _first_words().get(plain, "") if (get_language() or "").startswith("zh") else ""
    word = word or plain.replace("_", " ")
    return f"{word} ({tag})" if tag else word


@cache
def _first_words() -> dict[str, str]:
    pairs = (line.partition(" = ") for line in _lines("headers.txt"))
    return {code: words.split(", ")[0] for code, _equals, words in pairs}


@cache
def units() -> frozenset[str]:
    """Words that name a unit, in lower case."""
    return frozenset(word.casefold() for line in _lines("units.txt") for word in line.split())


def unit_of(header: str) -> str:
    """The unit that a header names as what all of it is counted in: 瓶 in 总瓶数."""
    found = _TOTAL_OF.fullmatch(header_key(header))
    return found[1] if found and found[1] in units() else ""


@cache
def movement_words() -> dict[str, str]:
    """Text of a type column → movement type, or + and - for a direction alone."""
    found: dict[str, str] = {}
    for line in _lines("types.txt"):
        code, _equals, words = line.partition(" = ")
        for word in words.split(", "):
            found.setdefault(full_key(word) or word, code)
    return found
