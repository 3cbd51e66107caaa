"""The pages of orders, tasks and bills: shown, acted on, refused with what was typed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from people.access import access_for
from people.models import User
from tests.workflows.test_orders import carry_out, fresh, made, ordered
from tests.workflows.world import D, World
from workflows import boms
from workflows.errors import DocumentRefused
from workflows.models import Bom, FollowUp, OrderLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def client_of(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(User.objects.get(pk=user.pk))
    return client


def page(client: Client, document: Any, expect: int = 200) -> str:
    answer = client.get(reverse("workflows:page", args=[document.key]))
    assert answer.status_code == expect
    return answer.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_order_tells_how_far_it_is(world: World, language: str) -> None:
    item = world.stocked(30, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50", "price": "20"})
    client = client_of(world.ann, language)
    text = page(client, order)
    said = {
        "en": ["30.000 reserved", "20.000 short"],
        "zh-hans": ["预留 30.000", "缺 20.000"],
    }[language]
    assert all(words in text for words in said)
    assert text.count(">1,000.00</td>") == 2, "the line's amount and the sum"
    carry_out(world, made(order)[0], "12")
    text = page(client, order)
    assert "<b>38.000</b>" in text
    listing = client.get(reverse("workflows:orders"), {"type": "sales_order"}).content.decode()
    assert str(order) in listing
    assert client.get(reverse("workflows:orders"), {"late": "1"}).status_code == 200
    assert (
        str(order)
        not in client.get(reverse("workflows:orders"), {"type": "purchase_order"}).content.decode()
    )


def test_what_is_open_is_closed_on_a_form(world: World) -> None:
    item = world.stocked(30, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "50"})
    client = client_of(world.ann)
    url = reverse("workflows:do", args=[order.key, "close"])
    key = str(order.lines.get().key)
    form = client.get(url).content.decode()
    assert f"quantity.{key}" in form
    typed = {f"quantity.{key}": "60", "reason": "correction", "text": "enough"}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "only 50 PCS are open" in refused.content.decode()
    typed[f"quantity.{key}"] = "8"
    assert client.post(url, typed).status_code == 302
    assert OrderLine.objects.get(document=order).closed == 8
    typed[f"quantity.{key}"] = ""
    assert client.post(url, typed).status_code == 302
    assert fresh(order).state == "closed"
    assert "nothing is open any more" in page(client, order)


def test_an_order_is_opened_for_changes_and_edited(world: World) -> None:
    item = world.stocked(30, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "5"})
    client = client_of(world.ann)
    url = reverse("workflows:do", args=[order.key, "amend"])
    assert "taken back" in client.get(url).content.decode()
    assert client.post(url, {"text": ""}).status_code == 302
    assert fresh(order).state == "returned"
    assert client.get(reverse("workflows:edit", args=[order.key])).status_code == 200
    assert client_of(world.bob).post(url).status_code in {403, 409}


def test_tasks_are_listed_and_done_by_those_who_may(world: World) -> None:
    item = world.stocked(30, 10)
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "5"})
    issue = carry_out(world, made(order)[0], "5")
    url = reverse("workflows:tasks")
    clerk, finance, other = (client_of(one) for one in (world.cat, world.fay, world.dan))
    assert str(issue) in clerk.get(url).content.decode()
    assert str(issue) not in other.get(url).content.decode()
    assert "Settlement" in finance.get(url).content.decode()
    task = FollowUp.objects.get(kind="dispatch")
    at = reverse("workflows:task", args=[task.key])
    clerk.post(at, {"state": "handed_over", "carrier": "", "version": "1"})
    assert FollowUp.objects.get(pk=task.pk).state == "open"
    clerk.post(at, {"state": "handed_over", "carrier": "SF", "tracking": "7", "version": "1"})
    assert FollowUp.objects.get(pk=task.pk).state == "handed_over"
    other.post(at, {"state": "done"})
    assert FollowUp.objects.get(pk=task.pk).state == "handed_over"
    clerk.post(at, {"state": "done", "version": "2"})
    assert FollowUp.objects.get(pk=task.pk).done_by == world.cat
    assert "SF" in clerk.get(url, {"tab": "done"}).content.decode()
    assert "SF" in page(clerk, issue)
    assert clerk.get(url, {"document": "nonsense", "kind": "x"}).status_code == 200
    assert clerk.get(reverse("boards:home")).status_code == 200


def test_a_bill_is_written_on_its_page_and_fills_an_order(world: World) -> None:
    steel, screw, chair = world.stocked(100, 10), world.stocked(1000, 1), world.item()
    client = client_of(world.head)
    typed: dict[str, Any] = {
        "product": chair.code,
        "quantity": "10",
        "item": [steel.code, screw.code, ""],
        "quantity_line": ["20", "x", ""],
        "unit": ["", "", ""],
        "scrap_percent": ["5", "", ""],
        "line_note": ["", "", ""],
        "version": "0",
    }
    new = reverse("workflows:bom_new")
    refused = client.post(new, typed)
    assert refused.status_code == 422
    assert 'value="x"' in refused.content.decode()
    typed["quantity_line"] = ["20", "80", ""]
    assert client.post(new, typed).status_code == 302
    assert client.post(new, typed).status_code == 422  # it has one already
    bom = Bom.objects.get()
    shown = client.get(reverse("workflows:bom", args=[chair.pk])).content.decode()
    assert steel.code in shown
    assert chair.code in client.get(reverse("workflows:boms")).content.decode()
    assert client_of(world.ann).post(
        reverse("workflows:bom", args=[chair.pk]), typed
    ).status_code in {403, 422}
    assert [plan for _line, plan in boms.needs(bom, D(3))] == [D("6.3"), D(24)]
    with pytest.raises(DocumentRefused, match="too large"):
        boms.needs(bom, D(9 * 10**12))
    order = world.draft("production_order", {"item": chair.code, "quantity": "3", "side": "output"})
    asker = client_of(world.ann)
    edit = asker.get(reverse("workflows:edit", args=[order.key])).content.decode()
    assert "Fill in the materials" in edit
    asker.post(reverse("workflows:explode", args=[order.key]))
    assert order.lines.count() == 3
    world.act(order, "submit", world.ann)
    issue = carry_out(world, made(fresh(order))[0], "6.5", "24")
    back = client_of(world.head)
    text = page(back, order)
    assert "Plan and actual" in text
    assert "0.200 more than planned" in text
    assert "89" in text  # 65 + 24 in production
    assert issue.state == "posted"
    boms.archive(chair.code, actor=world.head, access=access_for(world.head))
    assert chair.code not in client.get(reverse("workflows:boms")).content.decode()


def test_what_is_on_order_and_what_would_be_short_is_said(world: World) -> None:
    item = world.stocked(30, 10)
    ordered(world, "purchase_order", {"item": item.code, "quantity": "25", "price": "9"})
    client = client_of(world.ann)
    shown = client.get(reverse("stock:item", args=[item.pk])).content.decode()
    assert "On order" in shown
    assert "25.000" in shown
    draft = world.draft(
        "sales_order", {"item": item.code, "quantity": "50"}, partner=world.customer.code
    )
    form = client.get(reverse("workflows:edit", args=[draft.key])).content.decode()
    assert "30 PCS are available; the rest would be short." in form
    order = ordered(world, "sales_order", {"item": item.code, "quantity": "5", "price": "7"})
    paper = client.get(reverse("workflows:print", args=[order.key])).content.decode()
    assert "not valid as a voucher" not in paper
    assert "Ordered" in paper
    todo = client_of(world.cat).get(reverse("workflows:inbox")).content.decode()
    assert "/tasks/" in todo  # the rail leads there
