"""Saved views keep filters, order and columns; large lists become files in the background, of what one may see."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core import exports as files
from core import outbox
from people import exports
from people.models import Export, Membership, SavedView, User
from tests.api.conftest import person
from tests.stock.queries.world import World, make_world

pytestmark = pytest.mark.django_db
HERE = "/stock/"


@pytest.fixture
def world() -> World:
    made = make_world()
    for item in made.items[:1]:
        made.buy(item, 5, "W1")
        made.buy(item, 6, "A-01")
        made.buy(item, 7, "W3")
    return made


@pytest.fixture
def sign_in(world: World) -> Callable[..., Client]:
    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Two rows are many."""
    monkeypatch.setattr(files, "LARGE", 1)
    settings.MEDIA_ROOT = tmp_path


def content(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_a_saved_view_brings_filters_order_and_columns_back(
    world: World, sign_in: Callable[..., Client]
) -> None:
    client = sign_in(person("reader", ["stock.view"], world))
    page = client.get(f"{HERE}?sort=-on_hand&col=item&col=on_hand&page=1").content.decode()
    query = page.split('name="query" value="')[1].split('"')[0].replace("&amp;", "&")
    sent = {
        "table": "stock",
        "name": "  Most\x00 first ",
        "query": query,
        "next": HERE,
        "shared": "1",
    }
    answer = client.post("/views/save/", sent)
    assert answer.headers["Location"] == f"{HERE}?sort=-on_hand&col=item&col=on_hand"
    kept = SavedView.objects.get()
    assert (kept.name, kept.shared) == ("Most first", False)  # sharing needs a right
    client.post("/views/save/", sent | {"query": "sort=item"})
    assert SavedView.objects.get().query == "sort=item"
    assert "Most first" in client.get(HERE).content.decode()
    assert "Most first" not in client.get("/lots/").content.decode()


def test_views_of_others_are_seen_only_if_shared(
    world: World, sign_in: Callable[..., Client]
) -> None:
    head = person("head", ["stock.view", "master.edit"], world)
    other = sign_in(person("other", ["stock.view"], world))
    mine = {"table": "stock", "query": "", "next": HERE}
    sign_in(head).post("/views/save/", mine | {"name": "Secret"})
    sign_in(head).post("/views/save/", mine | {"name": "Team", "shared": "1"})
    shown = other.get(HERE).content.decode()
    assert "Team" in shown
    assert "Secret" not in shown
    other.post(f"/views/{SavedView.objects.get(name='Team').pk}/remove/", {"next": HERE})
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize(
    "bad",
    [{"name": ""}, {"name": "x", "table": ""}, {"name": "x", "table": "t" * 61}, {"name": "x", "query": "q=" + "y" * 3000}],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(
    world: World, sign_in: Callable[..., Client], bad: dict[str, str]
) -> None:
    client = sign_in(person("reader", ["stock.view"], world))
    sent = {"table": "stock", "query": "", "next": "https://elsewhere.example/"} | bad
    assert client.post("/views/save/", sent).status_code == 422
    fine = client.post("/views/save/", {"table": "stock", "name": "x", "next": "//evil.example"})
    assert fine.headers["Location"].startswith("/?")


def test_a_large_list_is_written_in_the_background(
    world: World, sign_in: Callable[..., Client], small: None
) -> None:
    reader = person("reader", ["stock.view"], world)
    client = sign_in(reader)
    answer = client.get(f"{HERE}?export=csv&sort=-on_hand&col=item&col=on_hand")
    assert answer.headers["Location"] == "/exports/"
    job = Export.objects.get()
    assert job.state == Export.State.WAITING
    assert "progress" in client.get("/exports/").content.decode()
    assert outbox.deliver(exports.TOPIC) == 1
    job.refresh_from_db()
    assert (job.state, job.done) == (Export.State.READY, job.rows)
    text = content(client.get(f"/exports/{job.key}/"))
    lines = text.lstrip("\ufeff").splitlines()
    assert lines[0] == "Item,On hand"
    assert [line.rpartition(",")[2] for line in lines[1:]] == ["7", "6", "5"]
    assert job.name.startswith("stock-")
    assert job.name.endswith(".csv")
    other = sign_in(person("other", ["stock.view"], world))
    assert other.get(f"/exports/{job.key}/").status_code == 404


def test_the_file_holds_what_may_be_seen_when_it_is_written(
    world: World, sign_in: Callable[..., Client], small: None
) -> None:
    reader = person("reader", ["stock.view"], world)
    client = sign_in(reader)
    client.get(f"{HERE}?export=xlsx")
    client.get(f"{HERE}?export=csv")
    member = Membership.objects.get(user=reader)
    member.everywhere = False
    member.save()
    member.scopes.set([world.warehouses["W3"].scope_id])
    outbox.deliver(exports.TOPIC)
    first, second = Export.objects.order_by("pk")
    assert exports.path_of(first).read_bytes().startswith(b"PK")
    text = content(client.get(f"/exports/{second.key}/"))
    assert "A-01" not in text
    assert "W3" in text


def test_old_files_go(world: World, sign_in: Callable[..., Client], small: None) -> None:
    client = sign_in(person("reader", ["stock.view"], world))
    client.get(f"{HERE}?export=csv")
    outbox.deliver(exports.TOPIC)
    job = Export.objects.get()
    Export.objects.update(created_at=job.created_at - exports.KEEP)
    exports.prune()
    assert not exports.path_of(job).exists()
    assert not Export.objects.exists()
