"""Reads CSV and TSV whatever their encoding and separator. Runs in the child only."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from intake.reading import limits
from intake.reading.sniff import Refused
from intake.understanding.traditional import PAIRS

Message = dict[str, Any]
_MARKS = ",\t;|"
_SAMPLE = 200_000
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNLIKELY = re.compile("[\u0180-\u07ff\ufffd]")
"""Scripts that are not ours: GB text of few characters may be theirs in UTF-8."""
_FEW = 8
_DATA = Path(__file__).parent.parent / "understanding" / "data"
_WORDS = ("headers.txt", "types.txt", "units.txt")
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)


def messages(path: Path) -> Iterator[Message]:
    """The file as messages for the parent; raises Refused."""
    text, encoding, hints = decode(path.read_bytes())
    start = text[:_SAMPLE]
    if len(_CONTROL.findall(start)) > max(20, len(start) // 100):
        raise Refused("foreign", what="binary")
    told = _SEPARATOR_LINE.match(text)
    skipped = 0
    if told:
        text, skipped = text[told.end() :], 1
    mark = told[1] if told else _mark(text)
    kind = "tsv" if mark == "\t" else "csv"
    yield {"book": {"kind": kind, "encoding": encoding, "hints": hints}}
    yield {"sheet": {"name": path.stem}}
    csv.field_size_limit(limits.TEXT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    numbered = _numbered(reader, skipped)
    last = 0
    try:
        while block := list(islice(numbered, limits.BLOCK)):
            last = block[-1][0]
            yield {"rows": block}
    except csv.Error as error:
        raise Refused("broken_row", line=reader.line_num + skipped) from error
    if reader.line_num + skipped > last > 0 and _open_quote(text, last - skipped):
        # All lines below went into one cell: rows would be missing, and nobody would be told.
        raise Refused("open_quote", line=last)


def _open_quote(text: str, line: int) -> bool:
    """Whether the row that begins in this line, the last one, opens a quotation mark that nobody closes."""
    rest = "".join(islice(io.StringIO(text, newline=""), line - 1, None))
    return rest.count('"') % 2 == 1


def _numbered(reader: Any, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with the line on which they begin."""
    number = 1
    cells = 0
    for row in reader:
        if any(row):
            cells += len(row)
            if len(row) > limits.COLUMNS:
                raise Refused("too_many_columns", limit=limits.COLUMNS)
            if cells > limits.CELLS:
                raise Refused("too_many_cells", limit=limits.CELLS)
            yield number + skipped, row
        number = reader.line_num + 1


def decode(data: bytes) -> tuple[str, str, list[str]]:
    """The text, its encoding, and a hint where another reading was possible; raises Refused."""
    for bom, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding, []
            except UnicodeDecodeError as error:
                raise Refused("encoding") from error
    sample = data[:4096]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(sample) > 8 and sample[offset::2].count(0) > len(sample) * 0.2 > sample[
            1 - offset :: 2
        ].count(0):
            try:
                return data.decode(encoding), encoding, []
            except UnicodeDecodeError:
                continue
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_east(data)
    # A few bytes of GB may be valid UTF-8 by accident; many are not.
    few = sum(letter > "\x7f" for letter in text[:_SAMPLE]) <= _FEW
    return _decode_east(data) if few and _UNLIKELY.search(text) else (text, "utf-8", [])


def _decode_east(data: bytes) -> tuple[str, str, list[str]]:
    """The reading with the most characters that sheets use; single odd bytes are Western."""
    runs = _HIGH_RUN.findall(data[:_SAMPLE])
    readings = []
    for encoding, common in (
        ("utf-8", _common_utf8),
        ("gb18030", _common_gb),
        ("big5hkscs", _common_big5),
    ):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.append((common(text[:_SAMPLE]) + _known(text[:_SAMPLE]), encoding, text))
    readings.sort(key=lambda reading: -reading[0])
    # ç and ã may stand side by side in Western words; Eastern characters are two bytes each, and mostly several.
    single = sum(len(run) == 1 for run in runs)
    western = single * 2 >= len(runs) and all(len(run) <= 2 for run in runs)
    if runs and western and (not readings or readings[0][0] < 1):
        try:
            return data.decode("cp1252"), "cp1252", ["encoding_guessed"]
        except UnicodeDecodeError:
            pass
    if not readings:
        raise Refused("encoding")
    close = len(readings) > 1 and readings[0][0] - readings[1][0] < 0.3
    return readings[0][2], readings[0][1], ["encoding_guessed"] if close else []


@cache
def _characters() -> frozenset[str]:
    """The Chinese characters of headers, types and units, simplified and traditional."""
    found = {letter for name in _WORDS for letter in (_DATA / name).read_text("utf-8")}
    found |= {pair[0] for pair in PAIRS if pair[1] in found}
    return frozenset(letter for letter in found if letter >= "\u2e80")


def _known(text: str) -> float:
    """The share of the Chinese characters of a text that headers, types and units are made of."""
    letters = [letter for letter in text if letter >= "\u2e80"]
    return sum(letter in _characters() for letter in letters) / len(letters) if letters else 0.0


def _common_utf8(text: str) -> float:
    return 0.5 * (
        1 - len(_UNLIKELY.findall(text)) / max(1, sum(letter > "\x7f" for letter in text))
    )


def _share(text: str, encoding: str, first: range) -> float:
    """The share of Chinese characters whose first byte says that they are common."""
    common = every = 0
    for letter, count in Counter(text).items():
        if letter < "\u2e80":
            continue
        every += count
        raw = letter.encode(encoding, "ignore")
        if len(raw) == 2 and raw[0] in first:
            common += count
    return common / every if every else 0.0


def _common_gb(text: str) -> float:
    # Row 3 holds full-width punctuation, rows 16 to 55 the characters of level 1.
    return _share(text, "gb2312", range(0xA1, 0xD8))


def _common_big5(text: str) -> float:
    return _share(text, "big5", range(0xA1, 0xC7))


def _mark(text: str) -> str:
    """The separator that cuts the first lines into most equal numbers of fields."""
    head = text[:_SAMPLE].splitlines()[:40]

    def score(mark: str) -> tuple[float, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(head, delimiter=mark) if row)
        except csv.Error:
            return 0.0, 0
        width, rows = max(
            ((w, n) for w, n in widths.items() if w > 1),
            key=lambda pair: pair[1] * pair[0],
            default=(1, 0),
        )
        return rows * min(width, 4), width

    return max(_MARKS, key=score)
