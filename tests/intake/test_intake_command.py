"""manage.py intake: the same import as the pages', its answer and its exit codes."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from intake.models import Import
from stock.models import Balance, Item
from tests.workflows.world import World
from workflows.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World("IC")


def run(path: Path, **options: Any) -> dict[str, Any]:
    """The answer with the exit code."""
    out = StringIO()
    status = 0
    try:
        call_command("intake", str(path), stdout=out, **options)
    except SystemExit as stop:
        status = int(str(stop.code))
    return {**json.loads(out.getvalue()), "exit": status}


def test_a_sheet_is_checked_written_once_and_its_answer_names_documents(
    world: World, tmp_path: Path
) -> None:
    a = world.item()
    path = tmp_path / "入库.csv"
    path.write_text(
        f"日期,单号,业务类型,货号,数量,计量单位,单价\n2026-03-01,RK1,其他入库,{a.code},10,PCS,2\n"
        "2026-03-02,RK2,其他入库,NEW-7,3,PCS,4\n",
        encoding="utf-8",
    )
    plain = run(path, purpose="movements")
    assert (plain["exit"], plain["rows"], plain["documents"]) == (0, 2, [])
    looked = run(path, purpose="movements", warehouse=world.main.code, dry_run=True)
    assert looked["exit"] == 1
    assert [(c["code"], c["raw"], c["row"]) for c in looked["checks"]] == [
        ("unknown_item", "NEW-7", 3)
    ]
    assert [d["source"] for d in looked["documents"]] == ["RK1"]
    refused = run(path, purpose="movements", warehouse=world.main.code, commit=True)
    assert (refused["exit"], refused["written"]) == (1, 0)
    assert not Import.objects.exists()
    made = run(path, purpose="movements", warehouse=world.main.code, commit=True, create="item")
    assert (made["exit"], made["state"], made["written"]) == (0, "done", 2)
    assert [(d["type"], d["source"], d["rows"]) for d in made["documents"]] == [
        ("other_in", "RK1", [2]),
        ("other_in", "RK2", [3]),
    ]
    assert Document.objects.filter(key=made["documents"][0]["key"], state="posted").exists()
    assert Balance.objects.get(item=Item.objects.get(code="NEW-7")).on_hand == 3
    again = run(path, purpose="movements", warehouse=world.main.code, commit=True, create="item")
    assert (again["exit"], again["known"], again["writable"], again["documents"]) == (0, 2, 0, [])


def test_mends_of_the_answers_are_applied(world: World, tmp_path: Path) -> None:
    a = world.item()
    path = tmp_path / "sheet.csv"
    path.write_text(
        f"日期,业务类型,货号,数量,计量单位,单价\n2026-03-01,其他入库,{a.code},10,合,2\n"
        f"2026-02-30,其他入库,{a.code},1,PCS,2\n2026-03-03,其他入库,X-1,1,PCS,2\n",
        encoding="utf-8",
    )
    mends = {
        "values": {"unit": {"合": "PCS"}},
        "cells": {"sheet!A3": "2026-02-28"},
        "left_out": [["sheet", 4]],
    }
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"mends": mends}), encoding="utf-8")
    made = run(path, purpose="movements", warehouse=world.main.code, commit=True, answers=answers)
    assert (made["exit"], made["written"], made["left_out"]) == (0, 2, 1)
    assert sum(b.on_hand for b in Balance.objects.filter(item=a)) == 11


SHEETS = {
    "opening": "货号,数量,单价\n{item},5,2\n",
    "movements": "日期,业务类型,货号,数量\n2026-03-01,其他入库,{item},5\n",
    "stocktake": "货号,实盘数量\n{item},5\n",
    "items": "货号,品名,规格,计量单位\nNEW-1,垫片,M8,PCS\n",
    "partners": "供应商编码,供应商名称,电话\nS-9,新供应商,13800000000\n",
    "orders": "订单号,日期,供应商,货号,数量,单价\nPO-1,2026-03-01,{supplier},{item},5,2\n",
    "boms": "母件编码,子件编码,用量\n{item},{other},2\n",
}


@pytest.mark.parametrize("purpose", SHEETS)
def test_each_kind_is_checked_and_written(world: World, tmp_path: Path, purpose: str) -> None:
    item, other = world.stocked(5), world.item()
    path = tmp_path / "sheet.csv"
    path.write_text(
        SHEETS[purpose].format(item=item.code, other=other.code, supplier=world.supplier.name),
        encoding="utf-8",
    )
    options: dict[str, Any] = {"warehouse": world.main.code, "user": world.head.username}
    if purpose == "opening":
        options["start"] = date(2026, 1, 1)
    looked = run(path, purpose=purpose, dry_run=True, **options)
    assert (looked["exit"], looked["as"], looked["wrong"]) == (0, purpose, [])
    assert (looked["rows"], looked["understood"], looked["writable"]) == (1, 1, 1)
    assert not Import.objects.exists()
    if purpose in {"orders", "stocktake"}:
        with pytest.raises(CommandError, match="You may not"):
            call_command(
                "intake", str(path), purpose=purpose, commit=True, stdout=StringIO(),
                **{**options, "user": world.admin.username},
            )  # fmt: skip
        assert not Import.objects.exists()
    made = run(path, purpose=purpose, commit=True, **options)
    assert (made["exit"], made["state"], made["written"]) == (0, "done", 1), made["refused"]


def test_the_answer_has_the_public_names(world: World, tmp_path: Path) -> None:
    a = world.item()
    path = tmp_path / "sheet.csv"
    path.write_text(
        f"日期,类别,内码,几个\n2026-03-01,其他入库,{a.code},5\n2026-02-30,其他入库,X-9,x\n"
    )
    dump = tmp_path / "dump.csv"
    answer = run(
        path,
        map="item=内码,quantity=几个,type=类别",
        purpose="movements",
        warehouse=world.main.code,
        dry_run=True,
        dump=dump,
        format="json",
    )
    names = (
        "shape sheets header_row columns rows understood wrong warnings totals questions documents"
    )
    assert set(names.split()) <= answer.keys()
    assert answer["columns"]["item"] == answer["columns"]["item"] | {
        "header": "内码",
        "confidence": 1.0,
    }
    assert {(w["row"], w["cell"], w["code"]) for w in answer["wrong"]} >= {
        (3, "A3", "date"),
        (3, "D3", "not_a_number"),
    }
    assert all(w["message"] for w in answer["wrong"])
    assert [d["type"] for d in answer["documents"]] == ["other_in"]
    first, *rows = dump.read_text(encoding="utf-8").splitlines()
    assert first == "sheet,row,field,raw,value,rule"
    assert f"sheet,2,item,{a.code},{a.code}," in rows


def test_what_cannot_be_looked_at_is_said_as_data(world: World, tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (tmp_path / "fine.csv").write_text(f"货号,数量\n{world.item().code},1\n")
    (tmp_path / "answers.json").write_text("[]")
    for name, options, code in (
        ("broken.xlsx", {}, "broken"),
        ("missing.csv", {}, "unreadable"),
        ("fine.csv", {"warehouse": "nowhere", "dry_run": True}, "warehouse"),
        ("fine.csv", {"user": "nobody", "commit": True}, "user"),
        ("fine.csv", {"map": "nonsense"}, "usage"),
        ("fine.csv", {"answers": tmp_path / "answers.json"}, "usage"),
    ):
        out = StringIO()
        with pytest.raises(CommandError) as refused:
            call_command("intake", str(tmp_path / name), stdout=out, **options)
        assert refused.value.returncode == 2
        assert json.loads(out.getvalue())["error"] == {"code": code, "message": str(refused.value)}
        quiet = StringIO()
        with pytest.raises(CommandError):
            call_command("intake", str(tmp_path / name), stdout=quiet, format="table", **options)
        assert quiet.getvalue() == ""


def test_a_count_of_what_is_nowhere_is_no_count(world: World, tmp_path: Path) -> None:
    a, b = world.stocked(5), world.item()
    path = tmp_path / "sheet.csv"
    options = {"purpose": "stocktake", "warehouse": world.main.code, "dry_run": True}
    path.write_text(f"货号,实盘数量\n{b.code},5\n")
    nowhere = run(path, **options)
    assert (nowhere["exit"], [w["code"] for w in nowhere["wrong"]]) == (1, ["nothing_to_count"])
    path.write_text(f"货号,实盘数量\n{b.code},5.0005\n{a.code},2\n")
    broken = run(path, **options)
    assert [(w["row"], w["code"]) for w in broken["wrong"]] == [(2, "decimals")]
