"""Reads Chinese numerals."""

import re

_DIGITS = {
    **dict(zip("〇零一二三四五六七八九", [0, *range(10)], strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖两", [*range(1, 10), 2], strict=True)),
    "参": 3,
}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_BIG = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}
NUMERAL = re.compile("[〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖两参十拾百佰千仟万萬亿]+")


def is_vague(text: str) -> bool:
    """Whether two digits follow each other as in 七八, which is seven or eight."""
    return len(text) == 2 and all(_DIGITS.get(letter) for letter in text)


def chinese_number(text: str) -> int | None:
    """The number that Chinese numerals say (三十二, 壹佰贰拾, 二〇一八); None if they say none."""
    if len(text) > 1 and all(letter in _DIGITS for letter in text):
        return int("".join(str(_DIGITS[letter]) for letter in text))
    total = section = digit = 0
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif letter in _TENS:
            section += (digit or (1 if not section else 0)) * _TENS[letter]
            digit = 0
        elif letter in _BIG:
            total = (total + section + digit) * _BIG[letter]
            section = digit = 0
        else:
            return None
    return total + section + digit
