"""用友 U8 and T3 text (V800): 48 fields a line, separated by commas, without any quoting."""

from collections.abc import Sequence

from finance.handover.text import amount, one_line, plain
from finance.handover.voucher import (
    CUSTOMER,
    DEPARTMENT,
    PERSON,
    PROJECT,
    SUPPLIER,
    Voucher,
    VoucherLine,
)

HEAD = "填制凭证,V800"
FIELDS = 48
CONSTANT_ZEROS = (28, 30, 39, 40, 41, 42, 43, 45, 46, 47, 48)
"""Fields (counted from 1) that are always 0."""
ENCODINGS = ("gbk", "utf-8")


def summary(text: str) -> str:
    """The summary as it is written: nothing can be quoted, so commas become the Chinese one."""
    return one_line(text).replace(",", "，")


def write(vouchers: Sequence[Voucher], encoding: str = "gbk") -> bytes:
    """The file, lines ended by CRLF; UnicodeEncodeError where the encoding lacks a character (check first)."""
    lines = [HEAD]
    lines += [_line(voucher, line) for voucher in vouchers for line in voucher.lines]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def _line(voucher: Voucher, line: VoucherLine) -> str:
    fields = [""] * FIELDS
    for number in CONSTANT_ZEROS:
        fields[number - 1] = "0"
    fields[0] = voucher.date.isoformat()
    fields[1] = voucher.word
    fields[2] = str(voucher.number)
    fields[3] = str(voucher.attachments)
    fields[4] = summary(line.summary)
    fields[5] = line.account
    fields[6] = amount(line.debit)
    fields[7] = amount(line.credit)
    fields[8] = plain(line.quantity)
    fields[9] = "0"
    fields[10] = "0"
    fields[11] = one_line(voucher.maker)
    fields[15] = line.code(DEPARTMENT)
    fields[16] = line.code(PERSON)
    fields[17] = line.code(CUSTOMER)
    fields[18] = line.code(SUPPLIER)
    fields[20] = line.code(PROJECT)
    return ",".join(fields)


def unquotable(voucher: Voucher) -> list[tuple[int, str]]:
    """(line from 1 or 0, text) of every code or name that holds what ends a field or a line."""
    found = [(0, text) for text in (voucher.word, voucher.maker) if _breaks(text)]
    for number, line in enumerate(voucher.lines, 1):
        codes = (line.account, *(line.code(kind) for kind in _CODES))
        found += [(number, text) for text in codes if _breaks(text)]
    return found


_CODES = (DEPARTMENT, PERSON, CUSTOMER, SUPPLIER, PROJECT)


def _breaks(text: str) -> bool:
    return "," in text or text != one_line(text)
