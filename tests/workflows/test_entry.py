"""The form in which documents are written: every type opens, saves bit by bit, merges, pages, and leaks nothing."""

import json
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.errors import DomainError, unkeepable
from people.access import access_for
from people.models import Membership, User
from stock import catalog
from stock.models import Barcode, ItemUnit, Lot, Unit
from tests.workflows.world import D, World
from workflows import checks, copying, document_types, drafting, merging, offers
from workflows.models import CustomField, Document, Line
from workflows.views.entry_form import columns

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Form:
    """The grid as its script talks to the server."""

    def __init__(self, user: User, kind: str, key: str = "", version: int = 0) -> None:
        self.client = signed_in(user)
        self.kind = kind
        self.key = key or str(uuid.uuid4())
        self.version = version
        self.lines: list[str] = []

    def save(self, *rows: dict[str, Any], header: Any = None, was: Any = None) -> Any:
        """Save; a row without ``line`` is a new one. Returns the answer and keeps its version."""
        sent = []
        for row in rows:
            line = row.pop("line", None) or str(uuid.uuid4())
            self.lines.append(line)
            before = row.pop("was", {})
            sent.append(
                {"line": line, "values": row, "was": before, "known": row.pop("known", False)}
            )
        body = {
            "type": self.kind,
            "version": self.version,
            "header": header or {},
            "was": was or {},
            "rows": sent,
        }
        answer = self.client.post(
            reverse("workflows:save", args=[self.key]),
            json.dumps(body),
            content_type="application/json",
            headers={"accept": "application/json"},
        )
        if answer.status_code == 200:
            self.version = answer.json()["version"]
        return answer

    @property
    def document(self) -> Document:
        return Document.objects.get(key=self.key)

    def post(self, name: str, **data: Any) -> Any:
        """An ordinary form of the page."""
        return self.client.post(reverse(f"workflows:{name}", args=[self.key]), data)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_type_opens_empty_and_makes_nothing(world: World, language: str) -> None:
    client = signed_in(world.buyer)
    for kind in document_types.DOCUMENT_TYPES:
        answer = client.get(
            reverse("workflows:new", args=[kind.code]), headers={"accept-language": language}
        )
        assert answer.status_code == (200 if kind.by_hand else 404), kind.code
        if kind.by_hand:
            text = answer.content.decode()
            assert 'name="item"' in text
            assert all(f'name="{name}"' in text for name in kind.required), kind.code
    assert not Document.objects.exists()


@pytest.mark.parametrize("code", ["purchase_order", "sales_order", "purchase_in"])
def test_enter_stops_at_the_price_where_a_price_is_agreed(code: str) -> None:
    stops = [one.name for one in columns(document_types.BY_CODE[code]) if one.stop]
    assert stops[-2:] == ["quantity", "price"]


@pytest.mark.parametrize(
    ("code", "word"),
    [("purchase_order", "Supplier"), ("sales_out", "Customer"), ("repair_out", "Partner")],
)
def test_a_partner_is_called_by_what_he_is_there(world: World, code: str, word: str) -> None:
    html = signed_in(world.ann).get(f"/documents/new/{code}/").content.decode()
    label = html.partition('data-field="partner"')[2].partition("</label>")[0]
    assert word in label


@pytest.mark.parametrize(
    ("code", "wide"), [("production_issue", True), ("sales_return", False), ("purchase_in", False)]
)
def test_remarks_are_wide_only_where_the_item_can_still_be_read(
    world: World, code: str, wide: bool
) -> None:
    html = signed_in(world.ann).get(f"/documents/new/{code}/").content.decode()
    assert ("roomy" in html) is wide


def test_a_type_that_does_not_exist_and_a_reader_are_refused(world: World) -> None:
    assert signed_in(world.ann).get("/documents/new/nothing/").status_code == 404
    assert signed_in(world.fay).get("/documents/new/purchase_in/").status_code == 403


