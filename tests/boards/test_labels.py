"""Labels: their codes can be read back and mean what they stand for; only what one may see is printed."""

import io
import uuid
from datetime import date

import pytest
import zxingcpp
from django.test import Client
from PIL import Image, ImageDraw
from pypdf import PdfReader

from boards.labels import content, paper
from boards.labels.content import Label
from boards.labels.pdf import Matrix, _cut, bars, pdf, square
from people.access import SYSTEM, access_for
from people.models import User
from stock.models import Barcode, Lot
from stock.queries import scans
from tests.api.conftest import person
from tests.stock.queries.world import World, make_world
from workflows.printing.canvas import Canvas

pytestmark = pytest.mark.django_db
GTIN = "6901234567892"


@pytest.fixture
def world() -> World:
    made = make_world()
    Barcode.objects.create(item=made.items[1], code=GTIN)
    return made


@pytest.fixture
def user(world: World) -> User:
    return person("reader", ["stock.view"], world)


def read(matrix: Matrix) -> str:
    """What a scanner reads of the drawn modules, with the mark of GS1 codes."""
    picture = Image.new("L", (len(matrix[0]) + 8, len(matrix) + 8), 255)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + 4, y + 4), 0)
    size = (picture.width * 6, picture.height * 6)
    (found,) = zxingcpp.read_barcodes(picture.resize(size, Image.Resampling.NEAREST))
    return found.text


def test_a_lot_label_is_gs1_and_means_the_lot(world: World, user: User) -> None:
    item = world.items[1]
    lot = Lot.objects.create(item=item, number="L/26-1", expires_on=date(2027, 5, 30))
    (label,) = content.lots([lot.pk], user, access_for(user))
    assert label.gs1 == f"(01)0{GTIN}(17)270530(10)L/26-1"
    scan = scans.read(read(square(label)), SYSTEM)
    assert (scan.item, scan.lot, scan.expires_on) == (item, lot.number, lot.expires_on)
    assert read([bars(label.bars)] * 30) == "L/26-1"


@pytest.mark.parametrize("kind", ["items", "lots", "places"])
def test_square_codes_lead_to_what_they_stand_for(world: World, user: User, kind: str) -> None:
    item = world.items[2]
    lot = Lot.objects.create(item=item, number="批 1")
    ids = {"items": item.pk, "lots": lot.pk, "places": world.place("A-01").pk}
    (label,) = content.KINDS[kind]([ids[kind]], user, access_for(user))
    scan = scans.read(read(square(label)), SYSTEM)
    if kind == "places":
        assert scan.place == world.place("A-01")
    else:
        assert (scan.item, scan.lot) == (item, "批 1" if kind == "lots" else "")


def read_pages(document: bytes, dots: float) -> set[str]:
    """What a scanner reads of the rectangles that the pages really hold, printed with so many dots a millimetre."""
    found = set()
    for page in PdfReader(io.BytesIO(document)).pages:
        scale = dots * 25.4 / 72
        high = float(page.mediabox.height)
        picture = Image.new(
            "L", (round(float(page.mediabox.width) * scale), round(high * scale)), 255
        )
        draw = ImageDraw.Draw(picture)
        contents = page.get_contents()
        assert contents is not None
        for operands, operator in contents.operations:
            if operator == b"re":
                x, y, width, height = (float(number) for number in operands)
                left, right = round(x * scale), round((x + width) * scale) - 1
                edges = sorted((high - y, high - y - height))
                draw.rectangle(
                    (left, round(edges[0] * scale), right, round(edges[1] * scale) - 1), 0
                )
        found |= {code.text for code in zxingcpp.read_barcodes(picture)}
    return found


LONG = Label(
    "RM-STEEL-304-PLATE-2000X1000X3.0-A",
    (
        "冷轧不锈钢板 304 双面覆膜 2000×1000×3.0 毫米 宝钢一级品 用于外壳冲压",
        "表面 2B / 公差 ±0.05",
        "张",
    ),
    "RM-STEEL-304-PLATE-2000X1000X3.0-A",
    "https://stock.example.com/i/RM-STEEL-304-PLATE-2000X1000X3.0-A/",
)


