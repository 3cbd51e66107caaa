"""Random steps: on the bare graph, and through the door by everybody at everything, the laws looked at after each."""

import os
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from django_fsm import can_proceed

from core.errors import DomainError
from people.access import access_for
from people.models import User
from stock import verify
from stock.models import Posting
from tests.workflows.world import World
from workflows import copying, door, drafting, limits, states, verbs
from workflows.models import Document, Event, NumberSeries, StepRun, Task

GRAPH_STEPS = 200_000
DOOR_STEPS = 5_000 if os.environ.get("PROOF") else 400
ALL_OF_IT = 100
"""After so many steps every document is looked at; between them those that a step may have touched."""

METHODS = {
    "ask": "in_approval", "clear": "approved", "begin": "in_execution", "send_back": "returned",
    "refuse": "rejected", "withdraw": "withdrawn", "reopen": "draft", "void": "void",
    "book": "posted", "undo": "reversed", "close": "closed",
}  # fmt: skip
FORBIDDEN = {
    *(("posted", new) for new in METHODS.values() if new != "reversed"),
    *((dead, new) for dead in ("rejected", "void", "reversed") for new in METHODS.values()),
    *((old, "reversed") for old in METHODS.values() if old != "posted"),
    *((old, "draft") for old in METHODS.values() if old != "withdrawn"),
    *((old, "rejected") for old in METHODS.values() if old != "in_approval"),
    ("withdrawn", "posted"), ("withdrawn", "approved"), ("in_execution", "withdrawn"),
}  # fmt: skip
"""From the design's words: posted is only reversed, the dead stay dead, only what is asked about is rejected …"""


def test_the_graph_and_its_methods_agree_and_never_lead_where_nothing_may_go() -> None:
    dice = random.Random(3)
    documents = [Document(type="scrap") for _ in range(50)]
    seen: Counter[str] = Counter()
    for _ in range(GRAPH_STEPS):
        number = dice.randrange(50)
        document = documents[number]
        name = dice.choice(list(METHODS))
        old, new = document.state, METHODS[name]
        may = can_proceed(getattr(document, name))
        assert may == states.allowed(old, new), (old, new)
        assert not (may and (old, new) in FORBIDDEN), (old, new)
        if may:
            getattr(document, name)()
            assert document.state == new
            seen[new] += 1
        if not states.GRAPH[document.state]:
            documents[number] = Document(type="scrap")
    assert set(seen) == set(states.BY_CODE)


