"""What the API tells of documents: who sees what, page by page, without ever changing anything."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.api.schema import openapi
from people.models import User
from tests.api.documents import Clerk, counts, scrap
from tests.api.test_reads import READS as READS_OF_THE_BOOK
from tests.api.test_reads import _costs
from tests.workflows.test_filling import changed
from tests.workflows.world import World
from workflows.models import Attachment, Copy, CustomField, Document, Event, StepRun, Task

pytestmark = pytest.mark.django_db

READS = (
    "documents/",
    "documents/?order=changed",
    "documents/{document}/",
    "documents/{document}/preview/",
    "documents/{document}/timeline/",
    "documents/{document}/files/",
    "documents/{document}/warnings/",
    "inbox/",
    "inbox/?box=done",
    "inbox/?box=asked",
    "inbox/?box=copied",
    "document-types/",
    "processes/",
    "open-orders/",
    "tasks/",
    "boms/",
    "search/?q=SCR",
    "cases/",
    "case-causes/",
    "alert-rules/",
    "reorder/",
)
OF_THEIR_OWN = {
    "documents/{document}/progress/", "boms/{item}/", "stocktakes/{document}/",
    "stocktakes/{document}/lines/", "stocktakes/{document}/variance/", "cases/{case}/",
    "journal/", "journal/{entry}/", "voucher-ways/", "voucher-batches/", "voucher-batches/{batch}/",
    "voucher-batches/{batch}/file/", "months/", "months/{month}/",
}  # fmt: skip
"""Answers about orders, bills, stocktakes, cases and finance: test_orders, test_stocktakes, test_cases and test_finance
have them."""


FREE = {
    "documents/{document}/files/", "documents/{document}/warnings/", "document-types/", "open-orders/", "tasks/", "boms/",
    "search/?q=SCR", "cases/", "case-causes/", "alert-rules/", "reorder/",
}  # fmt: skip
"""Reads in which no key is an amount."""


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ann(world: World) -> Clerk:
    return Clerk(world.ann)


def busy(world: World, ann: Clerk, number: int = 1) -> str:
    """Documents in every box of the head: to do, done, asked for and copied. The last one's key."""
    head = Clerk(world.head)
    key = ""
    for _ in range(number):
        done, key, own = scrap(world, ann), scrap(world, ann), scrap(world, head)
        for each in (done, key):
            ann.do(each, "submit")
        head.do(done, "approve")
        ann.do(key, "comment", {"text": "amount", "mentions": [world.head.username]})
        ann.do(key, "copy", {"users": [world.head.username]})
        assert own
    return key


def read(clerk: Clerk, path: str, document: str) -> Any:
    return clerk.get(path.replace("{document}", document))


def test_every_read_is_in_a_list() -> None:
    """A new address without a line has no test of its costs and of what it changes."""
    reads = {
        path.removeprefix("/api/v1/")
        for path, methods in openapi()["paths"].items()
        if "get" in methods
    }
    book = {path.replace("10044", "{item}") for path, _query in READS_OF_THE_BOOK}
    others = {path for path in reads - book if "{file}" not in path}  # those: test_files.py
    assert others - OF_THEIR_OWN == {path.partition("?")[0] for path in READS}
    assert others >= OF_THEIR_OWN


@pytest.mark.parametrize("path", READS)
def test_a_read_changes_nothing(world: World, ann: Clerk, path: str) -> None:
    """Not one row in any table, for whoever looks; not even whether something was seen."""
    key = busy(world, ann)
    line = Document.objects.get(key=key).lines.get()
    unposted = ann.draft(
        "purchase_in",
        {"item": world.item("lot").code, "quantity": "1", "lot": "NEW", "price": "1"},
        warehouse=world.main.code,
        partner=world.supplier.code,
    )
    for clerk in (ann, Clerk(world.head), Clerk(world.fay)):
        for document in (key, unposted):
            before, line_before = counts(), line.__class__.objects.values_list("lot", flat=True)
            seen = list(Task.objects.values_list("pk", "seen_at", "state"))
            versions = list(Document.objects.values_list("pk", "version", "state"))
            clerk.raw("GET", path.replace("{document}", document))
            assert counts() == before
            assert list(Task.objects.values_list("pk", "seen_at", "state")) == seen
            assert list(Document.objects.values_list("pk", "version", "state")) == versions
            assert list(line_before) == list(line.__class__.objects.values_list("lot", flat=True))


