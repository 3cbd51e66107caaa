"""Numbers that other systems publish, replayed through our ledger; where ours differ, an ADR says why.

``peer_scenarios.json`` holds the facts as they were found. LATER names what needs parts of the product that
do not exist yet, DIFFERENT what we answer otherwise on purpose. Every other expectation has to hold.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from core.errors import DomainError
from stock import verify
from tests.scenarios.expectations import check
from tests.scenarios.steps import Replay
from tests.scenarios.world import Done

SCENARIOS: dict[str, dict[str, Any]] = {
    scenario["id"]: scenario
    for scenario in json.loads((Path(__file__).parent / "peer_scenarios.json").read_text())
}

LATER = {
    "AVG-31": "what is earned with sales is a report: tests/finance/test_peer_scenarios.py",
    "AVG-33": "an average of prices that are not told: tests/finance/test_peer_scenarios.py",
    "FIFO-17": "rows that the source has elsewhere: tests/finance/test_peer_scenarios.py",
    "FIFO-22": "LIFO is not offered, no rules allow it: tests/finance/test_peer_scenarios.py",
    "STD-01": "standard cost is settled at the close: tests/finance/test_peer_scenarios.py",
    "CNT-03": "tolerances of counts: tests/workflows/counting/test_peer_scenarios.py",
    "CNT-20": "approval of counts: tests/workflows/counting/test_peer_scenarios.py",
    "RES-12": "bins are chosen when goods are picked: what an order keeps names none",
    "LOT-04": "dates before the expiry: alerts",
    "LOT-05": "alerts",
    "GL-02": "standard cost over two months: tests/finance/test_peer_scenarios.py",
    "GL-04": "price differences against a fixed cost: tests/finance/test_peer_scenarios.py",
    "GL-07": "a landed cost after sale and return: tests/finance/test_peer_scenarios.py",
    "SUP-01": "replenishment",
    "SUP-03": "replenishment",
    "SUP-04": "forecast",
    "AVG-25": "nothing is revalued below zero: tests/finance/test_peer_scenarios.py",
}

DIFFERENT: dict[tuple[str, int], tuple[str, dict[str, Any]]] = {
    ("CNT-09", 5): ("0033", {"on_hand_after": {"1": "18", "2": "19", "4": "14"}}),
    ("CNT-06", 3): ("0034", {"reserved": "0", "available": "8"}),
    ("CNT-06", 4): ("0034", {"reserved": "0", "available": "10"}),
    ("FIFO-18", 4): ("0035", {"value_v18": None, "value_v19": None, "value": "290"}),
    ("AVG-09", 4): ("0036", {"unit_cost": "20"}),
    ("AVG-28", 6): (
        "0036",
        {"at": {"WH1": {"unit_cost": "80.0000"}, "WH2": {"unit_cost": "85.0000"}}},
    ),
    ("CNT-13", 5): ("0038", {"error": None, "adjustments": {"A": None, "B": None, "C": None}}),
    ("AVG-11", 5): ("0039", {"value": "10"}),
}
"""Scenario and step → the ADR, and what we answer instead (None: the key is not asked)."""

LEFT_OUT: dict[tuple[str, int], str] = {
    ("AVG-28", 3): "0037",
    ("PRD-03", 2): "0083",
    ("AVG-02", 6): "0013",
    ("AVG-03", 6): "0013",
    ("AVG-03", 7): "0013",
    ("AVG-03", 8): "0013",
}
"""Scenario and step → the ADR that says why there is no such step here."""


def method_and_lots(scenario: dict[str, Any]) -> tuple[bool, bool]:
    """Whether goods have lots, and whether places are warehouses."""
    text = json.dumps(scenario["steps"])
    lots = scenario["id"] != "DOC-07" and '"lot"' in text
    return lots, scenario["fit"] == "direct_multi_wh"


def our_answer(name: str, step: dict[str, Any]) -> dict[str, Any]:
    """What the source expects or what follows from it, with our own answers in their place."""
    _adr, ours = DIFFERENT.get((name, step["n"]), ("", {}))
    merged = {**step.get("derived", {}), **step["expect"], **ours}
    return {key: wanted for key, wanted in merged.items() if wanted is not None or key not in ours}


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in LATER])
def test_scenario(name: str) -> None:
    scenario = SCENARIOS[name]
    lots, warehouses = method_and_lots(scenario)
    below_zero = scenario["fit"] == "needs_negative_allowed"
    world = Replay(scenario["method"], lots=lots, warehouses=warehouses, below_zero=below_zero)
    for step in scenario["steps"]:
        if (name, step["n"]) in LEFT_OUT:
            continue
        expected = our_answer(name, step)
        before = world.value()
        if expected.pop("error", None):
            world.prepare(step)
            with pytest.raises((DomainError, DatabaseError)), transaction.atomic():
                world.do(step)
            done = Done()
        else:
            done = world.do(step)
        check(world, done, before, expected)
    report = verify.verify()
    assert report.ok, [finding.as_dict() for finding in report.findings if finding.wrong]


def test_every_scenario_is_replayed_or_has_a_reason() -> None:
    assert set(LATER) <= set(SCENARIOS)
    must = {name for name, scenario in SCENARIOS.items() if scenario["fit"].startswith("direct")}
    assert len(SCENARIOS) == 73
    assert len(must - set(LATER)) >= 40


def test_every_difference_names_its_decision() -> None:
    folder = Path(__file__).resolve().parents[2] / "docs" / "adr"
    decided = {place: adr for place, (adr, _ours) in DIFFERENT.items()} | LEFT_OUT
    for (name, step), adr in decided.items():
        assert step in {its["n"] for its in SCENARIOS[name]["steps"]}
        assert list(folder.glob(f"{adr}-*.md")), (name, adr)
