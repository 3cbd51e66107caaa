"""Reads tables of HTML and of Excel's XML of 2003: what web exports call XLS. Runs in the child only."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any

from intake.reading import limits, texts
from intake.reading.sniff import Refused

Message = dict[str, Any]
_CHARSET = re.compile(
    rb"""charset\s*=\s*["']?\s*([\w-]+)|<\?xml[^>]*encoding\s*=\s*["']([\w-]+)""", re.IGNORECASE
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_SPAN = 2_000
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


class _Table:
    """A table that grows cell by cell; a spanning cell stands in its first place only."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[list[Any]] = []
        self.merges: list[tuple[int, int, int, int]] = []
        self._taken: dict[int, set[int]] = {}

    def start_row(self, at: int | None = None) -> None:
        while at is not None and len(self.rows) < min(at - 1, 1_048_576):
            self.rows.append([])
        self.rows.append([])

    def add(self, value: Any, across: int, down: int, at: int | None = None) -> None:
        if not self.rows:
            self.start_row()
        number = len(self.rows)
        row = self.rows[-1]
        taken = self._taken.get(number, set())
        while len(row) in taken:
            row.append("")
        if at is not None:
            row += [""] * (min(at - 1, limits.COLUMNS) - len(row))
        column = len(row)
        row.append(value)
        row += [""] * (across - 1)
        if len(row) > limits.COLUMNS:
            raise Refused("too_many_columns", limit=limits.COLUMNS)
        if across > 1 or down > 1:
            self.merges.append((number, column, number + down - 1, column + across - 1))
            for below in range(number + 1, number + down):
                self._taken.setdefault(below, set()).update(range(column, column + across))


class _Parser(HTMLParser):
    """Collects tables of both dialects; the innermost open table takes the cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._cell: dict[str, Any] | None = None
        self._text: list[str] = []
        self._silent = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag in {"script", "style"}:
            self._silent += 1
        elif tag in {"table", "worksheet"}:
            self._start_table(tag, facts)
        elif tag in {"tr", "row"}:
            self._end_cell()
            if self._open:
                self._open[-1].start_row(_index(facts))
        elif tag in {"td", "th", "cell"}:
            self._end_cell()
            self._cell, self._text = facts | {"dialect": tag}, []
        elif tag == "data" and self._cell is not None:
            self._cell["type"] = facts.get("ss:type", "String")
        elif tag in {"br", "p", "div"} and self._text:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._silent = max(0, self._silent - 1)
        elif tag in {"td", "th", "cell", "tr", "row"}:
            self._end_cell()
        elif (tag == "table" and self._open and self._open[-1].name == "") or (
            tag == "worksheet" and self._open
        ):
            self._end_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._text.append(data)

    def _start_table(self, tag: str, facts: dict[str, str]) -> None:
        # In Excel's XML the worksheet is the table, and <Table> stands inside of it.
        if tag == "table" and self._open and self._open[-1].name:
            return
        self._end_cell()
        table = _Table(facts.get("ss:name", "") if tag == "worksheet" else "")
        self.tables.append(table)
        self._open.append(table)
        if len(self.tables) > limits.SHEETS:
            raise Refused("too_many_sheets", limit=limits.SHEETS)

    def _end_cell(self) -> None:
        if self._cell is None or not self._open:
            self._cell = None
            return
        facts, self._cell = self._cell, None
        self._cells += 1
        if self._cells > limits.CELLS:
            raise Refused("too_many_cells", limit=limits.CELLS)
        text = "".join(self._text)
        if facts["dialect"] == "cell":
            across, down = _span(facts, "ss:mergeacross") + 1, _span(facts, "ss:mergedown") + 1
            value: Any = _typed(text, facts.get("type", "String"))
        else:
            across, down = max(1, _span(facts, "colspan")), max(1, _span(facts, "rowspan"))
            value = "\n".join(
                _BLANKS.sub(" ", line).strip(" ") for line in text.split("\n") if line.strip()
            )
        self._open[-1].add(value, across, down, _index(facts))


def _span(facts: dict[str, str], name: str) -> int:
    text = facts.get(name, "")
    return min(int(text[:9]), _SPAN) if text.isascii() and text.isdigit() else 0


def _index(facts: dict[str, str]) -> int | None:
    return _span({"i": facts.get("ss:index", "")}, "i") or None


def _typed(text: str, kind: str) -> Any:
    """A number of Excel's XML is a number unless it has more digits than Excel keeps; the rest is text."""
    text = text.strip()
    if kind == "Number" and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "DateTime":
        return text.removesuffix(".000").removesuffix("T00:00:00").replace("T", " ")
    return text


def messages(path: Path, kind: str) -> Iterator[Message]:
    """The tables as messages for the parent; raises Refused."""
    data = path.read_bytes()
    text, encoding, hints = _decoded(data)
    if re.search(r"<!DOCTYPE[^>[]*\[|<!ENTITY", text[:20_000], re.IGNORECASE):
        raise Refused("entities")
    yield {"book": {"kind": kind, "encoding": encoding, "hints": hints}}
    parser = _Parser()
    for start in range(0, len(text), 1 << 20):
        parser.feed(text[start : start + (1 << 20)])
    parser.close()
    number = 0
    for table in parser.tables:
        filled = (
            (n, cells) for n, cells in enumerate(table.rows, 1) if any(c != "" for c in cells)
        )
        first = list(islice(filled, limits.BLOCK))
        if not first:
            continue
        number += 1
        name = table.name or (path.stem if number == 1 else f"{path.stem} {number}")
        yield {"sheet": {"name": name, "merges": table.merges}}
        while first:
            yield {"rows": first}
            first = list(islice(filled, limits.BLOCK))


def _decoded(data: bytes) -> tuple[str, str, list[str]]:
    """By what the page says, where that holds; else as any text."""
    told = _CHARSET.search(data[:4096])
    if told and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = (told[1] or told[2]).decode().lower()
        name = "gb18030" if name in {"gb2312", "gbk", "x-gbk"} else name
        try:
            return data.decode(name), name, []
        except (UnicodeDecodeError, LookupError):
            pass
    return texts.decode(data)
