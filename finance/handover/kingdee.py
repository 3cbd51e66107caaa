"""金蝶云星空: the voucher workbook in the columns of the user's own template.

Which FFLEX column is a supplier, and which others there are, differs from tenant to tenant. So row 1
(technical names) and row 2 (titles) are the user's; each column is mapped onto a source of ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import workbooks
from core.errors import DomainError
from core.said import said as _
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

HEAD = "FBillHead(GL_VOUCHER)"
MOST_BYTES = 2 * 1024 * 1024
_MOST_SHEETS = 20
_MOST_COLUMNS = 400
CONSTANT = "="
"""A source that begins so is the text after it."""

DIMENSIONS = (
    ("供应商", SUPPLIER),
    ("客户", CUSTOMER),
    ("部门", DEPARTMENT),
    ("员工", PERSON),
    ("职员", PERSON),
    ("物料", ITEM),
    ("存货", ITEM),
    ("项目", PROJECT),
)
_NAME = "#Name"
_DETAIL = "FDetailID#"
_BY_NAME = {
    HEAD: "sequence",
    "FDate": "date",
    "FBUSDATE": "date",
    "FYEAR": "year",
    "FPERIOD": "month",
    "FVOUCHERGROUPID": "word_code",
    "FVOUCHERGROUPID#Name": "word",
    "FVOUCHERGROUPNO": "number",
    "FATTACHMENTS": "attachments",
    "FEntity": "entry",
    "FEXPLANATION": "summary",
    "FACCOUNTID": "account",
    "FACCOUNTID#Name": "account_name",
    "FCURRENCYID": "=PRE001",
    "FCURRENCYID#Name": "=人民币",
    "FEXCHANGERATETYPE": "=HLTX01_SYS",
    "FEXCHANGERATETYPE#Name": "=固定汇率",
    "FEXCHANGERATE": "rate",
    "FUnitId": "unit",
    "FUnitId#Name": "unit",
    "FPrice": "price",
    "FQty": "quantity",
    "FAMOUNTFOR": "amount",
    "FDEBIT": "debit",
    "FCREDIT": "credit",
    "FBUSNO": "reference",
}
SOURCES = (
    *dict.fromkeys(source for source in _BY_NAME.values() if not source.startswith(CONSTANT)),
    *(f"{kind}{part}" for _word, kind in DIMENSIONS for part in ("", "_name") if _word != "存货"),
)


class TemplateRefused(DomainError):
    """The file or text is not a template of vouchers."""

    code = "template_refused"


@dataclass(frozen=True, slots=True)
class Template:
    """The two header rows of the user's template, and the sheet they stand on."""

    sheet: str
    names: tuple[str, ...]
    titles: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {"sheet": self.sheet, "names": list(self.names), "titles": list(self.titles)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Template":
        """From plain data."""
        return cls(data["sheet"], tuple(data["names"]), tuple(data["titles"]))

    @property
    def entries_from(self) -> int:
        """The column from which each line is filled; those before belong to the voucher."""
        for column, name in enumerate(self.names):
            if name == "FEntity" or name.startswith("*Split*"):
                return column
        return 0


def read(content: bytes) -> Template:
    """The template in a workbook of the user; TemplateRefused says what is wrong with the file."""
    too_large = TemplateRefused(_("The file is too large for a template. Take one without data."))
    if len(content) > MOST_BYTES:
        raise too_large
    try:
        sheets = workbooks.first_rows(content, rows=2, sheets=_MOST_SHEETS)
    except workbooks.Unread as error:
        if error.code != "broken":
            raise too_large from error
        raise TemplateRefused(_("This file cannot be read as a workbook.")) from error
    for name, rows in sheets:
        if rows and rows[0] and str(rows[0][0]).strip() == HEAD:
            return _template(name, [[str(cell) for cell in row] for row in rows])
    raise _no_head()


def pasted(text: str) -> Template:
    """The template from its first two rows, copied out of a spreadsheet."""
    rows = [line.split("\t") for line in text.strip("\r\n").splitlines()[:2]]
    if not rows or rows[0][0].strip() != HEAD:
        raise _no_head()
    return _template("凭证#单据头(FBillHead)", rows)


def _no_head() -> TemplateRefused:
    return TemplateRefused(
        _(
            "The first cell of a voucher template is %(head)s. Export the template from 凭证 in 云星空."
        )
        % {"head": HEAD}
    )


def _template(sheet: str, rows: Sequence[Sequence[str]]) -> Template:
    names = [cell.strip() for cell in rows[0]]
    while names and not names[-1]:
        names.pop()
    titles = [cell.strip() for cell in (rows[1] if len(rows) > 1 else [])]
    titles = (titles + [""] * len(names))[: len(names)]
    if len(names) > _MOST_COLUMNS:
        raise TemplateRefused(_("The template has more than %(n)d columns.") % {"n": _MOST_COLUMNS})
    filled = [name for name in names if name]
    twice = {name for name in filled if filled.count(name) > 1}
    if twice:
        raise TemplateRefused(
            _("The template has the column %(name)s twice.") % {"name": min(twice)}
        )
    return Template(sheet, tuple(names), tuple(titles))


def guess(template: Template) -> dict[str, str]:
    """Column → source, as far as names and titles tell; the user completes it."""
    found = {}
    for name, title in zip(template.names, template.titles, strict=True):
        source = _BY_NAME.get(name) or (_dimension(name, title) if name.startswith(_DETAIL) else "")
        if source:
            found[name] = source
    return found


def _dimension(name: str, title: str) -> str:
    for word, kind in DIMENSIONS:
        if word in title:
            return f"{kind}_name" if name.endswith(_NAME) else kind
    return ""


def required_without_source(
    template: Template, mapping: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(name, title) of every column that the template marks with * and that nothing would fill."""
    return [
        (name, title)
        for name, title in zip(template.names, template.titles, strict=True)
        if "*" in title and name and not name.startswith("*Split*") and not _fills(mapping, name)
    ]


def _fills(mapping: Mapping[str, str], name: str) -> bool:
    """A code or its name is enough."""
    stem = name.removesuffix(_NAME)
    given = (mapping.get(stem, ""), mapping.get(stem + _NAME, ""))
    return any(source and source != CONSTANT for source in given)


def write(
    vouchers: Sequence[Voucher],
    template: Template,
    mapping: Mapping[str, str],
    words: Mapping[str, str],
) -> bytes:
    """The workbook under the user's header rows; ``words``: voucher word → its code in 云星空."""
    rows: list[Sequence[Cell]] = [template.names, template.titles]
    for sequence, voucher in enumerate(vouchers, 1):
        for entry, line in enumerate(voucher.lines, 1):
            values = _values(voucher, line, sequence, entry, words)
            rows.append(
                [
                    None
                    if entry > 1 and column < template.entries_from
                    else _cell(mapping.get(name, ""), values)
                    for column, name in enumerate(template.names)
                ]
            )
    return workbook(template.sheet, rows, heads=2)


def _cell(source: str, values: Mapping[str, Cell]) -> Cell:
    return source[1:] if source.startswith(CONSTANT) else values.get(source)


def _values(
    voucher: Voucher, line: VoucherLine, sequence: int, entry: int, words: Mapping[str, str]
) -> dict[str, Cell]:
    values: dict[str, Cell] = {
        "sequence": sequence,
        "date": voucher.date,
        "year": voucher.date.year,
        "month": voucher.date.month,
        "word": voucher.word,
        "word_code": words.get(voucher.word, ""),
        "number": voucher.number,
        "attachments": voucher.attachments,
        "entry": entry,
        "summary": one_line(line.summary),
        "account": line.account,
        "account_name": line.account_name,
        "rate": 1,
        "unit": line.unit,
        "price": line.price,
        "quantity": line.quantity,
        "amount": line.amount,
        "debit": line.debit,
        "credit": line.credit,
        "reference": voucher.reference,
    }
    for _word, kind in DIMENSIONS:
        values[kind] = line.code(kind)
        values[f"{kind}_name"] = line.name(kind)
    return values
