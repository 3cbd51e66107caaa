"""Imports of master data say in a sentence what is wrong with a row."""

from decimal import Decimal

import pytest
from tablib import Dataset

from people.models import Company
from stock import catalog
from stock.models import Barcode, Category, Item, Partner, Unit
from stock.resources import RESOURCES, ItemResource, MasterResource


@pytest.mark.django_db
def test_an_item_that_differs_in_case_alone_is_refused_in_words() -> None:
    category = Category.objects.create(code="C", name="Parts")
    unit = Unit.objects.create(code="U", name="piece")
    Item.objects.create(code="A-1", name="Bolt", category=category, base_unit=unit)
    rows = Dataset(["a-1", "Bolt", "C", "U", "none"])
    rows.headers = ["code", "name", "category", "base_unit", "tracking"]
    result = ItemResource().import_data(rows, dry_run=True)
    said = [str(row.error) for row in result.invalid_rows] + [
        str(error.error) for row in result.rows for error in row.errors
    ]
    assert len(said) == 1
    assert "There is an item with this code already." in said[0]
    assert "Constraint" not in said[0]


def rows_of(resource: MasterResource) -> Dataset:
    """What is exported, to be edited and imported again."""
    data = Dataset()
    data.dict = resource.export().dict
    return data


def changed(resource: MasterResource, data: Dataset) -> dict[str, int]:
    """Import it; returns how many are new, changed and as they were."""
    result = resource.import_data(data, dry_run=False, raise_errors=True)
    assert not result.invalid_rows, [row.error for row in result.invalid_rows]
    return {name: result.totals[name] for name in ("new", "update", "skip")}


@pytest.mark.django_db
def test_what_is_exported_is_imported_as_it_is_and_as_it_was_edited() -> None:
    company = Company.objects.create(code="T", name="Test", time_zone="Asia/Shanghai")
    house = catalog.create_warehouse(company=company, code="W1", name="First")
    zone = catalog.create_place(warehouse=house, code="ZA", name="A", is_group=True)
    bin_ = catalog.create_place(warehouse=house, code="A-01", parent=zone)
    category = Category.objects.create(code="C", name="Parts")
    unit = Unit.objects.create(code="U", name="piece")
    item = Item.objects.create(
        code="00123", name="=Bolt, “M8”", specification="1/2\n+x", category=category, base_unit=unit,
        reorder_point=Decimal("2.5"),
    )  # fmt: skip
    for code in ("6901234567892", "B-2"):
        Barcode.objects.create(item=item, code=code)
    Partner.objects.create(code="0007", name="供应商", is_supplier=True, phone="010-88")
    for name in ("items", "categories", "units", "partners", "places"):
        resource = RESOURCES[name]()
        data = rows_of(resource)
        assert changed(resource, data) == {"new": 0, "update": 0, "skip": len(data)}, name
    rows = rows_of(RESOURCES["items"]()).dict
    rows[0] |= {"name": "Bolt", "barcodes": "B-2;B-3", "maximum": "10"}
    data = Dataset()
    data.dict = [*rows, rows[0] | {"code": "00124", "barcodes": ""}]
    assert changed(RESOURCES["items"](), data) == {"new": 1, "update": 1, "skip": 0}
    item.refresh_from_db()
    assert (item.name, item.maximum, item.reorder_point) == ("Bolt", 10, Decimal("2.5"))
    assert set(item.barcodes.values_list("code", flat=True)) == {"B-2", "B-3"}
    data = Dataset()
    data.dict = [
        row | ({"name": "First bin", "parent": ""} if row["code"] == "A-01" else {})
        for row in rows_of(RESOURCES["places"]()).dict
    ]
    data.append(["w1", "ZB", "B", "storage", "", "1", "5"])
    data.append(["W1", "B-01", "", "storage", "zb", "0", "6"])
    assert changed(RESOURCES["places"](), data) == {"new": 2, "update": 1, "skip": 5}
    bin_.refresh_from_db()
    assert (bin_.name, bin_.parent, bin_.path) == ("First bin", None, "W1/A-01")
    assert house.places.get(code="B-01").path == "W1/ZB/B-01"


@pytest.mark.django_db
def test_places_that_cannot_be_are_refused_in_words() -> None:
    company = Company.objects.create(code="T", name="Test", time_zone="Asia/Shanghai")
    house = catalog.create_warehouse(company=company, code="W1", name="First")
    zone = catalog.create_place(warehouse=house, code="ZA", is_group=True)
    catalog.create_place(warehouse=house, code="ZB", is_group=True, parent=zone)
    for row, said in (
        (["W9", "X", "", "storage", "", "0", "0"], "W9"),
        (["", "X", "", "storage", "", "0", "0"], "Say the warehouse"),
        (["W1", "X", "", "supplier", "", "0", "0"], "Choose one of"),
        (["W1", "X", "", "storage", "nowhere", "0", "0"], "nowhere"),
        (["W1", "ZA", "", "storage", "ZB", "1", "0"], "cannot lie in itself"),
    ):
        data = Dataset(row)
        data.headers = ["warehouse", "code", "name", "kind", "parent", "is_group", "walking_order"]
        result = RESOURCES["places"]().import_data(data, dry_run=True)
        told = [str(one.error) for one in result.invalid_rows]
        told += [str(error.error) for one in result.rows for error in one.errors]
        assert told, row
        assert said in " ".join(told), (row, told)
