"""Reads a sheet (CSV, XLSX, XLS) row by row and gives *every* row of its table with the number people see.

Row numbers are those of the file, the header included, so that "row 17" is row 17 in Excel or the editor.
What is not part of the table is told, never dropped in silence: title lines above the header, repeated
headers, sums and counts below it.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from core.errors import DomainError
from core.words import listed

Cell = str | Decimal | datetime | date
"""A cell without a value is the empty string."""
Numbered = tuple[int, list[Cell]]

HEADER_WITHIN = 15
"""The header is looked for in so many rows."""
_EXCEL_DIGITS = 15
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PROTECTED = re.compile(r'="(.*)"')
_FOOT = re.compile(
    r"(本页)?(合计|小计|总计|累计)|过次页|承前页|(sub|grand )?total|sum", re.IGNORECASE
)


class SheetError(DomainError):
    """The file cannot be read as a table with these columns; says what to do."""

    code = "sheet"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: its number in the file, the wanted cells, and all cells as text."""

    number: int
    cells: Mapping[str, Cell]
    content: tuple[str, ...]


@dataclass(slots=True)
class Sheet:
    """A table being read; ``notes`` fills while rows are read and tells what was left out."""

    rows: Iterator[Row]
    total: int
    """How many rows there are, roughly: for a progress bar."""
    notes: list[str] = field(default_factory=list)


def read(path: Path, columns: Mapping[str, str]) -> Sheet:
    """Open a file whose header names ``columns`` (key → header); raises SheetError.

    CSV may be UTF-8 with or without BOM, UTF-16 or GB18030, separated by comma, semicolon or tab. Of a
    workbook the first sheet that has the columns is read.
    """
    if not path.is_file():
        raise SheetError(_("There is no file %(path)s.") % {"path": path})
    best = SheetError(_("%(file)s is empty.") % {"file": path.name})
    for total, raw in _tables(path):
        notes: list[str] = []
        try:
            header, rows = _find_header(_readable(path, raw), columns, notes)
        except _NothingThere:
            continue
        except SheetError as error:
            best = error
            continue
        return Sheet(_body(header, rows, columns, notes), total, notes)
    raise best


class _NothingThere(Exception):
    """A table without a single cell."""


def _readable(path: Path, raw: Iterator[Numbered]) -> Iterator[Numbered]:
    """The rows; one that turns out not to be text or not to be a row ends in a SheetError."""
    try:
        yield from raw
    except (OSError, UnicodeError, csv.Error, CalamineError) as error:
        raise SheetError(
            _("%(file)s cannot be read: %(error)s") % {"file": path.name, "error": error}
        ) from error