@pytest.mark.parametrize("path", READS)
def test_no_cost_without_the_right(world: World, ann: Clerk, path: str) -> None:
    """Ann may not see costs; the head may, unless his token may not. The prices Ann typed are hers."""
    key = busy(world, ann)
    shown = _costs(read(Clerk(world.head), path, key))
    assert bool(shown) == (path not in FREE)
    for without in (Clerk(world.head, "read"), Clerk(world.cat)):
        answer = read(without, path, key)
        if path != "processes/":
            assert _costs(answer) == set()
            assert not re.search(r'"-?600(\.0+)?"', json.dumps(answer))


def test_prices_are_for_whoever_typed_them(world: World, ann: Clerk) -> None:
    item = world.item()
    line = {"item": item.code, "quantity": "1", "price": "6001", "tax_rate": "13"}
    more = {"warehouse": world.main.code, "partner": world.supplier.code}
    key = ann.draft("purchase_in", line, **more)
    number = ann.do(key, "submit")["number"]
    mine = ann.get(f"documents/{key}/")
    assert mine["lines"][0]["price"] == "6001"
    assert "amount" not in mine
    cat = Clerk(world.cat)
    assert "6001" not in json.dumps(cat.get(f"documents/{key}/"))
    assert "6001" not in json.dumps(cat.get(f"documents/{key}/timeline/"))
    assert "price" not in cat.get(f"documents/{key}/")["lines"][0]
    fay = Clerk(world.fay).get(f"documents/{key}/")
    assert (fay["amount"], fay["lines"][0]["price"], fay["number"]) == ("6001", "6001", number)


def test_the_list_is_narrowed_by_every_filter(world: World, ann: Clerk) -> None:
    first, second = scrap(world, ann), scrap(world, Clerk(world.head))
    ann.do(first, "submit")
    head = Clerk(world.head)
    number = Document.objects.get(key=first).number

    def keys(**query: Any) -> set[str]:
        return {row["document"] for row in head.get("documents/", **query)["results"]}

    assert keys() == keys(type="scrap") == keys(warehouse=world.main.code) == {first, second}
    assert keys(state="draft") == keys(asker=world.head.username) == {second}
    assert keys(state=["draft", "in_approval"]) == {first, second}
    assert keys(number=number) == {first}
    assert keys(type="opening") == keys(reference="none") == set()
    tomorrow = timezone.now() + timedelta(days=1)
    assert keys(**{"updated-since": tomorrow.isoformat()}) == set()
    assert keys(**{"updated-since": "2020-01-01"}) == {first, second}
    assert head.get("documents/", expect=422, warehouse="NOWHERE")["code"] == "unknown_code"
    assert head.get("documents/", expect=400, colour="red")["code"] == "invalid"
    assert Clerk(world.bob).get("documents/")["results"][0]["document"] == first


