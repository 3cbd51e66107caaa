"""Hostile and broken files: refused in words or neutral, within bounds of memory and time, and never an exception of ours."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from intake.reading import launch, limits
from intake.reading.launch import Refusal, open_book
from intake.understanding import report
from intake.understanding.understand import understand

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(path: Path, sheet: bytes, **parts: bytes) -> Path:
    """A minimal XLSX around the XML of one sheet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in parts.items():
            archive.writestr(
                name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content
            )
    return path


def sheet_of(rows: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData></worksheet>'.encode()


def text_cell(where: str, text: str) -> str:
    return f'<c r="{where}" t="inlineStr"><is><t>{text}</t></is></c>'


def refusal(path: Path) -> str:
    """The code of the refusal; whatever else comes out fails the test."""
    with pytest.raises(Refusal) as caught:
        open_book(path)
    assert path.name in str(caught.value)
    return caught.value.code


GOOD = "<row r='1'>" + text_cell("A1", "编码") + text_cell("B1", "数量") + "</row>"


def test_a_file_that_unpacks_to_far_more_is_not_opened(tmp_path: Path) -> None:
    bomb = sheet_of("<row r='1'><c r='A1'><v>1</v></c></row>" + " " * (60 * 2**20))
    assert refusal(workbook(tmp_path / "a.xlsx", bomb)) == "bomb"


def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", sheet_of(GOOD * 1 + " " * (12 * 2**20)))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    for _n in range(2):
        at = data.find(struct.pack("<I", size))
        data[at : at + 4] = struct.pack("<I", 2000)
    path.write_bytes(bytes(data))
    assert refusal(path) in {"bomb", "broken"}


def test_entities_that_expand_themselves_are_refused(tmp_path: Path) -> None:
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"a" * 60_000 + b'">]>'
    body = (
        b'<worksheet xmlns="%s"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
        % MAIN.encode()
        + b"&a;" * 20_000
    )
    assert (
        refusal(
            workbook(
                tmp_path / "a.xlsx", entity + body + b"</t></is></c></row></sheetData></worksheet>"
            )
        )
        == "entities"
    )
    (tmp_path / "a.xls").write_bytes(
        b'<!DOCTYPE html [<!ENTITY a "b">]><html><table><tr><td>&a;</td></tr></table></html>'
    )
    assert refusal(tmp_path / "a.xls") == "entities"


def test_a_lying_dimension_hides_no_row(tmp_path: Path) -> None:
    rows = "".join(
        f"<row r='{n}'>{text_cell(f'A{n}', f'A{n}')}<c r='B{n}'><v>{n}</v></c></row>"
        for n in range(2, 3_002)
    )
    path = workbook(tmp_path / "a.xlsx", sheet_of(GOOD + rows, '<dimension ref="A1:B2"/>'))
    assert len(open_book(path).grids[0].rows) == 3_001
    path = workbook(tmp_path / "b.xlsx", sheet_of(GOOD + rows, '<dimension ref="A1:XFD1048576"/>'))
    assert len(open_book(path).grids[0].rows) == 3_001


def test_a_million_formatted_rows_are_neutral(tmp_path: Path) -> None:
    empty = (
        "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(3, 200_000))
        + '<row r="1048576" ht="20"><c r="A1048576" s="1"/></row>'
    )
    path = workbook(
        tmp_path / "a.xlsx",
        sheet_of(GOOD + f"<row r='2'>{text_cell('A2', 'A')}<c r='B2'><v>5</v></c></row>" + empty),
    )
    out = understand(path)
    assert [(row.number, row.get("quantity")) for row in out.rows] == [(2, 5)]


def test_a_cell_at_the_far_corner_is_refused_not_fatal(tmp_path: Path) -> None:
    far = f"<row r='1048576'>{text_cell('XFD1048576', 'x')}</row>"
    assert refusal(workbook(tmp_path / "a.xlsx", sheet_of(GOOD + far))) in {
        "memory",
        "too_many_columns",
        "broken",
    }


def test_one_enormous_cell_is_wrong_not_fatal(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编码,数量\n" + "x" * 1_000_000 + ",5\n")
    assert refusal(path) == "broken_row"
    path.write_text("编码,数量\n" + "x" * 30_000 + ",5\n")
    assert [w.code for w in understand(path).wrong] == ["too_long"]


def test_memory_and_time_of_the_child_are_bounded(tmp_path: Path) -> None:
    rows = "".join(
        f"<row r='{n}'>" + "".join(f"<c r='{c}{n}'><v>{n}</v></c>" for c in "ABCDEFGHIJ") + "</row>"
        for n in range(1, 60_000)
    )
    path = workbook(tmp_path / "a.xlsx", sheet_of(rows))
    # In a process of its own, which has no other children whose memory would be taken for the reader's.
    code = (
        "import resource, sys; from pathlib import Path; from intake.reading.launch import open_book\n"
        "print(len(open_book(Path(sys.argv[1])).grids[0].rows))\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    read, kilobytes = map(int, done.stdout.split())
    assert read == 59_999
    assert 0 < kilobytes < 500 * 1024


@pytest.mark.parametrize(
    ("work", "error"),
    [
        ("bytearray(900 * 2**20)", "MemoryError"),
        ("open('written', 'w').write('x' * 10_000)", "OSError"),
        ("import os; [os.open('/dev/null', 0) for _ in range(40)]", "OSError"),
    ],
)
def test_the_child_can_take_no_memory_and_write_nothing(
    tmp_path: Path, work: str, error: str
) -> None:
    code = f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nfrom intake.reading import limits\nlimits.confine()\n{work}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(settings.BASE_DIR)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert error in done.stderr


def test_a_child_whose_processor_time_is_over_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        launch,
        "_child_command",
        lambda _path: [
            sys.executable,
            "-c",
            "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
        ],
    )
    path = tmp_path / "a.csv"
    path.write_text("编码,数量\nA,5\n")
    assert refusal(path) == "time"


def test_a_child_that_breaks_off_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编码,数量\nA,5\n")
    for code, wanted in (
        ("import os; os.abort()", "memory"),
        ("raise SystemExit(3)", "broken"),
        ("print('{')", "broken"),
        ("print('[]')", "broken"),
    ):
        monkeypatch.setattr(
            launch, "_child_command", lambda _path, code=code: [sys.executable, "-c", code]
        )
        assert refusal(path) == wanted


def test_a_child_that_talks_without_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OUTPUT_BYTES", 1000)
    path = tmp_path / "a.csv"
    path.write_text("编码,数量\n" + "A,5\n" * 1000)
    assert refusal(path) == "too_many_cells"


def test_a_child_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.01)
    path = tmp_path / "a.csv"
    path.write_text("编码,数量\nA,5\n" * 100_000)
    assert refusal(path) == "time"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n\n,,\n", "empty"),
        ("a.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "et"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken"),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(3000) + "Workbook".encode("utf-16-le"),
            "broken",
        ),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + b"\0" * 600
            + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + "Workbook".encode("utf-16-le")
            + "_VBA_PROJECT_CUR".encode("utf-16-le"),
            "macros",
        ),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"),
            "foreign",
        ),
        ("a.xls", b"\x09\x08\x08\x00\x00\x05\x10\x00" + b"\0" * 60, "old_excel"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 100, "broken"),
        ("a.csv", b"%PDF-1.7 ...", "foreign"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "foreign"),
        ("a.json", b'{"a": [1, 2]}', "foreign"),
        ("a.csv", b"\xff\xfe\x00\xd8\x00", "encoding"),
        ("a.csv", bytes(range(128, 256)) * 20, "encoding"),
        ("a.csv", b"\x00\x01\x02\x03" * 200, "foreign"),
        ("a.xls", b"<html><body>no table</body></html>", "empty"),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == code


