"""How figures and texts stand in voucher files: amounts with two decimals, texts in one line, what GBK lacks."""

from decimal import Decimal

_BREAKS = {ord(sign): " " for sign in "\r\n\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"}


def amount(value: Decimal) -> str:
    """Two decimals; nothing is a plain 0."""
    return f"{value:.2f}" if value else "0"


def plain(value: Decimal | None) -> str:
    """A quantity without needless zeros; nothing is a plain 0."""
    return format(value.normalize(), "f") if value else "0"


def one_line(text: str) -> str:
    """The text without line breaks and tabs, and without space at its ends."""
    return text.translate(_BREAKS).strip()


def not_encodable(text: str, encoding: str) -> str:
    """The characters that an encoding does not have, each once, in their order."""
    return "".join(dict.fromkeys(sign for sign in text if not _fits(sign, encoding)))


def _fits(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
