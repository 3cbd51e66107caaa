"""Warnings measured on the book itself: what comes out is kept, shown with the lines, and nothing else is changed."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from alerts.anomaly import booked, measured, slip_words
from alerts.anomaly.slips import KINDS
from people.access import SYSTEM
from stock import catalog, ledger
from stock.ledger import LineInput
from stock.models import Movement, Place
from tests.workflows.world import World
from workflows.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World("ME")


def _moves(world: World, count: int) -> None:
    """An item that is issued again and again, some hundred pieces at a time."""
    item = world.stocked(1_000_000)
    outside = Place.objects.get(company=world.company, kind="adjustment")
    for number in range(count):
        line = LineInput(
            type="other_out",
            item=item.pk,
            source=catalog.default_place(world.main).pk,
            target=outside.pk,
            quantity=Decimal(90 + number * 7 % 21),
            reason="sample",
        )
        ledger.post(
            [line],
            company=world.company,
            key=uuid.uuid4().hex,
            actor=None,
            access=SYSTEM,
        )


def test_every_kind_has_words() -> None:
    assert set(KINDS) == set(slip_words.known())


def test_too_little_is_said_and_nothing_measured_is_said(client: Any, world: World) -> None:
    client.force_login(world.admin)
    assert "Nothing has been measured" in client.get("/alerts/warnings/").content.decode()
    run = measured.run()
    assert run is not None
    assert run.detail["clean"] == 0
    assert "Too little" in client.get("/alerts/warnings/").content.decode()


def test_the_book_is_measured_and_left_alone(client: Any, world: World) -> None:
    _moves(world, 60)
    before = Movement.objects.count(), Document.objects.count()
    assert len(booked.history().lines) == 60
    run = measured.run(per_kind=4)
    assert run is not None
    assert (Movement.objects.count(), Document.objects.count()) == before
    kinds = {kind["code"]: kind for kind in run.detail["kinds"]}
    assert kinds["hundred times"]["caught"] == 4
    assert kinds["hundred times"]["examples"][0]["was"].keys() == {"number"}
    assert run.detail["false"] < 0.1 * run.detail["clean"]
    client.force_login(world.admin)
    page = client.get("/alerts/warnings/").content.decode()
    assert "hundred times" in page
    client.force_login(world.cat)
    assert client.get("/alerts/warnings/").status_code == 403
    assert client.post("/alerts/warnings/measure/").status_code == 403
