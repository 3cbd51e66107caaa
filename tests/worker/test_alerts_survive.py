"""Broker killed, worker killed in the middle, ten minutes without a broker: afterwards each event has its one effect.

Real processes: Valkey, a Celery worker, PostgreSQL, and receivers of each channel's messages. One effect means: the
case was opened once, every channel brought it once, and the week's digest came once.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F

from alerts.channels import managing, sending
from alerts.models import Case, Message, Rule
from core import nudges, outbox
from core.models import OutboxRow
from people.access import access_for
from scripts import postbox
from scripts import robots as receivers
from scripts.postbox import Postbox
from scripts.robots import DING_SECRET, FEISHU_SECRET, Robots
from scripts.servers import Valkey
from tests.worker.conftest import Worker, eventually
from tests.workflows.world import World

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
Start = Callable[..., Worker]
PATHS = {
    "wecom": "/cgi-bin/webhook/send?key=k-1",
    "webhook": "/in",
    "dingtalk": "/robot/send?access_token=t-1",
    "feishu": "/open-apis/bot/v2/hook/f-1",
}
SECRETS = {"dingtalk": DING_SECRET, "feishu": FEISHU_SECRET}
WAIT = 90
"""Seconds until everything has caught up, on a busy machine."""


@dataclass
class Scene:
    """A buyer who hears of low stock by every channel, and what has been posted."""

    world: World
    robots: Robots
    post: Postbox
    items: list[int] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What a worker must know to reach the receivers."""
        return {
            "OUTGOING_NETWORKS": "127.0.0.0/8",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.post.port}",
        }

    def goods_go(self, times: int = 1) -> None:
        """Post what takes a new item below its point."""
        for _time in range(times):
            item = self.world.stocked(100)
            item.reorder_point = Decimal(50)
            item.save()
            line = {"item": item.code, "quantity": "60"}
            document = self.world.draft("scrap", line, by=self.world.head)
            self.world.act(document, "submit", self.world.head)
            document.refresh_from_db()
            if document.state != "posted":
                self.world.act(document, "approve", self.world.bob)
            document.refresh_from_db()
            assert document.state == "posted"
            self.items.append(item.pk)

    def came(self) -> dict[str, dict[str, str]]:
        """By channel: what came, by the id that says it is the same again (where there is none, each by itself)."""
        found: dict[str, dict[str, str]] = {kind: {} for kind in ("mail", *PATHS)}
        for number, (kind, content, headers) in enumerate(list(self.robots.got)):
            found[kind][headers.get("webhook-id", str(number))] = str(content)
        for letter in list(self.post.got):
            body = letter.get_body(("plain",))
            assert body is not None
            found["mail"][str(letter["Message-ID"])] = body.get_content()
        return found

    def counts(self) -> dict[str, Counter[str]]:
        """By channel: how often each page was brought by what came."""
        pages = [f"/alerts/cases/{case.key}/" for case in self.cases()] + ["/alerts/week/"]
        return {
            kind: Counter(
                {page: sum(text.count(page) for text in texts.values()) for page in pages}
            )
            for kind, texts in self.came().items()
        }

    def cases(self) -> list[Case]:
        """The cases of what was posted."""
        return list(Case.objects.filter(item__in=self.items, rule__code="low-stock"))

    def all_came(self) -> bool:
        """Whether everything has arrived everywhere; the beat's sweeps go on meanwhile."""
        nudges.start("core.sweep")
        nudges.start("alerts.channels")
        time.sleep(0.5)
        if len(self.cases()) < len(self.items):
            return False
        return all(min(counts.values()) > 0 for counts in self.counts().values())


