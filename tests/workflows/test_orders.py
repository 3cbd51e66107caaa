"""Orders: confirmed, promised, delivered in parts, changed, closed short, cancelled, taken back."""

from typing import Any

import pytest

from core.errors import DomainError
from people.access import access_for
from stock import verify
from stock.models import Balance, Partner, Reservation
from stock.units import UnitError
from tests.workflows.laws.test_bound import POST
from tests.workflows.laws.test_four_eyes import process
from tests.workflows.world import D, World
from workflows import copying, door, drafting, failures
from workflows.models import Document, FollowUp, OrderLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def fresh(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def ordered(world: World, kind: str, *lines: dict[str, Any], **header: Any) -> Document:
    """An order in force."""
    partner = world.supplier if kind == "purchase_order" else world.customer
    if kind != "production_order":
        header.setdefault("partner", partner.code)
    order = world.draft(kind, *lines, **header)
    world.act(order, "submit", world.ann)
    return fresh(order)


def made(order: Document, kind: str = "") -> list[Document]:
    rows = Document.objects.filter(source=order).exclude(state="void").order_by("pk")
    return list(rows.filter(type=kind) if kind else rows)


def carry_out(world: World, document: Document, *actual: str, **data: Any) -> Document:
    """The clerk moves so much of each line."""
    lines = list(document.lines.order_by("position"))
    rows = [
        {"key": str(line.key), "actual": part} for line, part in zip(lines, actual, strict=True)
    ]
    world.act(document, "record", world.cat, data={"lines": rows})
    if document.type == "production_issue":
        again = [
            {"key": str(line.key), "rechecked": part}
            for line, part in zip(lines, actual, strict=True)
        ]
        world.act(document, "complete", world.cat, data={"lines": again, **data})
    else:
        world.act(document, "complete", world.cat, data=data)
    return fresh(document)


def figures(order: Document) -> list[tuple[Any, ...]]:
    return [
        (r.ordered, r.delivered, r.closed, r.open) for r in OrderLine.objects.filter(document=order)
    ]


def reserved(order: Document) -> Any:
    rows = Reservation.objects.filter(reference=order.number, state="active")
    return sum((row.remaining for row in rows), D(0))


def test_a_sales_order_makes_its_issue_and_keeps_the_goods(world: World) -> None:
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50", "price": "20"})
    assert (order.state, order.number) == ("in_execution", "SO-WF-A-00001")
    assert order.amount == D(1000)
    (issue,) = made(order)
    assert (issue.type, issue.state, issue.step) == ("sales_out", "approved", "pick")
    assert issue.asker == world.ann
    assert issue.lines.get().price == D(20)
    assert reserved(order) == 50
    issue = carry_out(world, issue, "30")
    assert figures(order) == [(50, 30, 0, 20)]
    assert reserved(order) == 20
    (_done, rest) = made(order)
    assert rest.rest_of == issue
    carry_out(world, rest, "20")
    assert figures(order) == [(50, 50, 0, 0)]
    assert fresh(order).state == "closed"
    assert reserved(order) == 0
    kinds = FollowUp.objects.filter(document=issue).values_list("kind", flat=True)
    assert sorted(kinds) == ["dispatch", "settlement"]
    assert verify.verify().ok


def test_what_is_short_is_said_and_promised_when_it_comes(world: World) -> None:
    item = world.stocked(30, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50"})
    assert reserved(order) == 30
    told = order.events.get(verb="open").data["promises"]
    assert told == [{"line": 1, "reserved": "30", "short": "20", "incoming": "0"}]
    buy = ordered(world, "purchase_order", {"item": item.code, "quantity": "25", "price": "9"})
    (receipt,) = made(buy)
    assert (receipt.type, receipt.step) == ("purchase_in", "inspect")
    carry_out(world, receipt, "25")
    assert fresh(buy).state == "closed"
    world.act(order, "reserve", world.ann)
    assert reserved(order) == 50
    other = ordered(world, "sales_order", {"item": item.code, "quantity": "50"})
    assert reserved(other) == 5


def test_an_order_is_changed_under_approval_and_never_below_what_was_delivered(
    world: World,
) -> None:
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50", "price": "20"})
    (issue,) = made(order)
    carry_out(world, issue, "30", close_rest=True)
    world.act(order, "amend", world.ann)
    order = fresh(order)
    assert order.state == "returned"
    line = order.lines.get()
    access = access_for(world.ann)

    def put(**values: Any) -> None:
        drafting.set_line(order.pk, values, key=str(line.key), actor=world.ann, access=access)

    put(quantity="20")
    with pytest.raises(DomainError) as error:
        world.act(order, "submit", world.ann)
    assert error.value.lines[0].code == "below_delivered"
    with pytest.raises(DomainError) as error:
        put(item=world.item().code)
    assert error.value.code == "delivered"
    with pytest.raises(DomainError) as error:
        drafting.remove_line(order.pk, str(line.key), actor=world.ann, access=access)
    assert error.value.code == "delivered"
    other = Partner.objects.create(code="OTHER", name="Other", is_customer=True)
    with pytest.raises(DomainError) as error:
        drafting.set_header(order.pk, {"partner": other.code}, actor=world.ann, access=access)
    assert error.value.code == "delivered"
    put(quantity="2000")
    world.act(order, "submit", world.ann)
    order = fresh(order)
    assert (order.state, order.step) == ("in_approval", "approve")
    with pytest.raises(DomainError) as error:
        world.act(order, "refuse", world.bob)
    assert error.value.code == "in_force"
    world.act(order, "approve", world.bob)
    order = fresh(order)
    assert order.state == "in_execution"
    assert figures(order) == [(2000, 30, 0, 1970)]
    assert reserved(order) == 70
    assert made(order)[-1].lines.get().requested == 1970


def test_an_unchanged_order_goes_back_in_force(world: World) -> None:
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "5"})
    world.act(order, "amend", world.ann)
    assert made(order) == []
    world.act(order, "submit", world.ann)
    assert fresh(order).state == "in_execution"
    assert len(made(order)) == 1


