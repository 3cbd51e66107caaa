"""Warnings while a line is typed: said beside it, accepted once, shown to approvers, and cheap."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alerts.anomaly import accepting, lines, remarking
from alerts.models import Acceptance, Habit, Manner
from people.access import access_for
from tests.api.documents import Clerk
from tests.workflows.test_entry import Form, signed_in
from tests.workflows.world import World
from workflows import checks, previewing
from workflows.errors import DocumentRefused, WrongState
from workflows.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """A company with stock."""
    return World("RM")


def remember(world: World, item: Any, kind: str, *rows: tuple[float, float | None]) -> None:
    """A history of an item: quantities and prices."""
    seen = [
        list(lines.Seen(n, quantity, price, 0, world.ann.pk, world.main.pk, 0, 0, 0, ""))
        for n, (quantity, price) in enumerate(rows)
    ]
    Habit.objects.create(level="item", subject=item.pk, type=kind, seen=seen, total=len(seen))
    Manner.objects.get_or_create(type=kind, defaults={"hours": [1] * 168, "lags": [168] + [0] * 7})


USUAL = [(float(n), None) for n in (80, 84, 96, 100, 102, 108, 110, 115, 120, 95)]


def test_said_while_typed_and_accepted_once(world: World) -> None:
    """1,000 for 100: the form says so with what to take instead; "it is right" ends it."""
    item = world.stocked(100_000)
    remember(world, item, "other_out", *USUAL)
    form = Form(world.ann, "other_out")
    row = form.save({"item": item.code, "quantity": "1000"}).json()["rows"][0]
    tone, text, more = next(check for check in row["checks"] if len(check) > 2)
    assert tone == "warn"
    assert "80–120" in text
    assert more["value"] == "100"
    assert more["code"] == "unit_mistake"
    answer = signed_in(world.ann).post(more["accept"], {"line": row["line"], "code": more["code"]})
    assert answer.status_code == 200
    kept = Acceptance.objects.get()
    assert (kept.by, kept.amount, kept.type) == (world.ann, 1000.0, "other_out")
    row = form.save({"line": row["line"], "note": "x"}).json()["rows"][0]
    assert all(len(check) == 2 for check in row["checks"])
    other = Form(world.ann, "other_out")
    row = other.save({"item": item.code, "quantity": "1050"}).json()["rows"][0]
    assert all(len(check) == 2 for check in row["checks"])
    row = other.save({"line": row["line"], "quantity": "10000"}).json()["rows"][0]
    assert any(len(check) > 2 for check in row["checks"])
    assert Manner.objects.get(type="other_out").levels["unit_mistake"][0] > 0


def test_usual_lines_and_cold_starts_say_nothing(world: World) -> None:
    """Neither what is usual nor what nothing is known of."""
    known, new = world.stocked(1000), world.stocked(100_000)
    remember(world, known, "other_out", *USUAL)
    document = world.draft(
        "other_out",
        {"item": known.code, "quantity": "100"},
        {"item": new.code, "quantity": "99999"},
    )
    assert remarking.remarks(document, list(document.lines.all()), access_for(world.ann)) == []
    panel = remarking.panel(document, None, access_for(world.ann))
    assert panel is not None
    assert panel["unknown"] == [new.code]


def test_prices_are_told_to_those_who_may_see_them(world: World) -> None:
    """The usual price is a cost: who may not see it is not told."""
    item = world.item()
    remember(world, item, "purchase_in", *((100.0, 10.0) for _one in range(8)))
    document = world.draft(
        "purchase_in", {"item": item.code, "quantity": "100", "price": "100"}, by=world.buyer
    )
    found = list(document.lines.all())
    assert [r.found.code for r in remarking.remarks(document, found, access_for(world.fay))] == [
        "price_mistake"
    ]
    assert remarking.remarks(document, found, access_for(world.cat)) == []


def test_accepting_is_for_drafts_and_for_what_is_said(world: World) -> None:
    """A warning that is not there, a document on its way, and somebody else's draft are refused."""
    item = world.stocked(100_000)
    remember(world, item, "other_out", *USUAL)
    document = world.draft("other_out", {"item": item.code, "quantity": "1000"})
    line = document.lines.get()
    access = access_for(world.ann)
    with pytest.raises(DocumentRefused):
        accepting.accept(document, str(line.key), "price", actor=world.ann, access=access)
    with pytest.raises(DocumentRefused):
        accepting.accept(
            document, str(uuid.uuid4()), "unit_mistake", actor=world.ann, access=access
        )
    url = reverse("alerts:accept", args=[document.key])
    assert (
        signed_in(world.dan).post(url, {"line": line.key, "code": "unit_mistake"}).status_code
        == 404
    )
    assert signed_in(world.ann).post(url, {"line": "x", "code": "unit_mistake"}).status_code == 422
    world.act(document, "submit", world.ann)
    document = Document.objects.get(pk=document.pk)
    with pytest.raises(WrongState):
        accepting.accept(document, str(line.key), "unit_mistake", actor=world.ann, access=access)


