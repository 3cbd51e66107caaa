"""Rules as data: edited on a page, checked, tried on the past before they are kept, switched off and on."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts import kinds, replaying, ruling
from alerts.forms import EditRule
from alerts.kinds.base import Finding
from alerts.models import Case, Rule
from alerts.opening import fire
from core import jobs, outbox
from people.access import SYSTEM
from stock import catalog, ledger
from stock.ledger import LineInput
from stock.models import Lot, Place
from tests.workflows.world import World
from workflows.models import Document, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def typed(rule: Rule, **changes: Any) -> dict[str, Any]:
    """What the form of a rule sends."""
    kind = kinds.get(rule.kind)
    assert kind is not None
    sent = {
        "severity": rule.severity,
        "role": rule.role_id or "",
        "deadline_hours": rule.deadline_hours,
        "remind_hours": rule.remind_hours or "",
        "hysteresis_percent": 0,
        "dwell_minutes": 0,
    }
    sent |= {f"p_{one.name}": str(kind.value(rule, one.name)) for one in kind.parameters}
    return sent | changes


def past(world: World, item: Any, type_: str, quantity: int, days: int, **more: Any) -> None:
    """Post a movement that happened days ago."""
    here = catalog.default_place(world.main)
    other = Place.objects.get(
        company=world.company, kind={"opening": "opening", "sales_out": "customer"}[type_]
    )
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
        effective_at=timezone.now() - timedelta(days=days),
    )


def test_every_rule_has_its_page_and_its_sentence(world: World, client: Client) -> None:
    client.force_login(world.admin)
    page = client.get("/alerts/rules/").content.decode()
    for rule in Rule.objects.all():
        kind = kinds.get(rule.kind)
        assert kind is not None
        assert str(rule) in page
        form = EditRule(typed(rule), instance=rule, kind=kind)
        assert form.is_valid(), (rule.code, form.errors)
        assert replaying.replay(rule).firings == []
    for code in ("low-stock", "duplicate", "backup"):
        rule = Rule.objects.get(code=code)
        assert client.get(f"/alerts/rules/{rule.pk}/").status_code == 200
        tried = client.post(f"/alerts/rules/{rule.pk}/", typed(rule) | {"do": "test"})
        assert "would have fired 0 times" in tried.content.decode()
        assert client.get(f"/alerts/rules/new/{code}/").status_code == 200
    assert client.get("/alerts/rules/new/nonsense/").status_code == 404


def test_a_rule_is_kept_with_its_history_and_followed(world: World, client: Client) -> None:
    client.force_login(world.admin)
    rule = Rule.objects.get(code="near-expiry")
    sent = typed(rule, p_days="45", category=world.category.pk, name="Food")
    assert client.post("/alerts/rules/new/near-expiry/", sent).status_code == 302
    made = Rule.objects.get(name="Food")
    assert (made.parameters, made.category, made.active) == ({"days": 45}, world.category, True)
    assert made.history.get().history_user == world.admin
    assert outbox.waiting("alerts").filter(topic=ruling.TOPIC, subject=made.pk).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"p_days": "0"}, "p_days"),
        ({"p_days": "often"}, "p_days"),
        ({"p_days": ""}, "p_days"),
        ({"item_code": "unheard-of"}, "item_code"),
        ({"quiet_from": "20:00"}, "quiet_until"),
        ({"remind_hours": "99"}, "remind_hours"),
        ({"role": ""}, "role"),
        ({"severity": "dire"}, "severity"),
        ({"hysteresis_percent": "500"}, "hysteresis_percent"),
        ({"deadline_hours": "32767"}, "deadline_hours"),
        ({"dwell_minutes": "2147483647"}, "dwell_minutes"),
    ],
)
def test_what_is_wrong_is_named_at_its_field(
    world: World, client: Client, changes: dict[str, str], field: str
) -> None:
    client.force_login(world.admin)
    rule = Rule.objects.get(code="near-expiry")
    before = rule.history.count()
    answer = client.post(f"/alerts/rules/{rule.pk}/", typed(rule, **changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert rule.history.count() == before


def test_switching_off_ends_the_cases(world: World, client: Client) -> None:
    rule = Rule.objects.get(code="low-stock")
    fire(rule, [Finding("item", "1", "why")])
    client.force_login(world.admin)
    assert client.post(f"/alerts/rules/{rule.pk}/switch/", {"do": "off"}).status_code == 302
    assert Case.objects.get().state == "solved"
    assert client.post(f"/alerts/rules/{rule.pk}/switch/", {"do": "on"}).status_code == 302
    rule.refresh_from_db()
    assert rule.active


def test_only_those_who_may_see_and_change(world: World, client: Client) -> None:
    auditor = world.person("auditor", "auditor")
    rule = Rule.objects.get(code="low-stock")
    client.force_login(world.cat)
    assert client.get("/alerts/rules/").status_code == 403
    client.force_login(auditor)
    assert client.get(f"/alerts/rules/{rule.pk}/").status_code == 200
    assert client.post(f"/alerts/rules/{rule.pk}/", typed(rule)).status_code in {403, 422}
    assert client.post(f"/alerts/rules/{rule.pk}/switch/", {"do": "off"}).status_code == 403


def test_the_past_of_low_stock(world: World) -> None:
    item = world.item()
    item.reorder_point = Decimal(50)
    item.save()
    past(world, item, "opening", 100, 20)
    past(world, item, "sales_out", 60, 15)
    past(world, item, "opening", 60, 10)
    past(world, item, "sales_out", 55, 5)
    rule = Rule.objects.get(code="low-stock")
    tried = replaying.replay(rule)
    assert [one.about.rsplit(": ", 1)[1] for one in tried.firings] == ["45", "40"]
    assert [(tried.until - one.day).days for one in tried.firings] == [5, 15]
    assert tried.left_out
    assert [(tried.until - one.day).days for one in replaying.replay(rule, 7).firings] == [5]
    rule.warehouse = world.other
    assert replaying.replay(rule).firings == []


def test_the_past_of_what_runs_out(world: World) -> None:
    item = world.item()
    item.lead_time_days = 10
    item.save()
    past(world, item, "opening", 100, 20)
    for days in (8, 6, 4):
        past(world, item, "sales_out", 25, days)
    rule = Rule.objects.get(code="stockout")
    rule.parameters = {"window_days": 10, "lead_days": 5, "movements": 3}
    tried = replaying.replay(rule)
    assert [(tried.until - one.day).days for one in tried.firings] == [4]


def test_the_past_of_lots_and_documents(world: World) -> None:
    item = world.item("lot")
    lot = Lot.objects.create(
        item=item, number="L", expires_on=timezone.now().date() + timedelta(days=20)
    )
    past(world, item, "opening", 5, 25, lot=lot.pk)
    (one,) = replaying.replay(Rule.objects.get(code="near-expiry")).firings
    assert (lot.expires_on - one.day).days == 30
    goods = world.stocked(50, 100_000)
    document = world.draft("scrap", {"item": goods.code, "quantity": "1"}, by=world.ann)
    world.act(document, "submit", world.ann)
    Task.objects.filter(document=document).update(due_at=timezone.now() - timedelta(days=3))
    (one,) = replaying.replay(Rule.objects.get(code="late-step")).firings
    assert str(Document.objects.get(pk=document.pk)) in one.about
    jobs.note("core.backup", ok=False, detail={"error": "disk full"})
    (one,) = replaying.replay(Rule.objects.get(code="backup")).firings
    assert one.about == "disk full"
    assert not replaying.replay(Rule.objects.get(code="transit")).possible


def test_a_rule_whose_cases_are_dismissed_is_noisy(world: World) -> None:
    rule = Rule.objects.get(code="low-stock")
    for case in fire(rule, [Finding("item", str(n), "why") for n in range(5)]):
        from alerts import door

        door.act(case.key, "dismiss", actor=world.admin, text="no")
    assert ruling.tallies()[rule.pk].noisy