@pytest.mark.parametrize("sheet", paper.SHEETS, ids=lambda sheet: sheet.code)
def test_every_paper_is_read_back_as_a_printer_prints_it(
    world: World, user: User, sheet: paper.Sheet
) -> None:
    """Items, lots, places, a document, cards and what is far too long: rolls at 203 dpi, sheets at 300."""
    access = access_for(user)
    item, lot = world.items[1], Lot.objects.filter(item=world.items[1])[0]
    labels = [LONG, *content.items([item.pk], user, access), *content.lots([lot.pk], user, access)]
    labels += content.places([world.place("A-01").pk], user, access)
    labels += content.commands([], user, access)
    labels.append(
        Label(
            "PIN-MAIN-00452",
            ("采购入库",),
            "PIN-452",
            f"https://stock.example.com/documents/{uuid.UUID(int=7)}/",
        )
    )
    codes = read_pages(pdf(labels, sheet), 1 / paper.DOT if sheet.each == 1 else 300 / 25.4)
    assert {label.gs1 or label.link for label in labels} - codes == set()
    assert {label.bars for label in labels if len(label.bars) < 13} - codes == set()


def test_nothing_runs_over_a_square_code() -> None:
    """However long the title is: it goes on in the next line, and what is left out shows."""
    for sheet in paper.SHEETS:
        canvas = Canvas(*sheet.page, 9)
        canvas.add_page()
        room = sheet.size[0] * 0.4
        lines = _cut(canvas.at(8), LONG.title * 3, room, 3)
        assert len(lines) == 3
        assert lines[-1].endswith("…")
        assert all(canvas.wide(line) <= room for line in lines)


def test_cards_of_commands_are_printed_for_everybody(client: Client, world: World) -> None:
    nobody = person("nobody", [], world)
    client.force_login(nobody, backend="django.contrib.auth.backends.ModelBackend")
    assert "CMD-UNDO" in client.get("/labels/commands/").content.decode()
    answer = client.get("/labels/commands/pdf/?sheet=a4-14")
    assert "CMD-PAUSE" in read_pages(answer.content, 300 / 25.4)


def test_what_may_not_be_seen_is_not_printed(world: World, client: Client) -> None:
    local = person("local", ["stock.view"], world, "W3")
    nobody = person("nobody", [], world)
    pk = world.place("A-01").pk
    assert content.places([pk], local, access_for(local)) == []
    assert content.items([world.items[0].pk], nobody, access_for(nobody)) == []
    client.force_login(local, backend="django.contrib.auth.backends.ModelBackend")
    for path in (
        f"/labels/places/?id={pk}",
        f"/labels/places/pdf/?id={pk}",
        "/labels/items/",
        "/labels/x/?id=1",
    ):
        assert client.get(path).status_code == 404, path


def test_the_pages_of_a_sheet(world: World, user: User, client: Client) -> None:
    ids = [item.pk for item in world.items]
    labels = content.items(ids, user, access_for(user))
    for sheet in paper.SHEETS:
        pages = PdfReader(io.BytesIO(pdf(labels, sheet, copies=9, skip=1))).pages
        assert len(pages) == -(-(len(ids) * 9 + 1 % sheet.each) // sheet.each), sheet.code
        corner = sheet.corner(sheet.each - 1)
        assert corner[0] + sheet.size[0] <= sheet.page[0] + 0.1
        assert corner[1] + sheet.size[1] <= sheet.page[1] + 0.1
        assert world.items[0].code in pages[0].extract_text().replace("\x00", "")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    query = "&".join(f"id={pk}" for pk in ids)
    page = client.get(f"/labels/items/?{query}&copies=abc")
    assert world.items[0].code in page.content.decode()
    answer = client.get(f"/labels/items/pdf/?{query}&sheet=a4-24&copies=99999&skip=-4")
    assert answer.content.startswith(b"%PDF")
    assert answer.cookies["sheet"].value == "a4-24"
