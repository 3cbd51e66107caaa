"""The map of a warehouse: each cell's number is what the place's own pages say; only what may be seen."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from people.access import access_for
from people.models import User
from stock.models import Lot, Place, Warehouse
from stock.plots import spark
from stock.queries import trend, warehouse_map
from stock.queries.as_of import as_of
from stock.queries.on_hand import StockFilter, on_hand
from stock.queries.sight import see
from tests.browser.conftest import demo, kept

__all__ = ["demo", "kept"]
pytestmark = pytest.mark.django_db(transaction=True)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_each_cell_counts_what_lies_in_its_place(demo: dict[str, User]) -> None:
    house = Warehouse.objects.get(code="MAIN")
    found = warehouse_map.read(house.pk, "items", timezone.now())
    cells = {cell.place.pk: cell.number for zone in found.zones for cell in zone.cells}
    there: dict[int, set[int]] = {}
    for row in on_hand(access_for(demo["zhao"]), StockFilter(warehouses=[house.pk])):
        if row.place and row.item and row.figures.on_hand:
            there.setdefault(row.place.id, set()).add(row.item.id)
    assert {pk: number for pk, number in cells.items() if number} == {
        pk: len(items) for pk, items in there.items()
    }
    assert found.whole
    assert max(cell.shade for zone in found.zones for cell in zone.cells) == warehouse_map.SHADES


def test_a_large_warehouse_is_drawn_by_its_zones(
    demo: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse_map, "MOST", 10)
    house = Warehouse.objects.get(code="MAIN")
    found = warehouse_map.read(house.pk, "moves", timezone.now())
    assert not found.whole
    zone = next(cell.place for cell in found.zones[0].cells if cell.number)
    answer = _client(demo["zhao"]).get(f"/warehouses/{house.pk}/map/?by=moves")
    assert f"zone={zone.pk}" in answer.content.decode()
    inside = warehouse_map.read(house.pk, "moves", timezone.now(), zone)
    assert inside.places < Place.objects.filter(warehouse=house).count()


def test_the_map_is_only_for_those_who_see_the_warehouse(demo: dict[str, User]) -> None:
    main, second = Warehouse.objects.get(code="MAIN"), Warehouse.objects.get(code="WH2")
    client = _client(demo["zhangwei"])
    assert client.get(f"/warehouses/{second.pk}/map/").status_code == 200
    assert client.get(f"/warehouses/{main.pk}/map/").status_code == 404
    for mode in (*warehouse_map.MODES, "nonsense"):
        assert client.get(f"/warehouses/{second.pk}/map/?by={mode}&zone=x").status_code == 200


def test_the_trend_is_the_book_as_of_each_day(demo: dict[str, User]) -> None:
    """Counted backwards from today's balance, it must meet what the book says of those days."""
    access = access_for(demo["zhao"])
    house = Warehouse.objects.get(code="MAIN")
    sight = see(access)
    rows = on_hand(access, StockFilter(warehouses=[house.pk]), by=("item",))
    items = [row.item.id for row in rows if row.item][:12]
    zone = sight.zone()
    today = timezone.localdate(timezone=zone)
    found = trend.trend(sight, items, house.pk, today)
    for back in (0, 3, 10, 25):
        at = timezone.localtime(timezone=zone).replace(hour=23, minute=59, second=59) - timedelta(
            days=back
        )
        past = as_of(
            access,
            StockFilter(items=items, warehouses=[house.pk]),
            at=min(at, timezone.now()),
            by=("item",),
        )
        said = {row.item.id: row.figures.on_hand for row in past if row.item}
        for item in items:
            assert found[item][trend.DAYS - 1 - back] == said.get(item, 0), (item, back)
    assert trend.trend(sight, items, 0, today) == {}


def test_a_serial_shows_every_station(demo: dict[str, User]) -> None:
    lot = Lot.objects.get(number="10051-0001")
    html = _client(demo["zhao"]).get(f"/lots/{lot.pk}/").content.decode()
    road = html.partition('<ol class="road">')[2].partition("</ol>")[0]
    assert road.count("<li>") == lot.movement_set.count() >= 3
    plain = Lot.objects.filter(item__tracking="lot").first()
    assert plain is not None
    assert 'class="road"' not in _client(demo["zhao"]).get(f"/lots/{plain.pk}/").content.decode()


def test_a_spark_needs_a_past_that_was_not_always_nothing() -> None:
    assert spark([]) is None
    assert spark([3]) is None
    assert spark([0, 0, 0]) is None
    line = spark([1, 1, 1])
    assert line is not None
    assert line.y == 9
    steps = spark([0, 5, 5], steps=True)
    assert steps is not None
    assert steps.path.startswith("M2.0 16.0H")
