"""Hostile files at every door that takes files: a refusal in words and a 4xx, or neutral; never a 500, memory bounded.

What the doors themselves may take is limited here by the address space of this process: whatever unpacks, parses or
repeats a file outside of a confined child runs into it and fails the test.
"""

import resource
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from finance.handover import kingdee
from intake.models import Import
from stock.models import Item
from stock.views import imports as masters
from tests.support import hostile
from tests.workflows.world import World
from workflows import file_kinds
from workflows.errors import DocumentRefused

pytestmark = pytest.mark.django_db
ROOM = 400 * 2**20
"""Bytes of address space that a door may take for one file of at most 13 MB."""
FILES = hostile.files()
BOOKS = (
    "ratio.xlsx", "many_parts.xlsx", "lying_directory.xlsx", "half.xlsx", "laughs_in_strings.xlsx", "strings_bomb.xlsx",
    "far_corner.xlsx", "numbers.xlsx", "ring.xls", "shuffled.xls", "document.xlsx",
)  # fmt: skip
"""Those that differ for a reader of a few rows."""


@pytest.fixture(autouse=True)
def little_room() -> Iterator[None]:
    """This process may take ``ROOM`` more than it has; its children set limits of their own."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(World("HD").admin)
    return client


@pytest.mark.parametrize("name", FILES)
def test_the_page_of_imports_refuses_or_shows(admin: Client, name: str) -> None:
    answer = admin.post("/intake/new/", {"file": SimpleUploadedFile(name, FILES[name])})
    assert answer.status_code in {302, 422}
    if answer.status_code == 422:
        said = answer.content.decode()
        assert name in said or not FILES[name]
        assert not Import.objects.exists()
    else:
        assert admin.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("name", hostile.NAMES)
def test_a_name_is_only_a_name(admin: Client, name: str) -> None:
    file = SimpleUploadedFile("x.csv", "编码,品名,数量\nA,螺栓,5\n".encode())
    file._name = name
    answer = admin.post("/intake/new/", {"file": file})
    assert answer.status_code == 302
    page = admin.get(answer["Location"])
    assert page.status_code == 200
    job = Import.objects.get()
    assert "/" not in job.name
    assert len(job.name) <= 255
    assert admin.get(f"/intake/{job.key}/errors.xlsx").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["ratio.xlsx", "far_corner.xlsx", "strings_bomb.xlsx", "macros.xlsm", "wps.et", "apple.numbers", "zero.csv", "noise.csv"],
)  # fmt: skip
def test_the_command_ends_with_a_message(name: str, tmp_path: Path) -> None:
    World("HC")
    (tmp_path / name).write_bytes(FILES[name])
    out, err = StringIO(), StringIO()
    with pytest.raises((SystemExit, CommandError)) as caught:
        call_command("intake", str(tmp_path / name), stdout=out, stderr=err)
    said = out.getvalue() + err.getvalue() + str(caught.value)
    assert name in said
    assert not Import.objects.exists()


@pytest.mark.parametrize("name", [*BOOKS, *(name for name in FILES if name.endswith("csv"))])
def test_the_import_of_masters_refuses_or_shows(admin: Client, name: str) -> None:
    file = SimpleUploadedFile(name, FILES[name])
    answer = admin.post(reverse("stock:import"), {"kind": "items", "file": file})
    assert answer.status_code in {302, 422}
    if answer.status_code == 302:
        confirm = answer["Location"]
        assert admin.get(confirm).status_code in {200, 422}
        assert admin.post(confirm).status_code in {200, 302, 422}
    assert not Item.objects.exclude(code__regex=r"^[^\x00-\x1f]+$").exists()


@pytest.mark.parametrize(
    "name",
    [
        "far_corner.xlsx",
        "laughs.xlsx",
        "ring.xls",
        "formulas.csv",
        "zero.csv",
        "noise.csv",
        "commas.csv",
    ],
)
def test_the_sheet_of_invoices_refuses_or_shows(name: str) -> None:
    client = Client()
    client.force_login(World("HV").fay)
    file = SimpleUploadedFile(name, FILES[name])
    answer = client.post(reverse("intake:invoices"), {"file": file})
    assert answer.status_code in {200, 422}


@pytest.mark.parametrize("name", BOOKS)
def test_the_template_of_a_voucher_refuses(name: str) -> None:
    with pytest.raises(kingdee.TemplateRefused):
        kingdee.read(FILES[name])


@pytest.mark.parametrize("name", FILES)
def test_attachments_are_kept_untouched_or_refused(name: str) -> None:
    kept = None
    try:
        kept = file_kinds.read(BytesIO(FILES[name]), name)
    except DocumentRefused as error:
        refusal = str(error)
    if kept is None:
        assert name in refusal
    else:
        assert (kept.data, kept.content_type in file_kinds.CONTENT_TYPES) == (FILES[name], True)


def test_a_good_workbook_passes_every_door(admin: Client) -> None:
    """The limits above refuse nothing that people send."""
    rows = masters.read("a.xlsx", hostile.good())
    assert (rows.headers, list(rows)) == (["code", "name"], [("A", "Bolt")])
    answer: Any = admin.post("/intake/new/", {"file": SimpleUploadedFile("a.xlsx", hostile.good())})
    assert answer.status_code == 302
