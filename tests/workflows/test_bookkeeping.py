"""Documents and the review of finance: the entry ahead, questions on the document, the way to it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from finance.models import AccountRule, JournalEntry
from finance.reports import flows
from finance.review import reviewing
from people.access import access_for
from people.models import Notice
from stock import catalog, ledger
from stock.ledger import LineInput
from stock.models import Place
from tests.workflows.test_orders import POST, process
from tests.workflows.world import D, World
from workflows import previewing
from workflows.models import Document

pytestmark = pytest.mark.django_db


def posted(world: World) -> tuple[Document, JournalEntry]:
    """A submitted issue whose goods were posted under its number."""
    item = world.stocked(100, 10)
    document = world.draft("department_issue", {"item": item.code, "quantity": "3"})
    world.act(document, "submit", world.ann)
    document.refresh_from_db()
    ledger.post(
        [
            LineInput(
                type="department_issue",
                item=item.pk,
                source=catalog.default_place(world.main).pk,
                target=Place.objects.get(company=world.company, kind="department").pk,
                quantity=D(3),
            )
        ],
        company=world.company,
        key=f"of {document.number}",
        actor=world.cat,
        access=access_for(world.head),
        document=document.number,
    )
    return document, JournalEntry.objects.filter(document=document.number).latest("pk")


def test_a_preview_shows_the_entry_to_those_who_may() -> None:
    """The very accounts and amounts that posting books; a missing account is said; no cost, no panel."""
    world = World()
    item = world.stocked(100, 10)
    document = world.draft("department_issue", {"item": item.code, "quantity": "3"})
    seen = previewing.preview(document, actor=world.bob, access=access_for(world.bob))
    data = {panel.code: data for panel, data in seen.panels}["journal"]
    assert [(leg.account.code, leg.debit, leg.amount, leg.missing) for leg in data["legs"]] == [
        ("6602", True, D(30), False),
        ("1405", False, D(30), False),
    ]
    without = previewing.preview(document, actor=world.ann, access=access_for(world.ann))
    assert "journal" not in {panel.code for panel, _data in without.panels}
    AccountRule.objects.filter(place_kind="department").delete()
    again = previewing.preview(document, actor=world.bob, access=access_for(world.bob))
    data = {panel.code: data for panel, data in again.panels}["journal"]
    assert [leg.missing for leg in data["legs"]] == [False, True] or data["legs"][0].missing


def test_a_question_of_finance_is_on_the_document_and_told() -> None:
    """As a comment, with a notice to the asker and to who posted it; the entry leads to the document."""
    world = World()
    document, entry = posted(world)
    reviewing.question(entry.pk, "为什么领 3 件?", actor=world.fay, access=access_for(world.fay))
    comment = document.events.filter(verb="comment").get()
    assert (comment.actor, comment.text) == (world.fay, "为什么领 3 件?")
    told = Notice.objects.filter(kind="workflows.mentioned").values_list("user", flat=True)
    assert set(told) == {world.ann.pk, world.cat.pk}
    client = Client()
    client.force_login(world.fay)
    page = client.get(reverse("finance:entry", args=[entry.pk])).content.decode()
    assert reverse("workflows:page", args=[document.key]) in page


def test_what_customers_pay_is_told_from_their_documents() -> None:
    """By the price of the posted line, without tax and for a base unit; what has no price leaves no profit."""
    world = World()
    process(world, "sales_out", POST)
    item = world.stocked(100, 10)
    line = {"item": item.code, "quantity": "4", "price": "22.6", "tax_rate": "13"}
    world.act(world.draft("sales_out", {**line, "price_with_tax": True}), "submit", world.ann)
    today = timezone.localdate()
    (flow,) = flows.cost_of_sales(world.company, today, today)
    assert (flow.quantity, flow.amount, flow.revenue, flow.profit) == (4, 40, 80, 40)
    assert flow.margin == 50
    client = Client()
    client.force_login(world.fay)
    page = client.get(reverse("finance:sales") + "?lost=with")
    assert "80.00" in page.content.decode()
    world.act(world.draft("sales_out", {"item": item.code, "quantity": "1"}), "submit", world.ann)
    (flow,) = flows.cost_of_sales(world.company, today, today)
    assert (flow.quantity, flow.revenue, flow.profit, flow.margin) == (5, 80, None, None)
