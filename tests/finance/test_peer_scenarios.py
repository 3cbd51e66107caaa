"""Figures that other systems publish for their books: those scenarios that need accounts, or a closed month.

Standard cost is provisional until the month is closed (ADR 0122): what others show at once is so at the close.
"""

import json
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.errors import DomainError
from finance import landing
from finance.models import StandardCost
from finance.reports import flows, prices
from people.access import SYSTEM
from stock import cost_methods, periods, verify
from stock.errors import PostingRefused
from stock.models import Category, CostPool, Item, Movement
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


def test_receipts_issues_a_count_and_another_standard() -> None:
    """GL-02: in centimetres, over two months; the second has a lower standard."""
    world = World()
    standard(world)
    fixed, average = world.item(), world.item("fifo")
    first = (MONTH - timedelta(days=1)).replace(day=1)
    for month, value in ((first, 5), (MONTH, 3)):
        StandardCost.objects.create(item=fixed, area=world.main.area, month=month, value=value)

    def at(hour: int) -> datetime:
        return moment(hour).replace(year=first.year, month=first.month)

    for item, metres, price in ((fixed, 4, 400), (average, 5, 600)):
        world.move("purchase_in", item, 100 * metres, value=metres * price, effective_at=at(metres))
    for item, sold in ((fixed, 2), (average, 3)):
        world.move("sales_out", item, sold, effective_at=at(6))
    for item, there in ((fixed, 398), (average, 497)):
        world.move("stocktake_loss", item, there - 100, reason="lost", effective_at=at(7))
    periods.close(world.company, first, **ME)
    out = balance("6401") + balance("1901")
    assert balance("1405") + out == D(expected("GL-02", 1)["stock_debit"])
    assert balance("6401") == D(expected("GL-02", 2)["stock_out_debit"])
    assert out == D(expected("GL-02", 3)["stock_out_debit"])
    before = balance("1405")
    periods.close(world.company, MONTH, **ME)
    assert balance("1405") - before == D(SCENARIOS["GL-02"][3]["derived"]["value_change"])
    assert verify.verify().ok


def value_of(item: Item) -> tuple[Decimal, Decimal]:
    pool = CostPool.objects.get(item=item)
    return pool.quantity, pool.value


def test_goods_returned_and_returned_again() -> None:
    """FIFO-17: whose rows the source has in its tests: receipts of 1 at 10 and at 20, and 1 sold.

    Goods that came back and are delivered again leave like any others: the oldest layer first, which is not
    theirs any more. A receipt that is sent back takes its own cost with it, and comes back with that (docs/laws.md:
    a return goes back at the cost of its original, a reversal mirrors it): of the 20 that the source has again,
    ours are 10 on the goods and 10 that were settled when the last piece had left.
    """
    for name in ("rereturn_receipt", "rereturn_delivery"):
        world = World(name[9:12])
        item = world.item("fifo")
        first = world.move("purchase_in", item, 1, unit_cost=10).movement_ids[0]
        world.move("purchase_in", item, 1, unit_cost=20)
        sold = world.move("sales_out", item, 1).movement_ids[0]
        if name == "rereturn_receipt":
            world.reverse(world.move("purchase_return", item, 1, original=first))
        else:
            world.move("sales_return", item, 1, original=sold)
            world.move("sales_out", item, 1)
        wanted = expected("FIFO-17", 1)[name]
        settled = Movement.objects.filter(type="settlement", item=item).values_list(
            "value", flat=True
        )
        quantity, value = value_of(item)
        assert (quantity, value + sum(settled)) == (D(wanted["on_hand"]), D(wanted["value"]))
        assert list(settled) == ([10] if name == "rereturn_receipt" else [])
        assert verify.verify().ok


