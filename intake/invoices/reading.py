"""Reads a sheet of invoices, as suppliers or the tax system give them, with the reader and the words of all sheets.

Lines of one number and supplier are one invoice. Void invoices are left out and said; a discount below a line
(below zero, without a quantity) is taken off that line; sums are checked against what the sheet says.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from core import codes
from finance import invoicing
from finance.invoice_matching import InvoiceRefused
from intake.importing import preparing, storing
from intake.importing.resolver import text_of
from intake.invoices.lines import Fault, Sheet, SheetInvoice, SheetLine
from intake.reading.grid import Book
from intake.reading.launch import open_book
from intake.understanding import remaining, voided
from intake.understanding.result import Row, Understanding, Wish
from intake.understanding.understand import understand_book

MOST_LINES = 5_000
"""Lines of one sheet; more are to be split."""
_WORDS = {
    "source": ["发票号码", "发票号", "纸质发票号码", "invoice number", "invoice no"],
    "source_2": ["数电发票号码", "数电票号码", "全电发票号码", "digital invoice number"],
    "date": ["开票日期", "开票时间", "invoice date"],
    "supplier": ["销方名称", "销售方名称", "销货方名称", "销方", "销售方", "seller", "seller name"],
    "tax_number": ["销方识别号", "销方税号", "销售方纳税人识别号", "销方纳税人识别号"],
    "name": ["货物或应税劳务名称", "货物或应税劳务、服务名称", "货物名称", "商品名称", "项目名称"],
    "state": ["发票状态", "invoice status"],
    "amount": ["金额", "不含税金额"],
    "tax_amount": ["税额", "tax"],
    "amount_taxed": ["价税合计", "含税金额", "total with tax"],
}
"""What headers mean on invoices; on other sheets some of them mean something else."""
_FREE = frozenset({"", "*", "**", "***", "-", "—", "免税", "不征税", "免征", "0%"})
_VOID = ("作废", "void", "cancelled")
_CLASS = re.compile(r"^\s*\*[^*]+\*")
"""The tax system puts its class of goods before the name: *紧固件*螺栓."""
_MAY_LACK = frozenset({"item_missing", "quantity_missing"})
"""Charges and discounts have neither; what needs one and lacks it is said when it is matched."""
_NOT_ASKED = frozenset({"direction", "price", "column", "purpose", remaining.REST})
"""What the reader asks about movements; an invoice says it by being one."""
_CENT = Decimal("0.01")
_WHOLE = Decimal(100)


def read(digest: str, name: str, answers: Mapping[str, str] | None = None) -> Sheet:
    """The invoices of a file that is kept. Raises Refusal for one that cannot be read at all."""
    book = open_book(storing.place_of(digest), name)
    return understood(book, answers or {})


def understood(book: Book, answers: Mapping[str, str]) -> Sheet:
    """The invoices of grids that were read."""
    wish = Wish(purpose="movements", answers={**answers, voided.VOID: "import"})
    found = understand_book(book, wish, preparing.words().with_words(_WORDS))
    sheet = Sheet()
    missing = _missing(found)
    if missing:
        message = _("No column of this sheet is named like: %(names)s. Nothing can be read of it.")
        sheet.faults.append(Fault(0, "columns", message % {"names": ", ".join(missing)}))
        return sheet
    if len(found.rows) > MOST_LINES:
        message = _("More than %(most)d lines; split the sheet.") % {"most": MOST_LINES}
        sheet.faults.append(Fault(0, "too_many", message))
        return sheet
    sheet.faults += [
        Fault(0, one.kind, one.text)
        for one in found.open_questions
        if one.kind not in _NOT_ASKED and not one.id.startswith("column")
    ]
    _Reader(found, sheet).read()
    return sheet


def _missing(found: Understanding) -> list[str]:
    """The columns without which there is no invoice, in words."""
    there = {column.field for table in found.tables for column in table.columns}
    there |= {name for table in found.tables for name in table.constants}
    wanted = (
        (("source", "source_2"), _("invoice number")),
        (("date",), _("invoice date")),
        (("supplier", "partner"), _("supplier")),
        (("amount", "amount_taxed"), _("amount")),
    )
    return [words for names, words in wanted if not there.intersection(names)]


class _Reader:
    """Turns the rows of one understanding into invoices."""

    def __init__(self, found: Understanding, sheet: Sheet) -> None:
        self.found = found
        self.sheet = sheet
        self.by_key: dict[tuple[str, str], SheetInvoice] = {}
        self.wrong: dict[tuple[str, int], dict[str, tuple[str, str, str]]] = {}
        for one in found.wrong:
            row = self.wrong.setdefault((one.sheet, one.row), {})
            row.setdefault(one.field, (one.code, one.message, one.raw))

    def read(self) -> None:
        """Every row; what is wrong with one is said of its invoice too, so that none is entered in part."""
        for row in self.found.rows:
            self._row(row)
        for one in self.sheet.invoices:
            self._check(one)

    def _row(self, row: Row) -> None:
        number = text_of(row, "source_2") or text_of(row, "source")
        supplier = text_of(row, "supplier") or text_of(row, "partner")
        if any(word in text_of(row, "state").lower() for word in _VOID):
            message = _("Void invoices were left out.")
            self.sheet.left_out.append(Fault(row.number, "void", message, number))
            return
        if not number or not supplier:
            message = _("The row names no invoice or no supplier.")
            self.sheet.faults.append(Fault(row.number, "nameless", message))
            return
        try:
            number = invoicing.read_number(number)
        except InvoiceRefused as refused:
            self.sheet.faults.append(Fault(row.number, "number", str(refused), number))
            return
        one = self._invoice(number, supplier, row)
        faults = self._faults(row)
        if faults:
            one.faults += faults
            return
        line = self._line(one, row)
        if line is not None:
            one.lines.append(line)

    def _invoice(self, number: str, supplier: str, row: Row) -> SheetInvoice:
        day = _day(row)
        key = (codes.same(number), codes.same(supplier))
        found = self.by_key.get(key)
        if found is None:
            found = SheetInvoice(number, day, supplier)
            self.by_key[key] = found
            self.sheet.invoices.append(found)
        elif day is not None and found.day not in {None, day}:
            message = _("The lines of one invoice have different dates.")
            found.faults.append(Fault(row.number, "dates", message))
        return found

    def _faults(self, row: Row) -> list[Fault]:
        """What is wrong with the cells of a row; figures that are not needed may be anything."""
        table = self.found.tables[row.table].sheet
        found = []
        for name, (code, message, raw) in self.wrong.get((table, row.number), {}).items():
            if name == "tax_rate" or (name == "tax_amount" and raw.strip() in _FREE):
                continue
            if name in {"unit_price", "price_taxed"} or code in _MAY_LACK:
                continue
            found.append(Fault(row.number, code, message, raw))
        rate = row.get("tax_rate")
        if isinstance(rate, Decimal) and not 0 <= rate <= _WHOLE:
            message = _("A tax rate is from 0 to 100 percent.")
            found.append(Fault(row.number, "tax_rate", message, f"{rate.normalize():f} %"))
        return found

    def _line(self, one: SheetInvoice, row: Row) -> SheetLine | None:
        amount, tax, total = _money(row)
        if amount is None:
            message = _("The row says no amount.")
            one.faults.append(Fault(row.number, "amount", message))
            return None
        quantity = row.get("quantity")
        quantity = quantity if isinstance(quantity, Decimal) and quantity else None
        name = _CLASS.sub("", text_of(row, "name") or text_of(row, "name_spec")).strip()
        if total is not None:
            one.total = (one.total or Decimal(0)) + total
            if amount + tax != total:
                message = _("Amount and tax are not the total with tax.")
                one.faults.append(Fault(row.number, "sum", message, str(total)))
        last = one.lines[-1] if one.lines else None
        if quantity is None and amount < 0 and last is not None and last.name == name:
            last.amount, last.tax = last.amount + amount, last.tax + tax
            return None
        spec = " ".join(part for part in (text_of(row, "spec"), text_of(row, "model")) if part)
        code, unit = text_of(row, "item") or text_of(row, "barcode"), text_of(row, "unit")
        return SheetLine(row.number, code, name, spec, unit, quantity, amount, tax)

    def _check(self, one: SheetInvoice) -> None:
        if one.day is None:
            one.faults.append(Fault(0, "date", _("The invoice says no date.")))
        if not one.lines and not one.faults:
            one.faults.append(Fault(0, "empty", _("The invoice has no lines.")))
        if any(line.amount != line.amount.quantize(_CENT) for line in one.lines):
            message = _("The value has more decimals than the currency.")
            one.faults.append(Fault(0, "decimals", message))


def _money(row: Row) -> tuple[Decimal | None, Decimal, Decimal | None]:
    """Amount without tax, tax, and total; what the row leaves out is told from the others."""

    def figure(name: str) -> Decimal | None:
        found = row.get(name)
        return found if isinstance(found, Decimal) else None

    amount, tax, total = figure("amount"), figure("tax_amount"), figure("amount_taxed")
    rate, quantity, price = figure("tax_rate"), figure("quantity"), figure("unit_price")
    share = rate / _WHOLE if rate is not None else Decimal(0)
    if amount is None and total is not None:
        amount = total - tax if tax is not None else _cents(total / (1 + share))
    if amount is None and quantity is not None and price is not None:
        amount = _cents(quantity * price)
    if amount is None:
        return None, Decimal(0), total
    if tax is None:
        tax = total - amount if total is not None else _cents(amount * share)
    return amount, tax, total


def _day(row: Row) -> date | None:
    """The day of the invoice; the tax system says the second."""
    found = row.get("date")
    if isinstance(found, datetime):
        return found.date()
    return found if isinstance(found, date) else None


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
