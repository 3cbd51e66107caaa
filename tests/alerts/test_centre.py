"""The pages of the centre: each sees their own, every verb from its button, a refusal keeps what was typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from alerts import noise
from alerts.models import Case, Cause, Rule
from people.models import Role
from tests.alerts import cases
from tests.workflows.world import World
from workflows.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def of(world: World, subject: str = "1", **values: Any) -> Case:
    """A case of goods that the warehouse's people may look after."""
    values = {"warehouse": world.main, "owner": world.cat, "severity": "high", **values}
    return cases.case(subject=subject, **values)


def shown(client: Any, url: str) -> set[str]:
    return {case.subject_key for case in client.get(url).context["page"]["objects"]}


def test_tabs_and_filters(client: Any, world: World) -> None:
    now = timezone.now()
    of(world, "mine", due_at=now - timedelta(hours=1))
    of(world, "free", owner=None, severity="critical", role=Role.objects.get(code="clerk"))
    of(world, "other", owner=world.ann)
    client.force_login(world.cat)
    assert "mine" in shown(client, "/alerts/")
    assert "other" not in shown(client, "/alerts/")
    assert shown(client, "/alerts/?tab=all") == {"mine", "free", "other"}
    assert "mine" not in shown(client, "/alerts/?tab=free")
    assert shown(client, "/alerts/?tab=all&severity=critical") == {"free"}
    assert shown(client, "/alerts/?tab=all&late=1") == {"mine"}
    assert shown(client, f"/alerts/?tab=all&rule={cases.rule().pk}") == {"mine", "free", "other"}
    for odd in ("?rule=x", "?severity=x", "?tab=x", "?page=99"):
        assert client.get(f"/alerts/{odd}").status_code == 200
    tabs = {code: count for code, _label, count in client.get("/alerts/").context["tabs"]}
    assert tabs["all"] == 3


def test_a_case_from_taking_to_solving(client: Any, world: World) -> None:
    case = of(world, owner=None, role=Role.objects.get(code="clerk"))
    client.force_login(world.admin)
    url = f"/alerts/cases/{case.key}/"
    assert client.get(url).status_code == 200

    def do(verb: str, **sent: Any) -> Any:
        case.refresh_from_db()
        return client.post(f"{url}do/{verb}/", {"version": case.version, **sent})

    assert do("acknowledge").status_code == 302
    assert do("start").status_code == 302
    refused = do("solve", text="recounted")
    assert refused.status_code == 422
    assert "recounted" in refused.content.decode()
    assert do("comment", text="on it").status_code == 302
    assert do("solve", cause="count", text="recounted").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.closing) == ("solved", "recounted")
    stale = client.post(f"{url}do/reopen/", {"version": 1})
    assert stale.status_code == 409
    assert do("nonsense").status_code == 422
    page = client.get(url).content.decode()
    assert "on it" in page
    assert case in client.get("/alerts/?tab=over").context["page"]["objects"]


def test_who_may_not_see_it_is_told_nothing(client: Any, world: World) -> None:
    case = of(world, warehouse=None)
    client.force_login(world.after)
    assert client.get(f"/alerts/cases/{case.key}/").status_code == 404
    assert client.post(f"/alerts/cases/{case.key}/do/solve/").status_code == 404


def test_the_next_step_is_a_draft_filled_in(client: Any, world: World) -> None:
    item = world.stocked(10)
    rule = cases.rule("low-test", kind="low-stock")
    case = of(world, of=rule, item=item, owner=world.buyer)
    client.force_login(world.buyer)
    page = client.get(f"/alerts/cases/{case.key}/")
    key = str(page.context["key"])
    for _twice in range(2):
        answer = client.post(f"/alerts/cases/{case.key}/begin/", {"key": key})
        assert answer.status_code == 302
    draft = Document.objects.get(type="purchase_order")
    assert answer.url == f"/documents/{draft.key}/edit/"
    assert draft.state == "draft"
    assert draft.lines.get().item_id == item.pk
    client.force_login(world.after)
    assert client.post(f"/alerts/cases/{case.key}/begin/", {"key": key}).status_code == 422
    assert Document.objects.count() == 1  # another's key makes nothing and shows nothing
    Case.objects.filter(pk=case.pk).update(
        state="dismissed", version=2, closing="no", ended_at=timezone.now()
    )
    over = client.post(f"/alerts/cases/{case.key}/begin/", {"key": str(case.key)})
    assert over.status_code == 409


def test_the_week(client: Any, world: World) -> None:
    of(world)
    client.force_login(world.cat)
    assert client.get("/alerts/week/").context["week"].open == 1


def test_the_number_of_statements_does_not_grow_with_the_cases(client: Any, world: World) -> None:
    client.force_login(world.cat)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/alerts/?tab=all").status_code == 200
        return len(seen)

    of(world, "0")
    asked()
    few = asked()
    for number in range(1, 20):
        of(world, str(number), owner=None)
    assert asked() == few


def test_rules_that_rang_for_nothing_are_named_to_those_who_edit_them(
    client: Any, world: World
) -> None:
    now = timezone.now()
    gone, other = Cause.objects.get(code="gone"), Cause.objects.get(code="other")
    loud, useful, few = (cases.rule(code) for code in ("loud", "useful", "few"))

    def ended(rule: Rule, subject: str, days: int = 1, **values: Any) -> None:
        case = of(world, subject, of=rule)
        over = {"state": "solved", "cause": other, "ended_at": now - timedelta(days=days)}
        Case.objects.filter(pk=case.pk).update(version=2, **over | values)

    nothing = {"state": "dismissed", "cause": None, "closing": "no"}
    for n in range(2):
        ended(loud, f"d{n}", **nothing)
        ended(loud, f"g{n}", cause=gone)
        ended(few, f"d{n}", **nothing)
    ended(loud, "real")
    for n in range(4):
        ended(useful, f"w{n}", cause=gone, acknowledged_at=now)  # somebody had mended it
        ended(few, f"old{n}", days=31, **nothing)
    client.force_login(world.cat)
    assert client.get("/alerts/").context["noisy"] == ()
    client.force_login(world.admin)
    page = client.get("/alerts/")
    [one] = page.context["noisy"]
    assert (one.rule, one.ended, one.dismissed, one.gone) == (loud, 5, 2, 2)
    assert client.get(one.address).status_code == 200
    assert "rang mostly for nothing" in page.content.decode()
    world.admin.language = "zh-hans"
    world.admin.save()
    client.force_login(world.admin)
    with override("en"):  # a request leaves its language behind
        chinese = client.get("/alerts/").content.decode()
    assert f'<a href="{one.address}">' in chinese
    assert "虚惊" in chinese
    with CaptureQueriesContext(connection) as seen:
        noise.rules()
    assert len(seen) == 1