def test_a_cost_that_changes_while_stock_is_below_zero() -> None:
    """AVG-25: there is nothing to revalue below zero; what comes at the new cost settles the difference."""
    world = World()
    item = world.item()
    cost = D(SCENARIOS["AVG-25"][0]["unit_cost"])
    world.move("purchase_in", item, 1, unit_cost=cost)
    world.move("purchase_return", item, 1)
    posted = world.move("sales_out", item, 10, override="sold before it came")
    wanted = expected("AVG-25", 2)
    assert value_of(item) == (D(wanted["on_hand"]), D(wanted["value"]))
    assert Movement.objects.get(pk=posted.movement_ids[0]).value == D(wanted["cogs"])
    ends = {"source": world.virtual["revaluation"], "target": world.place()}
    with pytest.raises(PostingRefused):
        world.move("revaluation", item, 0, value=900, **ends)
    assert value_of(item)[1] == D(expected("AVG-25", 3)["value"])
    came = world.move("other_in", item, 10, unit_cost=SCENARIOS["AVG-25"][2]["to"], reason="found")
    wanted = expected("AVG-25", 4)
    assert Movement.objects.get(pk=came.movement_ids[0]).value == D(wanted["value_change"])
    settled = Movement.objects.filter(posting=came.posting_id, type="settlement").get()
    assert settled.value == D(wanted["correction"])
    assert value_of(item) == (D(wanted["on_hand"]), D(wanted["value"]))
    holds()


def test_an_average_of_purchases() -> None:
    """AVG-33: the source says neither its three purchases nor weighs them; of equal ones the average is the same.

    Ours weighs by quantity, because a pool is worth what came into it less what left (docs/laws.md): an average
    of prices alone would part stock from the books where purchases differ in size.
    """
    wanted = D(expected("AVG-33", 1)["unit_cost_avg"])
    world = World()
    equal, different = world.item(), world.item()
    for quantity, price in ((10, 8), (10, 9), (10, 10)):
        world.move("purchase_in", equal, quantity, unit_cost=price)
    quantity, value = value_of(equal)
    assert value / quantity == wanted
    for quantity, price in ((1, 8), (1, 9), (28, 10)):
        world.move("purchase_in", different, quantity, unit_cost=price)
    assert value_of(different) == (30, 8 + 9 + 280)
    holds()


def test_what_is_earned_with_sales_and_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """AVG-31: what comes back is paid back at the price of its sale; what is lost costs and earns nothing."""
    world, paid = World(), {}
    monkeypatch.setattr(prices, "of", lambda movements: {key: paid[key] for key in movements})
    item = world.item()
    _cost, received, *sales, back, gone = SCENARIOS["AVG-31"][:6]
    world.move("purchase_in", item, received["qty"], unit_cost=received["unit_cost"])
    for one in sales:
        sold = world.move("sales_out", item, one["qty"]).movement_ids[0]
        paid[sold] = Fraction(one["sale_price"])
    world.move("sales_return", item, back["qty"], original=sold)
    world.move("scrap", item, gone["qty"], reason="damaged")
    today = timezone.localdate()
    for step, lost in ((7, False), (8, True)):
        wanted = expected("AVG-31", step)
        (flow,) = flows.cost_of_sales(
            world.company, today - timedelta(days=1), today + timedelta(days=1), lost=lost
        )
        assert (flow.quantity, flow.amount) == (D(wanted["quantity"]), D(wanted["cost"]))
        assert (flow.revenue, flow.profit) == (D(wanted["revenue"]), D(wanted["profit"]))
        assert flow.margin == D(wanted["margin"]) * 100


def test_what_cost_nothing_is_earned_with_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gift that is sold is booked nowhere, and still sold; what comes back of it is paid back."""
    world = World()
    item = world.item()
    world.move("purchase_in", item, 5, unit_cost=0)
    sold = world.move("sales_out", item, 3).movement_ids[0]
    monkeypatch.setattr(prices, "of", lambda movements: dict.fromkeys(movements, Fraction(4)))
    world.move("sales_return", item, 1, original=sold)
    today = timezone.localdate()
    (flow,) = flows.cost_of_sales(world.company, today - timedelta(days=1), today)
    assert (flow.quantity, flow.amount, flow.lines) == (2, 0, 2)
    assert (flow.revenue, flow.profit, flow.margin) == (8, 8, 100)


def test_last_in_first_out_is_not_offered() -> None:
    """FIFO-22: neither IAS 2 nor CAS 1 (企业会计准则第1号) allows it; no category can have it."""
    assert SCENARIOS["FIFO-22"][2]["derived"]["cogs"] == "250"
    assert "lifo" not in Category.CostMethod.values
    category = World().categories["fifo"]
    category.cost_method = "lifo"
    with pytest.raises(ValidationError, match="cost_method"):
        category.full_clean()
    with pytest.raises(DomainError, match="lifo"):
        cost_methods.change_method(category, "lifo", **ME)


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