def test_the_first_save_makes_the_draft_and_each_line_is_saved_alone(world: World) -> None:
    item = world.item()
    form = Form(world.ann, "purchase_in")
    answer = form.save(
        {"item": item.code.lower()}, header={"partner": world.supplier.code, "note": "urgent"}
    ).json()
    document = form.document
    assert (document.state, document.asker, document.partner) == (
        "draft",
        world.ann,
        world.supplier,
    )
    assert document.warehouse == world.main  # the only one in which she may ask
    (row,) = answer["rows"]
    assert row["cells"]["item"] == [item.code, f"{item.code} {item.name}"]
    assert row["cells"]["unit"][0] == "PCS"
    answer = form.save({"line": form.lines[0], "quantity": "1,200"}, {"item": item.code}).json()
    assert [line.requested for line in document.lines.all()] == [D(1200), D(0)]
    assert answer["lines"] == 2
    assert answer["sums"] == [["PCS", "1,200"]]


def test_what_is_wrong_stays_with_its_field_and_holds_nothing_up(world: World) -> None:
    item = world.item()
    form = Form(world.ann, "purchase_in")
    answer = form.save(
        {"item": "no such thing"},
        {"item": item.code, "quantity": "abc", "price": "-1", "target": "nowhere"},
        {"item": item.code, "quantity": "3"},
        header={"partner": "nobody", "reference": "PO-1"},
    ).json()
    assert list(answer["rows"][0]["errors"]) == ["item"]
    assert set(answer["rows"][1]["errors"]) == {"quantity", "price", "target"}
    assert answer["rows"][2]["errors"] == {}
    assert list(answer["header"]["errors"]) == ["partner"]
    assert form.document.reference == "PO-1"
    assert [line.requested for line in form.document.lines.all()] == [D(3)]


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"[1]",
        b"[" * 100_000,
        b'{"rows": 1}',
        b'{"rows": [1]}',
        b'{"header": {"note": 1}}',
        b'{"rows": [{"line": "x", "values": {"item": "A"}}]}',
        b'{"rows": [{"line": null, "values": {"position": "x", "original": "y"}}]}',
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(world: World, body: bytes) -> None:
    form = Form(world.ann, "purchase_in")
    form.save(header={"note": "x"})
    answer = form.client.post(
        reverse("workflows:save", args=[form.key]), body, content_type="application/json"
    )
    assert 400 <= answer.status_code < 500


def test_odd_numbers_in_a_line_are_refused_at_the_line(world: World) -> None:
    item = world.item()
    form = Form(world.ann, "purchase_return")
    answer = form.save({"item": item.code, "original": "y"}, {"item": item.code, "position": "x"})
    assert [bool(row["errors"]) for row in answer.json()["rows"]] == [True, True]


def test_two_windows_merge_what_does_not_clash_and_show_what_does(world: World) -> None:
    item = world.item()
    one = Form(world.ann, "purchase_in")
    one.save({"item": item.code, "quantity": "12"})
    line = one.lines[0]
    other = Form(world.cat, "purchase_in", one.key, one.version)
    other.save({"line": line, "quantity": "10", "was": {"quantity": "12"}, "known": True})
    answer = one.save(
        {
            "line": line,
            "quantity": "8",
            "note": "soon",
            "was": {"quantity": "12", "note": ""},
            "known": True,
        }
    ).json()
    assert answer["stale"] is True
    assert answer["by"] == str(world.cat)
    assert answer["rows"][0]["clashes"] == {"quantity": ["10", "8"]}
    saved = Line.objects.get(key=line)
    assert (saved.requested, saved.note) == (D(10), "soon")
    one.save({"line": line, "quantity": "8", "was": {"quantity": "10"}, "known": True})
    assert Line.objects.get(key=line).requested == D(8)


def test_a_line_that_somebody_else_removed_is_not_half_made_again(world: World) -> None:
    item = world.item()
    form = Form(world.ann, "purchase_in")
    form.save({"item": item.code, "quantity": "12"})
    line = form.lines[0]
    signed_in(world.cat).post(reverse("workflows:remove_line", args=[form.key]), {"line": line})
    answer = form.save({"line": line, "quantity": "8", "known": True}).json()
    assert answer["rows"][0]["gone"] is True
    assert not form.document.lines.exists()


def test_a_line_taken_out_comes_back_where_it_was(world: World) -> None:
    item = world.item()
    form = Form(world.ann, "purchase_in")
    form.save({"item": item.code, "quantity": "1"}, {"item": item.code, "quantity": "2"})
    first = form.lines[0]
    form.post("remove_line", line=first)
    assert form.document.lines.count() == 1
    form.version = form.document.version
    form.save({"line": first, "item": item.code, "quantity": "1", "position": "1"})
    assert [line.requested for line in form.document.lines.all()] == [D(1), D(2)]


