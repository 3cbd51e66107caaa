"""Imports of master data say in a sentence what is wrong with a row."""

import pytest
from tablib import Dataset

from stock.models import Category, Item, Unit
from stock.resources import ItemResource


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
