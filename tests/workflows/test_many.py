"""Several documents at once: each by its own door, the refused ones named, one effect of a form sent twice."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.workflows.test_inbox import client_of, scrap, text_of
from tests.workflows.world import World
from workflows.models import Document, Event, Task

pytestmark = pytest.mark.django_db
LIST = "/documents/"


@pytest.fixture
def world() -> World:
    return World()


def draft(world: World, quantity: str = "5") -> Document:
    return world.draft("scrap", {"item": world.stocked().code, "quantity": quantity})


def choose(client: Client, do: str, *documents: Document, url: str = LIST, **more: Any) -> Any:
    return client.post(url, {"do": do, "pick": [one.pk for one in documents], **more})


def send(client: Client, verb: str, page: Any, **more: Any) -> Any:
    """Send the form of the page as it stands."""
    body = page.content.decode()
    picks = re.findall(r'name="pick" value="([^"]+)"', body)
    key = re.findall(r'name="key" value="([^"]+)"', body)
    data = {"pick": picks, "key": key[0] if key else "", **more}
    return client.post(reverse("workflows:many", args=[verb]), data, follow=True)


def test_drafts_are_submitted_together_and_a_double_tap_has_one_effect(world: World) -> None:
    good, other, empty = draft(world), draft(world), world.draft("scrap")
    client = client_of(world.ann)
    page = choose(client, "submit", good, other, empty)
    assert "Submit 3 documents" in text_of(page)
    assert not Document.objects.exclude(state="draft").exists()
    first = send(client, "submit", page)
    words = text_of(first)
    assert "Submitted 2 documents." in words
    assert "1 was not done" in words
    assert "Add at least one line." in words
    assert text_of(send(client, "submit", page)).count("Submitted 2 documents.") == 1
    assert Event.objects.filter(verb="submit").count() == 2
    assert Document.objects.get(pk=empty.pk).state == "draft"
    assert f'name="pick" value="{empty.pk}"' in first.content.decode()


def test_the_filters_of_the_list_stay_on_the_way(world: World) -> None:
    one = draft(world)
    client = client_of(world.ann)
    page = choose(client, "submit", one, url=LIST + "?view=drafts&type=scrap")
    action = re.search(r'action="(/documents/many/[^"]+)"', page.content.decode())
    assert action is not None
    url = action.group(1).replace("&amp;", "&")
    picks = [f"{one.pk}:{one.version}"]
    done = client.post(url, {"pick": picks, "key": uuid.uuid4().hex})
    assert done.status_code == 302
    assert done.headers["Location"] == LIST + "?view=drafts&type=scrap"


def test_agreeing_says_of_each_that_is_left_out_why(world: World) -> None:
    mine, clean = scrap(world), scrap(world)
    special = scrap(world, "180", override="must")
    unsent = draft(world)
    client = client_of(world.head)
    page = choose(client, "approve", mine, clean, special)
    words = text_of(page)
    assert "Agree to 2 documents" in words
    assert f"{special} : stock would go below zero" in words
    assert str(unsent) not in words
    words = text_of(send(client, "approve", page))
    assert "Agreed to 2 documents." in words
    assert Task.objects.filter(user=world.head, state=Task.State.HELD).count() == 2
    assert choose(client_of(world.ann), "approve", special).status_code == 302


def test_nobody_agrees_to_his_own_among_others(world: World) -> None:
    """Four eyes hold in a batch: the head's own scrap is left out and, sent all the same, refused."""
    own = world.draft("scrap", {"item": world.stocked().code, "quantity": "80"}, by=world.head)
    world.act(own, "submit", world.head)
    other = scrap(world)
    client = client_of(world.head)
    page = choose(client, "approve", own, other)
    assert "You asked for it yourself" in text_of(page)
    own.refresh_from_db()
    forced = {"pick": [f"{own.pk}:{own.version}"], "key": uuid.uuid4().hex}
    words = text_of(client.post(reverse("workflows:many", args=["approve"]), forced))
    assert "1 was not done" in words
    own.refresh_from_db()
    assert own.state == "in_approval"


def test_a_document_that_changed_meanwhile_is_refused(world: World) -> None:
    one, other = scrap(world), scrap(world)
    client = client_of(world.head)
    page = choose(client, "approve", one, other)
    world.act(one, "comment", world.ann, text="wait")
    words = text_of(send(client, "approve", page))
    assert "Agreed to 1 document." in words
    assert f"{one} Somebody else has changed this document" in words


def test_documents_of_other_warehouses_cannot_be_chosen(world: World) -> None:
    one = scrap(world)
    client = client_of(world.dan)
    answer = choose(client, "labels", one)
    assert answer.status_code == 302
    assert "Nothing is chosen" in text_of(client.get(LIST))
    url = reverse("workflows:many", args=["submit"])
    client.post(url, {"pick": [f"{one.pk}:{one.version}"], "key": "k"})
    one.refresh_from_db()
    assert one.state == "in_approval"


def test_print_labels_and_files_hold_the_chosen(world: World) -> None:
    one, other = scrap(world), scrap(world)
    scrap(world)
    client = client_of(world.ann)
    printed = choose(client, "print", one, other)
    assert printed.headers["Location"].count("key=") == 2
    labels = client.get(choose(client, "labels", one, other).headers["Location"])
    assert "2 different labels" in text_of(labels)
    file = choose(client, "csv", one, other)
    lines = b"".join(file).decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert {str(one), str(other)} == {line.split(",")[0] for line in lines[1:]}
    every = client.post(LIST + "?type=scrap", {"do": "csv", "every": "1"})
    assert every.headers["Location"] == LIST + "?type=scrap&export=csv"
    assert len(client.get(every.headers["Location"]).getvalue().splitlines()) == 4


def test_nothing_ticked_is_nothing_done(world: World) -> None:
    draft(world)
    client = client_of(world.ann)
    for do in ("submit", "csv", "labels"):
        assert choose(client, do).status_code == 302
        assert "Nothing is chosen" in text_of(client.get(LIST))
    assert choose(client, "explode").status_code == 302
    assert "That cannot be done" in text_of(client.get(LIST))
    assert client.post(reverse("workflows:many", args=["void"])).status_code == 404
    assert not Document.objects.exclude(state="draft").exists()
