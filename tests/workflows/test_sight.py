"""What of a document somebody does not see: what things cost, and what lies in warehouses of others."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import NotAllowed
from people.access import access_for
from people.models import User
from stock import catalog
from stock.ledger import LineInput
from stock.models import Movement, Place
from tests.workflows.world import D, World
from workflows import conditions, copying, drafting, previewing, sight, trusted
from workflows.errors import DocumentRefused
from workflows.forecasting import Forecast
from workflows.models import Document
from workflows.steps import Step
from workflows.templatetags.documents import why

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def read(user: User, name: str, *arguments: Any, **query: Any) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(f"workflows:{name}", args=arguments), query)
    return str(answer.content.decode())


def received(world: World, price: str = "16.6843") -> Document:
    """A purchase that was posted, its price typed by the buyer."""
    line = {"item": world.item().code, "quantity": "10", "price": price}
    document = world.draft("purchase_in", line, by=world.buyer)
    world.act(document, "submit", world.buyer)
    for _round in range(6):
        document.refresh_from_db()
        task = document.tasks.filter(state="open").select_related("run").first()
        if task is None:
            break
        key = str(document.lines.get().key)
        data = {"lines": [{"key": key, "actual": "10"}]}
        verb = "approve" if task.kind in {"approve", "confirm"} else "complete"
        world.act(document, verb, task.user, data=data if verb == "complete" else {})
    document.refresh_from_db()
    assert document.state == "posted"
    return document


def test_what_is_made_from_a_document_takes_prices_only_for_who_sees_costs(world: World) -> None:
    source = received(world)
    for kind in ("landed_cost", "price_difference"):
        with pytest.raises(NotAllowed):
            copying.make_from(source.pk, kind, actor=world.ann, access=access_for(world.ann))
        assert kind not in read(world.ann, "page", source.key)
        assert kind in read(world.buyer, "page", source.key)
    mine = copying.make_from(
        source.pk, "purchase_return", actor=world.ann, access=access_for(world.ann)
    )
    assert mine.lines.get().price is None
    assert mine.lines.get().tax_rate is None
    assert "16.6843" not in read(world.ann, "edit", mine.key)


def test_a_change_of_value_is_asked_for_only_by_who_sees_costs(world: World) -> None:
    for kind in ("revaluation", "landed_cost", "price_difference", "settlement"):
        with pytest.raises(NotAllowed):
            world.draft(kind, by=world.ann)
        assert f"/new/{kind}/" not in read(world.ann, "documents")
        client = Client()
        client.force_login(world.ann)
        assert client.get(reverse("workflows:new", args=[kind])).status_code == 403
        assert world.draft(kind, by=world.buyer).pk


def test_a_rule_is_said_without_the_amount_it_looked_at() -> None:
    groups = conditions.from_data([[{"field": "amount", "op": "lte", "value": "500"}]])
    facts = {"amount": D("166.84"), "lines": 1}
    trace = conditions.evaluate(groups, facts, empty=True).trace
    part = Forecast(Step("head", "approve", "Head", "主管"), "auto", trace=trace)
    assert "166.84" in why(part, True)
    assert "166" not in why(part, False)
    assert "500" in why(part, False)


def test_the_look_ahead_of_the_form_hides_the_amount(world: World) -> None:
    item = world.stocked(cost=17)
    draft = world.draft("scrap", {"item": item.code, "quantity": "3"})
    process = previewing.preview(draft, actor=world.ann, access=access_for(world.ann))
    assert any(row["field"] == "amount" for part in process.route for row in part.trace)
    assert "(51" not in read(world.ann, "preview", draft.key)
    head = world.draft("scrap", {"item": item.code, "quantity": "3"}, by=world.head)
    assert "(51" in read(world.head, "preview", head.key)


def test_prices_of_an_import_are_not_its_askers(world: World) -> None:
    item = world.item()
    line = LineInput(
        type="purchase_in",
        item=item.pk,
        source=Place.objects.get(company=world.company, kind="supplier").pk,
        target=catalog.default_place(world.main).pk,
        quantity=D("5"),
        unit_cost=D("13.37"),
    )
    told = trusted.Told("purchase_in", [line], world.main, "batch", "one", asker=world.ann)
    document = trusted.post(told, company=world.company).document
    assert document is not None
    assert "13.37" not in read(world.ann, "page", document.key)
    assert "13.37" in read(world.head, "page", document.key)


def test_a_price_that_somebody_else_typed_is_not_the_askers(world: World) -> None:
    item = world.item()
    draft = world.draft("purchase_in", {"item": item.code, "quantity": "1", "price": "23.45"})
    assert sight.sees_money(draft, access_for(world.ann), world.ann)
    assert "23.45" in read(world.ann, "edit", draft.key)
    key = str(draft.lines.get().key)
    drafting.set_line(
        draft.pk, {"price": "98.76"}, key=key, actor=world.buyer, access=access_for(world.buyer)
    )
    for page in ("edit", "page"):
        assert "98.76" not in read(world.ann, page, draft.key)
    assert "98.76" in read(world.buyer, "page", draft.key)


def test_the_look_ahead_leaves_out_places_of_warehouses_one_does_not_see(world: World) -> None:
    item = world.stocked(50)
    for number in (world.main, world.other):
        assert catalog.default_place(number)
    there = world.draft("transfer", {"item": item.code, "quantity": "2"})
    seen = previewing.preview(there, actor=world.ann, access=access_for(world.ann))
    assert {row.place.warehouse_id for row in seen.stock} == {world.main.pk}
    all_ = previewing.preview(there, actor=world.admin, access=access_for(world.fay))
    assert {row.place.warehouse_id for row in all_.stock} == {world.main.pk, world.other.pk}


def test_a_line_names_only_movements_that_one_sees_and_that_fit(world: World) -> None:
    away = world.stocked(7, warehouse=world.other)
    here = world.stocked(9)
    source = received(world)
    fits = Movement.objects.get(posting=source.posting_id)
    access = access_for(world.buyer)
    draft = world.draft("landed_cost", by=world.buyer, reference="R")

    def saved(item: str, movement: Movement) -> Any:
        values = {"item": item, "value": "5", "original": str(movement.pk)}
        return drafting.set_line(draft.pk, values, actor=world.buyer, access=access)

    assert saved(fits.item.code, fits).original == fits
    for item in (away, here):
        with pytest.raises(DocumentRefused):
            saved(item.code, Movement.objects.get(item=item))
    far = world.person("far", "procurement", warehouse=world.other)
    header = {"warehouse": world.other.code, "reference": "R"}
    elsewhere = world.draft("landed_cost", by=far, **header)
    with pytest.raises(DocumentRefused):
        drafting.set_line(
            elsewhere.pk,
            {"item": fits.item.code, "value": "5", "original": str(fits.pk)},
            actor=far,
            access=access_for(far),
        )
