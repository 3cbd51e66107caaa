"""Orders over the API: in force, what is open, closed short, changed; bills exploded; tasks done."""

import uuid

import pytest

from tests.api.documents import Clerk
from tests.workflows.world import World
from workflows.models import Document, FollowUp

pytestmark = pytest.mark.django_db
WHY = {"reason": "correction", "text": "because"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ann(world: World) -> Clerk:
    return Clerk(world.ann)


def sale(world: World, ann: Clerk, item: str, quantity: str) -> str:
    key = ann.draft(
        "sales_order",
        {"key": str(uuid.uuid4()), "item": item, "quantity": quantity, "price": "20"},
        warehouse=world.main.code,
        partner=world.customer.code,
        wanted_on="2020-01-31",
    )
    ann.do(key, "submit")
    return key


def test_a_sales_order_is_followed_to_its_end(world: World, ann: Clerk) -> None:
    item, cat = world.stocked(30, 10), Clerk(world.cat)
    key = sale(world, ann, item.code, "50")
    (row,) = ann.get(f"documents/{key}/progress/")["lines"]
    figures = ("ordered", "delivered", "closed", "open", "reserved", "short")
    assert [row[name] for name in figures] == ["50", "0", "0", "50", "30", "20"]
    (open_,) = ann.get("open-orders/", late="true", type="sales_order")["results"]
    assert (open_["document"], open_["short"]) == (key, "20")
    assert ann.get("open-orders/", type="purchase_order")["results"] == []
    (link,) = ann.get(f"documents/{key}/")["links"]
    assert (link["type"], link["how"]) == ("sales_out", "made")
    line = cat.get(f"documents/{link['document']}/")["lines"][0]["key"]
    entered = {"lines": [{"key": line, "actual": "12"}]}
    assert cat.do(link["document"], "complete", entered)["state"] == "posted"
    (row,) = ann.get(f"documents/{key}/progress/")["lines"]
    assert [row[name] for name in figures] == ["50", "12", "0", "38", "18", "20"]
    part = {"lines": [{"key": row["line"], "quantity": "8"}]}
    ann.do(key, "close", WHY | part)
    (row,) = ann.get(f"documents/{key}/progress/")["lines"]
    assert (row["closed"], row["open"]) == ("8", "30")
    assert ann.do(key, "reserve")["state"] == "in_execution"
    assert ann.do(key, "amend")["state"] == "returned"
    assert ann.do(key, "submit")["state"] == "in_execution"
    assert ann.do(key, "close", WHY)["state"] == "closed"
    refused = ann.do(key, "amend", expect=409)
    assert refused["code"] == "wrong_state"


def test_a_bill_is_written_and_exploded(world: World, ann: Clerk) -> None:
    steel, screw, chair = world.stocked(100, 10), world.stocked(1000, 1), world.item()
    head = Clerk(world.head, "read", "masters.write")
    body = {
        "quantity": "10",
        "version": 0,
        "lines": [
            {"item": steel.code, "quantity": "20", "scrap_percent": "5"},
            {"item": screw.code, "quantity": "80"},
        ],
    }
    made = head.ask("PUT", f"boms/{chair.code}/", body)
    assert (made["version"], len(made["lines"])) == (1, 2)
    assert head.ask("PUT", f"boms/{chair.code}/", body, expect=409)["code"] == "changed"
    loop = body | {"version": 1, "lines": [{"item": chair.code, "quantity": "1"}]}
    assert head.ask("PUT", f"boms/{chair.code}/", loop, expect=422)["lines"][0]["code"] == "loop"
    ann.ask("PUT", f"boms/{chair.code}/", body, expect=403)
    assert ann.get("boms/", material=steel.code)["results"][0]["item"] == chair.code
    key = ann.draft(
        "production_order",
        {"key": str(uuid.uuid4()), "item": chair.code, "quantity": "3", "side": "output"},
        warehouse=world.main.code,
    )
    ann.do(key, "explode")
    lines = ann.get(f"documents/{key}/")["lines"]
    assert [(line["side"], line["quantity"]) for line in lines] == [
        ("output", "3"),
        ("input", "6.3"),
        ("input", "24"),
    ]
    ann.do(key, "explode")
    assert len(ann.get(f"documents/{key}/")["lines"]) == 3
    ann.do(key, "submit")
    assert ann.get(f"documents/{key}/progress/")["lines"][1]["reserved"] == "6.3"


def test_tasks_are_done_by_their_department(world: World, ann: Clerk) -> None:
    item, cat, fay = world.stocked(30, 10), Clerk(world.cat), Clerk(world.fay)
    key = sale(world, ann, item.code, "5")
    issue = Document.objects.get(source__key=key)
    cat.do(str(issue.key), "complete")
    assert ann.get("tasks/")["results"] == []
    (task,) = cat.get("tasks/", kind="dispatch")["results"]
    assert (task["state"], task["number"]) == ("open", issue.number)
    path = f"tasks/{task['task']}/"
    assert cat.ask("PATCH", path, {"state": "done"}, expect=409)["code"] == "wrong_state"
    assert cat.ask("PATCH", path, {"state": "handed_over"}, expect=422)["code"] == "carrier"
    named = {"state": "handed_over", "carrier": "SF", "tracking": "SF1", "version": 1}
    assert cat.ask("PATCH", path, named)["state"] == "handed_over"
    assert cat.ask("PATCH", path, named, expect=409)["code"] == "changed"
    assert cat.ask("PATCH", path, {"state": "done"})["done_by"] == world.cat.username
    (money,) = fay.get("tasks/", state="open")["results"]
    assert money["kind"] == "settlement"
    ann.ask("PATCH", f"tasks/{money['task']}/", {"state": "done"}, expect=404)
    assert fay.ask("PATCH", f"tasks/{money['task']}/", {"state": "done"})["state"] == "done"
    assert FollowUp.objects.filter(state="done").count() == 2


def test_money_of_an_order_is_for_those_who_may_see_costs(world: World, ann: Clerk) -> None:
    steel, chair = world.stocked(100, 10), world.item()
    key = ann.draft(
        "production_order",
        {"key": str(uuid.uuid4()), "item": chair.code, "quantity": "3", "side": "output"},
        {"key": str(uuid.uuid4()), "item": steel.code, "quantity": "6", "side": "input"},
        warehouse=world.main.code,
    )
    ann.do(key, "submit")
    assert "production" not in ann.get(f"documents/{key}/progress/")
    money = Clerk(world.head).get(f"documents/{key}/progress/")["production"]
    assert (money["put_in"], money["open"], money["unit_cost"]) == ("0", "0", None)
    assert "production" not in Clerk(world.head, "read").get(f"documents/{key}/progress/")


@pytest.mark.parametrize("kind", ["sales_order", "scrap"])
def test_the_progress_of_what_is_no_production_order_has_no_money(world: World, kind: str) -> None:
    head = Clerk(world.head)
    item = world.stocked(5, 10)
    line = {"key": str(uuid.uuid4()), "item": item.code, "quantity": "1"}
    key = head.draft(kind, line, warehouse=world.main.code)
    shown = head.get(f"documents/{key}/progress/")
    assert (shown["lines"], shown["production"]) == ([], None)
