"""Pages of periods: finance closes and reopens months, everybody else does not, and the history says who and why."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from people.access import SYSTEM, access_for
from people.models import Membership, Role, User
from stock import periods
from stock.errors import PeriodRefused
from stock.models import Period
from tests.stock.queries.world import World, make_world

LAST = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
BEFORE = (LAST - timedelta(days=1)).replace(day=1)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def client_with(*rights: str) -> tuple[Client, User]:
    user = User.objects.create_user("-".join(rights), password="x", name="Fay")
    role = Role.objects.create(code=f"r{user.pk}", name="Finance", rights=list(rights))
    Membership.objects.create(user=user, role=role, everywhere=True)
    client = Client()
    client.force_login(user)
    return client, user


def url_of(world: World, month: date) -> str:
    return f"/periods/{world.company.pk}/{month:%Y-%m}/"


def state_of(month: date) -> str:
    return Period.objects.get(month=month).state


def test_a_month_that_is_closed_meanwhile_keeps_those_before_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reopens waits for who closes a later month, and then looks at what is closed."""
    periods.close(world.company, BEFORE, actor=None, access=SYSTEM)
    hold = periods._locked

    def waits(*given: Any) -> Period:
        Period.objects.create(
            company=world.company, month=LAST, state="closed", changed_at=timezone.now()
        )
        return hold(*given)

    monkeypatch.setattr(periods, "_locked", waits)
    with pytest.raises(PeriodRefused, match="from the latest"):
        periods.reopen(world.company, BEFORE, actor=None, access=SYSTEM, reason="late")


def test_a_month_is_closed_and_opened_again_with_who_when_and_why(world: World) -> None:
    client, _user = client_with("stock.view", "period.close")
    for month in (BEFORE, LAST):
        periods.close(world.company, month, actor=None, access=SYSTEM)
    periods.reopen(world.company, LAST, actor=None, access=SYSTEM, reason="first try")
    url = url_of(world, LAST)
    assert 'value="close"' in client.get(url).content.decode()
    assert client.post(url, {"do": "close", "reason": "counted"}).status_code == 302
    assert state_of(LAST) == "closed"
    shown = client.get("/periods/").content.decode()
    assert "counted" in shown
    assert f'href="{url}"' in shown
    page = client.get(url).content.decode()
    assert 'value="reopen"' in page
    assert 'value="close"' not in page
    assert 'value="reopen"' not in client.get(url_of(world, BEFORE)).content.decode()
    refused = client.post(url, {"do": "reopen", "reason": " "})
    assert refused.status_code == 422
    assert "needs a reason" in refused.content.decode()
    early = client.post(url_of(world, BEFORE), {"do": "reopen", "reason": "x"})
    assert early.status_code == 422
    assert f"Reopen {LAST:%Y-%m} first" in early.content.decode()
    assert client.post(url, {"do": "reopen", "reason": "late invoice"}).status_code == 302
    assert state_of(LAST) == "open"
    history = client.get(url).content.decode()
    for word in ("Fay", "counted", "late invoice"):
        assert word in history


def test_a_month_that_runs_and_nonsense_are_refused(world: World) -> None:
    client, _user = client_with("period.close")
    running = url_of(world, timezone.localdate())
    assert 'value="close"' not in client.get(running).content.decode()
    assert client.post(running, {"do": "close"}).status_code == 422
    for name in ("x", "0001-01", "2026-13", "9999-99", "2026-1"):
        assert client.get(f"/periods/{world.company.pk}/{name}/").status_code == 404, name
    assert client.post(url_of(world, LAST), {"do": "x"}).status_code == 404
    assert client.get(f"/periods/{'9' * 29}/2026-01/").status_code == 404


def test_only_who_may_close_periods_sees_them(world: World) -> None:
    periods.close(world.company, LAST, actor=None, access=SYSTEM)
    client, _user = client_with("stock.view")
    assert 'href="/periods/"' not in client.get("/summary/").content.decode()
    assert client.get("/periods/").status_code == 403
    assert client.get(url_of(world, LAST)).status_code == 403
    assert client.post(url_of(world, LAST), {"do": "reopen", "reason": "x"}).status_code == 403
    assert state_of(LAST) == "closed"
    allowed, _user = client_with("stock.view", "period.close")
    assert 'href="/periods/"' in allowed.get("/summary/").content.decode()


def test_the_refusal_of_a_closed_period_leads_to_the_periods(world: World) -> None:
    def shown(code: str, *rights: str) -> str:
        _client, user = client_with(
            *rights, "audit.view", *(["stock.view"] if code == "not_enough" else [])
        )
        template = Template("{% load book %}{% periods_link code %}")
        context: dict[str, Any] = {"code": code, "access": access_for(user)}
        return template.render(Context(context))

    assert 'href="/periods/"' in shown("closed_period", "period.close")
    assert shown("closed_period", "stock.view") == ""
    assert shown("not_enough", "period.close") == ""
