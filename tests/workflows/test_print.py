"""Printed forms: every type prints, pages and PDF say the same, and neither shows what one may not see."""

import io
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from people.models import User
from tests.workflows.world import D, World
from workflows import document_types
from workflows.models import Document, Task
from workflows.printing.capitals import capitals

pytestmark = pytest.mark.django_db
COST = "12.34"


@pytest.fixture
def world() -> World:
    return World()


def client_of(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def page(document: Document, user: User, language: str = "en", **query: str) -> str:
    """The words of the page for the printer."""
    answer = client_of(user, language).get(reverse("workflows:print", args=[document.key]), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def pdf(document: Document, user: User, language: str = "en", **query: str) -> PdfReader:
    answer = client_of(user, language).get(
        reverse("workflows:print", args=[document.key]), {"format": "pdf", **query}
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert len(answer.content) < 300_000
    return PdfReader(io.BytesIO(answer.content))


def text_of(reader: PdfReader) -> str:
    return "\n".join(texts_of(reader))


def texts_of(reader: PdfReader) -> list[str]:
    """The words of each page; pypdf puts a zero before each letter of a font with its own encoding."""
    return [one.extract_text().replace("\0", "") for one in reader.pages]


def receipt(world: World, lines: int = 3, **header: Any) -> Document:
    """A draft of the buyer with priced lines of Chinese goods."""
    rows = []
    for _place in range(lines):
        item = world.item()
        item.name, item.specification = "不锈钢平垫圈", "Φ8×1.5"
        item.save()
        rows.append({"item": item.code, "quantity": D(3), "unit": "PCS", "price": D(COST)})
    return world.draft("purchase_in", *rows, by=world.buyer, **header)


def finish(world: World, document: Document) -> Document:
    """Submit, and do every task as whoever has it."""
    world.act(document, "submit", document.asker or world.ann)
    for _turn in range(8):
        task = Task.objects.filter(document=document, state=Task.State.OPEN).first()
        if task is None:
            break
        verb = "approve" if task.kind in ("approve", "confirm") else "complete"
        counted = [
            {"key": str(line.key), "actual": str(line.requested)} for line in document.lines.all()
        ]
        entered = {"lines": counted} if task.kind in ("inspect", "execute") else {}
        world.act(document, verb, task.user, data=entered)
    document.refresh_from_db()
    assert document.state == "posted"
    return document


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10", "壹拾元整"),
        ("1203.50", "壹仟贰佰零叁元伍角整"),
        ("1000.05", "壹仟元零伍分"),
        ("160426.50", "壹拾陆万零肆佰贰拾陆元伍角整"),
        ("10001", "壹万零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("1000000000000", "壹万亿元整"),
        ("-12.345", "负壹拾贰元叁角伍分"),
        ("-0.001", "零元整"),
    ],
)
def test_amounts_in_capitals(amount: str, text: str) -> None:
    assert capitals(Decimal(amount)) == text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_type_prints_even_without_lines(world: World, language: str) -> None:
    documents = [
        Document.objects.create(
            company=world.company,
            type=kind.code,
            warehouse=world.main,
            asker=world.head,
            created_at="2026-03-12T01:00Z",
            changed_at="2026-03-12T01:00Z",
        )
        for kind in document_types.DOCUMENT_TYPES
    ]
    with translation.override(language):
        labels = [str(one.kind.label) for one in documents]
    client = client_of(world.head, language)
    url = reverse("workflows:print_many")
    keys = {"key": [str(one.key) for one in documents]}
    shown = client.get(url, keys).content.decode()
    assert re.findall(r"</h1><p>([^<]*)</p>", shown) == labels
    pages = texts_of(PdfReader(io.BytesIO(client.get(url, {**keys, "format": "pdf"}).content)))
    assert [label in text for label, text in zip(labels, pages, strict=True)] == [True] * len(
        labels
    )


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("purchase_in", "入库单"),
        ("sales_out", "出库单"),
        ("bin_move", "调拨单"),
        ("transfer_out", "调拨单"),
        ("scrap", "报损单"),
        ("assembly", "库存单据"),
    ],
)
def test_the_form_follows_the_type(world: World, kind: str, title: str) -> None:
    document = world.draft(kind, by=world.head)
    assert f"<h1>{title}</h1>" in page(document, world.head, "zh-hans")
    assert title in text_of(pdf(document, world.head, "zh-hans"))


def test_costs_are_for_those_who_may_see_them(world: World) -> None:
    document = finish(world, receipt(world))
    for reader in (world.fay, world.buyer):
        for text in (page(document, reader), text_of(pdf(document, reader))):
            assert COST in text
            assert "111.06" in text
    for text in (page(document, world.cat), text_of(pdf(document, world.cat))):
        assert document.number is not None
        assert document.number in text
        assert COST not in text
        assert "37.02" not in text
        assert "111.06" not in text
        assert "Amount" not in text
    assert "壹佰壹拾壹元零陆分" in text_of(pdf(document, world.fay, "zh-hans"))


def test_what_the_book_says_is_a_cost_too(world: World) -> None:
    item = world.stocked(cost="7.77")
    document = world.draft(
        "scrap", {"item": item.code, "quantity": D(3), "unit": "PCS"}, by=world.head
    )
    finish(world, document)
    assert "23.31" in text_of(pdf(document, world.fay))
    for text in (page(document, world.cat), text_of(pdf(document, world.cat))):
        assert "7.77" not in text
        assert "23.31" not in text