def test_answers_to_accepting_are_json_also_when_they_refuse(world: World) -> None:
    """Scripts follow a redirect to the page of signing in and would take it for a yes."""
    item = world.stocked(100_000)
    remember(world, item, "other_out", *USUAL)
    document = world.draft("other_out", {"item": item.code, "quantity": "1000"})
    line = document.lines.get()
    url = reverse("alerts:accept", args=[document.key])
    right = {"line": line.key, "code": "unit_mistake"}
    for client, sent, status, code in (
        (Client(), right, 401, "signed_out"),
        (signed_in(world.dan), right, 404, "not_found"),
        (signed_in(world.ann), {"line": "x", "code": "unit_mistake"}, 422, None),
        (signed_in(world.ann), {**right, "code": "price"}, 422, None),
    ):
        answer = client.post(url, sent)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
        assert answer.json()["message"]
        assert code is None or answer.json()["code"] == code
    assert signed_in(world.ann).post(url, right).json() == {"said": "Marked as right"}


def test_approvers_see_it(world: World) -> None:
    """The preview of a document tells whoever decides what is unusual and what was accepted."""
    item = world.stocked(100_000)
    remember(world, item, "other_out", *USUAL)
    document = world.draft("other_out", {"item": item.code, "quantity": "1000"})
    access = access_for(world.bob)
    ahead = previewing.preview(document, actor=world.bob, access=access)
    panel = next(data for panel, data in ahead.panels if panel.code == "alerts.anomaly")
    assert [one.found.code for one in panel["remarks"]] == ["unit_mistake"]
    accepting.accept(
        document, str(document.lines.get().key), "unit_mistake", actor=world.ann,
        access=access_for(world.ann),
    )  # fmt: skip
    ahead = previewing.preview(document, actor=world.bob, access=access)
    panel = next(data for panel, data in ahead.panels if panel.code == "alerts.anomaly")
    assert panel["remarks"] == []
    assert panel["accepted"][0]["by"] == world.ann


def test_twins(world: World) -> None:
    """The same figures for the same partner again within days, and a delivery note that is known."""
    item = world.item()
    remember(world, item, "purchase_in", *((float(n), None) for n in (31, 47, 53, 61)))
    line = {"item": item.code, "quantity": "57", "price": "3"}
    first = world.draft("purchase_in", line, by=world.buyer, reference="DN-7")
    world.act(first, "submit", world.buyer)
    again = world.draft("purchase_in", line, by=world.buyer)
    codes = {
        r.found.code
        for r in remarking.remarks(again, list(again.lines.all()), access_for(world.buyer))
    }
    assert codes == {"twin"}
    other = {"item": item.code, "quantity": "40", "price": "3"}
    note = world.draft("purchase_in", other, by=world.buyer, reference="dn-7")
    codes = {
        r.found.code
        for r in remarking.remarks(note, list(note.lines.all()), access_for(world.buyer))
    }
    assert codes == {"twin_reference"}


