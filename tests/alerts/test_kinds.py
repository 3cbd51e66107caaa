"""Every kind of rule finds what it is for, and nothing else; the same on either engine (see test_kinds_postgres)."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from alerts import evaluating, kinds
from alerts.kinds.base import EVERYTHING, Finding, Touched
from alerts.models import Rule
from core import jobs, outbox, troubles
from core.said import again
from finance.models import HandoverProfile, VoucherBatch
from people.access import SYSTEM
from stock import catalog, ledger
from stock.ledger import LineInput
from stock.models import Balance, Category, Item, Lot, Place
from tests.workflows.world import World
from workflows.models import Document, Event, Line, OrderLine, Task

pytestmark = pytest.mark.django_db


def found(code: str, touched: Touched = EVERYTHING, **changes: Any) -> list[Finding]:
    """What the shipped rule of a kind finds, with other values."""
    rule = Rule.objects.get(code=code)
    for name, value in changes.items():
        setattr(rule, name, value)
    rule.save()
    kind = kinds.get(rule.kind)
    assert kind is not None
    findings = kind.find(rule, touched, False)
    for one in findings:
        assert again(one.reason), one
        assert "%(" not in again(one.reason)
    assert kind.says(rule)
    return findings


def move(world: World, item: Item, type_: str, quantity: int, **more: Any) -> None:
    """Post one movement out of the main warehouse (or into it, from outside)."""
    here = catalog.default_place(world.main)
    outside = {"sales_out": "customer", "scrap": "scrap", "opening": "opening"}[type_]
    other = Place.objects.get(company=world.company, kind=outside)
    source, target = (other, here) if type_ == "opening" else (here, other)
    ledger.post(
        [
            LineInput(
                type=type_,
                item=item.pk,
                source=source.pk,
                target=target.pk,
                quantity=Decimal(quantity),
                unit_cost=Decimal(1) if type_ == "opening" else None,
                **more,
            )
        ],
        company=world.company,
        key=uuid.uuid4().hex,
        actor=None,
        access=SYSTEM,
    )


def items(findings: list[Finding]) -> set[int | None]:
    return {one.item for one in findings}


def set_item(item: Item, **values: Any) -> Item:
    for name, value in values.items():
        setattr(item, name, value)
    item.save()
    return item


def test_low_stock_counts_what_is_on_order() -> None:
    world = World()
    low = set_item(world.stocked(10), reorder_point=Decimal(20))
    ordered = set_item(world.stocked(10), reorder_point=Decimal(20))
    set_item(world.stocked(20), reorder_point=Decimal(20))
    set_item(world.stocked(1), reorder_point=Decimal(20), archived_at=timezone.now())
    order = world.draft("purchase_order", {"item": ordered.code, "quantity": "10"}, by=world.buyer)
    line = Line.objects.get(document=order)
    OrderLine.objects.create(
        line=line,
        document=order,
        item=ordered,
        warehouse=world.main,
        arrives=True,
        ordered=Decimal(10),
    )
    assert items(found("low-stock")) == {low.pk}
    assert items(found("low-stock", Touched(items=frozenset({ordered.pk})))) == set()
    OrderLine.objects.update(delivered=Decimal(1))
    assert items(found("low-stock")) == {low.pk, ordered.pk}
    assert items(found("low-stock", warehouse=world.other)) == {low.pk, ordered.pk, *_pointed(20)}


def _pointed(point: int) -> set[int]:
    rows = Item.objects.filter(reorder_point=Decimal(point), archived_at=None)
    return set(rows.values_list("pk", flat=True))


def test_a_narrower_rule_takes_its_share() -> None:
    world = World()
    child = Category.objects.create(code="SUB", name="sub", parent=world.category)
    plain = set_item(world.stocked(10), reorder_point=Decimal(20))
    special = set_item(world.stocked(10), reorder_point=Decimal(20), category=child)
    single = set_item(world.stocked(10), reorder_point=Decimal(20), category=child)
    rule = Rule.objects.get(code="low-stock")
    of_category = Rule.objects.create(code="c", kind="low-stock", category=world.category)
    of_child = Rule.objects.create(code="d", kind="low-stock", category=child)
    of_item = Rule.objects.create(code="e", kind="low-stock", item=single)
    kind = kinds.get("low-stock")
    assert kind is not None
    shares = [
        items(kind.find(one, EVERYTHING, False)) for one in (rule, of_category, of_child, of_item)
    ]
    assert shares == [set(), {plain.pk}, {special.pk}, {single.pk}]


def test_what_runs_out_within_the_lead_time() -> None:
    world = World()
    runs_out, lasts = world.stocked(100), world.stocked(1000)
    for item in (runs_out, lasts):
        set_item(item, lead_time_days=10)
        for _time in range(3):
            move(world, item, "sales_out", 30)
    # 90 in 9 days = 10 a day: 10 are left, the lead time wants 100
    window = {"window_days": 9, "lead_days": 5, "movements": 3}
    (one,) = found("stockout", parameters=window)
    assert one.item == runs_out.pk
    assert (one.figures["days"], one.figures["pace"], one.figures["lead"]) == (1, "10", 10)
    assert found("stockout", parameters={**window, "movements": 4}) == []
    assert found("stockout", parameters=window, warehouse=world.other) == []


def test_over_stock_and_dead_stock() -> None:
    world = World()
    much = set_item(world.stocked(50), maximum=Decimal(40))
    set_item(world.stocked(40), maximum=Decimal(40))
    assert items(found("over-stock")) == {much.pk}
    assert found("over-stock", parameters={"percent": 25}) == []
    assert found("dead-stock") == []
    Balance.objects.filter(item=much).update(latest_at=timezone.now() - timedelta(days=200))
    assert items(found("dead-stock")) == {much.pk}
    assert items(found("dead-stock", warehouse=world.main)) == {much.pk}
    assert found("dead-stock", warehouse=world.other) == []


def test_expiry_near_and_past() -> None:
    world = World()
    today = timezone.now().date()
    lots = {}
    for name, days in (("gone", -2), ("near", 10), ("far", 100)):
        item = world.item("lot")
        lot = Lot.objects.create(item=item, number=name, expires_on=today + timedelta(days=days))
        move(world, item, "opening", 5, lot=lot.pk)
        lots[name] = lot
    assert [one.lot for one in found("near-expiry")] == [lots["near"].pk]
    assert [one.lot for one in found("expired")] == [lots["gone"].pk]
    assert len(found("near-expiry", parameters={"days": 120})) == 2
    (one,) = found("expired", warehouse=world.main)
    assert (one.warehouse, one.figures["on_hand"]) == (world.main.pk, "5")


def test_corrected_too_often() -> None:
    world = World()
    item = world.stocked(100)
    for _time in range(3):
        move(world, item, "scrap", 1)
    assert found("adjusting") == []
    move(world, item, "scrap", 1)
    (one,) = found("adjusting")
    assert (one.item, one.warehouse, one.figures["times"]) == (item.pk, world.main.pk, 4)


def test_below_zero() -> None:
    world = World()
    item = world.stocked(5)
    assert found("below-zero") == []
    Balance.objects.filter(item=item).update(below_zero=True, on_hand=Decimal(-3))
    (one,) = found("below-zero")
    assert (one.item, one.figures["on_hand"]) == (item.pk, "-3")


def test_postings_that_failed_and_overrides() -> None:
    world = World()
    item = world.stocked(50, 100_000)
    document = world.draft("scrap", {"item": item.code, "quantity": "9"}, by=world.ann)
    world.act(document, "submit", world.ann)
    Event.objects.create(
        document=document,
        at=timezone.now(),
        verb="post_failed",
        data={"code": "short", "lines": [{"code": "short", "data": {"item": item.code}}]},
    )
    (one,) = found("attempt")
    assert (one.document, one.figures["items"]) == (document.pk, item.code)
    assert found("attempt", Touched(documents=frozenset({0}))) == []
    assert found("override") == []


def test_late_steps_and_old_rests() -> None:
    world = World()
    item = world.stocked(50, 100_000)
    document = world.draft("scrap", {"item": item.code, "quantity": "1"}, by=world.ann)
    world.act(document, "submit", world.ann)
    assert found("late-step") == []
    Task.objects.filter(document=document).update(due_at=timezone.now() - timedelta(hours=30))
    (one,) = found("late-step")
    assert one.document == document.pk
    assert found("late-step", parameters={"hours": 48}) == []
    rest = world.draft("scrap", {"item": item.code, "quantity": "1"}, by=world.ann)
    old = timezone.now() - timedelta(days=9)
    Document.objects.filter(pk=rest.pk).update(rest_of=document, created_at=old)
    assert [one.document for one in found("old-rest")] == [rest.pk]
    assert found("old-rest", parameters={"days": 10}) == []


def test_too_long_in_transit() -> None:
    world = World()
    item = world.stocked(5)
    transit = Place.objects.filter(warehouse=world.other, kind="transit").first()
    assert transit is not None
    Balance.objects.create(
        item=item, place=transit, on_hand=Decimal(2), latest_at=timezone.now() - timedelta(days=6)
    )
    (one,) = found("transit")
    assert (one.item, one.warehouse) == (item.pk, world.other.pk)


def test_entered_twice() -> None:
    world = World()
    first, second = world.stocked(50), world.stocked(50)
    lines = [{"item": one.code, "quantity": "1"} for one in (first, second)]
    made = []
    for header in ({"reference": "DN-7"}, {"reference": "DN-7"}, {"reference": "DN-8"}, {}):
        document = world.draft("purchase_in", *lines, by=world.ann, **header)
        Line.objects.filter(document=document).update(price=Decimal(1))
        world.act(document, "submit", world.ann)
        made.append(document)
    twice = {one.document: again(one.reason) for one in found("duplicate")}
    assert set(twice) == {one.pk for one in made[1:]}
    assert "DN-7" in twice[made[1].pk]
    assert found("duplicate", Touched(documents=frozenset({made[0].pk}))) == []


def test_an_unusual_entry_is_a_case_of_its_document() -> None:
    world = World()
    item = world.stocked(100_000, 1)
    for _time in range(25):
        document = world.draft("scrap", {"item": item.code, "quantity": "10"}, by=world.ann)
        world.act(document, "submit", world.ann)
        while task := Task.objects.filter(document=document, kind="approve", state="open").first():
            world.act(document, "approve", task.user)
    outbox.sweep()
    assert found("unusual", parameters={"strength": 75}) == []
    document = world.draft("scrap", {"item": item.code, "quantity": "1000"}, by=world.ann)
    world.act(document, "submit", world.ann)
    (one,) = found("unusual", Touched(documents=frozenset({document.pk})))
    assert (one.document, one.warehouse) == (document.pk, world.main.pk)
    assert "1000" in again(one.reason)


def test_technical_troubles() -> None:
    assert [again(one.reason) for one in found("backup")] == ["No backup was ever made."]
    jobs.note("core.backup", ok=True)
    assert found("backup") == []
    jobs.note("stock.verify", ok=False, detail={"checks": [1, 2]})
    assert "2 broken laws" in again(found("book")[0].reason)
    jobs.note("stock.verify", ok=True)
    assert found("book") == []
    assert found("sync") == []
    world = World()
    profile = HandoverProfile.objects.create(company=world.company, name="P", format="json")
    values: dict[str, Any] = {"entries": 1, "vouchers": 3, "total": 1, "digest": "x", "number": 1}
    batch = VoucherBatch.objects.create(
        company=world.company,
        profile=profile,
        month=timezone.now().date().replace(day=1),
        made_at=timezone.now(),
        made_by=world.fay,
        **values,
    )
    for state in ("sending", "failed"):
        assert found("sync") == []
        VoucherBatch.objects.filter(pk=batch.pk).update(state=state)
    assert str(batch) in again(found("sync")[0].reason)
    VoucherBatch.objects.filter(pk=batch.pk).update(state="sent")
    troubles.register("sync", "test", lambda: [troubles.Trouble("late", "Three wait.")])
    try:
        assert [one.subject_key for one in found("sync")] == ["late"]
    finally:
        troubles._providers["sync"].pop("test")


def test_every_rule_evaluates_over_everything() -> None:
    World().stocked(5)
    Rule.objects.update(active=True)
    evaluating.sweep()
    for kind in kinds.every():
        assert Rule.objects.filter(kind=kind.code).exists(), kind.code
        assert kind.problems({"nonsense": 1})
        for parameter in kind.parameters:
            assert kind.problems({parameter.name: "much"})
            assert kind.problems({parameter.name: str(parameter.least - 1)})
            assert not kind.problems({parameter.name: str(parameter.default)})