def test_other_peoples_drafts_are_not_listed(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    assert [row["document"] for row in ann.get("documents/")["results"]] == [key]
    assert Clerk(world.head).get("documents/")["results"] == []


@pytest.mark.parametrize(
    "path",
    [
        "documents/", "documents/?order=oldest", "documents/?order=changed", "inbox/",
        "inbox/?box=done", "inbox/?box=asked", "inbox/?box=copied", "documents/{document}/timeline/",
    ],
)  # fmt: skip
def test_pages_make_the_whole(world: World, ann: Clerk, path: str) -> None:
    key = busy(world, ann, 2)
    Task.objects.filter(pk=Task.objects.earliest("pk").pk).update(due_at=None)
    head = Clerk(world.head)
    path = path.replace("{document}", key)
    joint = "&" if "?" in path else "?"
    whole = head.get(path)["results"]
    assert len(whole) > 1
    rows: list[Any] = []
    cursor = ""
    while True:
        page = head.get(f"{path}{joint}limit=1{cursor}")
        rows += page["results"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert rows == whole
    for made_up in ("x", "WyJhIiwxXQ", "WyIyMDI2IiwxXQ"):
        assert head.get(f"{path}{joint}cursor={made_up}", expect=400)["code"] == "invalid"


@pytest.mark.parametrize("path", [path for path in READS if "{" not in path])
def test_statements_do_not_grow_with_documents(world: World, ann: Clerk, path: str) -> None:
    key = busy(world, ann)
    head = Clerk(world.head)
    head.get("me/")
    multiply(10, Document.objects.get(key=key), world.head)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            head.get(path)
        return len(queries)

    few = count()
    multiply(200, Document.objects.get(key=key), world.head)
    for box in ("to_do", "done", "asked", "copied"):
        assert len(head.get("inbox/", box=box, limit=1000)["results"]) > 200
    assert count() <= few < 20


def multiply(number: int, like: Document, user: User) -> None:
    """So many more documents of the user, each with tasks to do and done, and with a copy."""
    made = [
        Document(
            company=like.company,
            type=like.type,
            warehouse=like.warehouse,
            reason=like.reason,
            asker=user,
            created_at=like.created_at,
            changed_at=like.changed_at,
        )
        for _ in range(number)
    ]
    Document.objects.bulk_create(made)
    runs = [
        StepRun(
            document=one, step="s", kind="finance", content_version=1, entered_at=one.created_at
        )
        for one in made
    ]
    StepRun.objects.bulk_create(runs)
    asked = {"user": user, "kind": "finance", "created_at": like.created_at}
    done = {"state": "done", "verdict": "done", "decided_by": user, "decided_at": like.created_at}
    tasks = [Task(document=run.document, run=run, state="open", **asked) for run in runs]
    tasks += [Task(document=run.document, run=run, **asked, **done) for run in runs]
    Task.objects.bulk_create(tasks)
    Copy.objects.bulk_create(
        [Copy(document=one, user=user, created_at=like.created_at) for one in made]
    )


def test_one_document_costs_the_same_however_long_its_story(world: World, ann: Clerk) -> None:
    key = busy(world, ann)
    head = Clerk(world.head)
    head.get("me/")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            head.get(f"documents/{key}/")
        return len(queries)

    few = count()
    for _ in range(3):
        head.do(key, "return", {"reason": "correction", "text": "again"})
        ann.do(key, "submit")
    assert count() <= few


def test_the_timeline_tells_edits_as_differences(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    ann.ask("PATCH", f"documents/{key}/", {"note": "broken"}, tag=ann.tag(key))
    newest = ann.get(f"documents/{key}/timeline/")["results"][0]
    assert newest["verb"] == "edit"
    assert newest["data"] == {"header": {"note": ["", "broken"]}}
    assert (newest["user"], newest["door"]) == (world.ann.username, "form")
    assert Event.objects.get(document__key=key, verb="create").door == "api"


def test_a_preview_says_what_posting_will_do(world: World, ann: Clerk) -> None:
    key = scrap(world, ann, "60")
    head = Clerk(world.head)
    seen = head.get(f"documents/{key}/preview/")
    assert [(row["before"], row["after"]) for row in seen["stock"]] == [("100", "40")]
    assert (seen["value"], seen["errors"]) == ("600", [])
    steps = {part["step"]: part for part in seen["route"]}
    assert steps["approve"]["outcome"] == "ask"
    assert steps["approve"]["people"] == [world.head.username]


def test_a_preview_does_not_show_places_of_other_warehouses(world: World, ann: Clerk) -> None:
    item = world.stocked()
    key = ann.draft(
        "transfer",
        {"item": item.code, "quantity": "1"},
        warehouse=world.main.code,
        target_warehouse=world.other.code,
    )
    assert len(ann.get(f"documents/{key}/preview/")["stock"]) == 1
    assert len(Clerk(world.person("all", "auditor")).get(f"documents/{key}/preview/")["stock"]) == 2


def test_types_and_processes_say_what_a_program_needs(world: World, ann: Clerk) -> None:
    CustomField.objects.create(
        type="scrap",
        key="cause",
        kind="choice",
        name_en="Cause",
        name_zh="原因",
        choices=["a", "b"],
    )
    kinds = {row["type"]: row for row in ann.get("document-types/")["results"]}
    assert kinds["scrap"]["custom"][0] == {
        "key": "cause", "kind": "choice", "name": "Cause", "choices": ["a", "b"], "required": False,
    }  # fmt: skip
    assert kinds["purchase_in"]["required"] == ["partner"]
    ann.do(scrap(world, ann), "submit")
    ways = {row["type"]: row for row in ann.get("processes/")["results"]}
    approve = ways["scrap"]["steps"][0]
    assert approve["who"] == {
        "kind": "role", "role": "warehouse_head", "user": None, "scope": "warehouse",
    }  # fmt: skip
    assert approve["auto"][0]["all"][0] == {"field": "amount", "operator": "lte", "value": "500"}
    key = scrap(world, ann, custom={"cause": "a"})
    assert ann.get(f"documents/{key}/")["custom"] == {"cause": "a"}
    bad = {"type": "scrap", "custom": {"cause": "z"}}
    assert ann.ask("POST", "documents/", bad, expect=422)["code"] == "custom_field"


def test_files_are_listed(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    Attachment.objects.create(
        document=Document.objects.get(key=key),
        name="a.jpg",
        content_type="image/jpeg",
        size=3,
        sha256="0" * 64,
        user=world.ann,
        created_at=timezone.now(),
    )
    (row,) = ann.get(f"documents/{key}/files/")["results"]
    assert (row["name"], row["size"], row["user"]) == ("a.jpg", 3, world.ann.username)
    assert ann.get(f"documents/{key}/")["files"] == [row]


def test_what_a_step_hides_from_its_people_is_left_out(world: World, ann: Clerk) -> None:
    """Everywhere: in the document, its files and timeline, the list and the inbox; others see it."""
    CustomField.objects.create(
        type="scrap", key="cause", kind="text", name_en="Cause", name_zh="原因说明"
    )
    changed(world, hidden=("note", "reason", "photo", "custom:cause"))
    key = ann.draft(
        "scrap",
        {"item": world.stocked(10).code, "quantity": "1"},
        warehouse=world.main.code,
        reason="lost",
        note="first",
    )
    told = {"note": "whispered", "custom": {"cause": "murmured"}}
    ann.ask("PATCH", f"documents/{key}/", told, tag=ann.tag(key))
    ann.do(key, "submit")
    document = Document.objects.get(key=key)
    Attachment.objects.create(
        document=document, name="secret.png", content_type="image/png", size=1,
        sha256="1" * 64, user=world.ann, created_at=timezone.now(),
    )  # fmt: skip
    head = Clerk(document.tasks.filter(state="open", kind="approve")[0].user)
    reads = [f"documents/{key}/", f"documents/{key}/files/", f"documents/{key}/timeline/",
             "documents/?type=scrap", "inbox/"]  # fmt: skip
    for path in reads:
        shown = json.dumps(head.get(path))
        for word in ("whispered", "murmured", "secret.png", '"lost"'):
            assert word not in shown, (path, word)
    whole, row = head.get(reads[0]), head.get(reads[3])["results"][0]
    assert (whole["custom"], whole["files"]) == ({}, [])
    assert not {"reason", "note"} & {*row, *whole}
    mine = ann.get(reads[0])
    assert (mine["note"], mine["reason"], mine["custom"]) == (
        "whispered", "lost", {"cause": "murmured"},
    )  # fmt: skip
    assert "whispered" in json.dumps(ann.get(reads[2]))
    assert ann.get(reads[3])["results"][0]["reason"] == "lost"
    assert [one["name"] for one in ann.get(reads[1])["results"]] == ["secret.png"]
    head.do(key, "approve")
    assert head.get(reads[0])["note"] == "whispered"