def test_the_same_figures_for_another_order_are_no_twins(world: World) -> None:
    item = world.stocked(1000)
    remember(world, item, "sales_out", *((float(n), None) for n in (31, 47, 53, 61)))
    line = {"item": item.code, "quantity": "57"}

    def said(order: str) -> set[str]:
        one = world.draft("sales_out", line, partner=world.customer.code, cost_object=order)
        found = remarking.remarks(one, list(one.lines.all()), access_for(world.ann))
        world.act(one, "submit", world.ann)
        return {remark.found.code for remark in found}

    assert said("SO-1") == set()
    assert said("SO-2") == set()
    assert said("SO-1") == {"twin"}


def test_statements_are_the_same_for_one_line_and_for_fifty(
    world: World, django_assert_max_num_queries: Any
) -> None:
    """Judging costs a few statements however many lines are asked about."""
    items = [world.stocked(100_000) for _one in range(50)]
    for item in items:
        remember(world, item, "other_out", *USUAL)
    document = world.draft(
        "other_out", *({"item": item.code, "quantity": "5000"} for item in items)
    )
    found = list(
        document.lines.select_related(
            "item", "item__base_unit", "unit", "lot", "source", "target", "reason", "source_line"
        )
    )
    access = access_for(world.ann)
    with django_assert_max_num_queries(12):
        assert len(remarking.rule(document, found, access)) == 50
    looked = checks.look(document, found, access)[found[0].pk].checks
    assert [check.code for check in looked if check.accept] == ["quantity"]


def test_said_while_it_is_carried_out(world: World) -> None:
    """Whoever carries out hears of a figure that is unusual, and may say that it is right."""
    item = world.stocked(100_000)
    remember(world, item, "purchase_in", *USUAL)
    document = world.draft(
        "purchase_in", {"item": item.code, "quantity": "100", "price": "10"}, by=world.buyer
    )
    world.act(document, "submit", world.buyer)
    line = document.lines.get()
    page = signed_in(world.cat)
    url = reverse("workflows:remarks", args=[document.key])
    assert page.get(url).json() == {"lines": {str(line.key): []}}
    world.act(document, "record", world.cat, data={"lines": [{"key": line.key, "actual": "1000"}]})
    [said] = page.get(url, {"line": str(line.key)}).json()["lines"][str(line.key)]
    assert (said["code"], said["value"]) == ("unit_mistake", "100")
    answer = signed_in(world.bob).post(said["accept"], {"line": line.key, "code": said["code"]})
    assert answer.status_code in {403, 409}
    answer = page.post(said["accept"], {"line": line.key, "code": said["code"]})
    assert answer.status_code == 200
    assert page.get(url).json()["lines"][str(line.key)] == []
    world.act(document, "record", world.cat, data={"lines": [{"key": line.key, "actual": "2"}]})
    assert page.get(url, {"counting": "1"}).json()["lines"][str(line.key)] == []
    assert page.get(url).json()["lines"][str(line.key)]
    assert signed_in(world.dan).get(url).status_code == 404
    assert page.get(url, {"line": "x"}).status_code == 422


def test_said_to_programs(world: World) -> None:
    """The API answers a line with what is unusual about it, lists it, and takes "it is right"."""
    item = world.stocked(100_000)
    remember(world, item, "other_out", *USUAL)
    document = world.draft("other_out")
    clerk = Clerk(world.ann)
    line, one = str(uuid.uuid4()), f"documents/{document.key}/"
    values = {"item": item.code, "quantity": "1000"}
    answer = clerk.ask("PUT", f"{one}lines/{line}/", values, tag=clerk.tag(str(document.key)))
    said = next(w for w in answer["warnings"] if w["acceptable"])
    assert (said["code"], said["field"], said["instead"]) == ("unit_mistake", "quantity", "100")
    [row] = clerk.ask("GET", f"{one}warnings/")["results"]
    assert row["key"] == line
    assert said in row["warnings"]
    clerk.ask("POST", f"{one}lines/{line}/accept/", {"code": "price"}, expect=422)
    clerk.ask("POST", f"{one}lines/{line}/accept/", {"code": said["code"]})
    left = clerk.ask("GET", f"{one}warnings/")["results"]
    assert not any(w["acceptable"] for row in left for w in row["warnings"])
    assert Acceptance.objects.get().by == world.ann
