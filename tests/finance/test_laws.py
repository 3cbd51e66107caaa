"""Laws of the books over random histories: of purchases, sales, returns, invoices, landed costs and a closing."""

import contextlib
import os
import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from core.errors import DomainError
from finance import invoicing, landing, receipts, voiding
from finance.invoicing import LineGiven
from finance.models import (
    Account,
    ClosedAccount,
    ClosedStock,
    Closing,
    InvoiceLine,
    JournalLine,
    LandedCost,
    PurchaseInvoice,
    StandardCost,
)
from people.access import SYSTEM
from stock import periods, verify
from stock.models import CostLayer, CostPool, Item, Movement, Partner, Posting
from tests.finance.test_journal import balance
from tests.laws.world import World

D = Decimal
pytestmark = pytest.mark.django_db
ME = {"actor": None, "access": SYSTEM}
PROOF = bool(os.environ.get("PROOF"))
STEPS = 100 if PROOF else 60
SEEDS = range(25 if PROOF else 2)
MONTH = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


class History:
    """Takes any steps; what is refused leaves nothing, which the laws see as well."""

    def __init__(self, seed: int, world: World, items: list[Item]) -> None:
        self.random = random.Random(seed)
        self.world = world
        self.items = items
        self.partner = Partner.objects.create(code="SUP", name="Supplier", is_supplier=True)
        self.bought: list[int] = []
        self.sold: list[int] = []
        self.done = 0
        self.moment: datetime | None = None
        """When the steps take effect; None is now."""

    def step(self) -> None:
        acts: list[Callable[[], None]] = [self.buy] * 7 + [self.sell, self.invoice] * 3
        acts += [self.send_back, self.take_back, self.land, self.credit] * 2
        acts += [self.use, self.move_over, self.revalue, self.reverse, self.void]
        act = self.random.choice(acts)
        if self.moment is not None:
            self.moment += timedelta(minutes=10)
        with contextlib.suppress(DomainError, IndexError, ValueError), transaction.atomic():
            act()
            self.done += 1

    def _money(self, most: int) -> Decimal:
        return D(self.random.randint(1, most * 100)) / 100

    def _move(self, kind: str, item: Item, quantity: int, **facts: Any) -> int:
        done = self.world.move(kind, item, quantity, effective_at=self.moment, **facts)
        return done.movement_ids[0]

    def buy(self) -> None:
        item, quantity = self.random.choice(self.items), self.random.randint(1, 9)
        facts = {"value": self._money(90), "partner": self.partner.pk}
        self.bought.append(self._move("purchase_in", item, quantity, **facts))

    def sell(self) -> None:
        item = self.random.choice(self.items)
        self.sold.append(self._move("sales_out", item, self.random.randint(1, 7)))

    def use(self) -> None:
        kind = self.random.choice(["production_issue", "department_issue", "scrap"])
        self._move(kind, self.random.choice(self.items), self.random.randint(1, 3))

    def move_over(self) -> None:
        kind = self.random.choice(["transfer", "bin_move"])
        self._move(kind, self.random.choice(self.items), self.random.randint(1, 3))

    def revalue(self) -> None:
        revaluation, here = self.world.virtual["revaluation"], self.world.place()
        ends = {"source": revaluation, "target": here}
        if self.random.random() < 0.5:
            ends = {"source": here, "target": revaluation}
        self._move("revaluation", self.random.choice(self.items), 0, value=self._money(9), **ends)

    def reverse(self) -> None:
        movements = Movement.objects.filter(type__in=["sales_out", "purchase_in", "scrap"])
        chosen = self.random.choice(list(movements.values_list("posting", flat=True)))
        self.world.reverse(chosen, effective_at=self.moment)

    def void(self) -> None:
        posted = list(PurchaseInvoice.objects.filter(state="posted").order_by("pk"))
        voiding.void(self.random.choice(posted), reason="wrong", **ME)

    def send_back(self) -> None:
        original = self.random.choice(self.bought)
        one = receipts.these(self.world.company.pk, [original])[original]
        item = Item.objects.get(pk=one.item)
        self._move("purchase_return", item, 1, original=original, partner=self.partner.pk)

    def take_back(self) -> None:
        original = Movement.objects.get(pk=self.random.choice(self.sold))
        self._move("sales_return", original.item, 1, original=original.pk)

    def _open(self, sign: int) -> list[receipts.Receipt]:
        found = receipts.open_receipts(self.world.company.pk)
        return [one for one in found if one.open_quantity * sign > 0]

    def invoice(self) -> None:
        chosen = self.random.sample(self._open(1), 1)
        self._invoice(chosen, 1)

    def credit(self) -> None:
        self._invoice(self.random.sample(self._open(-1), 1), -1)

    def _invoice(self, chosen: list[receipts.Receipt], sign: int) -> None:
        lines = []
        for one in chosen:
            whole = abs(int(one.number("open_quantity")))
            quantity = self.random.randint(1, max(whole, 1))
            lines.append(LineGiven(sign * self._money(80), one.movement, D(sign * quantity)))
        made = invoicing.save(
            self.world.company,
            partner=self.partner,
            number=uuid.uuid4().hex,
            day=timezone.localdate(self.moment) if self.moment else timezone.localdate(),
            tax=self._money(5),
            lines=lines,
            **ME,
        )
        invoicing.post(made, at=self.moment, **ME)

    def land(self) -> None:
        landing.post(
            self.world.company,
            number="F",
            amount=self._money(30),
            basis=self.random.choice(["value", "quantity"]),
            movements=self.random.sample(self.bought, min(3, len(self.bought))),
            key=str(uuid.uuid4()),
            **ME,
        )