def test_macros_are_refused_whatever_the_name(tmp_path: Path) -> None:
    assert (
        refusal(workbook(tmp_path / "a.xlsx", sheet_of(GOOD), xl__vbaProject_bin=b"x")) == "macros"
    )


def test_a_workbook_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for n in range(200):
        book.active.append([f"A{n}", n])  # type: ignore[union-attr]
    book.save(tmp_path / "full.xlsx")
    data = (tmp_path / "full.xlsx").read_bytes()
    for part in range(1, 10):
        path = tmp_path / f"{part}.xlsx"
        path.write_bytes(data[: len(data) * part // 10])
        assert refusal(path) == "broken"


def test_bytes_changed_anywhere_never_end_in_an_exception(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["编码", "数量"])  # type: ignore[union-attr]
    for n in range(50):
        book.active.append([f"A{n}", n])  # type: ignore[union-attr]
    book.save(tmp_path / "full.xlsx")
    data = (tmp_path / "full.xlsx").read_bytes()
    path = tmp_path / "a.xlsx"
    for step in range(0, len(data), max(1, len(data) // 25)):
        path.write_bytes(data[:step] + bytes([data[step] ^ 0x5A]) + data[step + 1 :])
        with contextlib.suppress(Refusal):
            understand(path)


def test_huge_spans_of_a_web_page_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_text(
        "<table>" + '<tr><td colspan="999999999" rowspan="999999999">x</td></tr>' * 50 + "</table>"
    )
    assert refusal(path) == "too_many_columns"
    path.write_text("<table>" * 20_000)
    assert refusal(path) in {"too_many_sheets", "empty"}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1e308", "scientific"),
        ("NaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("1" * 40, "too_large"),
        ("5\x00", "control"),
        ("\u202e21", "direction_marks"),
        ("=1+1", "compound"),
        ("٣٤", "not_a_number"),
        ("1_000", "compound"),
        ("0x1F", "compound"),
    ],
)
def test_numbers_that_are_none_are_wrong(tmp_path: Path, cell: str, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"编码,品名,数量\nA,螺栓,{cell}\nB,垫片,5\n")
    out = understand(path)
    assert [w.code for w in out.wrong if w.field == "quantity"] == ([code] if code else [])


def test_a_number_of_excel_that_is_too_large_is_wrong(tmp_path: Path) -> None:
    rows = (
        GOOD
        + f"<row r='2'>{text_cell('A2', 'A')}<c r='B2'><v>1e308</v></c></row><row r='3'>{text_cell('A3', 'B')}<c r='B3'><v>5</v></c></row>"
    )
    assert [w.code for w in understand(workbook(tmp_path / "a.xlsx", sheet_of(rows))).wrong] == [
        "too_large"
    ]


def test_texts_that_hide_what_they_are_do_not_pass_as_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编码,品名,数量\nA\u202e12,螺栓,5\nB\x07,垫片,5\nC,螺\u202e母,5\n")
    out = understand(path)
    assert [(w.row, w.code) for w in out.wrong] == [(2, "direction_marks"), (3, "control")]
    assert [w.row for w in out.warnings if w.code == "direction_marks"] == [4]


def test_formulas_in_texts_stay_texts_and_are_marked_in_the_dump(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        '编码,品名,数量\nA,"=HYPERLINK(""http://x"",""y"")",-5\nB,+cmd|x,5\n@C,螺栓,5\n'
    )
    out = understand(path)
    assert [row.get("name") for row in out.rows] == ['=HYPERLINK("http://x","y")', "+cmd|x", "螺栓"]
    file = io.StringIO()
    report.write_dump(out, file)
    cells = [cell for line in file.getvalue().splitlines()[1:] for cell in line.split(",")]
    assert not [cell for cell in cells if cell.strip('"').startswith(("=", "+", "@"))]
    assert "-5" in cells


def test_pictures_in_a_workbook_are_never_looked_at(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", sheet_of(GOOD), xl__media__image1=b"\x89PNG" + b"\0" * 2_000_000
    )
    assert len(open_book(path).grids) == 1


def test_odd_names_of_files_and_sheets_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "-a;rm -rf $(x)`y`\n\u202e.csv"
    path.write_text("编码,数量\nA,5\n")
    assert [row.get("quantity") for row in understand(path).rows] == [5]
