"""Looks into the archive of an XLSX file: whether it is safe to unpack, and what the cell reader does not tell.

The parts are streamed and searched as bytes, never parsed into a tree, so nothing in them can grow.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from intake.reading import limits
from intake.reading.sniff import Refused

_CHUNK = 4 * 2**20
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_HIDDEN_ROW = re.compile(rb'<row\s([^>]*\bhidden="(?:1|true)"[^>]*)>')
_COLUMN = re.compile(rb"<col\s([^>]*)/?>")
_ERROR = re.compile(
    rb'<c\s[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*?\bt="e"[^>]*>(?:<f[^>]*?(?:/>|>[^<]*</f>))?<v>([^<]{0,20})</v>'
)
_FORMULA = re.compile(rb"<f[\s>/]")
_NO_VALUE = re.compile(
    rb'<c\s[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*><f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_STYLED = re.compile(rb'<c\s([^>]*\bs="\d+"[^>]*)>(?=<v>)')
_COMMENT = re.compile(
    rb'<(?:\w+:)?comment\s[^>]*?\bref="([A-Z]{1,3}\d{1,7})"[^>]*>(.{0,20000}?)</(?:\w+:)?comment>',
    re.DOTALL,
)
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</")
_FORMAT = re.compile(rb"<numFmt\s([^>]*)/?>")
_FONTS = re.compile(rb"<fonts[\s>].*?</fonts>", re.DOTALL)
_FONT = re.compile(rb"<font\s*/>|<font[\s>].*?</font>", re.DOTALL)
_XFS = re.compile(rb"<cellXfs[\s>].*?</cellXfs>", re.DOTALL)
_XF = re.compile(rb"<xf\s([^>]*)>")
_STRIKE = re.compile(rb'<(?:\w+:)?strike(?:\s+val="(?:1|true)")?\s*/>')
_RED = re.compile(
    rb'<color\s[^>]*rgb="(?:FF)?(?:FF0000|C00000|DC143C|FF3300|E60012)"', re.IGNORECASE
)
_ONLY_ZEROS = re.compile(r"0{2,15}(?:[;_].*)?")
_SHORTEST = len("<c><v>1</v></c>")
_NOTES = 2_000
_MANY = 20_000
"""So many addresses of one sort are kept; the rest is only counted as such a sheet's habit."""