def test_an_item_is_found_by_barcode_and_by_its_only_match(world: World) -> None:
    item = world.item()
    item.name = "冷扣件"
    item.save()
    box, _made = Unit.objects.get_or_create(code="BOX", defaults={"name": "box"})
    ItemUnit.objects.create(item=item, unit=box, numerator=12)
    Barcode.objects.create(item=item, code="6901234567892", unit=box)
    from stock.search_keys import refresh_items

    refresh_items([item])
    form = Form(world.ann, "purchase_in")
    form.save({"item": "6901234567892"}, {"item": "lkj"})
    assert [(line.item, line.unit.code) for line in form.document.lines.all()] == [
        (item, "BOX"),
        (item, "PCS"),
    ]


def test_what_leaves_is_offered_from_the_lot_that_expires_first(world: World) -> None:
    item = world.stocked(100)
    form = Form(world.ann, "production_issue")
    row = form.save({"item": item.code, "quantity": "120"}).json()["rows"][0]
    assert row["cells"]["source"][0] == catalog.default_place(world.main).code
    assert row["available"] == "100"
    assert [tone for tone, _text in row["checks"]] == ["err"]
    row = form.save({"line": form.lines[0], "quantity": "100"}).json()["rows"][0]
    assert row["checks"] == []
    row = form.save({"item": item.code, "quantity": "1"}).json()["rows"][0]
    assert {tone for tone, _text in row["checks"]} == {
        "err",
        "warn",
    }  # together too much, and twice


def test_apps_above_remark_on_lines(world: World) -> None:
    item = world.item()
    checks.register(
        "test",
        lambda _d, lines, _a: {line.pk: [checks.Check("warn", "odd", "odd")] for line in lines},
    )
    try:
        form = Form(world.ann, "other_out")
        row = form.save({"item": item.code, "quantity": "1"}).json()["rows"][0]
        assert ["warn", "odd"] in row["checks"]
    finally:
        checks._rules.pop("test")


def test_remarks_cost_the_same_for_one_line_and_for_fifty(
    world: World, django_assert_max_num_queries: Any
) -> None:
    items = [world.stocked(5) for _ in range(50)]
    document = world.draft(
        "production_issue", *({"item": item.code, "quantity": "1"} for item in items)
    )
    lines = list(
        document.lines.select_related("item__base_unit", "unit", "lot", "source", "target")
    )
    with django_assert_max_num_queries(14):  # seven, and seven of the judgement of what is usual
        found = checks.look(document, lines, access_for(world.ann))
    assert {one.available for one in found.values()} == {D(5)}


def test_a_long_draft_opens_in_pages_and_saves_one_line_alone(
    world: World, django_assert_max_num_queries: Any
) -> None:
    items = [world.item() for _ in range(20)]
    document = world.draft(
        "purchase_in", *({"item": items[n % 20].code, "quantity": "1"} for n in range(1000))
    )
    client = signed_in(world.ann)
    with django_assert_max_num_queries(60):
        page = client.get(reverse("workflows:edit", args=[document.key])).content.decode()
    assert page.count('data-known="1"') == 200
    assert "after=200" in page
    rest = client.get(reverse("workflows:more_rows", args=[document.key]) + "?after=800")
    assert rest.content.decode().count('data-known="1"') == 200
    assert "after=" not in rest.content.decode()
    form = Form(world.ann, "purchase_in", str(document.key), document.version)
    line = document.lines.get(position=999)
    with django_assert_max_num_queries(70):
        answer = form.save({"line": str(line.key), "quantity": "7", "known": True})
    assert len(answer.content) < 4000
    assert [row["line"] for row in answer.json()["rows"]] == [str(line.key)]


def test_another_warehouse_takes_the_places_out_of_the_lines(world: World) -> None:
    item = world.stocked(10)
    Membership.objects.get(user=world.ann).scopes.add(world.other.scope)
    user = User.objects.get(pk=world.ann.pk)
    form = Form(user, "production_issue")
    form.save({"item": item.code, "quantity": "1"}, header={"warehouse": world.main.code})
    assert form.document.lines.get().source is not None
    form.save(header={"warehouse": world.other.code})
    assert form.document.lines.get().source is None


