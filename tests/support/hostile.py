"""Hostile, broken and merely odd files, made here so that nobody has to keep them: name and content."""

import io
import os
import random
import struct
import zipfile
from collections.abc import Iterator

import openpyxl
import xlwt

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)


def sheet_of(rows: str, head: str = "", foot: str = "") -> bytes:
    """The XML of a sheet with these rows."""
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData>{foot}</worksheet>'.encode()


def text_cell(where: str, text: str) -> str:
    """A cell that holds a text."""
    return f'<c r="{where}" t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(
    sheet: bytes, parts: dict[str, bytes] | None = None, target: str = "worksheets/sheet1.xml"
) -> bytes:
    """A minimal XLSX around the XML of one sheet."""
    relation = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{REL}/%s" Target="%s"/>%s</Relationships>'
    shared = f'<Relationship Id="rId2" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>'
    given = parts or {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", relation % ("officeDocument", "xl/workbook.xml", ""))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        more = shared if "xl/sharedStrings.xml" in given else ""
        archive.writestr("xl/_rels/workbook.xml.rels", relation % ("worksheet", target, more))
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in given.items():
            archive.writestr(name, content)
    return out.getvalue()


HEAD = "<row r='1'>" + text_cell("A1", "code") + text_cell("B1", "数量") + "</row>"
ROW = f"<row r='2'>{text_cell('A2', 'A')}<c r='B2'><v>5</v></c></row>"
GOOD = HEAD + ROW


def _archives() -> Iterator[tuple[str, bytes]]:
    """Archives that are bombs or lie about themselves."""
    yield "ratio.xlsx", workbook(sheet_of(GOOD + " " * (40 * 2**20)))
    inner = b"0" * 2**20
    for _level in range(6):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(4):
                archive.writestr(f"{number}.zip", inner)
        inner = packed.getvalue()
    yield "nested.xlsx", workbook(sheet_of(GOOD), {"xl/embeddings/a.zip": inner})
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(40_000):
            archive.writestr(f"xl/{number:0100d}", b"")
    yield "many_parts.xlsx", many.getvalue()
    data = bytearray(workbook(sheet_of(GOOD)))
    directory = data.rfind(b"PK\x05\x06")
    yield "broken_directory.xlsx", bytes(data[:directory]) + b"PK\x05\x06" + os.urandom(18)
    yield "no_directory.xlsx", bytes(data[: directory - 60])
    data[directory + 12 : directory + 16] = struct.pack("<I", 0xFFFFFFF0)
    yield "lying_directory.xlsx", bytes(data)
    yield "half.xlsx", bytes(data[: len(data) // 2])
    numbers = io.BytesIO()
    with zipfile.ZipFile(numbers, "w") as archive:
        archive.writestr("Index/Document.iwa", b"\0" * 500)
        archive.writestr("Metadata/Properties.plist", b"bplist00")
    yield "apple.numbers", numbers.getvalue()
    yield "no_sheet.xlsx", workbook(sheet_of(GOOD), target="worksheets/sheet9.xml")
    yield (
        "path.xlsx",
        workbook(
            sheet_of(GOOD), {"../../../../etc/cron.d/x": b"* * * * *"}, "../../../../../etc/passwd"
        ),
    )
    yield "macros.xlsm", workbook(sheet_of(GOOD), {"xl/vbaProject.bin": b"x" * 50})


def _xml() -> Iterator[tuple[str, bytes]]:
    """Sheets whose XML is hostile or absurd."""
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "lol">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
        + b"]>"
    )
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row>'
    body = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (MAIN.encode(), cell)
    yield "laughs.xlsx", workbook(laughs + body)
    shared = laughs + b'<sst xmlns="%s"><si><t>&a11;</t></si></sst>' % MAIN.encode()
    use = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    yield "laughs_in_strings.xlsx", workbook(sheet_of(use), {"xl/sharedStrings.xml": shared})
    long = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (MAIN.encode(), b"x" * (12 * 2**20))
    often = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 400))
    yield "strings_bomb.xlsx", workbook(sheet_of(often), {"xl/sharedStrings.xml": long})
    far = f"<row r='1048576'>{text_cell('XFD1048576', 'x')}</row>"
    yield "far_corner.xlsx", workbook(sheet_of(GOOD + far, '<dimension ref="A1:B2"/>'))
    empty = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(3, 100_000))
    last = '<row r="1048576" ht="20"><c r="A1048576" s="1"/></row>'
    yield "million_rows.xlsx", workbook(sheet_of(GOOD + empty + last))
    merges = ["A1:B2", "B2:C3", "A1:XFD1048576", "B2:A1", "A3:A3", "ZZZ1:A99999999", "A0:B0", ""]
    merges += [f"A{n}:B{n + 5}" for n in range(1, 3_000)]
    foot = "<mergeCells>" + "".join(f'<mergeCell ref="{m}"/>' for m in merges) + "</mergeCells>"
    yield "merges.xlsx", workbook(sheet_of(GOOD, foot=foot))
    styles = (
        f'<styleSheet xmlns="{MAIN}">'
        + "<a>" * 50_000
        + "</a>" * 50_000
        + "<cellXfs>"
        + '<xf numFmtId="0" fontId="0"/>' * 60_000
        + "</cellXfs></styleSheet>"
    )
    yield "styles.xlsx", workbook(sheet_of(GOOD), {"xl/styles.xml": styles.encode()})
    numbers = [
        "NaN",
        "1e308",
        "-1e308",
        "1e400",
        "INF",
        "-0",
        "1e-320",
        "0x10",
        "1,5",
        "",
        "9" * 400,
    ]
    odd = "".join(
        f"<row r='{n}'>{text_cell(f'A{n}', f'A{n}')}<c r='B{n}'><v>{v}</v></c></row>"
        for n, v in enumerate(numbers, 2)
    )
    yield "numbers.xlsx", workbook(sheet_of(HEAD + odd))
    texts = [
        "&#x202E;21",
        "A_x0000_B",
        "&#x200B;",
        "&#55357;",
        "=1+1",
        "+cmd|' /C calc'!A0",
        "@SUM(1)",
        "&lt;script&gt;",
    ]
    odd = "".join(
        f"<row r='{n}'>{text_cell(f'A{n}', t)}<c r='B{n}'><v>5</v></c></row>"
        for n, t in enumerate(texts, 2)
    )
    yield "texts.xlsx", workbook(sheet_of(HEAD + odd))
    yield (
        "picture.xlsx",
        workbook(sheet_of(GOOD), {"xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 200_000}),
    )


def _old() -> Iterator[tuple[str, bytes]]:
    """Old workbooks: sectors out of order, rings, halves; and what calls itself one."""
    book = xlwt.Workbook()
    page = book.add_sheet("S")
    for n in range(300):
        page.write(n, 0, f"A{n}" if n else "code")
        page.write(n, 1, n or "数量")
    out = io.BytesIO()
    book.save(out)
    data = out.getvalue()
    yield "half.xls", data[: len(data) // 2]
    dice = random.Random(6)
    sectors = [data[at : at + 512] for at in range(512, len(data), 512)]
    dice.shuffle(sectors)
    yield "shuffled.xls", data[:512] + b"".join(sectors)
    ring = bytearray(data)
    first = struct.unpack_from("<I", data, 76)[0]
    for n in range(128):
        struct.pack_into("<I", ring, (first + 1) * 512 + n * 4, n)
    yield "ring.xls", bytes(ring)
    yield "empty_ole.xls", OLE + b"\0" * 600
    yield "password.xlsx", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    yield "wps.et", OLE + b"\0" * 600
    yield "page.xls", b"<html><table>" + b"<div>" * 100_000 + b"<tr><td>x</td></tr>"
    yield "tables.xls", b"<table>" * 100_000 + b"x"
    yield "bold.xls", b"<table><tr><td>" + b"<b>" * 100_000 + b"x</td></tr></table>"


def _texts() -> Iterator[tuple[str, bytes]]:
    """Texts in odd encodings and shapes."""
    plain = "code,数量\r\nA,5\nB,6\rC,7\r\n"
    yield "line_ends.csv", plain.encode()
    yield "utf16.csv", plain.encode("utf-16-le")
    yield "big5.csv", "編碼,品名,數量\n甲,螺絲,5\n乙,螺帽,6\n".encode("big5")
    yield "long_line.csv", b"code," + b"x" * (8 * 2**20)
    yield "commas.csv", b"code" + b"," * 2_000_000
    yield "blank_lines.csv", b"code,name\n" + b"\n" * 4_000_000
    yield "open_quote.csv", b'code,name\n"' + b"A,5\n" * 50_000
    yield "nul.csv", b"code,name\nA\x00B,5\nC\x1a,6\n"
    yield "zero.csv", b""
    yield "document.xlsx", b"%PDF-1.7\n" + os.urandom(2_000)
    yield "noise.xlsx", b"PK\x03\x04" + os.urandom(3_000)
    yield "noise.csv", os.urandom(3_000)
    yield "deep.json", b"[" * 100_000
    yield (
        "formulas.csv",
        'code,name,数量\n"=HYPERLINK(""http://x"")",+1+1,@5\n-2+3,"\t=1",5\n'.encode(),
    )


NAMES = (
    "../../../etc/passwd.xlsx", "..\\..\\boot.ini.csv", "/etc/passwd", "\u202egpj.csv", "CON.csv",
    "a" * 300 + ".csv", "$(reboot).csv", "';DROP TABLE.csv", "a\nb.csv", ".csv", "😀.csv",
)  # fmt: skip
"""Names that contain paths, commands, marks or too much."""


def files() -> dict[str, bytes]:
    """All of them."""
    return {name: content for part in (_archives, _xml, _old, _texts) for name, content in part()}


def good() -> bytes:
    """A workbook that nobody has to refuse."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["code", "name"])
    page.append(["A", "Bolt"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
