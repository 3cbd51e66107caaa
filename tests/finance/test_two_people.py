"""Where a company wants it, who entered an invoice does not post it: said by the page, held by code and by the database."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from core.errors import NotAllowed
from finance import invoicing, settings
from finance.invoice_matching import InvoiceRefused
from finance.invoicing import LineGiven
from finance.models import Books, PurchaseInvoice
from people.access import SYSTEM, access_for
from people.models import Membership, Role, User
from stock.models import Partner
from tests.laws.world import World

RIGHTS = ("stock.view", "cost.view", "finance.review")
pytestmark = pytest.mark.django_db


def person(name: str, *rights: str) -> User:
    user = User.objects.create_user(name, password="x", name=name)
    role = Role.objects.create(code=f"r-{name}", name=name, rights=list(rights))
    Membership.objects.create(user=user, role=role, everywhere=True)
    return user


@pytest.fixture
def two() -> dict[str, Any]:
    world = World()
    partner = Partner.objects.create(code="SUP", name="Supplier", is_supplier=True)
    posted = world.move("purchase_in", world.item(), 10, unit_cost=2, partner=partner.pk)
    fay, gus = person("fay", *RIGHTS), person("gus", *RIGHTS)
    draft = invoicing.save(
        world.company, partner=partner, number="F-1", day=timezone.localdate(), tax=Decimal(0),
        lines=[LineGiven(Decimal(20), posted.movement_ids[0], Decimal(10))], actor=fay, access=SYSTEM,
    )  # fmt: skip
    admin = person("ada", "process.manage")
    settings.change(
        world.company, red_reversals=False, invoices_by_two=True, actor=admin, access=SYSTEM
    )
    return {"world": world, "fay": fay, "gus": gus, "draft": draft, "admin": admin}


def test_who_entered_it_does_not_post_it(two: dict[str, Any]) -> None:
    draft, fay, gus = two["draft"], two["fay"], two["gus"]
    for actor in (fay, None):
        with pytest.raises(InvoiceRefused) as refused:
            invoicing.post(draft, actor=actor, access=SYSTEM)
        assert refused.value.status == 403
    assert invoicing.post(draft, actor=gus, access=SYSTEM).state == "posted"


def test_the_database_alone_keeps_two_people(
    two: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, fay, gus = two["draft"], two["fay"], two["gus"]
    monkeypatch.setattr(invoicing, "_by_two", lambda *_given: None)
    for actor in (fay, None):
        with pytest.raises(DatabaseError, match="does not post"), transaction.atomic():
            invoicing.post(draft, actor=actor, access=SYSTEM)
    invoicing.post(draft, actor=gus, access=SYSTEM)
    row = PurchaseInvoice.objects.filter(pk=draft.pk)
    for change in ({"posted_by": fay}, {"created_by": gus}):
        with pytest.raises(DatabaseError, match="does not post"), transaction.atomic():
            row.update(**change)
    made = row.get()
    made.pk, made.key, made.number = None, uuid.uuid4(), "F-2"
    with pytest.raises(DatabaseError, match="begins as a draft"), transaction.atomic():
        made.save(force_insert=True)


def test_whoever_writes_a_draft_anew_does_not_post_it(two: dict[str, Any]) -> None:
    draft, fay, gus = two["draft"], two["fay"], two["gus"]
    line = draft.lines.get()
    again = invoicing.save(
        two["world"].company, partner=draft.partner, number="F-1", day=draft.date, tax=Decimal(0),
        lines=[LineGiven(Decimal(21), line.movement_id, Decimal(10))], actor=gus, access=SYSTEM,
        invoice=draft,
    )  # fmt: skip
    with pytest.raises(InvoiceRefused):
        invoicing.post(again, actor=gus, access=SYSTEM)
    assert invoicing.post(again, actor=fay, access=SYSTEM).state == "posted"


def test_only_who_sets_processes_changes_it(two: dict[str, Any]) -> None:
    world, fay, admin = two["world"], two["fay"], two["admin"]
    with pytest.raises(NotAllowed):
        settings.change(
            world.company, red_reversals=False, invoices_by_two=False, actor=fay,
            access=access_for(fay),
        )  # fmt: skip
    client = Client()
    client.force_login(fay)
    assert "disabled" in client.get("/finance/settings/").content.decode()
    assert client.post("/finance/settings/", {}).status_code == 403
    url = f"/finance/invoices/{two['draft'].key}/"
    assert "somebody else of finance" in client.get(url).content.decode()
    assert client.post(url, {"do": "post", "version": 1}).status_code == 403
    client.force_login(admin)
    assert client.post("/finance/settings/", {}).status_code == 302
    assert not Books.objects.get(company=world.company).invoices_by_two