def not_invoiced() -> Decimal:
    """What came from suppliers and did not go back, less what they asked for it: by the movements alone."""
    moved = Movement.objects.exclude(type="landed_cost").exclude(original__type="landed_cost")
    came = moved.filter(source__kind="supplier").aggregate(n=Sum("value"))["n"] or D(0)
    went = moved.filter(target__kind="supplier").aggregate(n=Sum("value"))["n"] or D(0)
    lines = InvoiceLine.objects.filter(invoice__state="posted", movement__isnull=False)
    return came - went - (lines.aggregate(n=Sum("amount"))["n"] or D(0))


def holds(history: History) -> None:
    """Every law that can be asked at any moment."""
    company = history.world.company
    open_ = sum((one.number("open_value") for one in receipts.open_receipts(company.pk)), D(0))
    assert balance("220202") == -open_ == -not_invoiced()
    stock = Account.objects.filter(is_inventory=True).values_list("code", flat=True)
    worth = CostPool.objects.aggregate(n=Sum("value"))["n"] or D(0)
    assert sum((balance(code) for code in stock), D(0)) == worth
    everything = Account.objects.filter(company=company).values_list("code", flat=True)
    assert sum((balance(code) for code in everything), D(0)) == 0
    landed = LandedCost.objects.aggregate(n=Sum("amount"))["n"] or D(0)
    assert balance("220203") == -landed
    assert not CostPool.objects.filter(quantity=0).exclude(value=0).exists()
    layers = dict(CostLayer.objects.values_list("pool").annotate(n=Sum("quantity")))
    for pool in CostPool.objects.filter(item__category__cost_method="fifo", quantity__gt=0):
        assert layers[pool.pk] == pool.quantity


def closed() -> str:
    """The figures of every closing that there is."""
    rows = [
        list(table.objects.order_by("pk").values())
        for table in (Closing, ClosedStock, ClosedAccount)
    ]
    return repr(rows)


def no_cent_is_lost() -> None:
    for table, column in ((Movement, "value"), (JournalLine, "amount"), (CostPool, "value")):
        amounts = table.objects.values_list(column, flat=True)
        assert all(amount == amount.quantize(D("0.01")) for amount in amounts)
    assert not ClosedAccount.objects.exclude(
        closing_balance=F("opening") + F("debit") - F("credit")
    ).exists()


def items_of(world: World, method: str) -> list[Item]:
    """Three items of a method of cost, those of a standard with one."""
    kept = method if method in world.categories else "average"
    world.categories[kept].cost_method = method
    world.categories[kept].save()
    found = [world.item(kept) for _n in range(3)]
    if method == "standard":
        for number, item in enumerate(found[:2], 3):
            StandardCost.objects.create(
                item=item, area=world.main.area, month=MONTH, value=D(number)
            )
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("method", ["average", "fifo", "monthly", "standard"])
def test_laws_hold_after_every_step_of_a_history(seed: int, method: str) -> None:
    """A month and its closing, what comes later, and what is reopened for a late paper."""
    world = World()
    history = History(seed, world, items_of(world, method))
    zone = ZoneInfo(world.company.time_zone)
    history.moment = datetime(MONTH.year, MONTH.month, 3, 9, tzinfo=zone)
    for _number in range(STEPS // 2):
        history.step()
        holds(history)
    late, history.moment = history.moment, None
    periods.close(world.company, MONTH, **ME)
    holds(history)
    figures = closed()
    for _number in range(STEPS // 2):
        history.step()
        holds(history)
    assert closed() == figures
    periods.reopen(world.company, MONTH, reason="a paper was late", **ME)
    first = Closing.objects.get()
    history.moment = late
    for _number in range(5):
        history.step()
        holds(history)
    periods.close(world.company, MONTH, **ME)
    holds(history)
    count = Posting.objects.count()
    periods.reopen(world.company, MONTH, reason="once more", **ME)
    periods.close(world.company, MONTH, **ME)
    assert Posting.objects.count() == count
    assert Closing.objects.get(pk=first.pk) == first
    no_cent_is_lost()
    assert history.done > STEPS // 3
    report = verify.verify()
    assert report.ok, [finding.as_dict() for finding in report.findings if finding.wrong]