def test_look_ups_say_what_is_there(world: World) -> None:
    item = world.stocked(40)
    client = signed_in(world.ann)

    def ask(what: str, **query: str) -> Any:
        query = {"type": "production_issue", "warehouse": world.main.code, **query}
        return client.get(reverse("workflows:look_up", args=[what]), query).json()["options"]

    (offer,) = ask("item", q=item.code)
    assert (offer["raw"], offer["figure"]) == (item.code, "40")
    (place,) = ask("place", column="source", item=item.code)[:1]
    assert (place["raw"], place["figure"]) == (catalog.default_place(world.main).code, "40")
    assert ask("partner", type="purchase_in")[0]["raw"] == world.supplier.code
    lotted = world.item("lot")
    for number, day in (("L2", "2031-05-30"), ("L1", "2030-05-30")):
        Lot.objects.create(item=lotted, number=number, expires_on=day)
    assert {o["raw"] for o in ask("lot", type="purchase_in", item=lotted.code)} == {"L1", "L2"}
    assert ask("lot", item=lotted.code) == []  # none of it lies here
    assert client.get(reverse("workflows:look_up", args=["item"]) + "?type=x").status_code == 404
    assert (
        client.get(reverse("workflows:look_up", args=["x"]) + "?type=transfer").status_code == 404
    )


def test_figures_of_another_warehouse_are_not_offered(world: World) -> None:
    item = world.stocked(40)
    found = offers.items(item.code, world.main, access_for(world.dan))
    assert [offer.available for offer in found] == [None]


def test_the_reason_of_a_step_names_roles_by_their_names(world: World) -> None:
    line = {"item": world.item().code, "quantity": "3", "price": "2"}
    draft = world.draft("purchase_in", line, by=world.buyer)
    url = reverse("workflows:preview", args=[draft.key])
    text = signed_in(world.buyer).get(url).content.decode()
    assert "Role of the asker is one of Procurement" in text


def test_the_preview_says_what_will_happen_and_who_is_asked(world: World) -> None:
    item = world.stocked(100)
    form = Form(world.ann, "scrap")
    form.save({"item": item.code, "quantity": "12"}, header={"reason": "damaged"})
    text = form.client.get(reverse("workflows:preview", args=[form.key])).content.decode()
    assert "100" in text
    assert "88" in text
    assert world.head.name in text or world.bob.name in text
    nothing = form.client.get(reverse("workflows:preview", args=[uuid.uuid4()]))
    assert nothing.status_code == 200


def test_submitting_checks_lines_once_and_goes_on_its_way(world: World) -> None:
    item = world.item()
    form = Form(world.ann, "purchase_in")
    form.save({"item": item.code}, header={"partner": world.supplier.code})
    url = reverse("workflows:submit", args=[form.key])
    refused = form.client.post(
        url, {"version": form.version}, headers={"accept": "application/json"}
    )
    assert refused.status_code == 422
    assert [line["line"] for line in refused.json()["lines"]] == [1]
    assert form.client.post(url, {"version": form.version}).status_code == 422
    form.save({"line": form.lines[0], "quantity": "3", "price": "2"})
    stale = form.client.post(url, {"version": 1}, headers={"accept": "application/json"})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed")
    for _twice in range(2):
        done = form.client.post(url, {"version": form.version, "key": "shown once"})
        assert (done.status_code, done.url) == (302, f"/documents/{form.key}/")
    assert form.document.state == "in_approval"
    assert form.document.events.filter(verb="submit").count() == 1
    edit = form.client.get(reverse("workflows:edit", args=[form.key]))
    assert (edit.status_code, edit.url) == (302, f"/documents/{form.key}/")
    late = form.save({"item": item.code})
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")


