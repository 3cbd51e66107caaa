"""The columns that small accounting programs import (精斗云-like), as XLSX and CSV, and the same as JSON."""

import csv
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from core.exports import defuse
from finance.handover.sheets import Cell, workbook
from finance.handover.text import amount, one_line, plain
from finance.handover.voucher import (
    AUXILIARIES,
    CUSTOMER,
    DEPARTMENT,
    ITEM,
    PERSON,
    PROJECT,
    SUPPLIER,
    Voucher,
)

COLUMNS = (
    "日期",
    "凭证字",
    "凭证号",
    "附件数",
    "分录序号",
    "摘要",
    "科目代码",
    "科目名称",
    "借方金额",
    "贷方金额",
    "客户",
    "供应商",
    "职员",
    "项目",
    "部门",
    "存货",
    "自定义辅助核算类别",
    "自定义辅助核算编码",
    "数量",
    "单价",
    "原币金额",
    "币别",
    "汇率",
)
ENCODINGS = ("utf-8-sig", "gbk")
SCHEMA_NAME = "inventory-vouchers/1"
_AMOUNT = {"type": "string", "pattern": r"^-?\d+\.\d{2}$"}
_TEXT = {"type": "string"}
_NAMED = {
    "type": "object",
    "properties": {"code": _TEXT, "name": _TEXT},
    "required": ["code", "name"],
    "additionalProperties": False,
}
_LINE: dict[str, Any] = {
    "account": {"type": "string", "minLength": 1},
    "account_name": _TEXT,
    "summary": _TEXT,
    "debit": _AMOUNT,
    "credit": _AMOUNT,
    "quantity": {"type": ["string", "null"], "pattern": r"^-?\d+(\.\d+)?$"},
    "unit": _TEXT,
    "price": {"type": ["string", "null"], "pattern": r"^-?\d+(\.\d+)?$"},
    "auxiliaries": {
        "type": "object",
        "properties": dict.fromkeys(AUXILIARIES, _NAMED),
        "additionalProperties": False,
    },
}
_VOUCHER: dict[str, Any] = {
    "date": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "word": _TEXT,
    "number": {"type": "integer", "minimum": 1},
    "attachments": {"type": "integer", "minimum": 0},
    "maker": _TEXT,
    "currency": _TEXT,
    "reference": _TEXT,
    "lines": {
        "type": "array",
        "minItems": 2,
        "items": {
            "type": "object",
            "properties": _LINE,
            "required": list(_LINE),
            "additionalProperties": False,
        },
    },
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": SCHEMA_NAME,
    "type": "object",
    "properties": {
        "schema": {"const": SCHEMA_NAME},
        "batch": _TEXT,
        "vouchers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": _VOUCHER,
                "required": list(_VOUCHER),
                "additionalProperties": False,
            },
        },
    },
    "required": ["schema", "batch", "vouchers"],
    "additionalProperties": False,
}
"""What the JSON is promised to look like; amounts are texts, so that no reader rounds them."""


def write_xlsx(vouchers: Sequence[Voucher]) -> bytes:
    """The sheet, one row a line."""
    return workbook("凭证", [COLUMNS, *_rows(vouchers)])


def write_csv(vouchers: Sequence[Voucher], encoding: str = "utf-8-sig") -> bytes:
    """The same as CSV; UnicodeEncodeError where the encoding lacks a character (check first)."""
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for row in _rows(vouchers):
        writer.writerow([_text(column, cell) for column, cell in zip(COLUMNS, row, strict=True)])
    return target.getvalue().encode(encoding)


def write_json(vouchers: Sequence[Voucher], batch: str = "") -> bytes:
    """The vouchers as ``SCHEMA`` says; ``batch`` names the batch they belong to."""
    document = {
        "schema": SCHEMA_NAME,
        "batch": batch,
        "vouchers": [as_data(voucher) for voucher in vouchers],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _rows(vouchers: Sequence[Voucher]) -> Iterator[list[Cell]]:
    for voucher in vouchers:
        for number, line in enumerate(voucher.lines, 1):
            yield [
                voucher.date,
                voucher.word,
                voucher.number,
                voucher.attachments,
                number,
                one_line(line.summary),
                line.account,
                line.account_name,
                line.debit or None,
                line.credit or None,
                line.code(CUSTOMER),
                line.code(SUPPLIER),
                line.code(PERSON),
                line.code(PROJECT),
                line.code(DEPARTMENT),
                line.code(ITEM),
                None,
                None,
                line.quantity,
                line.price,
                line.amount,
                voucher.currency,
                1,
            ]


def _text(column: str, cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return amount(cell) if column.endswith("金额") else plain(cell)
    if isinstance(cell, str):
        return defuse(cell)
    return "" if cell is None else str(cell)


def as_data(voucher: Voucher) -> dict[str, Any]:
    """A voucher as plain data, as ``SCHEMA`` says."""
    return {
        "date": voucher.date.isoformat(),
        "word": voucher.word,
        "number": voucher.number,
        "attachments": voucher.attachments,
        "maker": voucher.maker,
        "currency": voucher.currency,
        "reference": voucher.reference,
        "lines": [
            {
                "account": line.account,
                "account_name": line.account_name,
                "summary": line.summary,
                "debit": f"{line.debit:.2f}",
                "credit": f"{line.credit:.2f}",
                "quantity": None if line.quantity is None else plain(line.quantity),
                "unit": line.unit,
                "price": None if line.price is None else plain(line.price),
                "auxiliaries": {
                    kind: {"code": named.code, "name": named.name}
                    for kind, named in line.auxiliaries.items()
                },
            }
            for line in voucher.lines
        ],
    }
