"""What a scanned code means: one thing or nothing; packs count as packs; nobody scans what he may not see."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import DomainError, NotAllowed
from people.access import SYSTEM
from people.models import User
from stock import barcodes, gs1
from stock.gs1 import FNC1, BadCode
from stock.models import Barcode, Item, ItemUnit, Lot, Unit
from stock.queries import scans
from tests.stock.queries.world import World, make_world

pytestmark = pytest.mark.django_db
GTIN = "6901234567892"
PACK = "16901234567899"


@pytest.fixture
def world() -> World:
    made = make_world()
    plain, lots, serial = made.items
    box = Unit.objects.create(code="BOX", name="box")
    ItemUnit.objects.create(item=plain, unit=box, numerator=12)
    Barcode.objects.create(item=plain, code=GTIN)
    Barcode.objects.create(item=plain, code=PACK, unit=box)
    Barcode.objects.create(item=lots, code="0012345678905")
    Item.objects.filter(pk=serial.pk).update(tracking="serial")
    Barcode.objects.create(item=serial, code="96385074")
    return made


def read(text: str) -> scans.Scan:
    return scans.read(text, SYSTEM)


@pytest.mark.parametrize(
    "text",
    [GTIN, f"]E0{GTIN}", f"0{GTIN}", f"]C1010{GTIN}", f"(01)0{GTIN}", f"https://x.example/01/{GTIN}", "６９０１２３４５６７８９２", f" {GTIN} "],
)  # fmt: skip
def test_one_piece_however_it_is_coded(world: World, text: str) -> None:
    scan = read(text)
    assert (scan.kind, scan.item, scan.quantity, scan.base) == ("item", world.items[0], 1, 1)
    assert scan.unit == world.items[0].base_unit


@pytest.mark.parametrize("text", [PACK, f"]C101{PACK}", f"(01){PACK}"])
def test_a_pack_counts_as_many_as_are_in_it(world: World, text: str) -> None:
    scan = read(text)
    assert (scan.item, scan.quantity, scan.base) == (world.items[0], 1, Decimal(12))
    assert scan.unit is not None
    assert scan.unit.code == "BOX"


def test_packs_and_the_count_in_the_code(world: World) -> None:
    scan = read(f"]C102{PACK}3704{FNC1}10L-7")
    assert (scan.quantity, scan.base, scan.counted, scan.lot) == (4, 48, True, "L-7")


def test_lot_and_expiry_come_along(world: World) -> None:
    scan = read("(01)00012345678905(17)260530(10)L1")
    assert (scan.item, scan.lot, scan.expires_on) == (world.items[1], "L1", date(2026, 5, 30))


def test_a_serial_number_is_the_lot_of_a_piece(world: World) -> None:
    scan = read(f"]d20100000096385074{'10B1'}{FNC1}21S-1")
    assert (scan.item, scan.lot, scan.serial) == (world.items[2], "S-1", True)


def test_the_numbers_that_customer_and_maker_gave(world: World) -> None:
    other = "09501101530003"
    assert read(f"]C101{other}241{world.items[0].code}").item == world.items[0]
    assert read(f"]C101{other}240{world.items[1].code}{FNC1}241nothing").item == world.items[1]
    unknown = read(f"]C101{other}10L1")
    assert (unknown.kind, unknown.gtin, unknown.lot) == ("unknown", other, "L1")


def test_codes_of_items_places_and_lots(world: World) -> None:
    item = world.items[1]
    assert read(item.code.lower()).item == item
    place = read("a-01").place
    assert place is not None
    assert place.code == "A-01"
    lot = Lot.objects.create(item=item, number="ONLY-1", expires_on=date(2027, 1, 1))
    scan = read("only-1")
    assert (scan.item, scan.lot, scan.expires_on) == (item, lot.number, date(2027, 1, 1))
    Lot.objects.create(item=world.items[2], number="ONLY-1")
    assert read("ONLY-1").kind == "unknown"  # two items have it: nothing is guessed


def test_the_addresses_on_our_labels(world: World) -> None:
    item = world.items[1]
    assert read(f"http://any.host:8000/i/{item.code}/").item == item
    scan = read(f"https://any.host/l/{item.code}/L%2F1/")
    assert (scan.item, scan.lot) == (item, "L/1")
    assert read("https://any.host/p/W1/A-01/").kind == "place"
    key = "0d5b33b6-255a-4be6-90ae-711ae942dfb9"
    assert read(f"https://any.host/documents/{key}/").document == key
    assert read("https://any.host/i/nothing/").kind == "unknown"
    assert read("https://any.host/anything/else/").kind == "unknown"


def test_a_place_that_one_may_not_see_is_unknown(world: World) -> None:
    assert scans.read("A-01", world.clerk("W1")).kind == "place"
    assert scans.read("A-01", world.clerk("W3")).kind == "unknown"
    assert scans.read("https://x/p/W1/A-01/", world.clerk("W3")).kind == "unknown"


def test_archived_items_are_unknown(world: World) -> None:
    from django.utils import timezone

    Item.objects.filter(pk=world.items[0].pk).update(archived_at=timezone.now())
    assert read(GTIN).kind == "unknown"


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "]", "(01)", "https://", "http://[", "%", "x" * 5000]
)
def test_odd_codes_mean_nothing(world: World, text: str) -> None:
    try:
        assert read(text).kind == "unknown"
    except BadCode:
        assert text == "(01)"


def test_an_unknown_code_is_linked_once_and_known_from_then_on(world: World) -> None:
    user = User.objects.create_user("editor", name="Editor")
    item = world.items[1]
    other = "09501101530003"
    text = f"(01){other}(10)L1"
    assert barcodes.linkable(text) == other[1:]
    barcodes.link(text, item, None, actor=user, access=SYSTEM)
    barcodes.link(text, item, None, actor=user, access=SYSTEM)
    assert Barcode.objects.filter(item=item).count() == 2
    assert read(text).item == item
    assert read(other[1:]).item == item
    item.refresh_from_db()
    assert other[1:] in item.search_key


@pytest.mark.parametrize(
    "code", [GTIN, "item of another", "BAD\u200bCODE", "", "]C1" + "00" + "0" * 18]
)
def test_what_cannot_be_linked_is_refused(world: World, code: str) -> None:
    user = User.objects.create_user("editor", name="Editor")
    code = world.items[0].code if code == "item of another" else code
    with pytest.raises(DomainError):
        barcodes.link(code, world.items[1], None, actor=user, access=SYSTEM)
    with pytest.raises(NotAllowed):
        barcodes.link("NEW-1", world.items[1], None, actor=user, access=world.clerk("W1"))
    box = Unit.objects.get(code="BOX")
    with pytest.raises(DomainError):
        barcodes.link("NEW-1", world.items[1], box, actor=user, access=SYSTEM)
    assert gs1.is_gtin(GTIN)