def test_what_is_open_is_closed_short_with_a_reason(world: World) -> None:
    item, other = world.stocked(100, 10), world.stocked(100, 10)
    order = ordered(
        world,
        "sales_order",
        {"item": item.code, "quantity": "50"},
        {"item": other.code, "quantity": "10"},
    )
    (issue,) = made(order)
    issue = carry_out(world, issue, "30", "0", close_rest=True)
    with pytest.raises(DomainError):
        world.act(order, "close", world.ann)
    first = order.lines.first()
    half = {"lines": [{"key": str(first.key), "quantity": "2.00001"}]}
    with pytest.raises(UnitError):
        world.act(order, "close", world.ann, reason="correction", text="enough", data=half)
    part = {"lines": [{"key": str(first.key), "quantity": "5"}]}
    world.act(order, "close", world.ann, reason="correction", text="enough", data=part)
    assert figures(order) == [(50, 30, 5, 15), (10, 0, 0, 10)]
    assert reserved(order) == 25
    world.act(order, "close", world.ann, reason="correction", text="enough")
    assert figures(order) == [(50, 30, 20, 0), (10, 0, 10, 0)]
    assert (fresh(order).state, reserved(order)) == ("closed", 0)
    world.act(issue, "reverse", world.head)
    assert figures(order) == [(50, 0, 20, 30), (10, 0, 10, 0)]
    assert (fresh(order).state, reserved(order)) == ("in_execution", 30)
    states = FollowUp.objects.filter(document=issue).values_list("state", flat=True)
    assert set(states) == {"cancelled"}


def test_an_order_is_cancelled_until_something_was_delivered(world: World) -> None:
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50"})
    world.act(order, "void", world.ann, reason="correction", text="cancelled")
    assert (fresh(order).state, reserved(order)) == ("void", 0)
    assert made(order) == []
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50"})
    carry_out(world, made(order)[0], "10")
    with pytest.raises(DomainError) as error:
        world.act(order, "void", world.ann, reason="correction", text="cancelled")
    assert error.value.code == "delivered"


def test_no_more_is_delivered_than_is_ordered_and_tolerated(world: World) -> None:
    item = world.item()
    buy = ordered(world, "purchase_order", {"item": item.code, "quantity": "100", "price": "9"})
    (receipt,) = made(buy)
    lines = [{"key": str(receipt.lines.get().key), "actual": "106"}]
    world.act(receipt, "record", world.cat, data={"lines": lines})
    world.act(receipt, "complete", world.cat)
    receipt = fresh(receipt)
    assert receipt.state == "in_approval"
    world.act(receipt, "approve", world.bob)
    assert fresh(receipt).state != "posted"
    failed = receipt.events.get(verb="post_failed")
    assert "at most 105" in failures.told(failed.data)["lines"][0]["message"]


def test_several_documents_share_what_is_open(world: World) -> None:
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50"})
    (whole,) = made(order)
    world.act(whole, "void", world.ann, reason="correction", text="in parts")
    access = access_for(world.ann)
    key = str(order.lines.get().key)

    def part(quantity: str) -> Document:
        return copying.make_from(
            order.pk, "sales_out", actor=world.ann, access=access, lines={key: quantity}
        )

    one = part("20")
    world.act(one, "submit", world.ann)
    with pytest.raises(DomainError) as error:
        part("31")
    assert error.value.code == "over_remaining"
    two = part("30")
    world.act(two, "submit", world.ann)
    carry_out(world, one, "20")
    carry_out(world, two, "30")
    assert fresh(order).state == "closed"
    with pytest.raises(DomainError):
        part("1")