def test_without_script_a_line_and_the_header_are_ordinary_forms(world: World) -> None:
    item = world.item()
    client = signed_in(world.ann)
    key, line = uuid.uuid4(), uuid.uuid4()
    url = reverse("workflows:save", args=[key])
    first = {"type": "purchase_in", "version": "0", "line": str(line)}
    assert client.post(url, {**first, "item": item.code, "quantity": "3"}).status_code == 302
    document = Document.objects.get(key=key)
    partner = f"{world.supplier.code} {world.supplier.name}"
    head = {"type": "purchase_in", "version": str(document.version), "partner": partner}
    assert client.post(url, head).status_code == 302
    document.refresh_from_db()
    assert document.partner == world.supplier
    wrong = client.post(url, {**first, "version": str(document.version), "quantity": "many"})
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.content.decode()
    stale = client.post(url, {**first, "version": "1", "quantity": "4"})
    assert stale.status_code == 422
    assert document.lines.get().requested == D(3)


def test_a_draft_is_discarded_and_taken_back_with_its_content(world: World) -> None:
    item = world.item()
    form = Form(world.ann, "purchase_in")
    form.save({"item": item.code, "quantity": "3", "price": "2"}, header={"note": "mine"})
    assert form.post("discard").status_code == 302
    assert form.document.state == "void"
    page = form.client.get(reverse("workflows:documents")).content.decode()
    assert reverse("workflows:restore", args=[form.key]) in page
    back = form.post("restore")
    again = form.post("restore")
    assert back.url == again.url
    made = Document.objects.exclude(key=form.key).get()
    assert (made.state, made.note, made.lines.get().requested) == ("draft", "mine", D(3))
    assert form.client.post(reverse("workflows:restore", args=[made.key])).status_code == 422


def test_a_copy_is_made_once_and_without_costs_one_may_not_see(world: World) -> None:
    item = world.item()
    document = world.draft(
        "purchase_in", {"item": item.code, "quantity": "3", "price": "2"}, by=world.buyer
    )
    key = uuid.uuid4()
    for _twice in range(2):
        answer = signed_in(world.cat).post(
            reverse("workflows:copy", args=[document.key]), {"key": str(key)}
        )
        assert answer.url == reverse("workflows:edit", args=[key])
    assert Document.objects.get(key=key).lines.get().price is None
    other = copying.copy(document, actor=world.buyer, access=access_for(world.buyer))
    assert other.lines.get().price == D(2)


def test_a_return_is_made_once_from_what_was_received(world: World) -> None:
    item = world.item()
    document = world.draft("purchase_in", {"item": item.code, "quantity": "10", "price": "2"})
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.buyer)
    counted = {"lines": [{"key": str(document.lines.get().key), "actual": "10", "rejected": "0"}]}
    world.act(document, "record", world.cat, data=counted)
    world.act(document, "complete", world.cat)
    client, key = signed_in(world.ann), uuid.uuid4()
    url = reverse("workflows:make", args=[document.key, "purchase_return"])
    for _twice in range(2):
        answer = client.post(url, {"key": str(key)})
        assert answer.url == reverse("workflows:edit", args=[key])
    made = Document.objects.get(key=key)
    assert (made.source, made.lines.get().requested) == (document, D(10))
    page = client.get(answer.url).content.decode()
    assert f'name="original" value="{Document.objects.get(pk=document.pk).number}' in page
    nothing = client.post(reverse("workflows:make", args=[document.key, "sales_return"]))
    assert nothing.status_code == 422


def test_costs_of_others_are_not_shown_without_the_right(world: World) -> None:
    item = world.item()
    document = world.draft(
        "purchase_in", {"item": item.code, "quantity": "3", "price": "98765"}, by=world.buyer
    )
    page = signed_in(world.cat).get(reverse("workflows:edit", args=[document.key]))
    assert page.status_code == 200
    assert "98765" not in page.content.decode()
    form = Form(world.cat, "purchase_in", str(document.key), document.version)
    answer = form.save({"line": str(document.lines.get().key), "quantity": "4", "known": True})
    assert "98765" not in answer.content.decode()
    own = signed_in(world.buyer).get(reverse("workflows:edit", args=[document.key]))
    assert "98765" in own.content.decode()


def test_custom_fields_stand_in_the_header(world: World) -> None:
    CustomField.objects.create(
        type="scrap",
        key="batch",
        kind="choice",
        name_en="Which",
        name_zh="哪批",
        choices=["a", "b"],
    )
    form = Form(world.ann, "scrap")
    assert "Which" in form.client.get("/documents/new/scrap/").content.decode()
    answer = form.save(header={"custom.batch": "b"}).json()
    assert answer["header"]["values"]["custom.batch"][0] == "b"
    assert form.document.custom == {"batch": "b"}
    answer = form.save(header={"custom.batch": "z"}).json()
    assert list(answer["header"]["errors"]) == ["custom.batch"]