@pytest.mark.parametrize("size", ["a4", "a5", "241"])
def test_long_forms_repeat_their_head_and_count_their_pages(world: World, size: str) -> None:
    document = finish(world, receipt(world, 60))
    reader = pdf(document, world.fay, size=size)
    pages = texts_of(reader)
    assert len(pages) >= 2
    for number, text in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in text
        assert document.number in text
        assert "Receipt note" in text
        assert ("Prepared by" in text) is (number == len(pages))
    codes = [line.item.code for line in document.lines.all()]
    assert re.findall(r"WF-\d{3}", "\n".join(pages)) == codes


def test_the_letters_are_in_the_file(world: World) -> None:
    reader = pdf(receipt(world), world.buyer, "zh-hans")
    fonts: Any = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    found = [font.get_object() for font in fonts.values()]
    assert found
    for font in found:
        inner = font["/DescendantFonts"][0].get_object()
        assert "NotoSansSC" in str(inner["/BaseFont"])
        assert {"/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object())
    assert "不锈钢平垫圈" in text_of(reader)


def test_the_code_leads_to_the_page(world: World) -> None:
    document = receipt(world)
    link = f"{settings.SITE_URL}/documents/{document.key}/"
    notes: Any = pdf(document, world.buyer).pages[0]["/Annots"]
    assert [note.get_object()["/A"]["/URI"] for note in notes] == [link]
    answer = client_of(world.buyer).get(reverse("workflows:print", args=[document.key]))
    assert 'src="data:image/svg+xml' in answer.content.decode()
    policy = answer.headers["Content-Security-Policy"]
    assert re.search(r"img-src [^;]*data:", policy)
    assert b"style=" not in answer.content
    assert b"<style" not in answer.content


def test_only_what_is_posted_is_a_voucher(world: World) -> None:
    document = receipt(world)
    words = "Draft · not valid as a voucher"
    assert words in page(document, world.buyer)
    assert words in text_of(pdf(document, world.buyer))
    finish(world, document)
    assert "not valid" not in page(document, world.buyer)
    assert "not valid" not in text_of(pdf(document, world.buyer))
    world.act(document, "reverse", world.head)
    assert "Reversed · not valid" in page(document, world.buyer)


def signatures(text: str) -> list[str]:
    """The names in the boxes of a page."""
    return re.findall(r"<b>([^<]*)</b><small>", text)


def test_boxes_hold_who_did_it(world: World) -> None:
    document = receipt(world, 1)
    assert signatures(page(document, world.buyer)) == ["buyer", "", "", ""]
    finish(world, document)
    assert signatures(page(document, world.buyer)) == ["buyer", "passed by rule", "cat", "fay"]


def test_a_returned_document_bears_no_signature_but_the_asker_s(world: World) -> None:
    item = world.stocked(10000)
    document = world.draft(
        "sales_return", {"item": item.code, "quantity": D(1), "unit": "PCS"}, by=world.ann,
        partner=world.customer.code,
    )  # fmt: skip
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.after)
    assert signatures(page(document, world.ann)) == ["ann", "after", "", ""]
    world.act(document, "return", world.cat, data={"to": ""})
    assert signatures(page(document, world.ann)) == ["ann", "", "", ""]


def test_strangers_get_nothing(world: World) -> None:
    mine, hidden = world.draft("other_in", by=world.cat), receipt(world)
    url = reverse("workflows:print", args=[hidden.key])
    for form in ("html", "pdf"):
        assert client_of(world.dan).get(url, {"format": form}).status_code == 404
        assert Client().get(url, {"format": form}).status_code == 302
    theirs = world.draft("other_in", by=world.dan, warehouse=world.other.code)
    both = {"key": [str(theirs.key), str(hidden.key)]}
    assert client_of(world.dan).get(reverse("workflows:print_many"), both).status_code == 404
    unknown = reverse("workflows:print", args=[uuid.uuid4()])
    assert client_of(world.cat).get(unknown).status_code == 404
    assert page(mine, world.cat)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"key": "nonsense"},
        {"key": [str(uuid.UUID(int=number)) for number in range(51)]},
        {"key": str(uuid.UUID(int=1)), "size": "a0"},
        {"key": str(uuid.UUID(int=1)), "format": "docx"},
    ],
)
def test_bad_addresses_are_told_so(world: World, query: dict[str, Any]) -> None:
    assert client_of(world.cat).get(reverse("workflows:print_many"), query).status_code == 400


def test_many_at_once_each_with_its_own_pages(world: World) -> None:
    first, second = receipt(world, 60), receipt(world, 2)
    keys = {"key": [str(second.key), str(first.key), str(second.key)]}
    client = client_of(world.buyer)
    url = reverse("workflows:print_many")
    reader = PdfReader(io.BytesIO(client.get(url, {**keys, "format": "pdf"}).content))
    counts = re.findall(r"Page (\d) of (\d)", text_of(reader))
    total = len(counts) - 1
    assert counts == [("1", "1"), *((str(n), str(total)) for n in range(1, total + 1))]
    assert client.get(url, keys).content.decode().count("<h1>") == 2


def test_more_documents_cost_no_more_statements(world: World) -> None:
    documents = [receipt(world, 2) for _turn in range(6)]
    client = client_of(world.buyer)
    counts = []
    for chosen in (documents[:2], documents):
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("workflows:print_many"), {"key": [str(one.key) for one in chosen]})
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_list_and_page_lead_to_print(world: World) -> None:
    document = receipt(world, 1)
    world.act(document, "submit", world.buyer)
    client = client_of(world.buyer)
    listed = client.get(reverse("workflows:documents")).content.decode()
    assert f"{reverse('workflows:print_many')}?key={document.key}" in listed
    shown = client.get(reverse("workflows:page", args=[document.key])).content.decode()
    assert reverse("workflows:print", args=[document.key]) in shown
