"""Laws of the books over random histories: of purchases, sales, returns, invoices, landed costs and a closing."""

import contextlib
import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core.errors import DomainError
from finance import invoicing, landing, receipts
from finance.invoicing import LineGiven
from finance.models import Account, ClosedAccount, ClosedStock, Closing, JournalLine, LandedCost
from people.access import SYSTEM
from stock import periods, verify
from stock.models import CostPool, Item, Movement, Partner
from tests.finance.test_journal import balance
from tests.laws.world import World

D = Decimal
pytestmark = pytest.mark.django_db
ME = {"actor": None, "access": SYSTEM}
STEPS = 60


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

    def step(self) -> None:
        acts: list[Callable[[], None]] = [self.buy, self.sell, self.invoice] * 2
        acts += [self.send_back, self.take_back, self.land, self.credit]
        act = self.random.choice(acts)
        with contextlib.suppress(DomainError, IndexError, ValueError), transaction.atomic():
            act()
            self.done += 1

    def _money(self, most: int) -> Decimal:
        return D(self.random.randint(1, most * 100)) / 100

    def buy(self) -> None:
        item = self.random.choice(self.items)
        done = self.world.move(
            "purchase_in",
            item,
            self.random.randint(1, 9),
            value=self._money(90),
            partner=self.partner.pk,
        )
        self.bought.append(done.movement_ids[0])

    def sell(self) -> None:
        done = self.world.move(
            "sales_out", self.random.choice(self.items), self.random.randint(1, 7)
        )
        self.sold.append(done.movement_ids[0])

    def send_back(self) -> None:
        original = self.random.choice(self.bought)
        one = receipts.these(self.world.company.pk, [original])[original]
        item = Item.objects.get(pk=one.item)
        self.world.move("purchase_return", item, 1, original=original, partner=self.partner.pk)

    def take_back(self) -> None:
        original = Movement.objects.get(pk=self.random.choice(self.sold))
        self.world.move("sales_return", original.item, 1, original=original.pk)

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
            day=timezone.localdate(),
            tax=self._money(5),
            lines=lines,
            **ME,
        )
        invoicing.post(made, **ME)

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


def holds(history: History) -> None:
    """Every law that can be asked at any moment."""
    company = history.world.company
    open_ = sum((one.number("open_value") for one in receipts.open_receipts(company.pk)), D(0))
    assert balance("220202") == -open_
    stock = Account.objects.filter(is_inventory=True).values_list("code", flat=True)
    worth = CostPool.objects.aggregate(n=Sum("value"))["n"] or D(0)
    assert sum((balance(code) for code in stock), D(0)) == worth
    everything = Account.objects.filter(company=company).values_list("code", flat=True)
    assert sum((balance(code) for code in everything), D(0)) == 0
    landed = LandedCost.objects.aggregate(n=Sum("amount"))["n"] or D(0)
    assert balance("220203") == -landed


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("method", ["average", "fifo"])
def test_laws_hold_after_every_step_of_a_history(seed: int, method: str) -> None:
    world = World()
    history = History(seed, world, [world.item(method) for _n in range(3)])
    for _number in range(STEPS):
        history.step()
        holds(history)
    assert history.done > STEPS // 2
    assert verify.verify().ok
    assert JournalLine.objects.count() > STEPS // 2


def test_a_closing_keeps_its_bytes_whatever_comes_later() -> None:
    world = World()
    history = History(7, world, [world.item() for _n in range(3)])
    earlier = timezone.now().replace(day=1, hour=0) - timedelta(days=5)
    for item in history.items:
        world.move("purchase_in", item, 50, unit_cost=3, effective_at=earlier)
    periods.close(world.company, earlier.date(), **ME)
    closing = Closing.objects.get()

    def kept() -> str:
        rows = [
            list(table.objects.filter(closing=closing).order_by("pk").values())
            for table in (ClosedStock, ClosedAccount)
        ]
        return repr(rows)

    before = kept()
    for _number in range(STEPS):
        history.step()
    assert kept() == before
    holds(history)
