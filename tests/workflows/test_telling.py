"""The timeline in the reader's words: names, dates and moments, and no raw value."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from people.access import access_for
from stock.models import Reason
from tests.workflows.world import World
from workflows import drafting, failures, telling
from workflows.models import CustomField

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_edits_are_told_in_the_readers_words(world: World, language: str) -> None:
    CustomField.objects.create(
        type="scrap", key="agreed", kind="flag", name_en="Agreed", name_zh="已商定"
    )
    CustomField.objects.create(
        type="scrap", key="by", kind="user", name_en="Seen by", name_zh="见证人"
    )
    first, second = world.stocked(), world.stocked()
    document = world.draft("scrap", {"item": first.code, "quantity": "1"})
    more = {"actor": world.ann, "access": access_for(world.ann)}
    header = {
        "reason": "sample",
        "effective_at": "2026-03-12T08:30:00+08:00",
        "custom": {"agreed": "true", "by": str(world.bob.pk)},
    }
    drafting.set_header(document.pk, header, **more)
    key = str(document.lines.get().key)
    drafting.set_line(document.pk, {"item": second.code}, key=key, **more)
    drafting.set_line(document.pk, {"item": first.code, "quantity": "2"}, **more)
    assert document.events.filter(data__header__reason=["damaged", "sample"]).exists()
    with translation.override(language):
        told = telling.entries(document, [], prices=True, costs=True)
        diffs = [diff for entry in told for diff in entry.diffs]
        text = "\n".join(" ".join((diff.head, *diff.old, *diff.new)) for diff in diffs)
        assert str(Reason.objects.get(code="sample")) in text
        assert ("已商定 是" if language == "zh-hans" else "Agreed yes") in text
        assert str(world.bob) in text
        changed = next(diff for diff in diffs if diff.old and second.code in diff.head)
        assert any(first.code in one for one in changed.old)
        assert any(second.code in one for one in changed.new)
    for raw in ("None", "{", "[", "+08:00", date(2026, 3, 12).isoformat() + "T"):
        assert raw not in text


def test_why_a_posting_failed_is_told_in_the_language_of_the_reader(world: World) -> None:
    item = world.stocked(100)
    document = world.draft("scrap", {"item": item.code, "quantity": "80"})
    other = world.draft("scrap", {"item": item.code, "quantity": "70"})
    for one in (document, other):
        world.act(one, "submit", world.ann)
    world.act(other, "approve", world.head)
    with translation.override("zh-hans"):
        world.act(document, "approve", world.head)
    document.refresh_from_db()
    assert document.state != "posted"
    client = Client()
    client.force_login(world.head)
    page = reverse("workflows:page", args=[document.key])
    told = {}
    for language in ("en", "zh-hans"):
        told[language] = client.get(page, headers={"Accept-Language": language}).content.decode()
    event = document.events.get(verb="post_failed")
    assert "%(wanted)s" in str(event.data)
    for language, word in (("en", "wanted 80"), ("zh-hans", "需要 80")):
        with translation.override(language):
            message = failures.told(event.data)["lines"][0]["message"]
        assert word in message
        assert escape(message) in told[language]