@dataclass(slots=True)
class Extras:
    """What stands beside the cells of one sheet."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    error_cells: dict[str, str] = field(default_factory=dict)
    uncalculated: list[str] = field(default_factory=list)
    red: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    padded: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


class Package:
    """An XLSX archive that was found safe; raises Refused, on opening or later."""

    def __init__(self, path: str) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Refused("broken") from error
        self._parts = {info.filename: info for info in self._zip.infolist()}
        self._check()
        self._padded, self._red, self._struck = self._styles()

    def _check(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > limits.PARTS or len(infos) != len(self._parts):
            raise Refused("bomb")
        if any(info.flag_bits & 1 for info in infos):
            raise Refused("password")
        self._check_kind([name.lower() for name in self._parts])
        read = [info for info in infos if info.filename.lower().endswith((".xml", ".rels"))]
        if sum(info.file_size for info in read) > limits.PART_BYTES:
            raise Refused("bomb")
        for info in read:
            packed = max(info.compress_size, 1)
            if info.file_size > limits.RATIO_FROM and info.file_size / packed > limits.RATIO:
                raise Refused("bomb")
            if self._start(info).find(b"<!DOCTYPE") >= 0:
                raise Refused("entities")

    @staticmethod
    def _check_kind(names: list[str]) -> None:
        if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
            raise Refused("macros")
        if "xl/workbook.bin" in names:
            raise Refused("foreign", what="xlsb")
        if "mimetype" in names and "content.xml" in names:
            raise Refused("foreign", what="ods")
        if not any(name.startswith("xl/") for name in names):
            is_document = any(name.startswith(("word/", "ppt/")) for name in names)
            raise Refused("foreign", what="document" if is_document else "archive")

    def _start(self, info: zipfile.ZipInfo) -> bytes:
        """The first bytes, with NULs of UTF-16 taken out, in capitals where a doctype would be."""
        with self._open(info) as part:
            start: bytes = part.read(4096)
        return re.sub(rb"<!doctype", b"<!DOCTYPE", start.replace(b"\x00", b""), flags=re.IGNORECASE)

    def _open(self, info: zipfile.ZipInfo) -> zipfile.ZipExtFile:
        try:
            return self._zip.open(info)  # type: ignore[return-value]
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise Refused("broken") from error

    def _chunks(self, name: str) -> Iterator[bytes]:
        """A part in pieces that end between rows; raises Refused where it is not what the archive says."""
        info = self._parts[name]
        rest = b""
        with self._open(info) as part:
            while True:
                try:
                    block = part.read(_CHUNK)
                except (zipfile.BadZipFile, OSError, EOFError, RuntimeError) as error:
                    raise Refused("broken") from error
                except Exception as error:  # zlib.error has no stable base
                    raise Refused("broken") from error
                if not block:
                    break
                block = rest + block
                cut = block.rfind(b"</row>") + 6
                if cut < 6:
                    cut = len(block) if len(block) > 4 * _CHUNK else 0
                yield block[:cut]
                rest = block[cut:]
        yield rest

    def _whole(self, name: str, most: int = 32 * 2**20) -> bytes:
        info = self._parts.get(name)
        if info is None or info.file_size > most:
            return b""
        with self._open(info) as part:
            try:
                return part.read(most + 1)
            except Exception as error:  # zlib.error has no stable base
                raise Refused("broken") from error

    @property
    def epoch_1904(self) -> bool:
        """Whether days are counted from 1904."""
        return bool(
            re.search(rb'<workbookPr\s[^>]*date1904="(1|true)"', self._whole("xl/workbook.xml"))
        )

    def sheets(self) -> dict[str, str]:
        """Name of each sheet → its part."""
        relations = self._relations("xl/_rels/workbook.xml.rels", "xl")
        found = {}
        for match in _SHEET.finditer(self._whole("xl/workbook.xml")):
            facts = _attributes(match[1])
            part = relations.get(facts.get("r:id", ""), ("", ""))[1]
            if part in self._parts:
                found[unescape(facts.get("name", ""))] = part
        return found

    def _relations(self, name: str, base: str) -> dict[str, tuple[str, str]]:
        found = {}
        for match in _RELATION.finditer(self._whole(name)):
            facts = _attributes(match[1])
            target = facts.get("Target", "")
            part = (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(f"{base}/{target}")
            )
            found[facts.get("Id", "")] = (facts.get("Type", ""), part)
        return found

    def extras(self, part: str) -> Extras:
        """What stands beside the cells of this sheet; raises Refused if it holds too many cells."""
        found = Extras()
        cells = 0
        first = True
        # A small part cannot hold too many cells: the shortest one is <c><v>1</v></c>.
        counted = self._parts[part].file_size > limits.CELLS * _SHORTEST
        for chunk in self._chunks(part):
            if first:
                found.hidden_columns = _hidden_columns(chunk)
                first = False
            if counted:
                cells += chunk.count(b"<v>") + chunk.count(b"<is>")
            if cells > limits.CELLS:
                raise Refused("too_many_cells", limit=limits.CELLS)
            self._search(chunk, found)
        found.notes = self._notes(part)
        return found

    def _search(self, chunk: bytes, found: Extras) -> None:
        """Each search runs only where a plain look for its mark succeeds: it costs nothing elsewhere."""
        if b'hidden="' in chunk:
            numbers = (_attributes(m[1]).get("r", "") for m in _HIDDEN_ROW.finditer(chunk))
            found.hidden_rows += [int(number) for number in numbers if number.isdigit()]
        if b't="e"' in chunk:
            for match in _ERROR.finditer(chunk):
                found.error_cells[match[1].decode()] = unescape(match[2].decode("utf-8", "replace"))
        if _FORMULA.search(chunk):
            found.uncalculated += [m[1].decode() for m in _NO_VALUE.finditer(chunk)][:_MANY]
        if self._padded or self._red or self._struck:
            self._search_styles(chunk, found)

    def _search_styles(self, chunk: bytes, found: Extras) -> None:
        for match in _STYLED.finditer(chunk):
            facts = _attributes(match[1])
            style, where = facts.get("s", ""), facts.get("r", "")
            if style in self._padded and len(found.padded) < _MANY:
                found.padded[where] = self._padded[style]
            if style in self._red and len(found.red) < _MANY:
                found.red.append(where)
            if style in self._struck and len(found.struck) < _MANY:
                found.struck.append(where)

    def _notes(self, part: str) -> dict[str, str]:
        folder, _slash, file = part.rpartition("/")
        found: dict[str, str] = {}
        for kind, target in self._relations(f"{folder}/_rels/{file}.rels", folder).values():
            if kind.endswith("/comments"):
                for match in _COMMENT.finditer(self._whole(target)):
                    text = b"".join(_TEXT.findall(match[2])).decode("utf-8", "replace")
                    if text.strip() and len(found) < _NOTES:
                        found[match[1].decode()] = unescape(text).strip()[:2_000]
        return found

    def _styles(self) -> tuple[dict[str, int], set[str], set[str]]:
        """Numbers of the styles that pad with zeros, with their digits, of those in red, and of those struck out."""
        text = self._whole("xl/styles.xml")
        widths = {}
        for match in _FORMAT.finditer(text):
            facts = _attributes(match[1])
            code = unescape(facts.get("formatCode", ""))
            if _ONLY_ZEROS.fullmatch(code):
                widths[facts.get("numFmtId", "")] = len(code) - len(code.lstrip("0"))
        fonts = _FONTS.search(text)
        drawn = [match[0] for match in _FONT.finditer(fonts[0] if fonts else b"")]
        reds, strikes = (
            {str(number) for number, font in enumerate(drawn) if look.search(font)}
            for look in (_RED, _STRIKE)
        )
        padded, red, struck = {}, set(), set()
        formats = _XFS.search(text)
        for number, match in enumerate(_XF.finditer(formats[0] if formats else b"")):
            facts = _attributes(match[1])
            if facts.get("numFmtId") in widths:
                padded[str(number)] = widths[facts["numFmtId"]]
            if facts.get("fontId") in reds:
                red.add(str(number))
            if facts.get("fontId") in strikes:
                struck.add(str(number))
        return padded, red, struck


def _attributes(text: bytes) -> dict[str, str]:
    return {m[1].decode(): m[2].decode("utf-8", "replace") for m in _ATTRIBUTE.finditer(text)}


def _hidden_columns(start: bytes) -> list[int]:
    """The columns, from 0, that the sheet does not show."""
    found: list[int] = []
    for match in _COLUMN.finditer(start[: start.find(b"<sheetData")]):
        facts = _attributes(match[1])
        if facts.get("hidden") in {"1", "true"} and facts.get("min", "").isdigit():
            last = min(int(facts.get("max", "0") or 0), limits.COLUMNS)
            found += range(int(facts["min"]) - 1, last)
    return found
