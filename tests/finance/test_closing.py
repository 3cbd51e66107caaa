"""Closing a month: what blocks it, what is kept of it, and how monthly average and standard cost are settled."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core import triggers
from finance import guards, journal, reclassifying, ruling
from finance.closing import later
from finance.models import (
    Account,
    AccountRule,
    ClosedAccount,
    ClosedStock,
    Closing,
    JournalLine,
    StandardCost,
)
from finance.reports import flows
from people.access import SYSTEM
from stock import periods, verify
from stock.errors import PeriodRefused
from stock.models import CostPool, Item, Movement
from tests.finance.test_journal import balance, holds
from tests.laws.world import World

D = Decimal
pytestmark = pytest.mark.django_db
ME = {"actor": None, "access": SYSTEM}
MONTH = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def at(day: int, month=MONTH) -> datetime:
    return datetime(month.year, month.month, day, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def monthly(world: World, method: str = "monthly") -> Item:
    item = world.item()
    world.categories["average"].cost_method = method
    world.categories["average"].save()
    return item


def close(world: World) -> Closing:
    periods.close(world.company, MONTH, **ME)
    return Closing.objects.latest("pk")


def figures(closing: Closing) -> tuple[list, list]:
    stock = ClosedStock.objects.filter(closing=closing).order_by("item", "warehouse")
    accounts = ClosedAccount.objects.filter(closing=closing).order_by("account")
    return list(stock.values()), list(accounts.values())


def sold_for(world: World) -> tuple[Decimal | None, Decimal, int]:
    """Quantity, cost and lines of the report of sales, by item as by customer."""
    end = MONTH + timedelta(days=31)
    (flow,) = flows.cost_of_sales(world.company, MONTH, end)
    (same,) = flows.cost_of_sales(world.company, MONTH, end, by="customer")
    assert (same.amount, same.lines) == (flow.amount, flow.lines)
    return flow.quantity, flow.amount, flow.lines


def test_a_month_is_kept_and_a_late_entry_changes_nothing_of_it() -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=2, effective_at=at(3))
    world.move("sales_out", item, 4, effective_at=at(5))
    closing = close(world)
    kept = ClosedStock.objects.get(closing=closing)
    assert (kept.item, kept.warehouse, kept.quantity, kept.value) == (item, world.main, 6, 12)
    row = ClosedAccount.objects.get(closing=closing, account__code="1405")
    assert (row.opening, row.debit, row.credit, row.closing_balance) == (0, 20, 8, 12)
    before = figures(closing)
    world.move("sales_out", item, 1)
    with pytest.raises(Exception, match="closed"):
        world.move("sales_out", item, 1, effective_at=at(6))
    assert figures(closing) == before
    for table in ("closing", "closedstock", "closedaccount"):
        with pytest.raises(DatabaseError, match="stay"), transaction.atomic():
            connection.cursor().execute(f"DELETE FROM finance_{table}")


def test_figures_go_on_from_the_closing_before() -> None:
    world = World()
    item = world.item()
    earlier = (MONTH - timedelta(days=1)).replace(day=1)
    world.move("purchase_in", item, 10, unit_cost=2, effective_at=at(3, earlier))
    world.move("purchase_in", item, 10, unit_cost=4, effective_at=at(3))
    world.move("transfer", item, 5, effective_at=at(4))
    periods.close(world.company, earlier, **ME)
    second = close(world)
    whole = figures(second)
    for month in (MONTH, earlier):
        periods.reopen(world.company, month, reason="once more", **ME)
    again = close(world)
    same = figures(again)
    assert [row["value"] for row in whole[0]] == [row["value"] for row in same[0]]
    assert [row["closing_balance"] for row in whole[1]] == [
        row["closing_balance"] for row in same[1]
    ]
    assert (second.number, again.number) == (1, 2)


def test_what_changed_after_the_closing_is_told() -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=2, effective_at=at(3))
    first = close(world)
    with pytest.raises(PeriodRefused, match="reason"):
        periods.reopen(world.company, MONTH, reason=" ", **ME)
    periods.reopen(world.company, MONTH, reason="a receipt was late", **ME)
    world.move("purchase_in", item, 1, unit_cost=5, effective_at=at(9))
    close(world)
    told = later.changes(first)
    assert [entry.total for entry in told.entries] == [5]
    assert [(row.name, row.before, row.after) for row in told.accounts] == [
        ("1405", 20, 25),
        ("220202", -20, -25),
    ]
    assert [(row.before, row.after) for row in told.stock] == [(20, 25)]


def test_a_missing_account_keeps_the_month_open() -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=2, effective_at=at(3))
    journal.fresh(world.company.pk)
    AccountRule.objects.filter(place_kind="customer").update(archived_at=timezone.now())
    world.move("sales_out", item, 4, effective_at=at(5))
    with pytest.raises(PeriodRefused, match="misses an account") as caught:
        close(world)
    assert [line.code for line in caught.value.lines] == ["accounts"]
    ruling.set_rule(world.company, "customer", Account.objects.get(code="6401"), **ME)
    close(world)
    reclassifying.apply(world.company, **ME)
    assert balance("1999") == 0


def test_a_month_is_not_closed_while_stock_and_books_differ() -> None:
    world = World()
    world.move("purchase_in", world.item(), 10, unit_cost=2, effective_at=at(3))
    laws = [one for one in guards.TRIGGERS if one.table == "finance_journalline"]
    triggers.drop(connection, laws)
    JournalLine.objects.update(amount=19)
    triggers.install(connection, laws)
    with pytest.raises(PeriodRefused, match="differ") as caught, transaction.atomic():
        close(world)
    assert caught.value.code == "books_differ"
    assert not Closing.objects.exists()
    assert not ClosedStock.objects.exists()
    world.move("sales_out", Item.objects.get(), 1, effective_at=at(9))


def test_the_monthly_average_is_settled_at_the_close() -> None:
    world = World()
    item = monthly(world)
    world.move("purchase_in", item, 10, unit_cost=2, effective_at=at(3))
    sold = world.move("sales_out", item, 5, effective_at=at(4)).movement_ids[0]
    used = world.move("production_issue", item, 3, effective_at=at(4)).movement_ids[0]
    world.move("sales_return", item, 1, original=sold, effective_at=at(5))
    world.move("purchase_in", item, 10, unit_cost=4, effective_at=at(6))
    assert (balance("6401"), balance("5001")) == (8, 6)
    close(world)
    assert (balance("6401"), balance("5001"), balance("1405")) == (12, 9, 39)
    assert sold_for(world) == (4, 12, 2)
    assert CostPool.objects.get(item=item).value == 39
    changes = Movement.objects.filter(type="price_difference").order_by("original")
    assert [(row.original_id, row.value) for row in changes] == [(sold, 4), (used, 3)]
    holds()
    assert verify.verify().ok
    periods.reopen(world.company, MONTH, reason="again", **ME)
    close(world)
    assert Movement.objects.filter(type="price_difference").count() == 2


def test_a_month_that_sells_all_leaves_no_cent() -> None:
    world = World()
    item = monthly(world)
    world.move("purchase_in", item, 3, unit_cost=1, effective_at=at(3))
    world.move("sales_out", item, 1, effective_at=at(4))
    world.move("purchase_in", item, 4, value=7, effective_at=at(5))
    for kind in ("sales_out", "department_issue", "scrap"):
        world.move(kind, item, 2, effective_at=at(6))
    close(world)
    assert (balance("6401"), balance("6602"), balance("1901")) == (D("4.29"), D("2.86"), D("2.85"))
    assert balance("1405") == 0
    assert balance("1404") == 0
    holds()
    periods.reopen(world.company, MONTH, reason="again", **ME)
    count = Movement.objects.count()
    close(world)
    assert Movement.objects.count() == count


def test_standard_cost_leaves_its_differences_as_a_variance() -> None:
    world = World()
    item = monthly(world, "standard")
    StandardCost.objects.create(item=item, area=world.main.area, month=MONTH, value=5)
    world.move("purchase_in", item, 4, unit_cost=4, effective_at=at(3))
    world.move("sales_out", item, 2, effective_at=at(4))
    close(world)
    assert (balance("1405"), balance("6401"), balance("220202")) == (10, 10, -16)
    assert sold_for(world) == (2, 10, 1)
    assert balance("1404") == -4
    holds()
    assert verify.verify().ok
    periods.reopen(world.company, MONTH, reason="again", **ME)
    count = Movement.objects.count()
    close(world)
    assert Movement.objects.count() == count


def test_what_sold_goods_got_from_elsewhere_is_not_taken_from_later_stock() -> None:
    """All was sold at the close, so the difference to the standard did not come from stock."""
    world = World()
    item = monthly(world, "standard")
    StandardCost.objects.create(item=item, area=world.main.area, month=MONTH, value=5)
    world.move("purchase_in", item, 4, unit_cost=4, effective_at=at(3))
    world.move("sales_out", item, 4, effective_at=at(4))
    close(world)
    assert (balance("6401"), balance("1405"), balance("1404")) == (20, 0, -4)
    assert sold_for(world) == (4, 20, 1)
    periods.reopen(world.company, MONTH, reason="a receipt was late", **ME)
    world.move("purchase_in", item, 2, unit_cost=4, effective_at=at(5))
    close(world)
    assert (balance("6401"), balance("1405"), balance("1404")) == (20, 10, -6)
    assert CostPool.objects.get(item=item).value == 10
    holds()


@pytest.mark.postgres
def test_monthly_average_on_postgresql() -> None:
    test_the_monthly_average_is_settled_at_the_close()


@pytest.mark.postgres
def test_figures_on_postgresql() -> None:
    test_what_changed_after_the_closing_is_told()
