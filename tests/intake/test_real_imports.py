"""Every sample file through the wizard's code into the books: what is posted equals its ground truth.

The files lie beside the checkout (``../shared/data``, or where SAMPLE_DATA points). Where they are missing these tests are
counted as skipped, with the name of the file. Logs of movements say nothing of the stock they began with, so it is imported
first as a sheet of its own, as a person would do. ``WHOLE_SAMPLES=1`` reads the two largest to their end; otherwise a
slice of each is taken, whose truth is counted from its own lines.
"""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Sum

from people.models import Company
from stock import catalog, verify
from stock.models import Balance, Barcode, Item, Movement, Partner, Warehouse
from tests.support import samples
from tests.workflows.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.timeout(1_800),
]
WHOLE = os.environ.get("WHOLE_SAMPLES") == "1"
SLICE = 3_000


@pytest.fixture
def house() -> Warehouse:
    company = Company.objects.create(code="T", name="Test", time_zone="Asia/Shanghai")
    return catalog.create_warehouse(company=company, code="W1", name="First")


def sample(name: str) -> tuple[Path, dict[str, Any]]:
    path = samples.sample(name)
    return path, samples.truth(path)


def part_of(path: Path, folder: Path) -> Path:
    """The whole file, or its first lines under the same name."""
    if WHOLE:
        return path
    with path.open(encoding="utf-8") as file:
        lines = [line for _number, line in zip(range(SLICE + 1), file, strict=False)]
    (folder / path.name).write_text("".join(lines), encoding="utf-8")
    return folder / path.name


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def intake(path: Path, answers: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """Commit a file as ``manage.py intake`` does; returns its answer with the exit code."""
    out, status = StringIO(), 0
    if answers is not None:
        options["answers"] = Path(settings.VAR) / "answers.json"
        options["answers"].write_text(json.dumps(answers), encoding="utf-8")
    try:
        call_command(
            "intake", str(path), stdout=out, warehouse="W1", create="all", commit=True, **options
        )
    except SystemExit as stop:
        status = int(str(stop.code))
    return {**json.loads(out.getvalue()), "exit": status}


def open_with(folder: Path, amounts: Mapping[str, Any], start: date) -> None:
    """Import the stock that a log of movements began with."""
    path = folder / "期初.csv"
    path.write_text(
        "编码,数量\n" + "".join(f"{code},{amount}\n" for code, amount in amounts.items() if amount),
        encoding="utf-8",
    )
    made = intake(path, purpose="opening", start=start)
    assert (made["exit"], made["state"]) == (0, "done"), made["refused"]


def posted(*names: str) -> dict[str, dict[str, Decimal]]:
    """Code in capitals → type → quantity in the book."""
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rows = Movement.objects.filter(type__in=names) if names else Movement.objects.all()
    for code, kind, total in rows.values_list("item__code", "type").annotate(all=Sum("quantity")):
        found[code.upper()][kind] += total
    return found


def sums(pairs: Iterable[tuple[str, Any]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for code, amount in pairs:
        found[code.upper()] += Decimal(str(amount))
    return found


def proved() -> None:
    report = verify.verify()
    assert report.ok, [finding.as_dict() for finding in report.findings if finding.wrong]


def test_adventure_works(house: Warehouse, tmp_path: Path) -> None:
    path, facts = sample("aw_transactionhistory_2013-08.csv")
    truth = facts["TransactionHistory_2013_08"]
    path = part_of(path, tmp_path)
    rows = lines(path)
    out = sums((r["ProductID"], r["Quantity"]) for r in rows if r["TransactionType"] == "S")
    open_with(tmp_path, out, date(2013, 8, 1))
    kinds = {"P": "purchase_in", "W": "production_receipt", "S": "sales_out"}
    made = intake(path, {"mends": {"values": {"type": kinds}}})
    assert (made["exit"], made["state"], made["written"]) == (0, "done", len(rows)), made["refused"]
    found = posted(*kinds.values())
    for letter, kind in kinds.items():
        wanted = sums(
            (r["ProductID"], r["Quantity"]) for r in rows if r["TransactionType"] == letter
        )
        assert {code: by[kind] for code, by in found.items() if by[kind]} == wanted
        if WHOLE:
            assert sum(wanted.values()) == truth["qty_by_type"][letter]
    if WHOLE:
        assert made["rows"] == truth["rows"]
        on_hand = dict(Balance.objects.values_list("item__code").annotate(all=Sum("on_hand")))
        for code, net in truth["per_product"].items():
            assert on_hand[code] - out.get(code, 0) == net["net"], code
    again = intake(path, {"mends": {"values": {"type": kinds}}})
    assert (again["exit"], again["known"], again["writable"]) == (0, len(rows), 0)
    proved()


def test_online_retail(house: Warehouse, tmp_path: Path) -> None:
    path, truth = sample("online_retail_2010-12.csv")
    path = part_of(path, tmp_path)
    rows = lines(path)
    sold = sums((r["StockCode"], r["Quantity"]) for r in rows if not r["Quantity"].startswith("-"))
    back = sums((r["StockCode"], r["Quantity"]) for r in rows if r["Quantity"].startswith("-"))
    open_with(tmp_path, sold, date(2010, 12, 1))
    answers = {f"direction:{path.stem}!1": "out", f"price:{path.stem}!F1": "sale_price"}
    made = intake(path, answers)
    assert (made["exit"], made["state"], made["written"]) == (0, "done", len(rows)), made["refused"]
    found = posted("sales_out", "sales_return")
    assert {code: by["sales_out"] for code, by in found.items() if by["sales_out"]} == sold
    assert {code: -by["sales_return"] for code, by in found.items() if by["sales_return"]} == back
    assert Item.objects.count() == len(sold.keys() | back.keys())
    customers = {str(int(float(r["CustomerID"]))) for r in rows if r["CustomerID"]}
    assert set(Partner.objects.exclude(pk=0).values_list("code", flat=True)) == customers
    if WHOLE:
        assert (sum(sold.values()), -sum(back.values())) == (truth["sold"], truth["negative"])
        assert Item.objects.count() == truth["distinct_codes_case_insensitive"]
    proved()


def test_car_parts(house: Warehouse, tmp_path: Path) -> None:
    path, truth = sample("carparts.csv")
    if not WHOLE:
        text = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path = tmp_path / path.name
        path.write_text("".join(text[:201]), encoding="utf-8")
    used: dict[str, Decimal] = {}
    for row in lines(path):
        code = row.pop("Part")
        used[code] = sum((Decimal(n) for n in row.values() if n), Decimal(0))
    open_with(tmp_path, used, date(1998, 1, 1))
    made = intake(path, {f"direction:{path.stem}!1": "out"})
    assert (made["exit"], made["state"]) == (0, "done"), made["refused"]
    assert {code: sum(by.values()) for code, by in posted("other_out").items()} == {
        code: total for code, total in used.items() if total
    }
    assert not any(Balance.objects.values_list("on_hand", flat=True))
    if WHOLE:
        assert sum(used.values()) == Decimal(str(truth["total_demand"]))
    proved()


def test_openboxes_levels(house: Warehouse) -> None:
    path, truth = sample("openboxes_inventory_levels.xls")
    asked = intake(path, purpose="opening")
    assert (asked["exit"], {c["code"] for c in asked["checks"]}) == (
        1,
        {"start_missing", "negative"},
    )
    made = intake(path, purpose="opening", start=date(2024, 1, 1), skip_wrong=True)
    below = {row: Decimal(str(n)) for row, _code, n in truth["negative_quantity_rows"]}
    assert (made["exit"], made["state"]) == (0, "done"), made["refused"]
    assert [c["row"] for c in made["checks"]] == sorted(below)
    assert made["written"] == truth["data_rows"] - truth["zero_quantity_rows"] - len(below)
    on_hand = Balance.objects.aggregate(all=Sum("on_hand"))["all"]
    assert on_hand - -sum(below.values()) == Decimal(str(truth["total_quantity"]))
    proved()


def test_a_template_of_items(house: Warehouse) -> None:
    path, truth = sample("jsherp_goods_template.xls")
    made = intake(path, user=str(World("RI").admin.username))
    assert (made["exit"], made["state"], made["written"]) == (0, "done", 2), made["refused"]
    assert sorted(Item.objects.values_list("name", flat=True)) == sorted(
        r[0] for r in truth["rows"]
    )
    assert sorted(Barcode.objects.values_list("code", flat=True)) == sorted(
        str(int(row[10])) for row in truth["rows"]
    )


def test_a_parts_list(house: Warehouse) -> None:
    path, truth = sample("robot_parts_list_物料清单.xlsx")
    made = intake(path, purpose="opening", start=date(2024, 1, 1), skip_wrong=True)
    assert (made["exit"], made["state"]) == (0, "done"), made["refused"]
    lines = [line for part in ("section_1", "section_2") for line in truth[part]["lines"]]
    total = sum(Decimal(str(line["qty"])) for line in lines if line["qty"] is not None)
    assert Balance.objects.aggregate(all=Sum("on_hand"))["all"] == total
    proved()