class Walk:
    """Everybody tries everything; what is refused must leave nothing behind."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(f"W{seed}")
        world = self.world
        self.people = [
            world.ann, world.bob, world.cat, world.dan, world.fay, world.head, world.buyer,
            world.after, world.admin, world.person("dora", "warehouse_head", warehouse=world.other),
        ]  # fmt: skip
        self.items = [world.stocked(500, 10) for _ in range(3)]
        self.done: Counter[str] = Counter()
        self.refused = 0
        self.past: dict[int, str] = {}
        self.looked_at = timezone.now()

    def start(self) -> Document:
        kind = self.dice.choice(
            ["scrap", "other_out", "purchase_in", "production_issue", "sales_out", "transfer_out"]
        )
        item = self.dice.choice(self.items)
        line = {"item": item.code, "quantity": str(self.dice.choice([1, 3, 60, 300]))}
        if kind == "purchase_in":
            line["price"] = str(self.dice.choice([1, 200]))
        return self.world.draft(kind, line, by=self.world.ann)

    def step(self) -> None:
        dice = self.dice
        living = list(
            Document.objects.exclude(state__in=["void", "reversed", "rejected"]).order_by("-pk")[
                :12
            ]
        )
        chance = dice.random()
        if len(living) < 4 or chance < 0.06:
            self.start()
            self.done["create"] += 1
            return
        document, actor = dice.choice(living), User.objects.get(pk=dice.choice(self.people).pk)
        try:
            if chance < 0.12:
                self.edit(document, actor)
            elif chance < 0.16:
                kind = dice.choice(["sales_return", "transfer_in", "production_return"])
                copying.make_from(document.pk, kind, actor=actor, access=access_for(actor))
                self.done[f"make {kind}"] += 1
            elif chance < 0.19:
                Task.objects.filter(document=document, state="open").update(
                    due_at=document.created_at
                )
                limits.watch()
                door.settle(document.pk)
            else:
                self.act(document, actor)
        except DomainError:
            self.refused += 1

    def edit(self, document: Document, actor: User) -> None:
        line = document.lines.first()
        if line is not None:
            values = {"quantity": str(self.dice.choice([1, 2, 80]))}
            drafting.set_line(
                document.pk, values, key=str(line.key), actor=actor, access=access_for(actor)
            )
            self.done["edit"] += 1

    def act(self, document: Document, actor: User) -> None:
        dice = self.dice
        open_task = Task.objects.filter(document=document, state="open").first()
        others = ["return", "withdraw", "undo", "forward", "record", "refuse"]
        usual = {
            "draft": "submit", "returned": "submit", "withdrawn": "reopen", "in_approval": "approve",
            "approved": "complete", "in_execution": "complete", "posted": "complete",
        }  # fmt: skip
        luck = dice.random()
        verb = usual[document.state] if luck < 0.7 else dice.choice(others)
        if luck > 0.9:
            verb = dice.choice(list(verbs.BY_CODE))
        if open_task is not None and verbs.BY_CODE[verb].by == "task" and dice.random() < 0.85:
            actor = User.objects.get(pk=open_task.user_id)
            kinds = verbs.BY_CODE[verb].kinds
            if open_task.kind not in kinds and luck < 0.7:
                verb = "approve" if open_task.kind in {"approve", "confirm"} else "complete"
        elif verb in {"submit", "withdraw", "reopen", "void"}:
            actor = User.objects.get(pk=document.asker_id)
        door.act(
            document.pk,
            verb,
            actor=actor,
            reason=dice.choice(["correction", "correction", ""]),
            text="because",
            data=self.data(document, verb),
        )
        self.done[verb] += 1

    def data(self, document: Document, verb: str) -> dict[str, Any]:
        dice = self.dice
        data: dict[str, Any] = {}
        if verb in {"record", "complete", "approve"}:
            rows = []
            for line in document.lines.all():
                actual = line.requested * dice.choice([Decimal(1), 1, 1, 2, Decimal("0.5"), 0])
                row = {"key": str(line.key), "actual": str(actual)}
                if line.actual is not None and dice.random() < 0.7:  # checked after it was recorded
                    row = {"key": str(line.key), "rechecked": str(line.actual)}
                rows.append({**row, "confirmed": str(line.requested), "rejected": "0"})
            data["lines"] = rows
            data["hold"] = verb == "approve" and dice.random() < 0.3
        if verb in {"forward", "assign", "add"}:
            data = {"user": dice.choice(self.people).pk, "where": dice.choice(["before", "after"])}
        if verb == "copy":
            data = {"users": [dice.choice(self.people).pk]}
        if verb == "return":
            data = {"to": dice.choice(["", "", "", "confirm", "approve"])}
        return data

    def look(self, *, whole: bool) -> None:
        """The laws, as the tables say them, of every document or of those written to since the last look."""
        since, self.looked_at = self.looked_at, timezone.now()
        every = Document.objects.all()
        told = Event.objects.filter(at__gte=since).values("document")
        documents = every if whole else every.filter(Q(changed_at__gte=since) | Q(pk__in=told))
        touched = list(documents.values_list("pk", "state", "posting_id"))
        for pk, state, posting in touched:
            assert (posting is not None) == (state in {"posted", "reversed"}), (pk, state)
            if self.past.get(pk, "draft") != state:
                self.timeline(pk, state)
            self.past[pk] = state
        of = Q() if whole else Q(document__in=[pk for pk, _state, _posting in touched])
        open_runs = StepRun.objects.filter(of, left_at=None).exclude(kind="finance")
        twice = open_runs.values("document").annotate(n=Count("pk")).filter(n__gt=1)
        assert not twice
        hands = Task.objects.filter(of, kind="approve", verdict="approved", state="done")
        for task in hands.select_related("document"):
            editors = set(task.document.editors.values_list("user_id", flat=True))
            if task.run.valid and task.document.state == "posted":
                assert task.decided_by_id not in editors | {task.document.asker_id}
        ended = Task.objects.filter(of, state="open", run__left_at__isnull=False)
        assert not ended.exists()

    def timeline(self, pk: int, state: str) -> None:
        at = "draft"
        for event in Event.objects.filter(document=pk).order_by("pk"):
            if event.old_state != event.new_state:
                assert event.old_state == at, (pk, event.verb, event.old_state, at)
                assert states.allowed(at, event.new_state)
                at = event.new_state
        assert at == state, (pk, at, state)

    def end(self) -> None:
        for series in NumberSeries.objects.all():
            numbers = Document.objects.filter(number__startswith=f"{series.prefix}-").count()
            assert numbers == series.last, series
        posted = Document.objects.exclude(posting=None).values("posting").distinct().count()
        openings = Posting.objects.filter(document="").count()
        reversals = Posting.objects.exclude(reverses=None).count()
        assert Posting.objects.count() == posted + openings + reversals
        assert verify.verify().ok


def walk(seed: int, steps: int) -> Walk:
    made = Walk(seed)
    for number in range(1, steps + 1):
        made.step()
        made.look(whole=number % ALL_OF_IT == 0 or number == steps)
    made.end()
    return made


@pytest.mark.django_db
def test_random_steps_through_the_door() -> None:
    made = walk(7, DOOR_STEPS)
    assert {"submit", "approve", "complete"} <= set(made.done)
    assert len(made.done) >= 10, made.done
    assert sum(made.done.values()) > DOOR_STEPS / 4, (made.done, made.refused)


@pytest.mark.postgres
@pytest.mark.django_db
def test_random_steps_through_the_door_on_postgresql() -> None:
    assert connection.vendor == "postgresql"
    walk(11, DOOR_STEPS // 2)