def test_a_production_order_gathers_its_costs_and_its_product_takes_them(world: World) -> None:
    steel, screw, chair = world.stocked(100, 10), world.stocked(1000, "0.3"), world.item()
    order = ordered(
        world,
        "production_order",
        {"item": chair.code, "quantity": "3", "side": "output"},
        {"item": steel.code, "quantity": "6", "side": "input"},
        {"item": screw.code, "quantity": "24", "side": "input"},
    )
    assert reserved(order) == 30
    (issue,) = made(order)
    assert (issue.type, issue.cost_object) == ("production_issue", order.number)
    issue = carry_out(world, issue, "6.4", "24")  # within tolerance: over-use is fed back
    assert issue.state == "posted"
    assert issue.events.get(verb="feedback").data["lines"][0]["actual"] == "6.4"
    (receipt,) = made(order, "production_receipt")
    receipt = carry_out(world, receipt, "1")
    assert receipt.posted_amount == D("23.73")  # (64 + 7.2) ÷ 3
    (_first, rest) = made(order, "production_receipt")
    rest = carry_out(world, rest, "2")
    assert rest.posted_amount == D("47.47")
    rows = Balance.objects.filter(item=chair)
    assert sum(row.on_hand for row in rows) == 3
    assert fresh(order).state == "in_execution"
    world.act(order, "close", world.ann, reason="correction", text="done")
    assert fresh(order).state == "closed"
    assert "value_left" not in order.events.get(verb="close").data
    assert verify.verify().ok


def test_a_line_comes_back_to_quarantine_and_is_judged(world: World) -> None:
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "10", "price": "20"})
    sale = carry_out(world, made(order)[0], "10")
    assert fresh(order).state == "closed"
    ann, head = access_for(world.ann), access_for(world.head)
    back = copying.make_from(sale.pk, "sales_return", actor=world.ann, access=ann)
    (line,) = back.lines.all()
    drafting.set_line(back.pk, {"quantity": "4"}, key=str(line.key), actor=world.ann, access=ann)
    world.act(back, "submit", world.ann)
    world.act(back, "approve", world.after)
    row = {"key": str(line.key), "actual": "4", "rejected": "3"}
    world.act(back, "complete", world.cat, data={"lines": [row]})
    assert fresh(order).state == "closed"  # a return opens nothing
    assert figures(order) == [(10, 10, 0, 0)]

    def there(kind: str) -> Any:
        rows = Balance.objects.filter(item=item, place__kind=kind)
        return sum((balance.on_hand for balance in rows), D(0))

    assert (there("storage"), there("quarantine")) == (91, 3)
    good = copying.make_from(back.pk, "release", actor=world.head, access=head)
    (line,) = good.lines.all()
    assert line.requested == 3  # what was accepted lies on its shelf already
    assert line.source is not None
    assert line.source.kind == "quarantine"
    drafting.set_line(good.pk, {"quantity": "2"}, key=str(line.key), actor=world.head, access=head)
    world.act(good, "submit", world.head)
    assert fresh(good).state == "posted"
    assert (there("storage"), there("quarantine")) == (93, 1)
    bad = copying.make_from(back.pk, "scrap", actor=world.head, access=head)
    taken = {row.source.kind: row.requested for row in bad.lines.all() if row.source}
    assert taken["quarantine"] == 1
    assert verify.verify().ok


@pytest.mark.parametrize("makes", ["submitted", "draft", "none"])
def test_what_is_made_goes_as_far_as_its_process_lets_it(world: World, makes: str) -> None:
    process(world, "sales_out", POST)
    process(world, "sales_order", POST, makes=makes)
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50"})
    said = list(order.events.order_by("pk").values_list("verb", flat=True))
    if makes == "none":
        assert made(order) == []
        return
    (issue,) = made(order)
    if makes == "draft":
        assert issue.state == "draft"
        assert (order.state, reserved(order)) == ("in_execution", 50)
        world.act(issue, "submit", world.ann)
        assert fresh(order).state == "closed"
        return
    assert (issue.state, order.state) == ("posted", "closed")
    assert figures(order) == [(50, 50, 0, 0)]
    assert [verb for verb in said if verb not in {"edit", "pass"}] == [
        "create", "submit", "open", "make", "deliver",
    ]  # fmt: skip


def test_of_an_order_in_force_only_what_makes_sense_is_offered(world: World) -> None:
    item = world.stocked(100, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "5"})
    offered = {verb.code for verb in door.possible(order, world.ann, access_for(world.ann))}
    assert offered == {"amend", "close", "reserve", "void", "comment", "copy"}
    issue = made(order)[0]
    others = {verb.code for verb in door.possible(issue, world.ann, access_for(world.ann))}
    assert not others & {"amend", "close", "reserve"}
    with pytest.raises(DomainError) as error:
        world.act(issue, "amend", world.ann)
    assert error.value.code == "wrong_state"
    outsider = {verb.code for verb in door.possible(order, world.bob, access_for(world.bob))}
    assert outsider == {"comment", "copy"}
    world.act(order, "close", world.admin, reason="correction", text="keeper")
    assert fresh(order).state == "closed"