def as_text(cell: Cell) -> str:
    """A cell the way it is read aloud: a whole number without decimals, a moment in ISO."""
    if isinstance(cell, Decimal):
        text = format(cell, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell if isinstance(cell, str) else cell.isoformat()


def unreadable(text: str) -> bool:
    """Whether control characters stand in the text: nobody can see what was meant."""
    return bool(_UNREADABLE.search(text))


def same_name(text: str) -> str:
    """What two spellings of a header have in common: width, case, blanks and stars do not count."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s*:]+", "", plain)


def _find_header(
    raw: Iterator[Numbered], columns: Mapping[str, str], notes: list[str]
) -> tuple[list[Cell], Iterator[Numbered]]:
    """The row that names every wanted column, and the rows after it."""
    wanted = {same_name(header): header for header in columns.values()}
    closest: tuple[int, list[str]] = (-1, [])
    titles = 0
    for _count, (number, cells) in zip(range(HEADER_WITHIN), raw, strict=False):
        names = {same_name(as_text(cell)) for cell in cells}
        missing = [header for name, header in wanted.items() if name not in names]
        if not missing:
            if titles:
                notes.append(
                    _("%(count)d title lines above the header in row %(row)d were not read.")
                    % {"count": titles, "row": number}
                )
            return cells, raw
        if any(cells):
            titles += 1
            hits = len(wanted) - len(missing)
            if hits > closest[0]:
                closest = (hits, [as_text(cell) for cell in cells if cell != ""])
    if not closest[1]:
        raise _NothingThere
    there = {same_name(text) for text in closest[1]}
    missing = [header for name, header in wanted.items() if name not in there]
    raise SheetError(
        _("There is no column %(missing)s. There is: %(there)s.")
        % {"missing": listed(missing), "there": listed(closest[1])}
    )


def _body(
    header: list[Cell], raw: Iterator[Numbered], columns: Mapping[str, str], notes: list[str]
) -> Iterator[Row]:
    """The rows of the table, without blank rows, repeated headers, sums and counts."""
    names = [same_name(as_text(cell)) for cell in header]
    at = {key: names.index(same_name(name)) for key, name in columns.items()}
    _refuse_twins(header, names, at.values())
    item_at = at.get("item", 0)
    blanks = 0
    numbers_above = False
    counts: list[Row] = []
    for number, cells in raw:
        content = tuple(as_text(cell) for cell in cells)
        if not any(content):
            blanks += 1
            continue
        if [same_name(text) for text in content] == names:
            notes.append(_("Row %(row)d repeats the header.") % {"row": number})
            continue
        if _is_foot(content, item_at):
            notes.append(_("Row %(row)d is a sum, not part of the table.") % {"row": number})
            continue
        row = _row(number, cells, content, at)
        only_numbers = all(_is_number(cell) for cell in cells if cell != "")
        if only_numbers and not numbers_above and (blanks or counts):
            counts.append(row)
        else:
            numbers_above = numbers_above or only_numbers
            yield from counts
            counts.clear()
            yield row
        blanks = 0
    notes += [
        _("Row %(row)d below the table holds only numbers: counts, not part of the table.")
        % {"row": row.number}
        for row in counts
    ]


def _refuse_twins(header: list[Cell], names: list[str], wanted: Iterable[int]) -> None:
    """A wanted column whose name another column has as well may be either of them."""
    for place in wanted:
        twins = [n for n, name in enumerate(names, 1) if name == names[place]]
        if len(twins) > 1:
            raise SheetError(
                _("The columns %(places)s are all called “%(name)s”. Rename all but one.")
                % {"places": listed([str(n) for n in twins]), "name": as_text(header[place])}
            )


def _row(number: int, cells: list[Cell], content: tuple[str, ...], at: Mapping[str, int]) -> Row:
    wanted = {key: cells[place] if place < len(cells) else "" for key, place in at.items()}
    filled = max(place for place, text in enumerate(content, 1) if text)
    return Row(number, wanted, content[:filled])


def _is_foot(content: Sequence[str], item_at: int) -> bool:
    """Whether the row is labelled as a sum, and names no item."""
    first = next(text for text in content if text)
    item = content[item_at] if item_at < len(content) else ""
    return bool(_FOOT.fullmatch(first.rstrip(":：").replace(" ", ""))) and item in {"", first}


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, str):
        return bool(re.fullmatch(r"-?\d+(\.\d+)?", cell))
    return isinstance(cell, Decimal)


def _tables(path: Path) -> Iterator[tuple[int, Iterator[Numbered]]]:
    """Every table of the file: (rows, iterator)."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise SheetError(
            _("%(file)s cannot be read: %(error)s") % {"file": path.name, "error": error}
        ) from error
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        yield from _workbook(path)
    elif re.match(rb"\s*<(!doctype|html|table|\?xml)", start, re.IGNORECASE):
        raise SheetError(
            _("%(file)s is a web page or XML. Open it in Excel and save it as XLSX.")
            % {"file": path.name}
        )
    else:
        yield _csv(path, start)


def _workbook(path: Path) -> Iterator[tuple[int, Iterator[Numbered]]]:
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
    except (CalamineError, PasswordError) as error:
        raise SheetError(
            _(
                "%(file)s cannot be opened: damaged, or protected by a password. Save it again as XLSX."
            )
            % {"file": path.name}
        ) from error
    for sheet in sheets:
        rows = (
            (number, [_excel_cell(value) for value in row])
            for number, row in enumerate(sheet.iter_rows(), 1)
        )
        yield sheet.total_height, rows


def _excel_cell(value: object) -> Cell:
    """A cell of Excel, whose every number is a float with 15 digits that count."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return Decimal(format(value, f".{_EXCEL_DIGITS}g"))
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, datetime | date):
        return value
    return "" if value is None else str(value)


def _csv(path: Path, start: bytes) -> tuple[int, Iterator[Numbered]]:
    encoding = _encoding(path, start)
    with path.open("rb") as file:
        total = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return total, _csv_rows(path, encoding)


def _csv_rows(path: Path, encoding: str) -> Iterator[Numbered]:
    with path.open(encoding=encoding, newline="") as file:
        head = [line for _n, line in zip(range(HEADER_WITHIN), file, strict=False)]
        delimiter = max(",;\t", key=lambda mark: sum(line.count(mark) for line in head))
        reader = csv.reader(chain(head, file), delimiter=delimiter)
        number = 1
        for row in reader:
            yield number, [_clean(text) for text in row]
            number = reader.line_num + 1


def _encoding(path: Path, start: bytes) -> str:
    """By its mark, else UTF-8 if all of it is, else GB18030."""
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise SheetError(
        _("%(file)s is neither UTF-8 nor GB18030 text. Save it as CSV UTF-8 or XLSX.")
        % {"file": path.name}
    )


def _clean(text: str) -> str:
    """Without outer blanks, invisible characters and the ="…" that protects codes."""
    text = _INVISIBLE.sub("", text).strip()
    protected = _PROTECTED.fullmatch(text)
    return protected[1].strip() if protected else text
