"""Designing a process: drafts step by step, activation refused with every reason, versions that stay."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from core.errors import NotAllowed
from people.access import access_for
from people.models import Role, User
from tests.workflows.world import World
from workflows import designing, drawing, readiness, sentences, shipped, step_form
from workflows.conditions import Condition
from workflows.document_types import DOCUMENT_TYPES
from workflows.errors import Changed, ProcessRefused, WrongState
from workflows.models import Document, Process, ProcessVersion
from workflows.picks import Picks
from workflows.steps import Options, Step, Who

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def draft_of(world: World, kind: str = "scrap") -> ProcessVersion:
    active = shipped.active_version(world.company, kind)
    return designing.start_draft(active.process, access=access_for(world.admin))


def url(version: ProcessVersion, name: str = "version") -> str:
    process = version.process
    return reverse(f"workflows:{name}", args=[process.company_id, process.type, version.number])


def fresh(version: ProcessVersion) -> ProcessVersion:
    return ProcessVersion.objects.select_related("process").get(pk=version.pk)


def add_finance(world: World, draft: ProcessVersion) -> Step:
    """The sentence of the issue: scrap above 5,000 needs the finance manager, four hours."""
    access = access_for(world.admin)
    made = designing.add_step(draft, "approve", access=access)
    step = Step(
        made.key, "approve", "Finance manager", "财务经理",
        who=Who("role", "finance", scope="any"),
        when=((Condition("amount", "gt", "5000"),),),
        limit_hours=4,
        fallback=Who("role", "approver", scope="any"),
    )  # fmt: skip
    designing.put_step(draft, step, seen=designing.stamp(made), access=access)
    return step


def test_a_step_is_added_without_code_and_only_new_documents_meet_it(world: World) -> None:
    item = world.stocked(1000, 100)
    running = world.draft("scrap", {"item": item.code, "quantity": "60"})
    world.act(running, "submit", world.ann)
    draft = draft_of(world)
    add_finance(world, draft)
    designing.activate(draft, actor=world.admin, access=access_for(world.admin))
    assert fresh(draft).state == "active"
    old = ProcessVersion.objects.get(process=draft.process, number=1)
    assert old.state == "retired"
    world.act(running, "approve", world.head)
    running = Document.objects.get(pk=running.pk)
    assert (running.state, running.process_id) == ("posted", old.pk)
    new = world.draft("scrap", {"item": item.code, "quantity": "60"})
    world.act(new, "submit", world.ann)
    world.act(new, "approve", world.head)
    new = Document.objects.get(pk=new.pk)
    assert (new.process_id, new.state, new.step) == (draft.pk, "in_approval", "approve2")
    task = new.tasks.get(state="open")
    assert task.user == world.fay
    assert task.due_at is not None
    small = world.draft("scrap", {"item": item.code, "quantity": "6"})
    world.act(small, "submit", world.ann)
    world.act(small, "approve", world.head)
    assert Document.objects.get(pk=small.pk).state == "posted"


def test_versions_that_were_activated_cannot_be_written(world: World) -> None:
    active = shipped.active_version(world.company, "scrap")
    with pytest.raises(WrongState):
        designing.remove_step(active, "approve", access=access_for(world.admin))
    with pytest.raises(DatabaseError), transaction.atomic():
        ProcessVersion.objects.filter(pk=active.pk).update(steps=[])
    draft = draft_of(world)
    designing.activate(draft, actor=world.admin, access=access_for(world.admin))
    with pytest.raises(DatabaseError), transaction.atomic():
        ProcessVersion.objects.filter(pk=active.pk).update(state="active")


def test_steps_move_and_go_and_a_draft_is_thrown_away(world: World) -> None:
    draft = draft_of(world)
    access = access_for(world.admin)
    designing.add_step(draft, "confirm", access=access)
    assert [step.key for step in fresh(draft).read_steps()] == [
        "approve",
        "confirm",
        "post",
        "sync",
    ]
    designing.move_step(draft, "confirm", up=True, access=access)
    designing.move_step(draft, "confirm", up=True, access=access)
    assert [step.key for step in fresh(draft).read_steps()] == [
        "confirm",
        "approve",
        "post",
        "sync",
    ]
    designing.remove_step(draft, "approve", access=access)
    assert [step.key for step in fresh(draft).read_steps()] == ["confirm", "post", "sync"]
    with pytest.raises(Changed):
        designing.remove_step(draft, "approve", access=access)
    with pytest.raises(WrongState):
        designing.start_draft(draft.process, access=access)
    designing.discard(draft, access=access)
    again = designing.start_draft(draft.process, access=access)
    assert len(again.read_steps()) == 3
    assert again.read_steps()[0].key == "approve"


def test_two_people_do_not_overwrite_each_other(world: World) -> None:
    draft = draft_of(world)
    access = access_for(world.admin)
    step = draft.read_steps()[0]
    seen = designing.stamp(step)
    mine = Step.from_dict({**step.as_dict(), "name_en": "Mine"})
    yours = Step.from_dict({**step.as_dict(), "name_en": "Yours"})
    designing.put_step(draft, mine, seen=seen, access=access)
    with pytest.raises(Changed):
        designing.put_step(draft, yours, seen=seen, access=access)
    assert fresh(draft).read_steps()[0].name_en == "Mine"


def test_only_who_may_set_processes_writes_them(world: World) -> None:
    draft = draft_of(world)
    for user in (world.ann, world.head, world.fay):
        with pytest.raises(NotAllowed):
            designing.add_step(draft, "approve", access=access_for(user))
        with pytest.raises(NotAllowed):
            designing.activate(draft, actor=user, access=access_for(user))
        assert client_of(user).post(url(draft, "version_activate")).status_code == 403
    reader = client_of(world.fay)  # may audit
    page = reader.get(url(draft))
    assert page.status_code == 200
    assert b"version_step" not in page.content
    assert b'name="name_en"' not in page.content
    assert client_of(world.ann).get(url(draft)).status_code == 403


def codes(version: ProcessVersion) -> set[str]:
    return {error.code for error in readiness.refusals(fresh(version))}


def test_every_shipped_process_could_be_activated(world: World) -> None:
    for kind in DOCUMENT_TYPES:
        draft = shipped.unsaved(world.company, kind)
        assert [str(error.message) for error in readiness.unready(draft)] == []


def put(world: World, draft: ProcessVersion, **changes: Any) -> None:
    step = fresh(draft).read_steps()[0]
    designing.put_step(draft, replace(step, **changes), seen="", access=access_for(world.admin))


def test_activation_is_refused_with_every_reason(world: World) -> None:
    world.stocked(10, 1, warehouse=world.other)
    draft = draft_of(world)
    assert codes(draft) == {"nobody"}
    (error,) = readiness.refusals(draft)
    assert (error.line, error.data["warehouses"]) == (1, [str(world.other)])
    assert "Warehouse head" in str(error.message)
    with pytest.raises(ProcessRefused) as refused:
        designing.activate(draft, actor=world.admin, access=access_for(world.admin))
    assert [line.code for line in refused.value.lines] == ["nobody"]
    assert fresh(draft).state == "draft"
    world.person("other-head", "warehouse_head", warehouse=world.other)
    assert codes(draft) == set()
    put(world, draft, required=("photo",), hidden=("photo",))
    assert codes(draft) == {"hidden"}
    put(world, draft, required=(), hidden=(), who=Who("role", "clerk"), name_zh="")
    assert codes(draft) == {"name", "role_right", "nobody"}
    put(world, draft, who=Who("role", "gone"), name_zh="审批")
    assert codes(draft) == {"unknown_role", "nobody"}
    put(world, draft, who=Who("role", "warehouse_head"), when=((Condition("amount", "gt", ""),),))
    assert codes(draft) == {"condition"}
    Role.objects.filter(code="warehouse_head").update(rights=["document.execute"])
    put(world, draft, when=())
    assert {"role_right", "nobody"} <= codes(draft)


def test_a_past_document_that_would_stop_keeps_a_version_from_being_activated(world: World) -> None:
    item = world.stocked(100, 100)
    document = world.draft("scrap", {"item": item.code, "quantity": "20"}, by=world.head)
    world.person("second", "warehouse_head")
    world.act(document, "submit", world.head)
    draft = draft_of(world)
    put(world, draft, who=Who("user", user=world.head.pk), fallback=Who("user", user=world.head.pk))
    assert codes(draft) == {"stuck"}
    (error,) = readiness.refusals(fresh(draft))
    assert error.data["documents"] == [document_number(document)]
    page = client_of(world.admin).post(url(draft, "version_activate"))
    assert page.status_code == 422
    assert document_number(document) in page.content.decode()


def document_number(document: Document) -> str:
    return str(Document.objects.get(pk=document.pk).number)


def form_of(step: Step, picks: Picks) -> dict[str, Any]:
    """What the browser sends for a step as the page shows it."""
    shown = step_form.context(step, picks)
    data: dict[str, Any] = {
        "key": step.key, "stamp": designing.stamp(step), "kind": step.kind,
        "name_en": step.name_en, "name_zh": step.name_zh, "mode": step.mode, "late": step.late,
        "limit_hours": step.limit_hours or "", "remind_hours": step.remind_hours or "",
        "actions": list(step.actions), "copy_to": list(step.copy_to),
    }  # fmt: skip
    for people in (shown["people"], shown["late_people"], shown["fallback_people"]):
        data[people.name], data[f"{people.name}_scope"] = people.chosen, people.scope
    if step.recheck:
        data["recheck"] = step.recheck
    for code, _label, need in shown["form_fields"]:
        data[f"field-{code}"] = need
    for _part, groups in shown["parts"]:
        for row in (row for group in groups for row in group):
            data |= {
                f"{row.name}-field": row.field,
                f"{row.name}-was": row.field,
                f"{row.name}-op": row.op,
            }
            if row.kind != "flag":
                data[f"{row.name}-value"] = list(row.value) if row.kind == "choice" else row.value
    return data


@pytest.mark.parametrize(
    "kind", ["purchase_in", "production_issue", "sales_return", "scrap", "transfer"]
)
def test_the_form_gives_back_every_shipped_step_unchanged(world: World, kind: str) -> None:
    draft = draft_of(world, kind)
    client = client_of(world.admin)
    for step in draft.read_steps():
        answer = client.post(url(draft, "version_step"), form_of(step, Picks(draft.process)))
        assert answer.status_code == 302
        assert next(s for s in fresh(draft).read_steps() if s.key == step.key) == step
    assert fresh(draft).steps == draft.steps


def test_conditions_are_put_together_from_pick_lists(world: World) -> None:
    draft = draft_of(world)
    client = client_of(world.admin)

    def send(**changes: Any) -> Step:
        step = fresh(draft).read_steps()[0]
        data = form_of(step, Picks(draft.process)) | changes
        client.post(url(draft, "version_step"), {k: v for k, v in data.items() if v is not None})
        return fresh(draft).read_steps()[0]

    assert send(do="when-add").when == ((Condition("amount", "gt", ""),),)
    step = send(**{"when-0-0-value": "5,000"})
    assert step.when == ((Condition("amount", "gt", "5000"),),)
    step = send(do="when-0-add")
    assert len(step.when[0]) == 2
    step = send(**{"when-0-1-field": "reason"})
    assert step.when[0][1] == Condition("reason", "in", ())
    assert "condition" in codes(draft)
    step = send(**{"when-0-1-value": ["damaged", "expired"], "when-0-1-op": "not_in"})
    assert step.when[0][1] == Condition("reason", "not_in", ("damaged", "expired"))
    assert "condition" not in codes(draft)
    picks = Picks(draft.process)
    assert "5,000" in sentences.conditions(step.when, picks)
    assert "damaged" not in sentences.conditions(step.when, picks)
    step = send(do="when-0-0-drop")
    assert step.when == ((Condition("reason", "not_in", ("damaged", "expired")),),)
    assert send(do="when-0-0-drop").when == ()
    assert send(do="when-x-y-drop").when == ()
    assert send(do="auto-99-add").auto == step.auto
    assert send(limit_hours="9999").limit_hours == 4
    assert send(limit_hours="").limit_hours is None
    assert send(name_zh="x" * 500).name_zh == "x" * 80


def test_pages_say_the_process_in_both_languages(world: World) -> None:
    draft = draft_of(world)
    add_finance(world, draft)
    client = client_of(world.admin)
    page = client.get(f"{url(draft)}?step=approve2").content.decode()
    assert "Finance manager" in page
    assert "Amount is more than 5,000" in page
    assert "<svg" in page
    chinese = client.get(url(draft), headers={"accept-language": "zh-CN"})
    client.cookies["django_language"] = "zh-hans"
    with translation.override("zh-hans"):
        step = fresh(draft).read_steps()[1]
        said = "\n".join(sentences.sentences(step, Picks(draft.process)))
    assert "金额" in said
    assert "5,000" in said
    assert chinese.status_code == 200
    compared = client.get(url(draft, "version_compare")).content.decode()
    assert "added" in compared or "新增" in compared
    listed = client.get(reverse("workflows:processes"))
    assert listed.status_code == 200
    for name in ("process", "version"):
        process = draft.process
        args = [process.company_id, process.type] + ([draft.number] if name == "version" else [])
        assert client.get(reverse(f"workflows:{name}", args=args)).status_code == 200
    assert client.get(reverse("workflows:process", args=[world.company.pk, "kit"])).status_code in {
        200,
        404,
    }
    assert (
        client.get(reverse("workflows:process", args=[world.company.pk, "nonsense"])).status_code
        == 404
    )


def test_every_type_has_its_page_and_drawing_before_anybody_used_it(world: World) -> None:
    client = client_of(world.admin)
    for kind in DOCUMENT_TYPES:
        page = client.get(reverse("workflows:process", args=[world.company.pk, kind.code]))
        assert page.status_code == 200
    assert not Process.objects.exists()  # looking makes nothing
    answer = client.post(reverse("workflows:process_draft", args=[world.company.pk, "transfer"]))
    assert answer.status_code == 302
    assert ProcessVersion.objects.filter(process__type="transfer").count() == 2


def test_the_list_asks_the_same_number_of_questions_however_much_runs(world: World) -> None:
    client = client_of(world.admin)
    address = reverse("workflows:processes")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    item = world.stocked(1000, 100)
    for kind in ("scrap", "transfer", "sales_out"):
        document = world.draft(kind, {"item": item.code, "quantity": "20"})
        world.act(document, "submit", world.ann)
    with CaptureQueriesContext(connection) as many:
        page = client.get(address)
    assert len(many) == len(few)
    assert "1 on version 1" in page.content.decode()


def test_going_back_copies_an_old_version_into_a_draft(world: World) -> None:
    draft = draft_of(world)
    first = ProcessVersion.objects.get(process=draft.process, number=1)
    designing.put_options(
        draft, Options(over_percent="7"), note="looser", access=access_for(world.admin)
    )
    designing.activate(draft, actor=world.admin, access=access_for(world.admin))
    client = client_of(world.admin)
    address = reverse("workflows:process_draft", args=[world.company.pk, "scrap"])
    client.post(address, {"from": "1"})
    back = ProcessVersion.objects.get(process=draft.process, state="draft")
    assert (back.number, back.steps, back.options) == (3, first.steps, first.options)
    page = client.get(url(back, "version_compare")).content.decode()
    assert "7%" in page
    assert back.history.count() == 1  # type: ignore[attr-defined]


def test_words_wrap_where_either_language_breaks() -> None:
    assert drawing.wrap("one two three", 7, 3) == ["one two", "three"]
    assert drawing.wrap("仓库主管审批", 6, 3) == ["仓库主", "管审批"]
    cut = drawing.wrap("one two three four five six", 7, 2)
    assert len(cut) == 2
    assert cut[1].endswith("…")


def test_a_keeper_is_named_and_the_right_stands_on_the_page_of_roles(world: World) -> None:
    client = client_of(world.admin)
    address = reverse("workflows:process_settings", args=[world.company.pk, "scrap"])
    client.post(address, {"name_zh": "报废", "name_en": "Scrapping", "keeper": str(world.head.pk)})
    process = Process.objects.get(type="scrap")
    assert (process.keeper, process.name_en) == (world.head, "Scrapping")
    assert client.post(address, {"name_zh": "", "name_en": "x"}).status_code == 422
    role = Role.objects.get(code="admin")
    page = client.get(reverse("people:role", args=[role.pk])).content.decode()
    assert 'value="process.manage" checked' in page


NASTY = (
    "\x00",
    "a\x00b",
    "9" * 30,
    "-1",
    "",
    "role:",
    "user:99999999999999999999",
    "<b>'\"",
    "𝟜",
    "1e9",
)


def test_whatever_is_sent_is_an_answer_never_a_crash(world: World) -> None:
    draft = draft_of(world)
    client = client_of(world.admin)
    names = [
        "key", "stamp", "kind", "name_en", "name_zh", "mode", "late", "limit_hours", "remind_hours",
        "who", "who_scope", "late_to", "fallback", "actions", "copy_to", "do", "field-note", "note",
        "when-0-0-field", "when-0-0-op", "when-0-0-value", "auto-99-0-field", "over_percent", "rest",
        "start_name_en", "from", "keeper",
    ]  # fmt: skip
    for bad in NASTY:
        data = dict.fromkeys(names, bad) | {"key": "approve"}
        for name in ("version_step", "version_list", "version_options", "version_activate"):
            assert client.post(url(draft, name), data).status_code < 500, (name, bad)
        for name in ("process_draft", "process_settings"):
            address = reverse(f"workflows:{name}", args=[world.company.pk, "scrap"])
            assert client.post(address, data).status_code < 500, (name, bad)
        kept = str(fresh(draft).steps) + str(fresh(draft).options) + fresh(draft).note
        assert "\x00" not in kept
        for name in ("version", "version_compare", "version_simulate"):
            query = {"step": bad, "with": bad, "days": bad, "outcome": bad, "page": bad}
            assert client.get(url(draft, name), query).status_code < 500, (name, bad)
    for number in ("0", "9" * 25):
        address = f"/processes/{world.company.pk}/scrap/{number}/"
        assert client.get(address).status_code == 404
        assert client.get(f"/processes/{number}/scrap/").status_code == 404
