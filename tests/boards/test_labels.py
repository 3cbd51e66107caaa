"""Labels: their codes can be read back and mean what they stand for; only what one may see is printed."""

import io
from datetime import date

import pytest
import zxingcpp
from django.test import Client
from PIL import Image
from pypdf import PdfReader

from boards.labels import content, paper
from boards.labels.pdf import Matrix, bars, pdf, square
from people.access import SYSTEM, access_for
from people.models import User
from stock.models import Barcode, Lot
from stock.queries import scans
from tests.api.conftest import person
from tests.stock.queries.world import World, make_world

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
