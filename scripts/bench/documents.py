"""What documents cost on top of the book: a whole way by API against a trivial page, the door against the ledger.

Drafts are written beforehand and are no part of any figure. Both sides of a comparison alternate, and what is
compared are neighbours. A message to the database may carry several statements (core.together).
"""

import json
import random
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people import tokens
from people.access import access_for
from people.models import Company, Membership, Role, User
from scripts.bench import posting
from scripts.bench.world import World
from stock.models import Item, Partner, Warehouse
from workflows import door, drafting
from workflows.models import Document

PAGE = "/notices/"
"""A signed-in page that says little: the notices of somebody who has none."""
_PEOPLE = {"bench-asker": "asker", "bench-head": "warehouse_head", "bench-clerk": "clerk"}
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def people(world: World) -> dict[str, User]:
    """The asker, the head who approves, and the clerk who carries out; made once per database."""
    scope = Warehouse.objects.get(code="BW").scope
    for name, role in _PEOPLE.items():
        user, made = User.objects.get_or_create(username=name, defaults={"name": name})
        if made:
            member = Membership.objects.create(user=user, role=Role.objects.get(code=role))
            member.scopes.add(scope)
    Partner.objects.get_or_create(code="BENCH", defaults={"name": "Bench", "is_customer": True})
    return {user.username: user for user in User.objects.filter(username__in=_PEOPLE)}


def _draft(
    world: World, asker: User, kind: str, lines: int, quantity: int, **header: str
) -> Document:
    codes = Item.objects.filter(pk__in=random.sample(world.items[1:], lines))
    return drafting.create(
        kind,
        actor=asker,
        access=access_for(asker),
        company=Company.objects.get(pk=world.company),
        header={"warehouse": "BW", **header},
        lines=[{"item": item.code, "quantity": quantity} for item in codes],
    )


def by_api(world: World, rounds: int) -> tuple[float, float, float, float, int]:
    """Seconds of the page, of submitting, of approving with posting; ratio of both to the page; messages sent."""
    known = people(world)
    asker, head = known["bench-asker"], known["bench-head"]
    programs = {user.pk: _program(user) for user in (asker, head)}
    page = Client(headers={"host": "localhost"})
    page.force_login(asker, backend=_BACKEND)
    took: list[tuple[float, float, float]] = []
    statements = 0
    for number in range(rounds + 3):
        document = _draft(world, asker, "scrap", 1, 400, reason="damaged")
        before = _timed(_open, page)
        with CaptureQueriesContext(connection) if number == 2 else _Uncounted() as seen:
            submitted = _timed(_ask, programs[asker.pk], document, "submit")
            approved = _timed(_ask, programs[head.pk], document, "approve")
        if number == 2:
            statements = len(seen)
        after = _timed(_open, page)
        if Document.objects.get(pk=document.pk).state != "posted":
            raise RuntimeError("the document did not reach the book")
        if number >= 3:
            took.append(((before + after) / 2, submitted, approved))
    middle = [statistics.median(column) for column in zip(*took, strict=True)]
    ratio = statistics.median((submit + approve) / page for page, submit, approve in took)
    return middle[0], middle[1], middle[2], ratio, statements


class _Uncounted:
    """Stands in where statements are not counted."""

    def __enter__(self) -> list[Any]:
        return []

    def __exit__(self, *error: object) -> None:
        """Nothing to end."""


def _program(user: User) -> Client:
    _token, text = tokens.make(
        user, name="bench", scopes=["read", "documents.write", "documents.decide"], days=1
    )
    return Client(headers={"host": "localhost", "Authorization": f"Bearer {text}"})


def _ask(program: Client, document: Document, verb: str) -> None:
    version = Document.objects.values_list("version", flat=True).get(pk=document.pk)
    _ok(
        program.post(
            f"/api/v1/documents/{document.key}/{verb}/",
            json.dumps({}),
            content_type="application/json",
            headers={"Idempotency-Key": uuid.uuid4().hex, "If-Match": f'"{version}"'},
        )
    )


def _open(page: Client) -> None:
    _ok(page.get(PAGE))


def _ok(answer: Any) -> None:
    if answer.status_code != 200:
        raise RuntimeError(f"status {answer.status_code}: {answer.content[:500]!r}")


def _timed(work: Callable[..., object], *arguments: Any, **named: Any) -> float:
    started = time.perf_counter()
    work(*arguments, **named)
    return time.perf_counter() - started


def through_the_door(world: World, lines: int, rounds: int) -> tuple[float, float, float, int]:
    """Seconds of the ledger and of the verb that posts as many lines, their ratio, messages that the verb sends.

    The verb is the clerk's: he has picked everything as planned, and with that it is posted.
    """
    known = people(world)
    asker, clerk = known["bench-asker"], known["bench-clerk"]
    post = posting.poster("ledger", world)
    took: list[tuple[float, float]] = []
    statements = 0
    for number in range(rounds + 2):
        document = _draft(world, asker, "sales_out", lines, 1, partner="BENCH")
        door.act(document.pk, "submit", actor=asker, key=uuid.uuid4().hex)
        items = random.sample(world.items[1:], lines)
        book = _timed(post, items)
        with CaptureQueriesContext(connection) if number == 1 else _Uncounted() as seen:
            whole = _timed(door.act, document.pk, "complete", actor=clerk, key=uuid.uuid4().hex)
        if number == 1:
            statements = len(seen)
        if Document.objects.get(pk=document.pk).state != "posted":
            raise RuntimeError("the document did not reach the book")
        if number >= 2:
            took.append((book, whole))
    before, after = (statistics.median(column) for column in zip(*took, strict=True))
    return before, after, statistics.median(door_ / book for book, door_ in took), statements