def test_a_foreign_draft_is_not_there(world: World) -> None:
    item = world.item()
    form = Form(world.ann, "purchase_in")
    form.save({"item": item.code, "quantity": "3"})
    stranger = signed_in(world.dan)
    for name in ("edit", "more_rows"):
        assert stranger.get(reverse(f"workflows:{name}", args=[form.key])).status_code == 404
    for name in ("submit", "discard", "restore", "copy", "remove_line"):
        assert stranger.post(reverse(f"workflows:{name}", args=[form.key])).status_code == 404
    other = Form(world.dan, "purchase_in", form.key)
    assert other.save({"item": item.code}).status_code == 404
    assert form.document.lines.count() == 1


def test_values_of_a_line_are_what_the_form_sends(world: World) -> None:
    """What is read of a line can be written back to it without changing anything."""
    item = world.stocked(10)
    document = world.draft("transfer", {"item": item.code, "quantity": "2.5", "note": "n"})
    line = document.lines.select_related("item", "unit").get()
    values = merging.line_values(line)
    before = values | {}
    drafting.set_line(
        document.pk,
        {k: v for k, v in values.items() if v},
        key=str(line.key),
        actor=world.ann,
        access=access_for(world.ann),
    )
    assert merging.line_values(Line.objects.get(pk=line.pk)) == before


# The list --------------------------------------------------------------------------------------------


def test_the_list_shows_where_documents_are(world: World) -> None:
    item = world.stocked(100, 1000)
    document = world.draft("scrap", {"item": item.code, "quantity": "90"})
    world.act(document, "submit", world.ann)
    document.refresh_from_db()
    client = signed_in(world.ann)
    page = client.get(reverse("workflows:documents")).content.decode()
    assert document.number in page
    assert f"</span> {document.kind.label}" in page
    assert world.head.name in page or world.bob.name in page
    assert "90,000" not in page  # an asker does not see costs
    assert "90,000" in signed_in(world.head).get("/documents/").content.decode()
    for query in (
        f"q={item.code}",
        f"q={document.number}",
        "type=scrap",
        "state=in_approval",
        f"warehouse={world.main.pk}",
        f"asker={world.ann.pk}",
        "view=running",
        "view=mine",
    ):
        assert document.number in client.get(f"/documents/?{query}").content.decode(), query
    for query in ("q=zzz", "type=transfer", "state=draft", "asker=x", "warehouse=9", "view=posted"):
        assert document.number not in client.get(f"/documents/?{query}").content.decode(), query
    for query in ("from=0001-01-01&to=9999-12-31", "asker=" + "9" * 29, "warehouse=①", "page=①"):
        assert client.get(f"/documents/?{query}").status_code == 200, query
    export = client.get("/documents/?export=csv")
    assert document.number in b"".join(export.streaming_content).decode()


def test_unsent_drafts_of_others_are_not_in_the_list(world: World) -> None:
    item = world.item()
    document = world.draft("purchase_in", {"item": item.code, "quantity": "3"})
    assert str(document) in signed_in(world.ann).get("/documents/").content.decode()
    assert str(document) not in signed_in(world.head).get("/documents/").content.decode()


def test_the_list_costs_the_same_for_ten_and_for_fifty(
    world: World, django_assert_max_num_queries: Any
) -> None:
    item = world.stocked(1000, 1000)
    for _ in range(50):
        document = world.draft("scrap", {"item": item.code, "quantity": "1"})
        world.act(document, "submit", world.ann)
    client = signed_in(world.ann)
    client.get("/documents/")
    with django_assert_max_num_queries(25):
        assert client.get("/documents/").status_code == 200


NESTED = b"[" * 100_000
SURROGATE = rb'{"header": {"note": "\ud800"}}'


