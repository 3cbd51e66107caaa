"""An approval holds for what was approved: other values ask again and say so; carrying out writes only what was done."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.errors import DomainError
from people.access import access_for
from people.models import User
from stock.models import Movement
from tests.workflows.laws.test_four_eyes import asked, process, promote, refused, scrap
from tests.workflows.world import World
from workflows import copying, drafting, shipped
from workflows.models import Document, StepRun, Task
from workflows.steps import Step, Who

pytestmark = pytest.mark.django_db
POST = Step("post", "post", "Posting", "登记", who=Who("system"), actions=())
PICK = Step("pick", "execute", "Picking", "拣货", who=Who("role", "clerk"))
ANY = Who("role", "approver", scope="any")


def approval(key: str, role: str, **more: Any) -> Step:
    return Step(key, "approve", key, key, who=Who("role", role), fallback=ANY, **more)


@pytest.fixture
def world() -> World:
    return World()


def row(document: Document, **values: Any) -> dict[str, Any]:
    return {"lines": [{"key": str(document.lines.get().key), **values}]}


def now(document: Document) -> tuple[str, str]:
    document.refresh_from_db()
    return document.state, document.step


def runs(document: Document, step: str) -> list[tuple[str, bool]]:
    return list(
        StepRun.objects.filter(document=document, step=step).values_list("outcome", "valid")
    )


def said(document: Document) -> int:
    return document.events.filter(verb="void_approval").count()


def test_an_edit_after_the_return_voids_the_approvals_and_no_edit_keeps_them(world: World) -> None:
    process(world, "other_out", approval("one", "warehouse_head"), approval("two", "finance"), POST)
    item = world.stocked(100, 10)
    document = world.draft("other_out", {"item": item.code, "quantity": "5"})
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.head)
    world.act(document, "return", world.fay)
    world.act(document, "submit", world.ann)
    assert now(document) == ("in_approval", "two")
    assert said(document) == 0
    world.act(document, "return", world.fay)
    key, access = str(document.lines.get().key), access_for(world.ann)
    drafting.set_line(document.pk, {"quantity": "6"}, key=key, actor=world.ann, access=access)
    world.act(document, "submit", world.ann)
    assert now(document) == ("in_approval", "one")
    assert said(document) == 1
    assert runs(document, "one") == [("done", False), ("", True)]


def test_a_return_to_a_step_runs_it_again_and_not_what_came_between(world: World) -> None:
    steps = [
        approval("one", "warehouse_head"),
        approval("two", "approver"),
        approval("three", "finance"),
    ]
    process(world, "other_out", *steps, POST)
    item = world.stocked(100, 10)
    document = world.draft("other_out", {"item": item.code, "quantity": "5"})
    world.act(document, "submit", world.ann)
    for by in (world.head, world.bob):
        world.act(document, "approve", by)
    assert refused(world, document, world.fay, "return", to="post") == "return_to"
    assert refused(world, document, world.fay, "return", to="three") == "return_to"
    world.act(document, "return", world.fay, data={"to": "one"})
    assert now(document) == ("in_approval", "one")
    world.act(document, "approve", world.head)
    assert now(document) == ("in_approval", "three")
    assert runs(document, "two") == [("done", True)]


def test_who_was_asked_is_asked_no_more_of_what_was_taken_back(world: World) -> None:
    """Returned or withdrawn, no run is open and no task; what comes back is asked anew, and the timeline tells it."""
    ways = ((("return", world.head),), (("withdraw", world.ann), ("reopen", world.ann)))
    for way in ways:
        document = scrap(world)
        for verb, by in way:
            world.act(document, verb, by)
            assert not StepRun.objects.filter(document=document, left_at=None).exists(), verb
            assert asked(document) == set(), verb
            last = document.events.order_by("pk").last()
            assert (last.verb, last.new_state) == (verb, now(document)[0])
        world.act(document, "submit", world.ann)
        assert now(document)[0] == "in_approval"
        assert asked(document) == {"head"}
        world.act(document, "approve", world.head)
        assert now(document)[0] == "posted"


def test_a_refused_move_gives_no_number(world: World) -> None:
    """A number is given with what gives it, and the next one follows at once."""
    first = scrap(world)
    bad = world.draft("scrap", {"item": world.stocked().code, "quantity": "0"})
    with pytest.raises(DomainError):
        world.act(bad, "submit", world.ann)
    second = scrap(world)
    assert Document.objects.get(pk=bad.pk).number is None
    ends = [int(str(one.number).rpartition("-")[2]) for one in (first, second)]
    assert ends[1] == ends[0] + 1


def test_confirming_other_quantities_asks_who_approved_before(world: World) -> None:
    confirm = Step("confirm", "confirm", "c", "确认", who=Who("role", "procurement"))
    process(world, "other_out", approval("one", "warehouse_head"), confirm, POST)
    item = world.stocked(100, 10)
    same = world.draft("other_out", {"item": item.code, "quantity": "5"})
    other = world.draft("other_out", {"item": item.code, "quantity": "5"})
    for document in (same, other):
        world.act(document, "submit", world.ann)
        world.act(document, "approve", world.head)
    world.act(same, "approve", world.buyer)
    assert now(same)[0] == "posted"
    promote(world, world.buyer, "warehouse_head")
    world.act(other, "approve", world.buyer, data=row(other, confirmed="4"))
    assert now(other) == ("in_approval", "one")
    assert said(other) == 1
    assert asked(other) == {"head"}  # not the buyer, who wrote the 4
    world.act(other, "approve", world.head)
    assert now(other)[0] == "posted"
    assert Movement.objects.get(posting=other.posting).quantity == 4


def issue(world: World, **options: Any) -> Document:
    always = approval("one", "warehouse_head")
    process(world, "other_out", always, PICK, POST, **options)
    item = world.stocked(1000, 10)
    document = world.draft("other_out", {"item": item.code, "quantity": "100"})
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.head)
    return document


@pytest.mark.parametrize(("actual", "state"), [("110", "posted"), ("110.001", "in_approval")])
def test_beyond_the_tolerance_of_quantity_it_is_approved_again(
    world: World, actual: str, state: str
) -> None:
    document = issue(world, over_percent="10", amount_percent="100")
    world.act(document, "complete", world.cat, data=row(document, actual=actual))
    assert now(document)[0] == state
    assert said(document) == (state == "in_approval")
    if state == "in_approval":
        assert refused(world, document, world.ann, "withdraw") == "begun"


def test_beyond_the_tolerance_of_amount_it_is_approved_again(world: World) -> None:
    document = issue(world, over_percent="100", amount_percent="10")
    world.act(document, "complete", world.cat, data=row(document, actual="111"))
    assert now(document) == ("in_approval", "one")


def test_not_by_whoever_entered_it_though_another_finished_the_step(world: World) -> None:
    document = issue(world)
    cat = promote(world, world.cat, "warehouse_head")
    eve = world.person("eve", "clerk", "warehouse_head")
    world.act(document, "record", cat, data=row(document, actual="150"))
    Task.objects.create(
        document=document, run=StepRun.objects.get(document=document, left_at=None), kind="execute",
        user=eve, state="open", created_at=document.created_at,
    )  # fmt: skip
    world.act(document, "complete", eve)
    assert asked(document) == {"head"}
    for user in (cat, eve):
        assert refused(world, document, user) == "not_allowed"
    world.act(document, "approve", world.head)
    assert now(document)[0] == "posted"


def test_a_process_without_approvals_still_asks_beyond_tolerance(world: World) -> None:
    process(world, "other_out", PICK, POST)
    item = world.stocked(100, 10)
    document = world.draft("other_out", {"item": item.code, "quantity": "10"})
    world.act(document, "submit", world.ann)
    world.act(document, "complete", world.cat, data=row(document, actual="11"))
    assert now(document) == ("in_approval", "over")
    assert refused(world, document, world.cat) == "not_allowed"
    world.act(document, "approve", world.head)
    assert now(document)[0] == "posted"


def test_carrying_out_writes_actual_values_only(world: World) -> None:
    document = issue(world)
    other = world.item()
    before = Document.objects.filter(pk=document.pk).values().get()
    tried = row(
        document, actual="90", requested="1", confirmed="1", price="1", item=other.code, value="1"
    )
    world.act(document, "record", world.cat, data={**tried, "state": "posted", "amount": "0"})
    line = document.lines.get()
    assert (line.requested, line.confirmed, line.price, line.actual) == (100, None, None, 90)
    assert line.item_id != other.pk
    after = Document.objects.filter(pk=document.pk).values().get()
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"state", "version", "changed_at"}
    assert not document.editors.filter(user=world.cat).exists()


def test_a_lot_chosen_while_picking_or_receiving_asks_nobody_again(world: World) -> None:
    item = world.item("lot")
    line = {"item": item.code, "quantity": "10", "price": "9000"}
    document = world.draft("purchase_in", line, by=world.buyer)
    world.act(document, "submit", world.buyer)
    world.act(document, "approve", world.bob)
    done = row(document, actual="10", lot="L-1", expires_on="2099-01-01")
    world.act(document, "complete", world.cat, data=done)
    assert now(document)[0] == "posted"
    assert Movement.objects.get(posting=document.posting).lot.number == "L-1"


def test_a_returned_document_keeps_its_version_and_a_reopened_one_takes_the_new(
    world: World,
) -> None:
    first = scrap(world)
    second = scrap(world)
    old = first.process
    world.act(first, "return", world.head)
    world.act(second, "withdraw", world.ann)
    head, *rest = shipped.active_version(world.company, "scrap").read_steps()
    process(world, "scrap", replace(head, auto=()), *rest)
    world.act(first, "submit", world.ann)
    world.act(second, "reopen", world.ann)
    world.act(second, "submit", world.ann)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.process == old
    assert second.process != old


def test_a_rest_keeps_its_approvals_for_what_was_approved_and_no_more(world: World) -> None:
    document = issue(world)
    world.act(document, "complete", world.cat, data=row(document, actual="60"))
    rest = Document.objects.get(rest_of=document)
    assert (rest.state, rest.step) == ("approved", "pick")
    assert rest.lines.get().requested == 40
    world.act(rest, "return", world.cat)
    key, access = str(rest.lines.get().key), access_for(world.ann)
    drafting.set_line(rest.pk, {"quantity": "41"}, key=key, actor=world.ann, access=access)
    world.act(rest, "submit", world.ann)
    assert now(rest) == ("in_approval", "one")
    again = issue(world)
    world.act(again, "complete", world.cat, data=row(again, actual="60"))
    rest = Document.objects.get(rest_of=again)
    world.act(rest, "complete", world.cat, data=row(rest, actual="41"))
    assert now(rest) == ("in_approval", "one")


def test_only_the_asker_or_a_keeper_voids_what_is_on_its_way(world: World) -> None:
    document = scrap(world)
    colleague = world.person("col", "asker")
    assert refused(world, document, colleague, "void") == "not_allowed"
    draft = world.draft("scrap", {"item": world.item().code, "quantity": "1"})
    world.act(draft, "void", colleague)
    world.act(document, "void", world.ann, reason="correction")
    assert (now(document)[0], now(draft)[0]) == ("void", "void")


def test_a_copy_goes_only_to_who_may_see_the_warehouse(world: World) -> None:
    document = scrap(world)
    with pytest.raises(DomainError) as error:
        world.act(document, "copy", world.ann, data={"users": [world.dan.pk]})
    assert error.value.code == "user_right"
    for bad in ([], ["x"], "12", {"a": 1}):
        assert refused(world, document, world.ann, "copy", users=bad) == "user"
    assert not document.copies.exists()
    world.act(document, "copy", world.ann, data={"users": [world.cat.pk]})
    assert document.copies.get().user == world.cat


def test_bodies_of_the_wrong_shape_are_refused_in_words(world: World) -> None:
    document = issue(world)
    for bad in ("x", {"key": "x"}, ["x"], 7):
        assert refused(world, document, world.cat, "record", lines=bad) == "lines"
    for bad in ("x", None, [], 10**30):
        assert refused(world, document, world.cat, "forward", user=bad) == "user"


def test_what_is_left_of_a_source_is_not_taken_twice(world: World) -> None:
    item = world.stocked(10, 5)
    sale = world.draft("sales_out", {"item": item.code, "quantity": "4"})
    world.act(sale, "submit", world.ann)
    world.act(sale, "complete", world.cat)
    ann = access_for(world.ann)
    one = copying.make_from(sale.pk, "sales_return", actor=world.ann, access=ann)
    key = str(one.lines.get().key)
    drafting.set_line(one.pk, {"quantity": "3"}, key=key, actor=world.ann, access=ann)
    two = copying.make_from(sale.pk, "sales_return", actor=world.ann, access=ann)
    assert two.lines.get().requested == 1
    drafting.set_line(one.pk, {"quantity": "4"}, key=key, actor=world.ann, access=ann)
    for draft in (one, two):  # 5 asked of 4: neither goes until one gives way
        with pytest.raises(DomainError) as error:
            world.act(draft, "submit", world.ann)
        assert error.value.lines[0].code == "over_remaining"
    drafting.set_line(one.pk, {"quantity": "3"}, key=key, actor=world.ann, access=ann)
    for draft in (one, two):
        world.act(draft, "submit", world.ann)
        assert now(draft)[0] == "in_approval"


def shipped_goods(world: World, quantity: str) -> tuple[Document, Document]:
    item = world.stocked(100, 10)
    out = world.draft("transfer_out", {"item": item.code, "quantity": quantity})
    world.act(out, "submit", world.ann)
    world.act(out, "complete", world.cat)
    dan = User.objects.get(pk=world.dan.pk)
    arrival = copying.make_from(out.pk, "transfer_in", actor=dan, access=access_for(dan))
    world.act(arrival, "submit", dan)
    out.refresh_from_db()
    return out, arrival


def in_transit(document: Document) -> tuple[Decimal, Decimal]:
    """Quantity and value under way for one shipment."""
    quantity = value = Decimal(0)
    for movement in Movement.objects.filter(cost_object=document.number):
        for place, sign in ((movement.target, 1), (movement.source, -1)):
            if place.kind == "transit":
                quantity += sign * movement.quantity
                value += sign * movement.value
    return quantity, value


def test_missing_goods_of_a_shipment_are_booked_as_lost_and_transit_is_empty(world: World) -> None:
    out, arrival = shipped_goods(world, "10")
    other, _unsettled = shipped_goods(world, "5")
    assert in_transit(out) == (10, 100)
    assert refused(world, arrival, world.cat, "complete") == "unknown_document"  # not his house
    done = {**row(arrival, actual="8"), "settle": True}
    world.act(arrival, "complete", world.dan, data=done)
    assert now(arrival)[0] == "posted"
    assert in_transit(out) == (0, 0)
    assert in_transit(other) == (5, 50)
    lost = Movement.objects.get(posting=arrival.posting, type="other_out")
    assert (lost.quantity, lost.value, lost.reason, lost.target.kind) == (
        2,
        20,
        "lost",
        "adjustment",
    )
    assert not Document.objects.filter(rest_of=arrival).exists()


def test_nobody_but_who_carries_out_settles_what_is_missing(world: World) -> None:
    dora = world.person("dora", "warehouse_head", warehouse=world.other)
    process(world, "transfer_in", PICK, approval("one", "warehouse_head"), POST)
    _out, arrival = shipped_goods(world, "10")
    world.act(arrival, "complete", world.dan, data=row(arrival, actual="8"))
    world.act(arrival, "approve", dora, data={"settle": True, "close_rest": True})
    assert now(arrival)[0] == "posted"
    assert Document.objects.get(rest_of=arrival).lines.get().requested == 2
    assert not Movement.objects.filter(type="other_out").exists()
