"""Amounts in Chinese capitals (大写), as vouchers write them so that no digit can be added."""

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SIZES = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def capitals(amount: Decimal) -> str:
    """``amount`` in yuan, rounded to fen: 1203.50 is 壹仟贰佰零叁元伍角整."""
    cents = int(abs(amount).quantize(Decimal("0.01"), ROUND_HALF_UP) * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    text = "负" if amount < 0 and cents else ""
    if yuan or not cents:
        text += _integer(yuan) + "元"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif fen and yuan:
        text += "零"
    return text + (_DIGITS[fen] + "分" if fen else "整")


def _integer(number: int) -> str:
    for size, word in _SIZES:
        if number >= size:
            head, rest = divmod(number, size)
            gap = "零" if 0 < rest < size // 10 else ""
            return _integer(head) + word + gap + (_integer(rest) if rest else "")
    return _DIGITS[number]
