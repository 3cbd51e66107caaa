"""Doors that change nothing: every GET, every field that is nobody's to set, and the import that has no page."""

import json
import re
import uuid
from typing import Any

import grimp
import pytest
from django.core.serializers import serialize
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core.errors import DomainError
from people.access import access_for
from people.models import User
from tests.workflows.laws.test_frozen import one_of_each
from tests.workflows.world import World
from workflows import drafting, shipped
from workflows.models import Copy, Document, Event, Line, Task

WRITES = re.compile(r'^\s*(INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)"?', re.IGNORECASE)
OURS = re.compile(r"^(workflows|stock|people|finance|boards|intake)_")
PROTECTED = (
    "state", "posting_id", "number", "asker_id", "process_id", "amount", "posted_amount", "posted_at",
    "content_hash", "door", "batch", "rest_of_id",
)  # fmt: skip


@pytest.fixture
def world() -> World:
    return World()


def patterns(resolver: URLResolver, before: str = "") -> list[str]:
    """Every route below, as its text; those of programs, of files and of leaving aside."""
    found: list[str] = []
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            found.append(route)
        else:
            found += patterns(one, route)
    return found


def addresses(world: World, document: Document) -> set[str]:
    """Every page of documents, processes and boards, about this document."""
    version = shipped.active_version(world.company, document.type)
    values = {
        "key": str(document.key), "file": str(uuid.uuid4()), "type_code": document.type,
        "verb": "approve", "what": "item", "pk": str(document.pk), "process": str(version.process_id),
        "number": str(version.number), "version": str(version.pk),
    }  # fmt: skip
    found = set()
    for route in patterns(get_resolver()):
        if not re.match(r"^(documents|todo|processes|system|$)", route):
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: values.get(name[1], "1"), route)
        found.add("/" + address)
    for verb in (
        "submit",
        "return",
        "void",
        "reverse",
        "comment",
        "copy",
        "undo",
        "post",
        "complete",
    ):
        found.add(f"/documents/{document.key}/do/{verb}/")
    return found


@pytest.mark.django_db
def test_no_get_changes_anything(world: World) -> None:
    documents = one_of_each(world)
    wrote: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        hit = WRITES.match(sql)
        if hit and OURS.match(hit[2]):
            wrote.append(sql[:200])
        return execute(sql, params, many, context)

    seen = 0
    people = (world.ann, world.head, world.cat, world.dan, world.fay, world.admin, None)
    for user in people:
        client = Client(raise_request_exception=True)
        if user is not None:
            client.force_login(User.objects.get(pk=user.pk))
        states = list(documents) if user == world.head else ["in_approval"]
        for state in states:
            for address in sorted(addresses(world, documents[state])):
                with connection.execute_wrapper(watch):
                    answer = client.get(address)
                assert not wrote, (user, state, address, wrote)
                assert answer.status_code < 500, address
                seen += answer.status_code == 200
    assert seen > 100


def protected(document: Document) -> dict[str, Any]:
    return Document.objects.filter(pk=document.pk).values(*PROTECTED).get()


BAD = {
    "state": "posted", "posting": "1", "posting_id": "1", "number": "X-1", "asker": "1", "asker_id": "1",
    "process": "1", "amount": "0", "posted_at": "2026-01-01", "version": "1", "content_hash": "x",
    "door": "import", "batch": "x", "rest_of": "1",
}  # fmt: skip


@pytest.mark.django_db
def test_no_form_sets_what_is_the_doors(world: World) -> None:
    item = world.stocked(10, 1)
    document = world.draft("scrap", {"item": item.code, "quantity": "1"})
    before = protected(document)
    client = Client()
    client.force_login(world.ann)
    base = f"/documents/{document.key}/"
    version = Document.objects.get(pk=document.pk).version
    for name, value in BAD.items():
        for body in ({"header": {name: value}}, {name: value, "header": {}}):
            whole = {"type": "scrap", "rows": [], "version": version, **body}
            answer = client.post(f"{base}save/", json.dumps(whole), content_type="application/json")
            assert answer.status_code < 500
            assert protected(document) == before, name
    for address in ("save/", "preview/", "do/comment/", "seen/"):
        answer = client.post(base + address, {**BAD, "text": "hello"})
        assert answer.status_code < 500
        assert protected(document) == before, address
    for name, value in BAD.items():
        access = access_for(world.ann)
        with pytest.raises(DomainError) as error:
            drafting.set_header(document.pk, {name: value}, actor=world.ann, access=access)
        assert error.value.code == "unknown_field"
        with pytest.raises(DomainError) as error:
            drafting.create("scrap", actor=world.ann, access=access, header={name: value})
        assert error.value.code == "unknown_field"
    for name in (
        "document",
        "actual",
        "confirmed",
        "rejected",
        "source_line",
        "owner",
        "numerator",
    ):
        key = str(document.lines.get().key)
        with pytest.raises(DomainError) as error:
            drafting.set_line(
                document.pk, {name: "1"}, key=key, actor=world.ann, access=access_for(world.ann)
            )
        assert error.value.code == "unknown_field"


@pytest.mark.django_db
def test_no_verb_sets_it_by_its_data(world: World) -> None:
    documents = one_of_each(world)
    for state in ("in_approval", "approved", "in_execution", "posted"):
        document = documents[state]
        before = protected(document)
        world.act(document, "comment", world.ann, text="x", data=dict(BAD))
        assert protected(document) == before
    draft = documents["draft"]
    world.act(draft, "submit", world.ann, data=dict(BAD))
    after = protected(draft)
    assert (after["state"], after["posting_id"], after["asker_id"]) == (
        "approved",
        None,
        world.ann.pk,
    )
    assert after["number"].startswith("MOUT-")


@pytest.mark.django_db
def test_the_state_cannot_be_set_by_assignment() -> None:
    document = Document(type="scrap")
    with pytest.raises(AttributeError):
        document.state = "posted"


@pytest.mark.django_db
def test_a_refused_verb_leaves_no_trace(world: World) -> None:
    documents = one_of_each(world)
    rows = [*documents.values()]
    tables = (Document, Line, Task, Event, Copy)

    def written() -> str:
        return "".join(serialize("json", table.objects.order_by("pk")) for table in tables)

    before = written()
    for document in rows:
        for verb in (
            "approve",
            "refuse",
            "return",
            "post",
            "reverse",
            "assign",
            "withdraw",
            "submit",
        ):
            with pytest.raises(DomainError):
                world.act(document, verb, world.dan)
    assert written() == before


def test_trusted_imports_have_no_way_in_from_pages_or_programs() -> None:
    graph = grimp.build_graph(
        "core", "people", "stock", "workflows", "intake", "boards", "inventory_project"
    )
    doors = [
        module
        for module in graph.modules
        if re.search(r"(^|\.)(views|api|urls\w*|\w+_views)(\.|$)", module)
    ]
    assert len(doors) > 20
    callers = graph.find_modules_that_directly_import("workflows.trusted")
    imports = "intake.importing.writing"
    assert callers == {imports, "intake.load_writing", "boards.demo.book"}
    # Imports have their own door, which binds what is written to what was submitted and approved.
    assert graph.find_modules_that_directly_import(imports) == {
        "intake.importing.working",
        "intake.importing.recording",
    }
    for module in doors:
        for caller in sorted(callers - {imports}):
            assert graph.find_shortest_chain(module, caller) is None, (module, caller)
