"""Formats of numbers: what is set holds from the next number on, and no number is ever given twice."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from people.access import access_for
from people.models import User
from tests.workflows.test_inbox import client_of, text_of
from tests.workflows.world import World
from workflows import moment, number_rules
from workflows.errors import ProcessRefused
from workflows.models import Document, NumberRule, NumberSeries
from workflows.views import numbering

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock of documents."""

    def turn(year: int, month: int, day: int) -> None:
        monkeypatch.setattr(moment, "now", lambda: datetime(year, month, day, 12, tzinfo=UTC))

    return turn


def rule(world: World, prefix: str = "BF", **more: Any) -> NumberRule:
    found = NumberRule(company=world.company, type="scrap", prefix=prefix, **more)
    return number_rules.save(found, actor=world.admin, access=access_for(world.admin))


def number(world: World, **header: Any) -> str:
    document = world.draft("scrap", {"item": world.stocked().code, "quantity": "1"}, **header)
    world.act(document, "submit", world.ann)
    return str(Document.objects.get(pk=document.pk).number)


def page(world: World, warehouse: Any = None) -> str:
    query = f"?warehouse={warehouse.pk}" if warehouse else ""
    return f"/processes/numbering/formats/{world.company.pk}/scrap/{query}"


FORM = {"prefix": "bf", "names_warehouse": "", "dated": "%Y%m", "digits": "4"}


def test_a_format_holds_from_the_next_number_on_and_begins_anew_with_its_date(
    world: World, today: Any
) -> None:
    today(2026, 11, 26)
    first = number(world)
    rule(world, dated="%Y%m", digits=4)
    assert [number(world), number(world)] == ["BF-WF-A-202611-0001", "BF-WF-A-202611-0002"]
    today(2026, 12, 1)
    assert number(world) == "BF-WF-A-202612-0001"
    assert Document.objects.filter(number=first).exists()


def test_a_warehouse_may_have_its_own_and_without_its_code_all_count_together(
    world: World, today: Any
) -> None:
    today(2026, 11, 26)
    rule(world, names_warehouse=False, digits=3)
    rule(world, "A", warehouse=world.main, names_warehouse=False, dated="%Y")
    assert number(world) == "A-2026-00001"
    assert number_rules.following(
        world.company, Document(type="scrap").kind, None, world.other
    ).startswith("SCR-WF-B-")
    found = NumberRule.objects.get(warehouse=None)
    assert (
        number_rules.following(world.company, Document(type="scrap").kind, found, world.other)
        == "BF-001"
    )


def test_no_number_is_given_twice_whatever_is_set(world: World, today: Any) -> None:
    """There and back again, another length, and a number that an import brought along."""
    today(2026, 11, 26)
    standard = [number(world), number(world)]
    first = rule(world, dated="%Y")
    mine = [number(world), number(world)]
    first.digits = 3
    number_rules.save(first, actor=world.admin, access=access_for(world.admin))
    mine.append(number(world))
    number_rules.remove(first, actor=world.admin, access=access_for(world.admin))
    standard.append(number(world))
    assert standard[-1].endswith("-00003")
    brought = world.draft("scrap")
    Document.objects.filter(pk=brought.pk).update(number="NEW-WF-A-00007")
    rule(world, "NEW")
    assert number(world) == "NEW-WF-A-00008"
    NumberRule.objects.all().delete()
    rule(world, dated="%Y")
    mine.append(number(world))
    given = [*standard, *mine]
    assert len(set(given)) == len(given)
    assert mine[-1] == "BF-WF-A-2026-00004"
    assert not any(one.missing for one in numbering.rows() if one.series.prefix != "NEW-WF-A")


def test_the_database_lets_no_series_count_back(world: World) -> None:
    number(world)
    series = NumberSeries.objects.get()
    for change in ({"last": 0}, {"prefix": "OTHER"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            NumberSeries.objects.filter(pk=series.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        NumberSeries.objects.filter(pk=series.pk).delete()


@pytest.mark.parametrize("prefix", ["", "A--B", "-A", "A B", "A" * 21, "<b>"])
def test_a_bad_prefix_is_said(world: World, prefix: str) -> None:
    client = client_of(world.admin)
    answer = client.post(page(world), {**FORM, "prefix": prefix, "do": "save"})
    assert answer.status_code == 422
    assert not NumberRule.objects.exists()
    if prefix and len(prefix) < 21:
        with pytest.raises(ProcessRefused):
            rule(world, prefix)


def test_the_page_tries_saves_and_sets_back(world: World, today: Any) -> None:
    today(2026, 11, 26)
    client = client_of(world.admin)
    assert "SCR-WF-A-00001" in text_of(client.get(page(world)))
    tried = text_of(client.post(page(world), {**FORM, "do": "try"}))
    assert "With this, the next number is BF-202611-0001" in tried
    assert not NumberRule.objects.exists()
    client.post(page(world), {**FORM, "do": "save"})
    words = text_of(client.get(page(world)))
    assert "The next number is BF-202611-0001" in words
    assert "admin" in words  # the history says who
    assert number(world) == "BF-202611-0001"
    listed = text_of(client.get("/processes/numbering/formats/"))
    assert "BF-202611-0002" in listed
    assert "BF-202611" in text_of(client.get("/processes/numbering/"))
    client.post(page(world), {"do": "standard"})
    assert not NumberRule.objects.exists()
    assert NumberRule.history.filter(history_user=world.admin).count() == 2
    assert number(world) == "SCR-WF-A-00001"


def test_only_who_keeps_processes_sets_formats(world: World) -> None:
    def status(user: User, method: str) -> int:
        client: Client = client_of(user)
        return getattr(client, method)(page(world), FORM).status_code

    assert status(world.cat, "get") == 403
    assert status(world.cat, "post") == 403
    assert client_of(world.admin).get(page(world).replace("scrap", "nonsense")).status_code == 404
    assert not NumberRule.objects.exists()


def test_who_only_looks_at_lists_finds_no_closed_door_in_them(world: World) -> None:
    """Of formats and of who may what: finance and auditors see them, and change nothing."""
    for user, opens in ((world.fay, False), (world.admin, True)):
        client = client_of(user)
        formats = client.get("/processes/numbering/formats/").content.decode()
        assert (f"/formats/{world.company.pk}/" in formats) is opens
        access = client.get("/users/access/").content.decode()
        assert (f'href="/users/{world.ann.pk}/"' in access) is opens
