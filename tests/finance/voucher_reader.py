"""Reads voucher files back, written from the field lists of the formats only; nothing of the writer is used.

Each reader gives the same plain rows (dictionaries), so that a test compares field by field.
"""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import openpyxl

Row = dict[str, Any]


def u8(content: bytes, encoding: str) -> list[Row]:
    """V800 text: a first line, then 48 comma separated fields a line, CRLF, no quoting."""
    text = content.decode(encoding)
    assert text.endswith("\r\n")
    head, *lines = text[:-2].split("\r\n")
    assert head == "填制凭证,V800"
    return [_u8_line(line) for line in lines]


def _u8_line(line: str) -> Row:
    fields = ["", *line.split(",")]  # so that a field has the number of the list
    assert len(fields) == 49, line
    zeros = {28, 30, *range(39, 44), *range(45, 49)}
    assert all(fields[number] == "0" for number in zeros)
    empty = {13, 14, 15, 20, *range(22, 49)} - zeros
    assert all(fields[number] == "" for number in empty)
    return {
        "date": fields[1],
        "word": fields[2],
        "number": int(fields[3]),
        "attachments": int(fields[4]),
        "summary": fields[5],
        "account": fields[6],
        "debit": Decimal(fields[7]),
        "credit": Decimal(fields[8]),
        "quantity": Decimal(fields[9]),
        "foreign": Decimal(fields[10]),
        "rate": Decimal(fields[11]),
        "maker": fields[12],
        "department": fields[16],
        "person": fields[17],
        "customer": fields[18],
        "supplier": fields[19],
        "project": fields[21],
    }


def workbook(content: bytes, heads: int = 1) -> tuple[str, list[list[Any]], list[Row]]:
    """(sheet, header rows, rows by the names of the first header row); empty cells are None."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.sheetnames) == 1
    sheet = book[book.sheetnames[0]]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    names = rows[0]
    return (
        sheet.title,
        rows[:heads],
        [
            {name: cell for name, cell in zip(names, row, strict=True) if name}
            for row in rows[heads:]
        ],
    )


def generic_csv(content: bytes, encoding: str) -> list[Row]:
    """CSV under the 23 columns; an apostrophe before a formula sign is a spreadsheet's escape."""
    rows = list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))
    signs = ("'=", "'+", "'-", "'@")
    return [
        {name: cell[1:] if cell.startswith(signs) else cell for name, cell in row.items()}
        for row in rows
    ]


def data(content: bytes) -> dict[str, Any]:
    """JSON."""
    found: dict[str, Any] = json.loads(content)
    return found