@pytest.fixture
def scene(broker: Valkey, settings: Any) -> Iterator[Scene]:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    Rule.objects.exclude(code="low-stock").update(active=False)
    Rule.objects.update(dwell_minutes=0, quiet_from=None, quiet_until=None)
    with receivers.running() as robots, postbox.running() as post:
        scene = Scene(World(), robots, post)
        buyer = scene.world.buyer
        buyer.email = "buyer@example.com"
        buyer.save()
        for kind in ("mail", *PATHS):
            address = f"{robots.url}{PATHS[kind]}" if kind in PATHS else ""
            given = {"name": kind, "severity": "medium", "address": address}
            given["secret"] = SECRETS.get(kind, "")
            _made, secret = managing.add(kind, given, user=buyer, access=access_for(buyer))
            robots.hook_secret = secret or robots.hook_secret
        yield scene


def _each_has_its_one_effect(scene: Scene) -> None:
    eventually(scene.all_came, WAIT)
    nudges.start("alerts.digest")
    nudges.start("core.sweep")
    eventually(_nothing_waits)
    for case in scene.cases():
        assert [event.verb for event in case.events.all()] == ["fire"]
    assert Counter(case.item_id for case in scene.cases()) == Counter(scene.items)
    for kind, counts in scene.counts().items():
        assert set(counts.values()) == {1}, (kind, counts)
    assert not outbox.dead().exists()
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def _nothing_waits() -> bool:
    waits = OutboxRow.objects.filter(state=OutboxRow.State.WAITING).exists()
    return not waits and not Message.objects.exclude(state="sent").exists()


def _time_passes(minutes: int) -> None:
    """What waits was written, and leased, so much earlier."""
    earlier = timedelta(minutes=minutes)
    waiting = OutboxRow.objects.filter(state=OutboxRow.State.WAITING)
    waiting.update(created_at=F("created_at") - earlier, due_at=F("due_at") - earlier)


def test_the_broker_killed_and_started_again(
    broker: Valkey, start_worker: Start, scene: Scene
) -> None:
    """Once with what it had written down and once empty; the worker is the same all the time."""
    worker = start_worker(**scene.environment)
    scene.goods_go()
    eventually(lambda: len(scene.cases()) == 1, WAIT)
    for loses in (False, True):
        broker.kill()
        scene.goods_go()
        if loses:
            broker.forget()
        broker.start()
        scene.goods_go()
        eventually(lambda: nudges.start("alerts.digest"))
        eventually(scene.all_came, WAIT)
    _each_has_its_one_effect(scene)
    assert worker.process.poll() is None


def test_a_worker_killed_in_the_middle_of_delivering(start_worker: Start, scene: Scene) -> None:
    """The program behind the webhook has taken the message; the worker dies before it hears so."""
    scene.robots.slow = threading.Event()
    first = start_worker(**scene.environment)
    scene.goods_go(2)
    nudges.start("alerts.digest")
    eventually(lambda: any(kind == "webhook" for kind, _c, _h in list(scene.robots.got)), WAIT)
    first.kill()
    scene.robots.slow.set()
    assert Message.objects.filter(state="leaving", channel__kind="webhook").exists()
    scene.goods_go()
    _time_passes(6)
    start_worker(**scene.environment)
    _each_has_its_one_effect(scene)
    ids = [headers["webhook-id"] for kind, _c, headers in scene.robots.got if kind == "webhook"]
    assert len(ids) == len(set(ids)) + 1, "the one that was cut off came again, under its id"


def test_ten_minutes_without_a_broker(broker: Valkey, start_worker: Start, scene: Scene) -> None:
    """Posting goes on; the queue's age says that something is wrong; then all is caught up."""
    start_worker(**scene.environment)
    broker.kill()
    scene.goods_go(2)
    _time_passes(10)
    assert not nudges.start("alerts.digest")
    assert outbox.oldest() > timedelta(minutes=9)
    scene.goods_go(2)
    assert scene.cases() == []
    assert scene.came() == {kind: {} for kind in ("mail", *PATHS)}
    broker.start()
    nudges.forget()
    nudges.start("core.sweep")
    eventually(lambda: len(scene.cases()) == 4, WAIT)
    nudges.start("alerts.digest")
    _each_has_its_one_effect(scene)


def test_what_is_followed_is_known(scene: Scene) -> None:
    """The consumers that these tests are about."""
    assert {"alerts", sending.CONSUMER} <= set(outbox.consumers())
