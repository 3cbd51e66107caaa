"""Documents over the API: written, moved by every verb, refused where they must be, once per key."""

import json
import uuid
from typing import Any

import pytest

from people.models import User
from stock.models import Balance, Posting
from tests.api.documents import Clerk, scrap
from tests.workflows.world import D, World
from workflows.models import Document, Event, Line
from workflows.verbs import VERBS

pytestmark = pytest.mark.django_db
WHY = {"reason": "correction", "text": "because"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ann(world: World) -> Clerk:
    return Clerk(world.ann)


def receipt(world: World, ann: Clerk, *quantities: str) -> tuple[str, list[str]]:
    """A purchase receipt of some lines; its key and those of its lines."""
    lines = [
        {
            "key": str(uuid.uuid4()),
            "item": world.item().code,
            "quantity": quantity,
            "price": "9000",
            "tax_rate": "13",
        }
        for quantity in quantities
    ]
    key = ann.draft("purchase_in", *lines, warehouse=world.main.code, partner=world.supplier.code)
    return key, [line["key"] for line in lines]


def test_a_purchase_of_three_lines_goes_from_draft_to_the_book(world: World, ann: Clerk) -> None:
    """Asked for, confirmed, approved by a second person, counted, posted by itself, seen by finance."""
    buyer, bob, cat = Clerk(world.buyer), Clerk(world.bob), Clerk(world.cat)
    key, lines = receipt(world, ann, "10", "5", "2.5")
    ann.do(key, "submit")
    assert "approve" in buyer.get(f"documents/{key}/")["possible"]
    buyer.do(key, "approve", {"lines": [{"key": lines[0], "confirmed": "8"}]})
    assert bob.get("inbox/")["results"][0]["document"] == key
    done = bob.do(key, "approve")
    assert (done["state"], done["step"]) == ("approved", "inspect")
    entered = [{"key": line, "actual": n} for line, n in zip(lines, ("8", "5", "2.5"), strict=True)]
    cat.do(key, "record", {"lines": entered[:1]})
    posted = cat.do(key, "complete", {"lines": entered[1:]})
    assert posted["state"] == "posted"
    assert Posting.objects.filter(pk=posted["posting"], actor=world.cat).exists()
    there = {row.item.code: row.on_hand for row in Balance.objects.filter(place__kind="storage")}
    assert sorted(there.values()) == [D("2.5"), D(5), D(8)]
    assert Clerk(world.fay).do(key, "complete")["step"] == ""
    whole = ann.get(f"documents/{key}/")
    steps = ["confirm", "approve", "inspect", "post", "sync"]
    assert [step["step"] for step in whole["steps"]] == steps
    assert whole["synced_at"] is not None
    assert all(step["left_at"] for step in whole["steps"])


def test_every_verb_once(world: World, ann: Clerk) -> None:
    """What the door does, the API does: one address for each verb, each with its effect."""
    bob, head, cat, buyer = (Clerk(one) for one in (world.bob, world.head, world.cat, world.buyer))
    used: list[str] = []

    def do(who: Clerk, key: str, verb: str, body: Any = None) -> Any:
        used.append(verb)
        return who.do(key, verb, body)

    key = scrap(world, ann)
    assert do(ann, key, "submit")["state"] == "in_approval"
    assert do(ann, key, "withdraw")["state"] == "withdrawn"
    assert do(ann, key, "reopen")["state"] == "draft"
    ann.do(key, "submit")
    do(ann, key, "comment", {"text": "look @wf-bob", "mentions": [world.bob.username]})
    do(ann, key, "copy", {"users": [world.fay.username]})
    do(ann, key, "remind")
    other = Clerk(world.person("hank", "warehouse_head"))
    third = Clerk(world.person("hugh", "warehouse_head"))
    do(head, key, "forward", {"user": other.user.username})
    do(other, key, "add", {"user": third.user.username, "where": "after"})
    assert do(other, key, "return", WHY)["state"] == "returned"
    ann.do(key, "submit")
    assert do(head, key, "refuse", WHY)["state"] == "rejected"

    key = scrap(world, ann)
    ann.do(key, "submit")
    posted = do(head, key, "approve")
    assert posted["state"] == "posted"
    assert posted["posting"]
    undone = do(head, key, "reverse", WHY | {"replace": True})
    assert undone["state"] == "reversed"
    again = Clerk(world.head).get(f"documents/{undone['replacement']}/")
    assert again["links"][0]["how"] == "replaces"
    assert do(head, undone["replacement"], "void", {"reason": "correction"})["state"] == "void"

    key, lines = receipt(world, ann, "10")
    ann.do(key, "submit")
    buyer.do(key, "approve")
    bob.do(key, "approve")
    do(bob, key, "undo")
    assert ann.get(f"documents/{key}/")["step"] == "approve"
    bob.do(key, "approve")
    do(cat, key, "record", {"lines": [{"key": lines[0], "actual": "9"}]})
    done = do(cat, key, "complete")
    assert done["rest"] == str(Document.objects.get(rest_of__key=key).key)
    process = Document.objects.get(key=key).process.process
    process.keeper = world.admin
    process.save()
    do(Clerk(world.admin), done["rest"], "assign", {"user": world.head.username})
    of_orders = {"amend", "close", "reserve"}  # those: test_orders.py
    assert {verb.code for verb in VERBS} - {"post"} - of_orders == set(used)
    assert len(used) == len(set(used))


def test_post_is_the_verb_that_is_left(world: World, ann: Clerk) -> None:
    """Where automatic posting failed, whoever executes posts on the figures that a preview showed."""
    key = scrap(world, ann, "60")
    line = Line.objects.get(document__key=key)
    ann.do(key, "submit")
    place = Balance.objects.get(item=line.item).place
    taken = Clerk(world.head).draft(
        "other_out",
        {"item": line.item.code, "quantity": "50", "source": place.code},
        warehouse=world.main.code,
        reason="sample",
    )
    Clerk(world.head).do(taken, "submit")
    Clerk(world.cat).do(taken, "complete")
    assert Clerk(world.head).do(key, "approve")["state"] == "approved"
    cat = Clerk(world.cat)
    short = cat.get(f"documents/{key}/preview/")
    assert short["errors"][0]["line"] == 1
    assert short["stamp"] == ""
    refused = cat.do(key, "post", expect=422)
    assert refused["lines"][0]["line"] == 1
    back = Clerk(world.head).draft(
        "other_in",
        {"item": line.item.code, "quantity": "50", "price": "10"},
        warehouse=world.main.code,
        reason="found",
    )
    Clerk(world.head).do(back, "submit")
    assert Document.objects.get(key=back).state == "posted"
    stamp = cat.get(f"documents/{key}/preview/")["stamp"]
    assert cat.do(key, "post", {"stamp": stamp})["state"] == "posted"


def test_a_draft_is_written_line_by_line(world: World, ann: Clerk) -> None:
    key = ann.draft("purchase_in", warehouse=world.main.code)
    line, item = str(uuid.uuid4()), world.item()
    path = f"documents/{key}/lines/{line}/"
    first = ann.raw("PUT", path, {"item": item.code, "quantity": "3"}, tag=ann.tag(key))
    assert first.status_code == 200, first.content
    made = json.loads(first.content)
    assert (made["key"], made["quantity"], made["position"]) == (line, "3", 1)
    second = ann.raw("PUT", path, {"price": "7.5"}, tag=first.headers["ETag"])
    made = json.loads(second.content)
    assert (made["quantity"], made["price"]) == ("3", "7.5")
    assert Line.objects.filter(document__key=key).count() == 1
    body = {"partner": world.supplier.code, "wanted_on": "2026-03-31", "rate": "1.5"}
    edited = ann.ask("PATCH", f"documents/{key}/", body, tag=second.headers["ETag"])
    assert edited["partner"] == world.supplier.code
    emptied = ann.ask("PATCH", f"documents/{key}/", {"wanted_on": None}, tag=ann.tag(key))
    assert (emptied["wanted_on"], emptied["partner"]) == (None, world.supplier.code)
    gone = ann.ask("DELETE", path, tag=ann.tag(key))
    assert gone["version"] == Document.objects.get(key=key).version
    assert ann.get(f"documents/{key}/")["lines"] == []
    ann.ask("DELETE", path, tag=ann.tag(key))


def test_all_bad_lines_at_once(world: World, ann: Clerk) -> None:
    """Nothing is written, and every bad line is named with every fault."""
    item = world.item()
    lines = [
        {"item": "NOWHERE", "quantity": "1"},
        {"item": item.code, "quantity": "1"},
        {"item": item.code, "quantity": "-1", "price": "-1"},
    ]
    body = {"type": "purchase_in", "warehouse": world.main.code, "lines": lines}
    refused = ann.ask("POST", "documents/", body, expect=422)
    assert [error["line"] for error in refused["lines"]] == [1, 3, 3]
    assert not Document.objects.exists()
    key = ann.draft(
        "purchase_in", {"item": item.code}, {"item": item.code}, partner=world.supplier.code
    )
    refused = ann.do(key, "submit", expect=422)
    assert [error["line"] for error in refused["lines"]] == [1, 2]


@pytest.mark.parametrize(
    "name", ["state", "posted", "posting", "asker", "number", "version", "process", "content_hash"]
)
def test_nobody_sets_what_is_not_his(world: World, ann: Clerk, name: str) -> None:
    """Unknown keys are refused, not passed over: in a new document, a header, a line and a verb."""
    key = ann.draft("purchase_in", warehouse=world.main.code)
    item = world.item()
    for method, path, body in (
        ("POST", "documents/", {"type": "purchase_in"}),
        ("PATCH", f"documents/{key}/", {}),
        ("PUT", f"documents/{key}/lines/{uuid.uuid4()}/", {"item": item.code}),
        ("POST", f"documents/{key}/submit/", {}),
    ):
        refused = ann.ask(method, path, body | {name: "posted"}, expect=400, tag=ann.tag(key))
        assert refused["lines"][0]["data"] == {"field": name}
    line = {"type": "purchase_in", "lines": [{"item": item.code, "quantity": "1", name: "x"}]}
    assert ann.ask("POST", "documents/", line, expect=400)["lines"][0]["line"] == 1
    assert Document.objects.count() == 1
    assert Document.objects.get().state == "draft"


def test_who_may_not_gets_told_so(world: World, ann: Clerk) -> None:
    """403 for a right or scope that is missing, 404 for a warehouse that is not one's own."""
    key = scrap(world, ann)
    dan, bob = Clerk(world.dan), Clerk(world.bob)
    for method, path in (
        ("GET", f"documents/{key}/"),
        ("GET", f"documents/{key}/preview/"),
        ("GET", f"documents/{key}/timeline/"),
        ("GET", f"documents/{key}/files/"),
        ("PATCH", f"documents/{key}/"),
        ("POST", f"documents/{key}/duplicate/"),
        *(("POST", f"documents/{key}/{verb.code}/") for verb in VERBS if not verb.right),
    ):
        body = _needed(path) if method == "POST" else {}
        refused = dan.raw(method, path, body, tag='"2"')
        assert refused.status_code == 404, (path, refused.content)
    assert dan.get("documents/")["results"] == []
    nobody = bob.ask("POST", "documents/", {"type": "scrap"}, expect=403)
    assert nobody["data"] == {"right": "document.ask"}
    foreign = {"type": "scrap", "warehouse": world.main.code}
    assert dan.ask("POST", "documents/", foreign, expect=403)["code"] == "not_allowed"
    ann.do(key, "submit")
    assert bob.do(key, "approve", expect=403)["code"] == "not_allowed"
    assert ann.do(key, "approve", expect=403)["code"] == "not_allowed"
    writer = Clerk(world.head, "read", "documents.write")
    refused = writer.do(key, "approve", expect=403)
    assert (refused["code"], refused["data"]) == ("scope", {"scope": "documents.decide"})
    decider = Clerk(world.head, "read", "documents.decide")
    assert decider.ask("POST", "documents/", {"type": "scrap"}, expect=403)["code"] == "scope"
    assert decider.do(key, "approve")["state"] == "posted"


def _needed(path: str) -> dict[str, Any]:
    """The least that the body of a verb must say."""
    verb = path.rstrip("/").rpartition("/")[2]
    needed: dict[str, dict[str, Any]] = {
        "refuse": WHY,
        "return": WHY,
        "close": WHY,
        "forward": {"user": "x"},
        "add": {"user": "x"},
        "assign": {"user": "x"},
        "record": {"lines": []},
        "comment": {"text": "x"},
        "copy": {"users": []},
    }
    return needed.get(verb, {})


def test_four_eyes_hold_for_a_superuser(world: World) -> None:
    boss = Clerk(User.objects.create_superuser("boss", password="x", name="Boss"))
    key = scrap(world, boss)
    boss.do(key, "submit")
    assert "approve" not in boss.get(f"documents/{key}/")["possible"]
    assert boss.do(key, "approve", expect=403)["code"] == "not_allowed"


def test_a_wrong_state_is_a_conflict(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    refused = ann.do(key, "withdraw", expect=409)
    assert (refused["code"], refused["data"]) == ("wrong_state", {"state": "draft"})
    ann.do(key, "submit")
    tag = ann.tag(key)
    refused = ann.ask("PATCH", f"documents/{key}/", {"note": "x"}, expect=409, tag=tag)
    assert refused["code"] == "wrong_state"


def test_an_old_version_changes_nothing(world: World, ann: Clerk) -> None:
    """412 with the version there is; 428 without If-Match; a star would overwrite unseen changes."""
    key = scrap(world, ann)
    old = ann.tag(key)
    ann.ask("PATCH", f"documents/{key}/", {"note": "first"}, tag=old)
    now = ann.tag(key)
    line = f"documents/{key}/lines/{uuid.uuid4()}/"
    for method, path, body in (
        ("PATCH", f"documents/{key}/", {"note": "second"}),
        ("PUT", line, {"item": "x"}),
        ("DELETE", line, {}),
        ("POST", f"documents/{key}/submit/", {}),
    ):
        for tag in (old, "*", '"x"'):
            refused = ann.raw(method, path, body, tag=tag)
            assert refused.status_code == 412, refused.content
            assert refused.headers["ETag"] == now
        assert ann.ask(method, path, body, expect=428)["code"] == "if_match_required"
    document = Document.objects.get(key=key)
    assert (document.note, document.state) == ("first", "draft")


def test_a_version_that_moves_under_the_lock_is_the_same_refusal(
    world: World, ann: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.api import found

    key = scrap(world, ann)
    pk = Document.objects.get(key=key).pk
    monkeypatch.setattr(found, "match", lambda _door, _key: (pk, 1))
    for method, path, body in (
        ("PATCH", f"documents/{key}/", {"note": "second"}),
        ("POST", f"documents/{key}/submit/", {}),
    ):
        refused = ann.raw(method, path, body, tag='"1"')
        assert refused.status_code == 412, refused.content
        assert refused.headers["ETag"] == ann.tag(key)


def test_the_same_key_has_one_effect(world: World, ann: Clerk) -> None:
    """The same answer again; another body is refused; without a key nothing is done."""
    item = world.stocked()
    body = {
        "type": "scrap",
        "warehouse": world.main.code,
        "reason": "damaged",
        "lines": [{"item": item.code, "quantity": "60"}],
    }
    first = ann.raw("POST", "documents/", body, key="k1")
    again = ann.raw("POST", "documents/", body, key="k1")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert Document.objects.count() == 1
    assert ann.ask("POST", "documents/", body | {"note": "x"}, key="k1", expect=422)["code"] == (
        "idempotency_key_reused"
    )
    key, tag = json.loads(first.content)["document"], first.headers["ETag"]
    sent = [ann.raw("POST", f"documents/{key}/submit/", key="k2", tag=tag) for _ in range(2)]
    assert [one.status_code for one in sent] == [200, 200]
    assert sent[0].content == sent[1].content
    assert Event.objects.filter(document__key=key, verb="submit").count() == 1
    missing = ann.send("/api/v1/documents/", body)
    assert missing.status_code == 400
    assert json.loads(missing.content)["code"] == "idempotency_key_required"


def test_a_forgotten_answer_does_not_undo_the_key(world: World, ann: Clerk) -> None:
    """The document and its timeline know the key as well, longer than answers are kept."""
    from core.models import IdempotentAnswer

    body = {"type": "scrap", "warehouse": world.main.code}
    first = ann.ask("POST", "documents/", body, key="k1", expect=201)
    head = Clerk(world.head)
    comment = f"documents/{first['document']}/comment/"
    ann.ask("POST", comment, {"text": "a"}, key="k2", tag=ann.tag(first["document"]))
    IdempotentAnswer.objects.all().delete()
    assert (
        ann.ask("POST", "documents/", body, key="k1", expect=201)["document"] == first["document"]
    )
    again = ann.ask("POST", comment, {"text": "a"}, key="k2", tag=ann.tag(first["document"]))
    assert again["repeated"] is True
    other = head.ask("POST", comment, {"text": "b"}, key="k2", tag=ann.tag(first["document"]))
    assert other["repeated"] is False
    assert Event.objects.filter(verb="comment").count() == 2


def test_copy_and_make_from(world: World, ann: Clerk) -> None:
    key, lines = receipt(world, ann, "10", "4")
    ann.do(key, "submit")
    Clerk(world.buyer).do(key, "approve")
    Clerk(world.bob).do(key, "approve")
    entered = [{"key": lines[0], "actual": "10"}, {"key": lines[1], "actual": "4"}]
    Clerk(world.cat).do(key, "complete", {"lines": entered})
    twin = ann.ask("POST", f"documents/{key}/duplicate/", expect=201)
    assert [line["quantity"] for line in twin["lines"]] == ["10", "4"]
    assert twin["state"] == "draft"
    path = f"documents/{key}/make-from/"
    wrong = {"type": "purchase_return", "lines": [{"key": str(uuid.uuid4()), "quantity": "1"}]}
    assert ann.ask("POST", path, wrong, expect=422)["code"] == "unknown_line"
    body = {"type": "purchase_return", "lines": [{"key": lines[0], "quantity": "3"}]}
    made = ann.ask("POST", path, body, expect=201)
    assert [line["quantity"] for line in made["lines"]] == ["3"]
    assert made["links"] == [
        {
            "how": "source",
            "document": key,
            "number": Document.objects.get(key=key).number,
            "type": "purchase_in",
            "state": "posted",
        }
    ]
    too_much = {"type": "purchase_return", "lines": [{"key": lines[0], "quantity": "8"}]}
    assert ann.ask("POST", path, too_much, expect=422)["code"] == "over_remaining"
    assert ann.ask("POST", path, {"type": "scrap"}, expect=422)["code"] == "made_from"


def test_more_than_is_left_is_refused_at_submission(world: World, ann: Clerk) -> None:
    """However far beyond it the draft went meanwhile."""
    key, lines = receipt(world, ann, "10")
    ann.do(key, "submit")
    Clerk(world.buyer).do(key, "approve")
    Clerk(world.bob).do(key, "approve")
    Clerk(world.cat).do(key, "complete", {"lines": [{"key": lines[0], "actual": "10"}]})
    body = {"type": "purchase_return"}
    made = ann.ask("POST", f"documents/{key}/make-from/", body, expect=201)
    line = made["lines"][0]["key"]
    path = f"documents/{made['document']}/lines/{line}/"
    ann.ask("PUT", path, {"quantity": "11"}, tag=ann.tag(made["document"]))
    refused = ann.do(made["document"], "submit", expect=422)
    assert refused["lines"][0]["code"] == "over_remaining"
    assert "Only 10 are left" in refused["lines"][0]["message"]
