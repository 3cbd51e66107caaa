"""What master data refuses at every door: nothing that the book leans on is taken away or made ambiguous."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from core.errors import DomainError
from people.models import Membership, Role, User
from stock import catalog
from stock.models import Barcode, Item, ItemUnit, Place, Reason, Unit
from tests.stock.queries.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def keeper(world: World) -> User:
    user = User.objects.create_user("keeper", password="x", name="Keeper")
    rights = ["stock.view", "cost.view", "master.edit", "master.import", "period.close"]
    role = Role.objects.create(code="keeper", name="Keeper", rights=rights)
    Membership.objects.create(user=user, role=role, everywhere=True)
    return user


@pytest.fixture
def client(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


def test_places_outside_the_warehouses_stay_at_every_door(client: Client, keeper: User) -> None:
    virtual = list(Place.objects.filter(warehouse=None))
    assert len(virtual) == 9
    for place in virtual:
        assert client.get(f"/master/places/{place.pk}/edit/").status_code == 404
        assert client.post(f"/master/places/{place.pk}/edit/", {"code": "x"}).status_code == 404
        for what in ("archive", "restore", "delete"):
            answer = client.post(f"/master/places/{place.pk}/archive/", {"what": what})
            assert answer.status_code == 404, what
        acts: list[Callable[[], None]] = [
            lambda place=place: catalog.archive(place, actor=keeper),  # type: ignore[misc]
            lambda place=place: catalog.delete(place),  # type: ignore[misc]
        ]
        for act in acts:
            with pytest.raises(DomainError) as refused:
                act()
            assert refused.value.code == "virtual_place"
    assert list(Place.objects.filter(warehouse=None)) == virtual
    assert not Place.objects.filter(warehouse=None).exclude(archived_at=None).exists()


def test_the_database_keeps_places_outside_the_warehouses_in_use(world: World) -> None:
    place = Place.objects.filter(warehouse=None).earliest("pk")
    with pytest.raises(DatabaseError, match="always in use"), transaction.atomic():
        Place.objects.filter(pk=place.pk).update(archived_at=timezone.now())
    inside = world.place("A-01")
    assert Place.objects.filter(pk=inside.pk).update(archived_at=timezone.now()) == 1


def send(client: Client, kind: str, text: str) -> Any:
    """Upload a sheet; the page of differences, or the refusal."""
    file = SimpleUploadedFile("sheet.csv", text.encode())
    return client.post("/master/import/", {"kind": kind, "file": file}, follow=True)


def test_a_sheet_with_an_endless_cell_is_refused_in_words(client: Client) -> None:
    answer = send(client, "items", "code,name\nA1," + "x" * 131_073 + "\n")
    assert answer.status_code == 422
    assert "a cell is too long" in answer.content.decode()


def test_nonsense_in_the_address_of_a_form_is_ignored(client: Client) -> None:
    for query in ("copy=①", "warehouse=①", "copy=", "warehouse=" + "9" * 29):
        assert client.get(f"/master/items/new/?{query}").status_code == 200, query
        assert client.get(f"/master/places/new/?{query}").status_code == 200, query


def form_of(client: Client, url: str, **typed: Any) -> Any:
    """Send the form of a page with what it holds already, and what is typed over it."""
    page = client.get(url)
    forms = [page.context["form"], *page.context["rows"]]
    data: dict[str, Any] = {"version": page.context["version"]}
    for part in forms:
        members = [part] if hasattr(part, "fields") else [part.management_form, *part.forms]
        for form in members:
            for bound in form:
                value = bound.value()
                if value is not None and value is not False:
                    data[bound.html_name] = value
    return client.post(url, {**data, **typed})


def errors_of(answer: Any) -> str:
    """Every error that the page shows."""
    assert answer.status_code == 422
    parts = [answer.context["form"], *answer.context["rows"]]
    return " ".join(str(part.errors) for part in parts)


def test_a_unit_of_an_item_is_not_its_base_unit(client: Client, world: World) -> None:
    item = world.items[0]
    row = {"units-0-unit": item.base_unit_id, "units-0-numerator": 5, "units-0-denominator": 1}
    answer = form_of(client, f"/master/items/{item.pk}/edit/", **row)
    assert "base unit of the item already" in errors_of(answer)
    new = {"code": "N1", "name": "New", "category": item.category_id, "tracking": "none"}
    answer = form_of(client, "/master/items/new/", **new, base_unit=item.base_unit_id, **row)
    assert "base unit of the item already" in errors_of(answer)
    crate = Unit.objects.create(code="CRATE", name="Crate")
    row["units-0-unit"] = crate.pk
    assert form_of(client, f"/master/items/{item.pk}/edit/", **row).status_code == 302
    unmoved = Item.objects.create(
        code="N2", name="New", category=item.category, base_unit=item.base_unit
    )
    ItemUnit.objects.create(item=unmoved, unit=crate, numerator=5)
    sheet = f"code,name,category,base_unit\nN2,New,{item.category.code},CRATE\n"
    assert "other units" in send(client, "items", sheet).content.decode()


def test_a_ratio_of_units_is_one_step_at_every_door(client: Client) -> None:
    first, second = (Unit.objects.create(code=code, name=code) for code in ("U1", "U2"))
    Unit.objects.create(code="U6", name="U6", reference=first, numerator=6)
    answer = form_of(client, f"/master/units/{first.pk}/edit/", reference=second.pk)
    assert "refers to none itself" in errors_of(answer)
    header = "code,name,decimals,reference,numerator,denominator\n"
    page = send(client, "units", header + "U1,U1,0,U2,1,1\n").content.decode()
    assert "refers to none itself" in page
    page = send(client, "units", header + "U7,U7,0,U6,1,1\n").content.decode()
    assert "refers to no other" in page


@pytest.mark.parametrize(("name", "value"), [("decimals", 3), ("numerator", 7)])
def test_a_unit_in_use_keeps_its_ratio_and_decimals(
    client: Client, world: World, name: str, value: int
) -> None:
    unit = world.items[0].base_unit
    answer = form_of(client, f"/master/units/{unit.pk}/edit/", **{name: value})
    assert "The unit is in use" in errors_of(answer)
    sheet = f"code,name,{name}\n{unit.code},{unit.name},{value}\n"
    assert "The unit is in use" in send(client, "units", sheet).content.decode()
    fresh = Unit.objects.create(code="FRESH", name="Fresh")
    assert form_of(client, f"/master/units/{fresh.pk}/edit/", **{name: value}).status_code == 302
    assert form_of(client, f"/master/units/{unit.pk}/edit/", name="Renamed").status_code == 302


FORMS = {
    "categories": {"name": "x", "cost_method": "average"},
    "units": {"name": "x", "decimals": 0, "numerator": 1, "denominator": 1},
    "partners": {"name": "x", "is_supplier": "on"},
    "warehouses": {"name": "x"},
}


@pytest.mark.parametrize("kind", FORMS)
def test_codes_that_look_the_same_are_the_same(client: Client, kind: str) -> None:
    url = f"/master/{kind}/new/"
    assert form_of(client, url, code="Ｂ２－A", **FORMS[kind]).status_code == 302
    errors = errors_of(form_of(client, url, code="B2-A", **FORMS[kind]))
    assert "code" in errors
    for number in (0x200B, 0x0A, 0x202E, 0x2060, 0xFE0F, 0x3164):
        answer = form_of(client, url, code=f"C{chr(number)}9", **FORMS[kind])
        assert f"U+{number:04X}" in errors_of(answer)
    if kind in {"units", "partners", "categories"}:
        page = send(client, kind, "code,name\nC\u200b8,x\n").content.decode()
        assert "U+200B" in page


def test_codes_of_items_places_and_zones_are_read_alike(client: Client, world: World) -> None:
    item = world.items[0]
    new = {"name": "x", "category": item.category_id, "base_unit": item.base_unit_id}
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in item.code)
    answer = form_of(client, "/master/items/new/", code=wide, tracking="none", **new)
    assert "already" in errors_of(answer)
    answer = form_of(client, "/master/items/new/", code="A\u200b1", tracking="none", **new)
    assert "U+200B" in errors_of(answer)
    sheet = f"code,name\n{wide},Renamed\n"
    assert "U+" not in send(client, "items", sheet).content.decode()
    assert not Item.objects.filter(code=wide).exists()
    place = {"warehouse": world.warehouses["W1"].pk, "kind": "storage", "walking_order": 0}
    assert form_of(client, "/master/places/new/", code="Ｚ-1", **place).status_code == 302
    assert Place.objects.filter(code="Z-1").exists()
    bins = {"warehouse": world.warehouses["W1"].pk, "zone": "Z\u200b", "first": 1, "last": 2}
    assert client.post("/places/bins/", {**bins, "levels": 1}).status_code == 422


def test_a_barcode_is_never_the_code_of_another_item(client: Client, world: World) -> None:
    one, two = world.items[:2]
    answer = form_of(client, f"/master/items/{one.pk}/edit/", **{"barcodes-0-code": two.code})
    assert "code of another item" in errors_of(answer)
    Barcode.objects.create(item=one, code="SCAN-1")
    answer = form_of(client, f"/master/items/{two.pk}/edit/", code="scan-1")
    assert "is a barcode of" in errors_of(answer)
    sheet = f"code,name,category,base_unit,barcodes\n{one.code},x,{one.category.code},{one.base_unit.code},{two.code}\n"
    assert "code of another item" in send(client, "items", sheet).content.decode()
    sheet = f"code,name,category,base_unit\nSCAN-1,x,{one.category.code},{one.base_unit.code}\n"
    assert "is a barcode of" in send(client, "items", sheet).content.decode()


def test_reasons_that_came_with_the_program_are_only_archived(client: Client) -> None:
    reason = Reason.objects.get(code="damaged")
    url = f"/master/reasons/{reason.pk}/"
    answer = client.post(url + "archive/", {"what": "delete"}, follow=True)
    assert "can only be archived" in answer.content.decode()
    assert 'value="delete"' not in answer.content.decode()
    form_of(client, url + "edit/", code="other-code", name="Broken")
    reason.refresh_from_db()
    assert (reason.code, reason.name) == ("damaged", "Broken")
    client.post(url + "archive/", {"what": "archive"})
    reason.refresh_from_db()
    assert reason.archived_at is not None
    with pytest.raises(DatabaseError, match="archived, not deleted"), transaction.atomic():
        Reason.objects.filter(pk=reason.pk).delete()
    own = Reason.objects.create(code="own", name="Own")
    client.post(f"/master/reasons/{own.pk}/archive/", {"what": "delete"})
    assert not Reason.objects.filter(pk=own.pk).exists()


def test_two_edits_of_a_record_that_nobody_changed_before_do_not_overwrite(client: Client) -> None:
    unit = Unit.objects.create(code="U1", name="U1")
    unit.history.all().delete()
    url = f"/master/units/{unit.pk}/edit/"
    seen = client.get(url).context["version"]
    assert form_of(client, url, name="mine").status_code == 302
    assert "while you were editing" in errors_of(form_of(client, url, name="yours", version=seen))
    unit.history.all().delete()
    assert form_of(client, url, name="odd", version="x").status_code == 302
