"""Real legacy files: loaded as the guide says, equal to their ground truth, verified, and only once.

The files lie beside the checkout (``../shared/data``, or where SAMPLE_DATA points). Where they are missing
these tests are counted as skipped, with the name of the file.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from people.models import Company
from stock import verify
from stock.models import Balance, Item, Movement, Partner, Place, Posting, Warehouse
from tests.support import samples

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]
Load = Callable[..., dict[str, Any]]


def sample(name: str) -> tuple[Path, dict[str, Any]]:
    path = samples.sample(name)
    return path, samples.truth(path)


def totals() -> dict[str, dict[str, Decimal]]:
    """Upper-case code → type → quantity."""
    result: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rows = Movement.objects.values_list("item__code", "type").annotate(all=Sum("quantity"))
    for code, kind, quantity in rows:
        result[code.upper()][kind] += quantity
    return result


def loads_once(load: Load, path: Path, **options: Any) -> dict[str, Any]:
    """Load twice: the second run changes nothing, and the book is proved after it."""
    result = load(path, **options)
    counts = (Posting.objects.count(), Movement.objects.count(), Item.objects.count())
    again = load(path, **options)
    assert (again["posted"], again["skipped"]) == (0, again["rows"])
    assert again["refused"] == []
    assert (Posting.objects.count(), Movement.objects.count(), Item.objects.count()) == counts
    report = verify.verify()
    assert report.ok, [finding.as_dict() for finding in report.findings if finding.wrong]
    return result


def test_adventure_works_august_2013(warehouse: Warehouse, load: Load) -> None:
    path, facts = sample("aw_transactionhistory_2013-08.csv")
    truth = facts["TransactionHistory_2013_08"]
    result = loads_once(
        load,
        path,
        map="item=ProductID,quantity=Quantity,date=TransactionDate,type=TransactionType,"
        "unit_cost=ActualCost,row_key=TransactionID",
        types="P=purchase_in,W=production_receipt,S=sales_out",
        create_items=True,
        shortage="opening",
    )
    assert (result["rows"], result["posted"], result["refused"]) == (
        truth["rows"],
        truth["rows"],
        [],
    )
    found = totals()
    assert len(found) == truth["products"]
    kinds = {"P_in": "purchase_in", "W_in": "production_receipt", "S_out": "sales_out"}
    on_hand = dict(Balance.objects.values_list("item__code").annotate(all=Sum("on_hand")))
    for code, wanted in truth["per_product"].items():
        assert {key: found[code][kind] for key, kind in kinds.items()} == {
            key: wanted[key] for key in kinds
        }, code
        assert on_hand[code] - found[code]["opening"] == wanted["net"], code
    assert set(Movement.objects.values_list("type", flat=True)) == {"opening", *kinds.values()}
    for letter, kind in zip("PWS", kinds.values(), strict=True):
        rows = Movement.objects.filter(type=kind)
        assert rows.count() == truth["lines_by_type"][letter]
        assert rows.aggregate(all=Sum("quantity"))["all"] == truth["qty_by_type"][letter]
    assert min(on_hand.values()) >= 0
    days = Posting.objects.order_by("business_date").values_list("business_date", flat=True)
    assert (str(days.first()), str(days.last())) == (truth["first"], truth["last"])


def test_online_retail_december_2010(company: Company, warehouse: Warehouse, load: Load) -> None:
    path, truth = sample("online_retail_2010-12.csv")
    result = loads_once(
        load,
        path,
        map="item=StockCode,quantity=Quantity,date=InvoiceDate,type=InvoiceNo,source=InvoiceNo,"
        "partner=CustomerID,name=Description",
        types="C=sales_return",
        default_type="sales_out",
        negative="stocktake_loss",
        create_items=True,
        shortage="opening",
    )
    assert (result["rows"], result["posted"], result["refused"]) == (
        truth["rows"],
        truth["rows"],
        [],
    )
    assert Item.objects.count() == truth["distinct_codes_case_insensitive"]
    quirks = truth["quirks"]
    lines = {
        kind: Movement.objects.filter(type=kind) for kind in ("sales_return", "stocktake_loss")
    }
    assert lines["sales_return"].count() == quirks["cancel_invoice_lines_C"]
    assert lines["stocktake_loss"].count() == quirks["negative_qty_not_C_stock_adjustments"]
    found = totals()
    per_code: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for code, wanted in truth["per_code"].items():
        per_code[code.upper()][0] += wanted["sold"]
        per_code[code.upper()][1] += wanted["negative"]
    assert set(found) == set(per_code)
    for code, (sold, negative) in per_code.items():
        assert found[code]["sales_out"] == sold, code
        assert found[code]["sales_return"] + found[code]["stocktake_loss"] == negative, code
    assert sum(kinds["sales_out"] for kinds in found.values()) == truth["sold"]
    by_day: dict[str, Decimal] = defaultdict(Decimal)
    rows = Movement.objects.exclude(type="opening").values_list("posting__business_date", "type")
    for day, kind, quantity in rows.annotate(all=Sum("quantity")):
        by_day[str(day)] += quantity if kind == "sales_out" else -quantity
    assert by_day == truth["net_by_day"]
    documents = Posting.objects.values("document").distinct().count()
    assert documents == truth["invoices"]
    assert Partner.objects.exclude(pk=0).filter(code__contains=".").count() == 0


def test_openboxes_levels_as_opening_stock(warehouse: Warehouse, load: Load) -> None:
    path, truth = sample("openboxes_inventory_levels.xls")
    result = loads_once(
        load,
        path,
        map="item=Product code,quantity=Current quantity,name=Product,place=Bin location",
        default_type="opening",
        negative="stocktake_loss",
        create_items=True,
        shortage="override",
    )
    zero = truth["zero_quantity_rows"]
    assert (result["rows"], result["posted"], result["skipped"]) == (
        truth["data_rows"],
        truth["data_rows"] - zero,
        zero,
    )
    assert result["refused"] == []
    for row in truth["trailing_count_rows"]:
        assert f"Row {row} " in result["said"]
    assert Item.objects.count() == truth["distinct_codes"]
    on_hand = Balance.objects.aggregate(all=Sum("on_hand"))["all"]
    assert on_hand == Decimal(str(truth["total_quantity"]))
    below = Balance.objects.filter(on_hand__lt=0).values_list("item__code", "on_hand")
    assert dict(below) == {
        code: Decimal(str(quantity)) for _row, code, quantity in truth["negative_quantity_rows"]
    }
    assert not Place.objects.filter(code="").exists()
