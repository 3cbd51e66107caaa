"""What a preview says is what posting writes, to the cent; if the book moved, it is shown again first."""

import os
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from core.errors import DomainError
from people.access import SYSTEM, access_for
from people.models import User
from stock import catalog, verify
from stock.models import Balance, Lot, Movement
from tests.workflows.laws.test_bound import POST, approval
from tests.workflows.laws.test_four_eyes import process
from tests.workflows.world import World
from workflows import copying, document_types, drafting, previewing
from workflows.errors import BookMoved
from workflows.models import Document

pytestmark = pytest.mark.django_db
MANY = 1_000 if os.environ.get("PROOF") else 60
FROM_SOURCE = {
    "purchase_return": "purchase_in", "sales_return": "sales_out", "repair_in": "repair_out",
    "production_return": "production_issue", "transfer_in": "transfer_out", "release": "hold",
    "landed_cost": "purchase_in", "price_difference": "purchase_in",
}  # fmt: skip


class Writer:
    """Random documents of every type, on processes that only post."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(f"P{seed}")
        self.items = [self.world.stocked(10_000, self.cost()) for _ in range(4)]
        self.lots = self.world.item("lot")
        world = self.world
        self.boss = world.person(
            "boss", "warehouse_head", "approver", "finance", warehouse=world.main
        )
        for house in (world.main, world.other):
            catalog.default_place(house, "quarantine")
        catalog.create_place(warehouse=world.main, code="BIN-2")
        for kind in document_types.DOCUMENT_TYPES:
            process(world, kind.code, POST)

    def cost(self) -> Decimal:
        return Decimal(self.dice.randrange(1, 99_999)) / 1000

    def quantity(self) -> str:
        return str(Decimal(self.dice.randrange(1, 9_000)) / 1000)

    def of(self, kind: str) -> Document:
        """A random draft of a type."""
        if kind in FROM_SOURCE:
            return self.made(kind)
        about = document_types.BY_CODE[kind]
        lines = [self.line(kind) for _ in range(self.dice.randrange(1, 4))]
        if about.shape == "conversion":
            lines = [{**line, "side": "input"} for line in lines]
            lines.append({**self.line(kind), "side": "output"})
        header: dict[str, Any] = {}
        if kind in {"purchase_in", "sales_out"} and self.dice.random() < 0.3:
            header = {"currency": "USD", "rate": str(self.cost() + 1)}
        for name in about.required:
            usual = {"reason": "damaged", "cost_object": "WO-1", "reference": "R"}
            if name in usual:
                header[name] = usual[name]
        return self.world.draft(kind, *lines, by=self.boss, **header)

    def line(self, kind: str) -> dict[str, Any]:
        about = document_types.BY_CODE[kind]
        line: dict[str, Any] = {
            "item": self.dice.choice(self.items).code,
            "quantity": self.quantity(),
        }
        if kind == "purchase_in" and self.dice.random() < 0.3:
            number = f"L{self.dice.randrange(3)}"
            line |= {"item": self.lots.code, "lot": number, "expires_on": "2099-01-01"}
        if "price" in about.columns:
            line["price"] = str(self.cost())
        if "tax_rate" in about.columns and self.dice.random() < 0.5:
            line |= {"tax_rate": "13", "price_with_tax": True}
        if kind == "bin_move":
            line["target"] = "BIN-2"
        if kind == "revaluation":
            line["value"] = str(Decimal(self.dice.randrange(-500, 500)) / 100 or 1)
        return line

    def made(self, kind: str) -> Document:
        source = self.post(self.of(FROM_SOURCE[kind]))
        user = self.boss
        if kind == "transfer_in":
            user = User.objects.get(pk=self.world.dan.pk)
        made = copying.make_from(source.pk, kind, actor=user, access=access_for(user))
        header = {"reason": "damaged"} if kind == "purchase_return" else {}
        if header:
            drafting.set_header(made.pk, header, actor=user, access=access_for(user))
        for line in made.lines.all():
            part = round(line.requested / self.dice.choice([1, 2]), 3)
            values = {"quantity": str(part)}
            if document_types.BY_CODE[kind].shape == "value":
                values = {"value": str(Decimal(self.dice.randrange(1, 500)) / 100)}
            drafting.set_line(
                made.pk, values, key=str(line.key), actor=user, access=access_for(user)
            )
        return Document.objects.get(pk=made.pk)

    def post(self, document: Document, **data: Any) -> Document:
        self.world.act(document, "submit", document.asker, data=data)
        return Document.objects.get(pk=document.pk)


def there() -> dict[tuple[int, int, int], Decimal]:
    rows = Balance.objects.values_list("item", "lot", "place", "on_hand")
    return {(item, lot, place): on_hand for item, lot, place, on_hand in rows if on_hand}


def test_posting_does_what_the_preview_said() -> None:
    writer = Writer(5)
    kinds = [
        k.code
        for k in document_types.DOCUMENT_TYPES
        if k.code not in {"lot_correction", "settlement"} and not (k.orders or k.made_by)
    ]
    posted: set[str] = set()
    for number in range(MANY):
        kind = kinds[number % len(kinds)]
        document = writer.of(kind)
        actor = User.objects.get(pk=document.asker_id)
        lots = Lot.objects.count()
        shown = previewing.preview(document, actor=actor, access=SYSTEM)
        assert Lot.objects.count() == lots
        assert not shown.errors, (kind, [str(error.message) for error in shown.errors])
        before = there()
        done = writer.post(document, stamp=shown.stamp)
        assert done.state == "posted", kind
        moved = Movement.objects.filter(posting=done.posting)
        total = moved.aggregate(total=Sum("value"))["total"]
        assert done.posted_amount == shown.value == total, (kind, shown.value, total)
        told = {
            (row.item.pk, row.lot, row.place.pk): (row.before, row.after) for row in shown.stock
        }
        after = there()
        names = dict(Movement.objects.values_list("lot", "lot__number"))
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        for item, lot, place in changed:
            was, now = told[(item, names.get(lot) or "", place)]
            assert was == before.get((item, lot, place), 0), kind
            assert now == after.get((item, lot, place), 0), kind
        posted.add(kind)
    assert posted == set(kinds)
    assert verify.verify().ok


@pytest.mark.parametrize("change", ["quantity", "cost"])
def test_a_book_that_moved_is_shown_again(change: str) -> None:
    world = World()
    process(world, "other_out", approval("one", "warehouse_head"), POST)
    process(world, "other_in", POST)
    item = world.stocked(100, 10)
    document = world.draft("other_out", {"item": item.code, "quantity": "5"})
    world.act(document, "submit", world.ann)
    head = User.objects.get(pk=world.head.pk)
    document.refresh_from_db()
    shown = previewing.preview(document, actor=head, access=access_for(head))
    line = {"item": item.code, "quantity": "1", "price": "10" if change == "quantity" else "99"}
    world.act(world.draft("other_in", line), "submit", world.ann)
    again = previewing.preview(document, actor=head, access=access_for(head))
    assert again.stamp != shown.stamp
    process_of = world.draft("other_out", {"item": item.code, "quantity": "5"})
    process(world, "other_out", POST)
    old = previewing.preview(process_of, actor=head, access=access_for(head))
    world.act(world.draft("other_in", line), "submit", world.ann)
    with pytest.raises(BookMoved):
        world.act(process_of, "submit", world.ann, data={"stamp": old.stamp})
    process_of.refresh_from_db()
    assert (process_of.state, process_of.number) == ("draft", None)
    new = previewing.preview(process_of, actor=head, access=access_for(head))
    world.act(process_of, "submit", world.ann, data={"stamp": new.stamp})
    with pytest.raises(DomainError):
        world.act(process_of, "submit", world.ann)
