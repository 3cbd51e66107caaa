"""Fields of an open step: its person fills in exactly those it requires, and does not see those it hides."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import DomainError
from people.access import access_for
from people.models import User
from tests.workflows.world import World
from workflows import attachments, copying, designing, drafting, fields, readiness, shipped
from workflows.models import Attachment, CustomField, Document, Editor
from workflows.steps import Step, Who

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def changed(world: World, kind: str = "approve", type_code: str = "scrap", **more: Any) -> None:
    """The process of scrap asks (or hides) something in its first approval, or another step of another type."""
    access = access_for(world.admin)
    active = shipped.active_version(world.company, type_code)
    draft = designing.start_draft(active.process, access=access)
    step: Step = next(one for one in draft.read_steps() if one.kind == kind)
    designing.put_step(draft, replace(step, when=(), auto=(), **more), seen="", access=access)
    designing.activate(draft, actor=world.admin, access=access)


def loss(world: World, **header: Any) -> tuple[Document, User]:
    """Scrap that waits for the person returned."""
    item = world.stocked(10)
    line = {"item": item.code, "quantity": "1"}
    return submitted(world, world.draft("scrap", line, reason="lost", **header))


def submitted(world: World, document: Document) -> tuple[Document, User]:
    """The document on its way, and who is asked first."""
    world.act(document, "submit", world.ann)
    document.refresh_from_db()
    task = document.tasks.filter(state="open", kind="approve").first()
    assert task is not None
    return document, task.user


def field(kind: str) -> CustomField:
    return CustomField.objects.create(
        type="scrap", key="cause", kind=kind, name_en="Cause", name_zh="原因说明"
    )


def test_the_person_of_a_step_fills_in_what_it_requires(world: World) -> None:
    cause = field("text")
    changed(world, required=("note", f"custom:{cause.key}"))
    document, head = loss(world)
    client = client_of(head)
    for page in ("page", "decide"):
        shown = client.get(reverse(f"workflows:{page}", args=[document.key])).content.decode()
        assert ('name="field.note"' in shown) == (page == "decide")
    form = reverse("workflows:do", args=[document.key, "approve"])
    shown = client.get(form).content.decode()
    assert 'name="field.note"' in shown
    assert f'name="field.custom:{cause.key}"' in shown
    sent = {"version": document.version, "field.note": "counted twice"}
    assert client.post(form, sent).status_code == 422
    assert Document.objects.get(pk=document.pk).note == ""
    sent[f"field.custom:{cause.key}"] = "mislaid"
    assert client.post(form, sent).status_code == 302
    document.refresh_from_db()
    assert (document.note, document.custom) == ("counted twice", {cause.key: "mislaid"})
    assert document.tasks.filter(user=head, verdict="approved").exists()
    assert not Editor.objects.filter(document=document, user=head).exists()


def test_a_step_fills_in_nothing_but_what_it_requires(world: World) -> None:
    changed(world, required=("note",))
    document, head = loss(world)
    for name in ("reference", "partner", "custom:cause"):
        with pytest.raises(DomainError):
            world.act(document, "approve", head, data={"fields": {"note": "a", name: "b"}})
    with pytest.raises(DomainError):
        world.act(document, "approve", head, data={"fields": "note"})


def test_frozen_content_cannot_be_required_by_a_step(world: World) -> None:
    access = access_for(world.admin)
    active = shipped.active_version(world.company, "scrap")
    draft = designing.start_draft(active.process, access=access)
    step = next(one for one in draft.read_steps() if one.kind == "approve")
    designing.put_step(draft, replace(step, required=("reason",)), seen="", access=access)
    draft.refresh_from_db()
    assert "frozen_field" in {error.code for error in readiness.unready(draft)}


def test_hidden_fields_are_not_shown_to_the_people_of_the_step(world: World) -> None:
    cause = field("text")
    changed(world, hidden=("note", "reason", f"custom:{cause.key}"))
    item = world.stocked(10)
    draft = world.draft("scrap", {"item": item.code, "quantity": "1"}, reason="lost", note="first")
    told = {"note": "whispered", "custom": {cause.key: "murmured"}}
    drafting.set_header(draft.pk, told, actor=world.ann, access=access_for(world.ann))
    document, head = submitted(world, draft)
    for page in ("page", "decide"):
        shown = client_of(head).get(reverse(f"workflows:{page}", args=[document.key]))
        assert shown.status_code == 200
        assert "whispered" not in shown.content.decode()
        assert "murmured" not in shown.content.decode()
    mine = client_of(world.ann).get(reverse("workflows:page", args=[document.key]))
    assert "whispered" in mine.content.decode()
    assert "murmured" in mine.content.decode()


def test_a_required_photo_is_an_image_and_not_words(world: World) -> None:
    cause = field("photo")
    document = world.draft("scrap", reason="lost")
    with pytest.raises(DomainError):
        fields.read("scrap", {cause.key: "yes"})
    name = f"custom:{cause.key}"
    made = Attachment(
        document=document, field=cause.key, name="a", content_type="text/plain", size=1,
        sha256="0" * 64, user=world.ann, created_at=document.created_at,
    )  # fmt: skip
    made.save()
    assert attachments.path(made).name == "0" * 64
    assert fields.missing(document, [name]) == [str(cause)]
    Attachment.objects.create(
        document=document, field=cause.key, name="b", content_type="image/png", size=1,
        sha256="1" * 64, user=world.ann, created_at=document.created_at,
    )  # fmt: skip
    assert fields.missing(document, [name]) == []


def test_a_step_of_the_system_requires_nothing(world: World) -> None:
    access = access_for(world.admin)
    active = shipped.active_version(world.company, "scrap")
    draft = designing.start_draft(active.process, access=access)
    step = next(one for one in draft.read_steps() if one.kind == "post")
    designing.put_step(draft, replace(step, required=("note",)), seen="", access=access)
    draft.refresh_from_db()
    assert "nobody_fills" in {error.code for error in readiness.unready(draft)}


def test_whoever_posts_by_hand_fills_in_what_the_step_requires(world: World) -> None:
    by_hand = {"who": Who("role", "warehouse_head"), "required": ("note",)}
    changed(world, "post", "other_in", **by_hand)
    line = {"item": world.item().code, "quantity": "1", "price": "2"}
    document = world.draft("other_in", line, reason="correction")
    world.act(document, "submit", world.ann)
    form = reverse("workflows:do", args=[document.key, "post"])
    client = client_of(world.head)
    assert 'name="field.note"' in client.get(form).content.decode()
    document.refresh_from_db()
    assert client.post(form, {"version": document.version}).status_code == 422
    document.refresh_from_db()
    assert document.posting_id is None
    sent = {"version": document.version, "field.note": "seen by me"}
    assert client.post(form, sent).status_code == 302
    document.refresh_from_db()
    assert (document.state, document.note) == ("posted", "seen by me")


def test_finance_fills_in_what_its_step_requires(world: World) -> None:
    changed(world, "finance", "sales_return", required=("reference",))
    sale = world.draft("sales_out", {"item": world.stocked(10).code, "quantity": "2"})
    walked(world, sale)
    back = copying.make_from(sale.pk, "sales_return", actor=world.ann, access=access_for(world.ann))
    drafting.set_header(back.pk, {"reference": ""}, actor=world.ann, access=access_for(world.ann))
    walked(world, back)
    assert back.state == "posted"
    task = back.tasks.get(kind="finance", state="open")
    client = client_of(task.user)
    page = client.get(reverse("workflows:page", args=[back.key])).content.decode()
    form = reverse("workflows:do", args=[back.key, "complete"])
    assert f'href="{form}"' in page
    assert 'name="field.reference"' in client.get(form).content.decode()
    assert client.post(form, {"version": back.version}).status_code == 422
    sent = {"version": back.version, "field.reference": "V-7"}
    assert client.post(form, sent).status_code == 302
    back.refresh_from_db()
    assert back.reference == "V-7"
    assert back.synced_at is not None


def walked(world: World, document: Document) -> None:
    """Submitted and moved by whoever is asked, until it is posted."""
    world.act(document, "submit", world.ann)
    for _ in range(6):
        document.refresh_from_db()
        task = document.tasks.filter(state="open").exclude(kind="finance").first()
        if task is None:
            return
        verb = "approve" if task.kind in {"approve", "confirm"} else "complete"
        rows = [
            {"key": str(line.key), "actual": str(line.requested)} for line in document.lines.all()
        ]
        data = {"lines": rows} if verb == "complete" else {}
        world.act(document, verb, User.objects.get(pk=task.user_id), data=data)


def test_hidden_photos_are_neither_listed_nor_read(world: World) -> None:
    cause = field("photo")
    changed(world, hidden=(f"custom:{cause.key}",))
    document, head = loss(world)
    made = Attachment.objects.create(
        document=document, field=cause.key, name="secret.png", content_type="image/png", size=1,
        sha256="1" * 64, user=world.ann, created_at=document.created_at,
    )  # fmt: skip
    kept = attachments.path(made)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"x")
    address = reverse("workflows:file", args=[document.key, made.key])
    assert client_of(head).get(address).status_code == 404
    assert client_of(world.ann).get(address).status_code == 200
    for name in ("page", "decide"):
        page = reverse(f"workflows:{name}", args=[document.key])
        assert "secret.png" not in client_of(head).get(page).content.decode()
    page = reverse("workflows:page", args=[document.key])
    assert "secret.png" in client_of(world.ann).get(page).content.decode()
