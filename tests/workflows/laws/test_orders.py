"""Open = ordered − delivered − closed short, whoever delivers at once; held by the database as well."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from people.access import access_for
from stock import verify
from stock.models import Movement, Reservation
from tests.workflows.laws.broken import refused_by_database
from tests.workflows.laws.test_once import acting, at_once, refusals
from tests.workflows.test_orders import carry_out, fresh, made, ordered
from tests.workflows.world import D, World
from workflows import copying
from workflows.models import Document, FollowUp, OrderLine


@pytest.fixture
def world() -> Iterator[World]:
    yield World()
    assert verify.verify().ok
    for row in OrderLine.objects.select_related("line"):
        assert row.delivered == moved(row)
        assert row.delivered + row.closed + row.open == max(row.ordered, row.delivered + row.closed)
        if row.reservation:
            assert Reservation.objects.get(pk=row.reservation).remaining <= row.open


def moved(row: OrderLine) -> Decimal:
    """What the book says of the documents made from the line."""
    keys = [str(key) for key in row.line.made.values_list("key", flat=True)]
    rows = Movement.objects.filter(line_key__in=keys, item=row.item)
    went = rows.filter(reversal=False).aggregate(total=Sum("quantity"))["total"] or D(0)
    back = Movement.objects.filter(original__in=rows, reversal=True)
    return went - (back.aggregate(total=Sum("quantity"))["total"] or D(0))


def parts(world: World, order: Document, *quantities: str) -> list[Document]:
    """Submitted documents that each want to deliver a part; more in all than there is, by raw quantities."""
    for one in made(order):
        world.act(one, "void", world.ann, reason="correction", text="in parts")
    key, access = str(order.lines.get().key), access_for(world.ann)
    kind = order.kind.makes[0]
    found, asked = [], []
    for _ in quantities:
        one = copying.make_from(order.pk, kind, actor=world.ann, access=access, lines={key: "1"})
        world.act(one, "submit", world.ann)
        asked.append(one)
    for one, quantity in zip(asked, quantities, strict=True):
        lines = [{"key": str(one.lines.get().key), "actual": quantity}]
        world.act(one, "record", world.cat, data={"lines": lines})
        found.append(fresh(one))
    return found


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_deliveries_at_once_never_exceed_the_order(world: World) -> None:
    """Twelve clerks receive for one order of 100 with 5 % tolerance; only so many fit, the others are told."""
    item = world.item()
    order = ordered(world, "purchase_order", {"item": item.code, "quantity": "100", "price": "2"})
    process_without_approval(world)
    documents = parts(world, order, *["15"] * 12)
    results = at_once(*(acting(one, "complete", world.cat) for one in documents))
    told = refusals(results)
    row = OrderLine.objects.get(document=order)
    assert row.delivered == 105
    assert len(told) == 5
    assert {one.code for one in told} <= {"beyond_order"}
    assert fresh(order).state == "closed"


def process_without_approval(world: World) -> None:
    """So much more than asked for is the clerk's own business; only the order's limit stands."""
    from dataclasses import replace

    from workflows import shipped

    version = shipped.active_version(world.company, "purchase_in")
    options = replace(version.read_options(), over_percent="100000", amount_percent="100000")
    from workflows.models import ProcessVersion

    ProcessVersion.objects.filter(pk=version.pk).update(state="retired")
    ProcessVersion.objects.create(
        process=version.process,
        number=99,
        state="active",
        steps=[step.as_dict() for step in version.read_steps() if step.kind != "approve"],
        options=options.as_dict(),
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_delivery_against_a_change_a_closing_and_a_reversal(world: World) -> None:
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "60"})
    (issue,) = made(order)
    first = carry_out(world, issue, "20")
    (rest,) = [one for one in made(order) if one.rest_of_id]
    why: dict[str, Any] = {"reason": "correction", "text": "because"}
    results = at_once(
        acting(rest, "complete", world.cat),
        acting(order, "close", world.ann, **why),
        acting(first, "reverse", world.head, **why),
        acting(order, "amend", world.ann),
        acting(order, "reserve", world.ann),
    )
    assert len(refusals(results)) < len(results)
    row = OrderLine.objects.get(document=order)
    assert row.delivered == moved(row)
    assert (fresh(order).state == "closed") == (row.open == 0) or fresh(order).state == "returned"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_orders_do_not_promise_the_same_goods(world: World) -> None:
    item = world.stocked(100, 10)
    drafts = [
        world.draft(
            "sales_order", {"item": item.code, "quantity": "40"}, partner=world.customer.code
        )
        for _ in range(5)
    ]
    results = at_once(*(acting(one, "submit", world.ann) for one in drafts))
    assert not refusals(results)
    rows = Reservation.objects.filter(state="active", item=item)
    assert sum((row.remaining for row in rows), D(0)) == 100
    assert sorted(row.remaining for row in rows) == [20, 40, 40]


@pytest.mark.django_db
def test_the_database_alone_keeps_what_was_delivered(world: World) -> None:
    item, other = world.stocked(100, 10), world.item()
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50"})
    carry_out(world, made(order)[0], "30", close_rest=True)
    row, line = OrderLine.objects.get(document=order), order.lines.get()

    def raw(statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    table = "workflows_orderline"
    for change in ("delivered = 51000000", "closed = 51000000", "delivered = -1"):
        refused_by_database(
            raw, "order_line|CHECK", f"UPDATE {table} SET {change} WHERE id = %s", row.pk
        )
    refused_by_database(raw, "delivered", f"DELETE FROM {table} WHERE id = %s", row.pk)
    higher = "version = version + 1 WHERE id = %s"
    closed = f"UPDATE workflows_document SET state = 'closed', {higher}"
    refused_by_database(raw, "is open is not closed", closed, order.pk)
    void = f"UPDATE workflows_document SET state = 'void', {higher}"
    refused_by_database(raw, "was delivered", void, order.pk)
    world.act(order, "amend", world.ann)
    swap = "UPDATE workflows_line SET item_id = %s WHERE id = %s"
    refused_by_database(raw, "was delivered", swap, other.pk, line.pk)
    task = FollowUp.objects.filter(kind="dispatch").get()
    again = FollowUp(
        kind="dispatch",
        company=task.company,
        document=task.document,
        posting=task.posting,
        warehouse=task.warehouse,
        role="x",
        created_at=task.created_at,
    )
    refused_by_database(again.save, "followup_once|UNIQUE")
