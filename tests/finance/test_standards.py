"""Standard costs are typed or read from a sheet, show what they would do to stock, and never touch a settled month."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from finance import standards
from finance.models import StandardCost
from finance.standards import StandardRefused, Wanted
from people.access import SYSTEM
from stock import periods
from stock.models import Item
from tests.finance.test_closing import MONTH
from tests.finance.test_pages import client_with
from tests.laws.world import World

D = Decimal
URL = "/finance/standard-costs/new/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def fay() -> Client:
    return client_with("stock.view", "cost.view", "finance.review")


def at_standard(world: World) -> Item:
    world.categories["average"].cost_method = "standard"
    world.categories["average"].save()
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=2)
    return item


def test_the_effect_is_shown_before_it_is_kept(fay: Client) -> None:
    world = World()
    item = at_standard(world)
    form = {"month": "2031-01", "area": world.main.area.pk, f"cost.{item.pk}": "2.5"}
    below = fay.post(URL, {**form, f"cost.{item.pk}": "-1", "do": "look"})
    assert (below.status_code, below.context["seen"]) == (422, False)
    answer = fay.post(URL, {**form, "do": "look"})
    assert answer.status_code == 200
    assert answer.context["total"] == 5
    assert not StandardCost.objects.exists()
    assert fay.post(URL, {**form, "do": "save"}).status_code == 302
    kept = StandardCost.objects.get()
    assert (kept.month.isoformat(), kept.value, kept.quantity) == ("2031-01-01", D("2.5"), 1)
    assert kept.history.count() == 1
    fay.post(URL, {**form, "do": "save"})
    assert kept.history.count() == 1
    assert fay.post(URL, {**form, f"cost.{item.pk}": "x", "do": "save"}).status_code == 422
    assert fay.post(URL, {"month": "2031-01", "do": "save"}).status_code == 422


def test_what_was_exported_is_read_back(fay: Client) -> None:
    world = World()
    item, other = at_standard(world), world.item("fifo")
    area = world.main.area.pk
    wanted = [Wanted(item.pk, area, MONTH, D("0.000035")), Wanted(other.pk, area, MONTH, D(3))]
    standards.save(world.company, wanted, actor=None, access=SYSTEM)  # type: ignore[arg-type]
    file = b"".join(fay.get("/finance/standard-costs/?export=csv").streaming_content)
    answer = fay.post(
        URL, {"month": "2031-02", "do": "look", "file": SimpleUploadedFile("costs.csv", file)}
    )
    assert answer.status_code == 200
    texts = {row["item"].pk: row["typed"] for row in answer.context["rows"]}
    assert texts == {item.pk: "0.000035", other.pk: "3"}
    assert answer.context["others"] == 1
    form: dict[str, Any] = {f"cost.{pk}": text for pk, text in texts.items()}
    assert fay.post(URL, {**form, "month": "2031-02", "do": "save"}).status_code == 302
    again = StandardCost.objects.get(item=item, month="2031-02-01")
    assert standards.cost_of(again) == D("0.000035")


def test_every_bad_line_of_a_sheet_is_named(fay: Client) -> None:
    item = at_standard(World())
    sheet = f"code,cost\n{item.code},1\nNOPE,2\n{item.code},3\n{item.code}x,\n"
    answer = fay.post(URL, {"file": SimpleUploadedFile("costs.csv", sheet.encode())})
    assert answer.status_code == 422
    assert [line.line for line in answer.context["error"].lines] == [3, 4]
    for content in (b"", b"a,b\n1,2\n", b"PK\x03\x04"):
        bad = fay.post(URL, {"file": SimpleUploadedFile("costs.csv", content)})
        assert bad.status_code == 422


def test_a_settled_month_and_others_areas_are_refused() -> None:
    world, other = World(), World("OTH")
    item = at_standard(world)
    periods.close(world.company, MONTH, actor=None, access=SYSTEM)
    area, theirs = world.main.area.pk, other.main.area.pk
    later = MONTH.replace(year=2031)
    bad = [
        Wanted(item.pk, area, MONTH, D(1)),
        Wanted(item.pk, theirs, later, D(1)),
        Wanted(item.pk, area, later, D(-1)),
        Wanted(item.pk, area, later.replace(day=2), D(1)),
    ]
    with pytest.raises(StandardRefused) as refused:
        standards.save(world.company, bad, actor=None, access=SYSTEM)  # type: ignore[arg-type]
    assert [line.line for line in refused.value.lines] == [1, 2, 3, 4]
    assert not StandardCost.objects.exists()


@pytest.mark.parametrize("wrong", [{"month": "2031/01"}, {"month": ""}, {"area": "999999"}])
def test_nothing_is_set_for_another_month_or_area(fay: Client, wrong: dict[str, str]) -> None:
    world = World()
    item = at_standard(world)
    form = {"month": "2031-01", "area": str(world.main.area.pk), f"cost.{item.pk}": "2.5"} | wrong
    answer = fay.post(URL, {**form, "do": "save"})
    assert answer.status_code == 422
    assert not StandardCost.objects.exists()


def test_the_list_shows_what_is_set_and_its_months(fay: Client) -> None:
    world = World()
    item = at_standard(world)
    form = {"month": "2031-01", "area": world.main.area.pk, f"cost.{item.pk}": "2.5"}
    fay.post(URL, {**form, "do": "save"})
    answer = fay.get("/finance/standard-costs/?month=2031-01")
    assert answer.status_code == 200
    assert item.code in answer.content.decode()
    assert item.code not in fay.get("/finance/standard-costs/?month=2031-02").content.decode()
