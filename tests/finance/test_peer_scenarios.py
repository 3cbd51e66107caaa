"""Figures that other systems publish for their books: those scenarios that need accounts, or a closed month."""

import json
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from finance import landing
from finance.models import StandardCost
from people.access import SYSTEM
from stock import periods, verify
from stock.models import CostPool
from tests.finance.test_journal import balance, holds
from tests.laws.world import World

D = Decimal
pytestmark = pytest.mark.django_db
FACTS = Path(__file__).parents[1] / "scenarios" / "peer_scenarios.json"
SCENARIOS = {one["id"]: one["steps"] for one in json.loads(FACTS.read_text())}
ME = {"actor": None, "access": SYSTEM}
MONTH = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def moment(hour: int) -> datetime:
    return datetime(MONTH.year, MONTH.month, 5, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


def expected(name: str, step: int) -> dict[str, Any]:
    return dict(SCENARIOS[name][step - 1]["expect"])


def standard(world: World) -> None:
    world.categories["average"].cost_method = "standard"
    world.categories["average"].save()


def test_standard_cost() -> None:
    """STD-01: what is received without a price, and what is left, is worth the standard."""
    world = World()
    standard(world)
    item = world.item()
    StandardCost.objects.create(item=item, area=world.main.area, month=MONTH, value=10)
    for hour in (1, 2):
        world.move("purchase_in", item, 10, unit_cost=9 + hour, effective_at=moment(hour))
    world.move("sales_out", item, 15, effective_at=moment(3))
    periods.close(world.company, MONTH, **ME)
    wanted = expected("STD-01", 4)
    pool = CostPool.objects.get(item=item)
    assert (pool.quantity, pool.value) == (D(wanted["on_hand"]), D(wanted["value"]))
    holds()


def test_receipt_with_a_price_difference() -> None:
    """GL-04: one item of fixed cost, one of average; the difference is booked apart."""
    world = World()
    standard(world)
    fixed, average = world.item(), world.item("fifo")
    (first, second) = SCENARIOS["GL-04"][0]["lines"]
    StandardCost.objects.create(
        item=fixed, area=world.main.area, month=MONTH, value=D(first["fixed_cost"])
    )
    for item, line in ((fixed, first), (average, second)):
        world.move(
            "purchase_in", item, line["qty"], unit_cost=line["unit_cost"], effective_at=moment(1)
        )
    bought = expected("GL-04", 1)
    assert balance("220202") == -D(bought["stock_in_credit"])
    for item, line in zip((fixed, average), SCENARIOS["GL-04"][1]["lines"], strict=True):
        world.move("sales_out", item, line["qty"], effective_at=moment(2))
    periods.close(world.company, MONTH, **ME)
    assert balance("1404") == -D(bought["price_difference_credit"])
    assert balance("6401") == D(expected("GL-04", 2)["cogs"])
    assert balance("1405") + balance("6401") == D(bought["stock_debit"])
    holds()


def test_a_return_and_a_later_landed_cost() -> None:
    """GL-07: what came back takes its share of the freight; what stays sold is a variance."""
    world = World()
    item = world.item()
    bought = world.move("purchase_in", item, 5, unit_cost=100).movement_ids[0]
    sold = world.move("sales_out", item, 5).movement_ids[0]
    world.move("sales_return", item, 2, original=sold)
    assert CostPool.objects.get(item=item).value == D(expected("GL-07", 3)["value_change"])
    landing.post(
        world.company,
        number="LCV",
        amount=D(SCENARIOS["GL-07"][3]["amount"]),
        basis="value",
        movements=[bought],
        key=str(uuid.uuid4()),
        **ME,
    )
    wanted = expected("GL-07", 4)
    pool = CostPool.objects.get(item=item)
    assert pool.value / pool.quantity == D(wanted["unit_cost"])
    assert pool.value == D(wanted["value_change_of"]["3"])
    assert balance("1404") == 30
    assert verify.verify().ok
