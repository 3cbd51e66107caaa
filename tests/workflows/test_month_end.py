"""Closing a month says which documents are under way, and goes on; posted receipts wait for their invoice only."""

from datetime import timedelta

import pytest
from django.utils import timezone

from finance import invoicing, receipts
from finance.invoicing import LineGiven
from people.access import SYSTEM
from stock import closing
from stock.models import Movement
from tests.workflows.test_orders import carry_out, made, ordered
from tests.workflows.world import World
from workflows.models import FollowUp

pytestmark = pytest.mark.django_db


def test_documents_under_way_are_listed_for_their_month() -> None:
    world = World()
    item = world.stocked(10, 10)
    this = timezone.localdate().replace(day=1)
    assert "documents" not in {one.code for one in closing.look(world.company, this)}
    ordered(world, "sales_order", {"item": item.code, "quantity": "5", "price": "20"})
    draft = world.draft("scrap", {"item": item.code, "quantity": "1"}, reason="damaged")
    world.act(draft, "submit", world.ann)
    found = {one.code: one for one in closing.look(world.company, this)}
    assert found["documents"].count >= 1
    assert not found["documents"].blocks
    earlier = (this - timedelta(days=1)).replace(day=1)
    assert "documents" not in {one.code for one in closing.look(world.company, earlier)}


def test_a_matched_invoice_closes_the_task_to_settle() -> None:
    world = World()
    item = world.stocked(1, 10)
    buy = ordered(world, "purchase_order", {"item": item.code, "quantity": "25", "price": "9"})
    (receipt,) = made(buy)
    receipt = carry_out(world, receipt, "25")
    task = FollowUp.objects.get(document=receipt, kind="settlement")
    assert task.state == "open"
    movement = Movement.objects.get(posting=receipt.posting_id, type="purchase_in")
    one = receipts.these(world.company.pk, [movement.pk])[movement.pk]
    invoice = invoicing.save(
        world.company,
        partner=world.supplier,
        number="F-1",
        day=timezone.localdate(),
        tax=one.number("value") * 0,
        lines=[LineGiven(one.number("open_value"), movement.pk, one.number("open_quantity"))],
        actor=world.fay,
        access=SYSTEM,
    )
    invoicing.post(invoice, actor=world.fay, access=SYSTEM)
    task.refresh_from_db()
    assert (task.state, task.done_by) == ("done", world.fay)
