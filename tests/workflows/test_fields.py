"""Custom fields: added without code, asked, checked, required, ordered, archived; hidden or required per step."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import DomainError, NotAllowed
from people.access import access_for
from tests.workflows.world import World
from workflows import arranging, designing, drafting, fields, shipped
from workflows.conditions import Condition
from workflows.errors import DocumentRefused, ProcessRefused
from workflows.models import CustomField, Document
from workflows.picks import Picks
from workflows.steps import Step, Who

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def add(world: World, kind: str, name: str, **more: Any) -> CustomField:
    field = CustomField(type="scrap", kind=kind, name_en=name, name_zh=name, **more)
    return arranging.save_field(field, access=access_for(world.admin))


@pytest.mark.parametrize(
    ("kind", "good", "kept", "bad"),
    [
        ("text", " a b ", " a b ", None),
        ("number", "1,234.50", "1234.5", "many"),
        ("date", "2026-03-02", "2026-03-02", "2.3."),
        ("choice", "red", "red", "blue"),
        ("flag", "on", True, "perhaps"),
        ("user", "ME", "ME", "999999"),
    ],
)
def test_values_fit_their_kind(
    world: World, kind: str, good: str, kept: Any, bad: str | None
) -> None:
    field = add(world, kind, "Shade", choices=["red", "green"] if kind == "choice" else [])
    if kind == "user":
        good, kept = str(world.ann.pk), world.ann.pk
    assert fields.read("scrap", {field.key: good}) == {field.key: kept}
    assert fields.read("scrap", {field.key: ""}) == {field.key: None}
    if bad is not None:
        with pytest.raises(DocumentRefused):
            fields.read("scrap", {field.key: bad})
    with pytest.raises(DocumentRefused):
        fields.read("transfer", {field.key: good})  # a field of another type


def test_a_required_field_stops_submitting_until_it_is_filled(world: World) -> None:
    field = add(world, "text", "Cause", required=True)
    item = world.stocked(100, 1)
    document = world.draft("scrap", {"item": item.code, "quantity": "1"})
    with pytest.raises(DomainError) as refused:
        world.act(document, "submit", world.ann)
    assert "Cause" in str(refused.value.as_dict())
    drafting.set_header(
        document.pk,
        {"custom": {field.key: "dropped"}},
        actor=world.ann,
        access=access_for(world.ann),
        version=Document.objects.get(pk=document.pk).version,
    )
    world.act(document, "submit", world.ann)
    assert Document.objects.get(pk=document.pk).state == "posted"


def test_a_step_asks_for_a_field_and_a_condition_reads_it(world: World) -> None:
    field = add(world, "choice", "Shade", choices=["red", "green"])
    access = access_for(world.admin)
    draft = designing.start_draft(
        shipped.active_version(world.company, "scrap").process, access=access
    )
    picks = Picks(draft.process)
    assert f"custom:{field.key}" in dict(picks.form_fields)
    code = f"custom:{field.key}:choice"
    assert code in {asked.code for asked in picks.asked}
    assert picks.values(code) == [("red", "red"), ("green", "green")]
    step = Step(
        "approve", "approve", "Head", "主管",
        who=Who("role", "warehouse_head"), fallback=Who("role", "approver", scope="any"),
        when=((Condition(code, "in", ("red",)),),), required=(f"custom:{field.key}", "note"),
    )  # fmt: skip
    designing.put_step(draft, step, seen="", access=access)
    assert picks.words(step.when[0][0]) == "Shade is one of red"
    designing.activate(draft, actor=world.admin, access=access)
    item = world.stocked(100, 1)
    for value, state in (("green", "posted"), ("red", "in_approval")):
        document = world.draft(
            "scrap", {"item": item.code, "quantity": "1"}, custom={field.key: value}
        )
        world.act(document, "submit", world.ann)
        assert Document.objects.get(pk=document.pk).state == state
    with pytest.raises(DomainError) as refused:
        world.act(document, "approve", world.head)
    assert "Note" in str(refused.value)


def test_fields_are_ordered_and_archived(world: World) -> None:
    first, second, third = (add(world, "text", name) for name in ("One", "Two", "Three"))
    access = access_for(world.admin)

    def names() -> list[str]:
        return [field.name_en for field in fields.of_type("scrap")]

    assert names() == ["One", "Two", "Three"]
    arranging.move_field(third, up=True, access=access)
    arranging.move_field(first, up=True, access=access)
    assert names() == ["One", "Three", "Two"]
    arranging.move_field(first, up=False, access=access)
    assert names() == ["Three", "One", "Two"]
    arranging.archive_field(second, archived=True, access=access)
    assert names() == ["Three", "One"]
    with pytest.raises(DocumentRefused):
        fields.read("scrap", {second.key: "x"})
    arranging.archive_field(second, archived=False, access=access)
    assert names() == ["Three", "One", "Two"]
    again = add(world, "text", "One")
    assert again.key != first.key
    chinese = arranging.save_field(
        CustomField(type="scrap", kind="text", name_en="颜色", name_zh="颜色"), access=access
    )
    assert chinese.key
    with pytest.raises(ProcessRefused):
        add(world, "choice", "Empty")
    with pytest.raises(NotAllowed):
        arranging.archive_field(first, archived=True, access=access_for(world.head))


def test_the_pages_add_change_move_and_archive(world: World) -> None:
    client = Client()
    client.force_login(world.admin)
    home = reverse("workflows:fields", args=["scrap"])
    assert client.get(home).status_code == 200
    new = reverse("workflows:field_new", args=["scrap"])
    assert client.get(new).status_code == 200
    form = {"name_zh": "颜色", "name_en": "Shade", "kind": "choice", "options": "red\n\ngreen\nred"}
    assert client.post(new, form | {"options": ""}).status_code == 422
    assert client.post(new, form | {"name_en": "", "name_zh": " "}).status_code == 422
    assert client.post(new, form | {"name_en": ""}).status_code == 302
    one = CustomField.objects.get()
    assert (one.name_en, one.name_zh) == ("颜色", "颜色")
    one.delete()
    assert client.post(new, form).status_code == 302
    field = CustomField.objects.get()
    assert (field.key, field.choices) == ("shade", ["red", "green"])
    address = reverse("workflows:field", args=["scrap", field.pk])
    client.post(address, form | {"kind": "text", "options": "red\nblue", "required": "on"})
    field.refresh_from_db()
    assert (field.kind, field.choices, field.required) == ("choice", ["red", "blue"], True)
    do = reverse("workflows:field_do", args=["scrap", field.pk])
    client.post(do, {"do": "archive"})
    assert "Shade" in client.get(home).content.decode()
    assert fields.of_type("scrap") == []
    assert client.get(reverse("workflows:fields", args=["nonsense"])).status_code == 404
    assert client.get(reverse("workflows:field", args=["transfer", field.pk])).status_code == 404
    client.force_login(world.ann)
    assert client.get(home).status_code == 403
    assert client.post(do, {"do": "restore"}).status_code == 403