@pytest.mark.parametrize("body", [NESTED, SURROGATE, b'{"header": {"note": "\x01"}}', b"9" * 5_000])
def test_json_that_no_database_keeps_is_refused(world: World, body: bytes) -> None:
    form = Form(world.ann, "purchase_in")
    form.save(header={"note": "x"})
    url = reverse("workflows:save", args=[form.key])
    assert form.client.post(url, body, content_type="application/json").status_code == 400
    assert form.document.note == "x"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("custom", "x"),
        ("effective_at", "0001-01-01T00:00"),
        ("effective_at", "9999-12-31T23:59:59-12:00"),
        ("currency", "<b>"),
        ("currency", "DOLLAR"),
    ],
)
def test_a_header_field_that_makes_no_sense_is_refused_at_the_field(
    world: World, field: str, value: str
) -> None:
    answer = Form(world.ann, "purchase_in").save(header={field: value, "note": "kept"})
    assert answer.status_code == 200
    assert list(answer.json()["header"]["errors"]) == [field]
    assert Document.objects.get().note == "kept"


def test_a_new_line_with_an_odd_unit_or_custom_fields_is_refused_at_the_line(world: World) -> None:
    item = world.item()
    answer = Form(world.ann, "purchase_in").save(
        {"item": item.code, "quantity": "3", "unit": "nothing"},
        {"item": item.code, "quantity": "3", "custom": "abc"},
    )
    first, second = answer.json()["rows"]
    assert list(first["errors"]) == ["unit"]
    assert "object of keys" in str(second["errors"])
    assert not Line.objects.exists()


def test_control_characters_are_left_out_of_texts(world: World) -> None:
    note, reference = "a\x00b\nc\td\x1b", "PO\x00-1"
    document = world.draft("scrap", {"item": world.stocked().code, "quantity": "1"}, note=note)
    assert document.note == "ab\nc\td"
    form = Form(world.ann, "scrap", key=str(document.key))
    assert form.post("save", reference=reference, version=document.version).status_code == 302
    assert form.document.reference == "PO-1"
    world.act(document, "comment", world.ann, text="see\x00 \x07this")
    assert document.events.get(verb="comment").text == "see this"


def test_what_a_database_cannot_look_up_is_refused_in_words() -> None:
    refusal = unkeepable(ValueError("A string literal cannot contain NUL (0x00) characters."))
    assert refusal is not None
    assert refusal.status == 422
    assert unkeepable(ValueError("another")) is None


def test_each_showing_of_the_form_submits_once_and_a_request_without_key_always(
    world: World,
) -> None:
    item = world.stocked(100)
    document = world.draft("scrap", {"item": item.code, "quantity": "60"})
    form = Form(world.ann, "scrap", key=str(document.key))
    shown = form.client.get(reverse("workflows:edit", args=[form.key])).content.decode()
    again = form.client.get(reverse("workflows:edit", args=[form.key])).content.decode()
    first, second = (re.search(r'name="key" value="([^"]+)"', one) for one in (shown, again))
    assert first is not None
    assert second is not None
    assert first[1] != second[1]
    for data in ({"key": first[1]}, {"key": second[1]}, {}, {}):
        assert form.post("submit", **data).status_code == 302
        assert form.document.state == "in_approval"
        assert form.post("submit", **data).status_code == (302 if data else 409)
        world.act(document, "return", world.head)
        assert form.document.state == "returned"
    assert document.events.filter(verb="submit").count() == 4


def test_a_foreign_price_needs_an_exchange_rate(world: World) -> None:
    line = {"item": world.item().code, "quantity": "1", "price": "5"}
    document = world.draft("purchase_in", line, by=world.buyer, currency="usd")
    assert document.currency == "USD"
    with pytest.raises(DomainError, match="exchange rate of USD"):
        world.act(document, "submit", world.buyer)
    with pytest.raises(DomainError, match="three letters"):
        world.draft("purchase_in", line, by=world.buyer, currency="US1")
    who = {"actor": world.buyer, "access": access_for(world.buyer)}
    drafting.set_header(document.pk, {"rate": "7.1"}, **who)
    world.act(document, "submit", world.buyer)


def test_each_line_of_a_save_costs_few_statements(world: World) -> None:
    item = world.stocked(100)
    form = Form(world.ann, "scrap")
    form.save({"item": item.code, "quantity": "1"})

    def statements(lines: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            form.save(*({"item": item.code, "quantity": "2"} for _line in range(lines)))
        return len(seen)

    assert statements(4) - statements(1) <= 3 * 17
