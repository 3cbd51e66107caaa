"""The demo company: whole, believable, repeatable, quick, and its book proved."""

import json
from datetime import date
from hashlib import sha256
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Sum

from alerts.anomaly import booked, measuring
from boards.demo import people
from boards.demo.build import build
from boards.demo.story import MONTH
from finance import receipts
from finance.models import PurchaseInvoice
from people import rights
from people.access import access_for
from people.models import Company, User
from stock import verify
from stock.models import Balance, Category, Item, Lot, Movement, Period, Reservation
from stock.movement_types import BY_CODE
from workflows.models import Document, FollowUp

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 12)


def seed(**options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("seed_demo", stdout=out, format="json", **options)
    return dict(json.loads(out.getvalue()))


def digest() -> str:
    rows = Movement.objects.order_by("pk").values_list(
        "type",
        "item__code",
        "lot__number",
        "source__code",
        "target__code",
        "quantity",
        "value",
        "effective_at",
    )
    return sha256(repr(list(rows)).encode()).hexdigest()


def test_the_demo_has_everything_that_a_newcomer_should_see() -> None:
    facts = seed(today=TODAY)
    assert facts["verified"] is True
    assert Company.objects.get().is_demo
    assert set(Movement.objects.values_list("type", flat=True)) == set(BY_CODE)
    assert Movement.objects.filter(reversal=True).exists()
    methods = Category.objects.filter(item__isnull=False).values_list("cost_method", flat=True)
    assert set(methods) == {"average", "fifo", "specific"}
    assert set(Item.objects.values_list("tracking", flat=True)) == {"none", "lot", "serial"}
    assert 60 <= Item.objects.count() <= 120
    assert not Item.objects.filter(other_name="").exists()
    here = Balance.objects.exclude(on_hand=0)
    kinds = set(here.values_list("place__kind", flat=True))
    assert kinds == {"storage", "quarantine", "transit"}
    assert here.filter(on_hand__lt=0).count() == 1
    stock = dict(
        here.filter(place__kind="storage").values_list("item").annotate(all=Sum("on_hand"))
    )
    low = [item for item in Item.objects.all() if stock.get(item.pk, 0) < item.reorder_point]
    assert 3 <= len(low) <= 20
    expiries = [day for day in Lot.objects.values_list("expires_on", flat=True) if day]
    assert min(expiries) < TODAY
    assert any(0 < (day - TODAY).days < 30 for day in expiries)
    states = set(Reservation.objects.values_list("state", flat=True))
    assert states == {"active", "released", "consumed"}
    assert set(Document.objects.filter(type="sales_order").values_list("state", flat=True)) == {
        "draft", "in_execution", "closed", "void"
    }  # fmt: skip
    assert set(FollowUp.objects.values_list("state", flat=True)) == {"open", "handed_over", "done"}
    months = Period.objects.order_by("month").values_list("month", flat=True)
    assert list(months) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    latest = Movement.objects.latest("effective_at").effective_at
    assert latest.date() == TODAY


def test_the_same_seed_tells_the_same_story_and_another_another() -> None:
    told = []
    for number in (1, 1, 2):
        with transaction.atomic():
            build(seed=number, today=TODAY)
            told.append(digest())
            transaction.set_rollback(True)
        assert not Company.objects.exists()
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize("today", [date(2026, 3, 1), date(2025, 12, 31), date(2024, 3, 31)])
def test_any_day_will_do(today: date) -> None:
    build(seed=today.day, today=today)
    assert verify.verify().ok
    assert set(Movement.objects.values_list("type", flat=True)) == set(BY_CODE)


def test_the_months_before_are_invoiced_and_something_is_usual_to_learn_from() -> None:
    build(seed=1, today=TODAY)
    result = measuring.measure(booked.history(), seed=1, per_kind=12)
    assert len(result.kinds_caught()) >= 30
    assert result.false[""] < 0.06 * result.clean

    company = Company.objects.get()
    ages = [(TODAY - one.day).days for one in receipts.open_receipts(company.pk)]
    assert ages
    assert max(ages) <= MONTH + 1
    assert PurchaseInvoice.objects.filter(state="posted").count() > 10


def test_it_needs_an_empty_database() -> None:
    Company.objects.create(code="X", name="Somebody's")
    with pytest.raises(CommandError, match="empty database"):
        seed()
    out = StringIO()
    call_command("seed_demo", if_empty=True, stdout=out)
    assert "nothing was changed" in out.getvalue()
    assert not Movement.objects.exists()


def test_the_future_is_not_history() -> None:
    with pytest.raises(CommandError, match="future"):
        seed(today=date(2999, 1, 1))


def test_every_shipped_role_has_somebody_who_can_sign_in(client: Any) -> None:
    build(seed=1, today=TODAY)
    roles = {person.role for person in people.PEOPLE}
    assert roles == {role.code for role in rights.SHIPPED_ROLES}
    for user in User.objects.all():
        assert user.check_password(people.PASSWORD)
    clerk = access_for(User.objects.get(username="wangmin"))
    assert clerk.may("document.execute")
    assert not clerk.may("cost.view")
    assert clerk.scopes("stock.view") is not None
