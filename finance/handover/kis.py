"""金蝶 KIS and K3 "标准格式": one row a line under fixed column names, entries counted from 0."""

from collections.abc import Sequence

from finance.handover.sheets import Cell, workbook
from finance.handover.text import one_line
from finance.handover.voucher import (
    CUSTOMER,
    DEPARTMENT,
    ITEM,
    PERSON,
    PROJECT,
    SUPPLIER,
    Voucher,
    VoucherLine,
)

OBJECTS = 8
"""Places for auxiliaries (核算项目): class, code and name each."""
CLASSES = {
    CUSTOMER: "客户",
    DEPARTMENT: "部门",
    PERSON: "职员",
    ITEM: "物料",
    SUPPLIER: "供应商",
    PROJECT: "项目",
}
_NUMBERS = range(1, OBJECTS + 1)
COLUMNS = (
    "FDATE",
    "FTRANSDATE",
    "FPERIOD",
    "FGROUP",
    "FNUM",
    "FENTRYID",
    "FEXP",
    "FACCTID",
    *(f"FCLSNAME{n}" for n in _NUMBERS),
    *(f"FOBJID{n}" for n in _NUMBERS),
    *(f"FOBJNAME{n}" for n in _NUMBERS),
    "FTRANSID",
    "FCYID",
    "FEXCHRATE",
    "FDC",
    "FFCYAMT",
    "FQTY",
    "FPRICE",
    "FDEBIT",
    "FCREDIT",
    "FSETTLCODE",
    "FSETTLENO",
    "FPREPARE",
    "FPAY",
    "FCASH",
    "FPOSTER",
    "FCHECKER",
    "FATTCHMENT",
    "FPOSTED",
    "FMODULE",
    "FDELETED",
    "FSERIALNO",
    "FUNITNAME",
    "FREFERENCE",
    "FCASHFLOW",
)


def write(vouchers: Sequence[Voucher]) -> bytes:
    """The workbook."""
    rows: list[Sequence[Cell]] = [COLUMNS]
    for voucher in vouchers:
        for number, line in enumerate(voucher.lines):
            values = _values(voucher, line, number)
            rows.append([values.get(column) for column in COLUMNS])
    return workbook("凭证", rows)


def _values(voucher: Voucher, line: VoucherLine, number: int) -> dict[str, Cell]:
    values: dict[str, Cell] = {
        "FDATE": voucher.date,
        "FTRANSDATE": voucher.date,
        "FPERIOD": voucher.date.month,
        "FGROUP": voucher.word,
        "FNUM": voucher.number,
        "FENTRYID": number,
        "FEXP": one_line(line.summary),
        "FACCTID": line.account,
        "FCYID": "RMB" if voucher.currency == "CNY" else voucher.currency,
        "FEXCHRATE": 1,
        "FDC": 1 if line.debit else 0,
        "FFCYAMT": line.amount,
        "FQTY": line.quantity or 0,
        "FPRICE": line.price or 0,
        "FDEBIT": line.debit,
        "FCREDIT": line.credit,
        "FPREPARE": voucher.maker,
        "FATTCHMENT": voucher.attachments,
        "FPOSTED": 0,
        "FDELETED": 0,
        "FUNITNAME": line.unit,
        "FREFERENCE": voucher.reference,
    }
    given = [(kind, word) for kind, word in CLASSES.items() if line.code(kind)]
    for place, (kind, word) in enumerate(given, 1):
        values[f"FCLSNAME{place}"] = word
        values[f"FOBJID{place}"] = line.code(kind)
        values[f"FOBJNAME{place}"] = line.name(kind)
    return values
