"""Channels: each kind's receiver takes and understands what comes, each thing comes once, by whatever it fails."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from alerts import digest, telling
from alerts.channels import managing, sending, spreading
from alerts.models import Channel, Message, Telling
from core import outbox
from core.errors import DomainError
from core.models import OutboxRow
from people import notices
from people.access import access_for
from people.models import Role, User
from scripts import robots as receivers
from scripts.robots import DING_SECRET, FEISHU_SECRET, Robots
from tests.alerts import cases
from tests.workflows.world import World

pytestmark = pytest.mark.django_db
EVERYTHING = {"tasks": True, "late": True, "cases": True, "digest": True, "rest": True}
PATHS = {
    "wecom": "/cgi-bin/webhook/send?key=k-1",
    "dingtalk": "/robot/send?access_token=t-1",
    "feishu": "/open-apis/bot/v2/hook/f-1",
    "webhook": "/in",
}
SHOWN: dict[str, Any] = {
    "wecom": lambda content: content["markdown"]["content"],
    "dingtalk": lambda content: content["markdown"]["text"],
    "feishu": lambda content: content["card"]["header"]["title"]["content"],
    "webhook": lambda content: content["data"]["text"],
}
"""The part of a message in which links are links, without its title."""
SECRETS = {"dingtalk": DING_SECRET, "feishu": FEISHU_SECRET}


@pytest.fixture
def robots(settings: Any) -> Iterator[Robots]:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    settings.SITE_URL = "https://stock.example.com"
    with receivers.running() as robots:
        yield robots


@pytest.fixture
def world() -> World:
    return World()


def channel(kind: str, user: User | None, robots: Robots, **values: Any) -> Channel:
    """A channel that reaches the receiver of its kind."""
    given = {
        **EVERYTHING,
        "name": kind,
        "severity": "medium",
        "address": f"{robots.url}{PATHS[kind]}",
        "secret": SECRETS.get(kind, ""),
        **values,
    }
    admin = User.objects.create_superuser(f"root-{kind}-{Channel.objects.count()}")
    made, secret = managing.add(kind, given, user=user, access=access_for(admin))
    robots.hook_secret = secret or robots.hook_secret
    return made


def tell(user: User, number: str = "PI-1", by: str = "Ann") -> None:
    """A notice that somebody wants something."""
    data = {
        "by": by,
        "type": "purchase_in",
        "number": number,
        "text": "when [does](http://evil) it come?",
    }
    notices.notify([user], "workflows.mentioned", data, "/documents/1/")


def carry() -> None:
    """What the clock and the outbox do."""
    sending.run()
    outbox.deliver(sending.CONSUMER)


def states(of: Channel) -> list[str]:
    return list(Message.objects.filter(channel=of).order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("kind", list(PATHS))
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_receiver_takes_and_understands_it(
    world: World, robots: Robots, kind: str, language: str
) -> None:
    world.ann.language = language
    world.ann.save()
    made = channel(kind, world.ann, robots)
    tell(world.ann)
    carry()
    assert states(made) == ["sent"]
    [(what, content, headers)] = robots.got
    assert what == kind
    text = robots.raw[0].decode()
    assert "PI-1" in text
    assert ("采购入库" in text) == (language == "zh-hans")
    assert "https://stock.example.com/documents/1/" in text
    assert SHOWN[kind](content).count("evil") == 1
    if kind == "webhook":
        assert content["type"] == "workflows.mentioned"
        assert headers["webhook-id"] == str(Message.objects.get().key)
    else:
        assert "[does]" not in SHOWN[kind](content)  # what people type makes no link


def test_mail_comes_as_text_and_html(world: World, settings: Any) -> None:
    settings.SITE_URL = "https://stock.example.com"
    world.ann.email, world.ann.language = "ann@example.com", "zh-hans"
    world.ann.save()
    values = {**EVERYTHING, "name": "mail", "severity": "medium"}
    managing.add("mail", values, user=world.ann, access=access_for(world.ann))
    tell(world.ann, by="<b>Ann</b>")
    carry()
    [sent] = mail.outbox
    assert sent.to == ["ann@example.com"]
    assert "PI-1" in sent.subject
    assert "\n" not in sent.subject
    html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    assert "https://stock.example.com/documents/1/" in sent.body
    assert "<b>Ann</b>" in sent.body
    assert "&lt;b&gt;Ann&lt;/b&gt;" in html
    assert "打开" in html


def test_each_thing_comes_once(world: World, robots: Robots) -> None:
    channel("webhook", world.ann, robots)
    tell(world.ann)
    for _again in range(3):
        carry()
    # A worker that died after the other side had answered and before the outbox had noted it.
    OutboxRow.objects.update(state="waiting", done_at=None, due_at=timezone.now())
    carry()
    assert len(robots.got) == 1


def test_what_fails_is_tried_again_with_the_same_key_and_can_be_replayed(
    world: World, robots: Robots
) -> None:
    made = channel("webhook", world.ann, robots)
    robots.status = 503
    tell(world.ann)
    sending.run()
    for _try in range(outbox.MAX_ATTEMPTS):
        OutboxRow.objects.update(due_at=timezone.now())
        outbox.deliver(sending.CONSUMER)
    assert outbox.dead().count() == 1
    row = Message.objects.get()
    assert (row.state, row.tries >= outbox.MAX_ATTEMPTS) == ("leaving", True)
    assert "503" in row.error
    made.refresh_from_db()
    assert made.failing_since is not None
    robots.status = 200
    outbox.replay()
    outbox.deliver(sending.CONSUMER)
    made.refresh_from_db()
    assert (states(made), made.failing_since) == (["sent"], None)
    assert robots.got[0][2]["webhook-id"] == str(row.key)


def test_an_address_that_is_closed_stops_the_channel_and_says_so(
    world: World, robots: Robots
) -> None:
    made = channel("webhook", world.ann, robots)
    robots.status = 410
    tell(world.ann)
    carry()
    made.refresh_from_db()
    assert made.stopped_at is not None
    assert world.ann.notices.filter(kind=sending.STOPPED).count() == 1
    robots.status = 200
    OutboxRow.objects.update(due_at=timezone.now())
    carry()
    assert robots.got == []


def test_nothing_for_three_days_stops_the_channel(world: World, robots: Robots) -> None:
    made = channel("wecom", world.ann, robots)
    robots.status = 500
    Channel.objects.filter(pk=made.pk).update(
        failing_since=timezone.now() - sending.PATIENCE - timedelta(minutes=1)
    )
    tell(world.ann)
    carry()
    made.refresh_from_db()
    assert made.stopped_at is not None


def test_a_robot_that_answers_no_is_no_arrival(world: World, robots: Robots) -> None:
    made = channel("dingtalk", world.ann, robots, secret="wrong")
    tell(world.ann)
    carry()
    assert states(made) == ["leaving"]
    assert "310000" in Message.objects.get().error
    with pytest.raises(DomainError, match="310000"):
        managing.attempt(made)


def test_many_at_one_time_are_one_letter(world: World, robots: Robots) -> None:
    made = channel("wecom", world.ann, robots)
    for number in range(30):
        tell(world.ann, f"PI-{number}")
    carry()
    assert len(robots.got) == 1
    assert len(robots.got[0][1]["markdown"]["content"].encode()) <= 4096
    assert set(states(made)) == {"sent"}


def test_switches_hours_and_days(world: World, robots: Robots) -> None:
    now = timezone.now()
    zone = spreading.zone_of(channel("wecom", world.ann, robots, tasks=False))
    local = now.astimezone(zone)
    start = (local - timedelta(hours=1)).time()
    end = (local + timedelta(hours=1)).time()
    quiet = channel("webhook", world.ann, robots, quiet_from=start, quiet_until=end)
    daily = channel("feishu", world.ann, robots, daily_at=time(7, 30))
    tell(world.ann)
    carry()
    assert robots.got == []
    assert not Message.objects.filter(channel__kind="wecom").exists()
    due = Message.objects.get(channel=quiet).due_at
    assert timedelta(minutes=59) < due - now < timedelta(minutes=61)
    due = Message.objects.get(channel=daily).due_at.astimezone(zone)
    assert (due.hour, due.minute) == (7, 30)
    tell(world.ann, "PI-2")
    spreading.spread()
    Message.objects.update(due_at=now)
    carry()
    assert sorted(what for what, _content, _headers in robots.got) == [
        "feishu",
        "webhook",
        "webhook",
    ]


def test_only_what_comes_after_a_channel_was_made(world: World, robots: Robots) -> None:
    tell(world.ann)
    made = channel("wecom", world.ann, robots)
    carry()
    assert states(made) == []


def test_a_room_hears_of_a_case_once_whoever_was_told(world: World, robots: Robots) -> None:
    role = Role.objects.get(code="warehouse_head")
    other = Role.objects.get(code="sales")
    room = channel("feishu", None, robots, role=role, severity="high")
    elsewhere = channel("wecom", None, robots, role=other)
    bad = cases.case(subject="1", severity="critical", role=role)
    mild = cases.case(subject="2", severity="medium", role=role)
    for case in (bad, mild):
        telling.tell(case, [world.ann.pk, world.bob.pk], Telling.What.OPENED, mark="1")
    telling.send_due()
    for _again in range(2):
        carry()
    assert states(room) == ["sent", "skipped"]
    assert states(elsewhere) == []
    [(_what, content, _headers)] = robots.got
    assert content["card"]["header"]["template"] == "red"
    assert f"/alerts/cases/{bad.key}/" in content["card"]["elements"][0]["content"]


@pytest.mark.parametrize("kind", list(PATHS))
def test_a_case_says_about_what_whose_and_by_when(world: World, robots: Robots, kind: str) -> None:
    world.cat.language = "zh-hans"
    world.cat.save()
    channel(kind, world.cat, robots)
    due = timezone.now() + timedelta(hours=3)
    item = world.stocked(10)
    case = cases.case(item=item, warehouse=world.main, owner=world.cat, due_at=due)
    telling.tell(case, [world.cat.pk], Telling.What.REMINDER, mark="1")
    telling.send_due()
    carry()
    [(_what, content, _headers)] = robots.got
    text = robots.raw[0].decode()
    assert f"{item.code} {item.name}" in text
    if kind == "webhook":
        data = content["data"]
        assert (data["case"], data["item"]) == (str(case.key), item.code)
        assert (data["owner"], data["due"]) == (world.cat.username, due.isoformat())
    else:
        assert "即将到期：" in text
        assert f"责任人：{world.cat}" in text
        assert (
            f"期限：{due.astimezone(spreading.zone_of(Channel.objects.get())):%Y-%m-%d %H:%M}"
            in text
        )
        assert f"/alerts/cases/{case.key}/" in text


def test_the_week_names_cases_and_mistakes(world: World, robots: Robots) -> None:
    world.cat.language = "en"
    world.cat.save()
    made = channel("feishu", world.cat, robots)
    case = cases.case(warehouse=world.main, owner=world.cat)
    document = world.draft(
        "scrap", {"item": world.stocked(10).code, "quantity": "1"}, by=world.head
    )
    world.act(document, "submit", world.head)
    world.act(document, "reverse", world.head)
    assert digest.send()
    telling.send_due()
    carry()
    assert states(made) == ["sent"]
    [(_what, content, _headers)] = robots.got
    assert "1 open" in content["card"]["header"]["title"]["content"]
    said = content["card"]["elements"][0]["content"]
    assert f"{case.rule}: " in said
    assert "Scrap · " in said
    assert "reversed × 1" in said
    assert "/alerts/week/" in said


def test_no_link_is_cut_where_there_is_no_room(world: World, robots: Robots) -> None:
    world.ann.language = "en"
    world.ann.save()
    channel("wecom", world.ann, robots)
    for number in range(60):
        tell(world.ann, f"PI-{number}")
    carry()
    text = robots.got[0][1]["markdown"]["content"]
    shown = text.count("/documents/1/)")
    assert 5 < shown < 60
    assert f"[and {60 - shown} more](https://stock.example.com/alerts/)" in text


def test_nothing_inside_is_an_address(world: World, settings: Any) -> None:
    settings.OUTGOING_NETWORKS = []
    for address in (
        "http://127.0.0.1/",
        "https://169.254.169.254/",
        "ftp://x/",
        "https://10.0.0.1/",
    ):
        values = {**EVERYTHING, "name": "x", "severity": "medium", "address": address}
        with pytest.raises(DomainError):
            managing.add("webhook", values, user=world.ann, access=access_for(world.ann))
    assert not Channel.objects.exists()


def test_pages(client: Any, world: World, robots: Robots) -> None:
    client.force_login(world.ann)
    assert client.get("/profile/channels/").status_code == 200
    form = {"name": "My robot", "severity": "medium", "cases": "on"}
    for kind in ("mail", *PATHS):
        assert client.get(f"/profile/channels/new/{kind}/").status_code == 200
    assert client.get("/profile/channels/new/pigeon/").status_code == 404
    assert client.post("/profile/channels/new/wecom/", form).status_code == 400  # no address
    bad = {**form, "address": "https://10.0.0.1/"}
    assert client.post("/profile/channels/new/wecom/", bad).status_code == 400
    good = {**form, "address": f"{robots.url}{PATHS['wecom']}"}
    nothing = {**good, "cases": ""}
    assert client.post("/profile/channels/new/wecom/", nothing).status_code == 400
    assert client.post("/profile/channels/new/wecom/", good).status_code == 302
    made = Channel.objects.get()
    url = f"/alerts/channels/{made.key}/"
    page = client.get(url).content.decode()
    assert "k-1" not in page  # the address is a secret
    assert client.post(url, {**form, "name": "Robot"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.address) == ("Robot", good["address"])
    client.post(f"{url}try/")
    assert len(robots.got) == 1
    client.post(f"{url}stop/")
    assert "stopped" in client.get("/profile/channels/").content.decode()
    client.post(f"{url}resume/")
    client.force_login(world.bob)
    assert client.get(url).status_code == 404
    assert client.post(f"{url}remove/").status_code == 404
    assert client.get("/alerts/channels/").status_code == 403
    client.force_login(world.admin)
    assert client.get("/alerts/channels/").status_code == 200
    hook = {"name": "Program", "severity": "high", "cases": "on", "address": f"{robots.url}/in"}
    answer = client.post("/alerts/channels/new/webhook/", hook)
    assert "whsec_" in answer.content.decode()
    room = Channel.objects.get(user=None)
    assert "whsec_" not in client.get(f"/alerts/channels/{room.key}/").content.decode()
    client.force_login(world.ann)
    client.post(f"{url}remove/")
    assert not Channel.objects.filter(pk=made.pk).exists()


def test_prices_are_told_only_to_those_who_may_see_costs(world: World, robots: Robots) -> None:
    role = Role.objects.get(code="warehouse_head")
    for user in (world.fay, world.cat):
        user.language = "en"
        user.save()
    own = channel("webhook", world.fay, robots)
    blind = channel("wecom", world.cat, robots)
    room = channel("feishu", None, robots, role=role)
    case = cases.case(
        role=role, warehouse=world.main, reason="Costs 123.45", figures={"money": True}
    )
    telling.tell(case, [world.cat.pk, world.fay.pk], Telling.What.OPENED, mark="1")
    telling.send_due()
    carry()
    assert [states(one) for one in (own, blind, room)] == [["sent"]] * 3
    came = {kind: str(content) for kind, content, _headers in robots.got}
    assert {kind: "123.45" in text for kind, text in came.items()} == {
        "webhook": True, "wecom": False, "feishu": False,
    }  # fmt: skip
    assert "those who may see costs" in came["wecom"]
    assert "123.45" not in str(world.cat.notices.get().data)
