"""manage.py intake: the same import as the pages', its answer and its exit codes."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

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
