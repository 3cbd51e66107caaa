"""Sheets of invoices become drafts once, matched to what was received; what is not sure is left to a person."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from finance.models import InvoiceLine, PurchaseInvoice
from stock.models import Partner
from tests.finance.test_pages import client_with
from tests.laws.world import World

D = Decimal
URL = "/finance/invoices/import/"
HEAD = "发票号码,开票日期,销方名称,货物名称,规格型号,单位,数量,单价,金额,税率,税额,价税合计"
TAX_HEAD = (
    "序号,发票代码,发票号码,数电发票号码,销方识别号,销方名称,购方识别号,购买方名称,开票日期,税收分类编码,"
    "货物或应税劳务名称,规格型号,单位,数量,单价,金额,税率,税额,价税合计,发票票种,发票状态,是否正数发票,备注"
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.partner = Partner.objects.create(code="S1", name="苏州标准件有限公司", is_supplier=True)
    return world


@pytest.fixture
def fay() -> Client:
    return client_with("stock.view", "cost.view", "finance.review")


def named(world: World, name: str, spec: str = "") -> Any:
    item = world.item()
    item.name, item.specification = name, spec
    item.save()
    return item


def bought(world: World, item: Any, quantity: str, cost: str, document: str = "GR-1") -> int:
    posted = world.move(
        "purchase_in", item, D(quantity), unit_cost=D(cost), partner=world.partner.pk,
        document=document,
    )  # fmt: skip
    return posted.movement_ids[0]


def drop(client: Client, *rows: str, head: str = HEAD, name: str = "发票.csv") -> Any:
    text = "\n".join((head, *rows)) + "\n"
    return client.post(URL, {"file": SimpleUploadedFile(name, text.encode())})


def token(answer: Any) -> str:
    return str(answer.context["token"])


def make(client: Client, answer: Any, **said: str) -> Any:
    said = {key.replace("__", "."): value for key, value in said.items()}
    return client.post(URL, {"token": token(answer), "do": "make", **said})


def test_an_invoice_is_matched_to_the_receipts_and_made_once(world: World, fay: Client) -> None:
    bolt = named(world, "内六角螺栓", "M8×30")
    first, second = bought(world, bolt, "600", "0.35"), bought(world, bolt, "900", "0.35", "GR-2")
    row = "2431,2026-01-05,苏州标准件有限公司,*紧固件*内六角螺栓,M8×30,,1000,0.36,360.01,13%,46.80,406.81"
    answer = drop(fay, row, "合计,,,,,,,,360.01,,46.80,406.81")
    assert answer.status_code == 200
    assert PurchaseInvoice.objects.count() == 0
    (one,) = answer.context["sheet"].ready
    assert one.lines[0].difference == D("10.01")
    assert make(fay, answer).status_code == 302
    draft = PurchaseInvoice.objects.get()
    assert (draft.number, draft.state, draft.tax) == ("2431", "draft", D("46.80"))
    lines = list(InvoiceLine.objects.values_list("movement_id", "quantity", "amount"))
    assert lines == [(first, 600, D("216.01")), (second, 400, D("144"))]
    again = drop(fay, row)
    assert again.context["sheet"].known[0].known == draft
    assert make(fay, again).status_code == 302
    assert PurchaseInvoice.objects.count() == 1


def test_the_receipt_of_the_same_quantity_comes_first_and_drafts_are_taken_off(
    world: World, fay: Client
) -> None:
    nut = named(world, "螺母")
    bought(world, nut, "50", "1")
    same = bought(world, nut, "30", "1", "GR-2")
    make(fay, drop(fay, "A1,2026-01-05,苏州标准件有限公司,螺母,,,30,1,30,13%,3.9,33.9"))
    assert list(InvoiceLine.objects.values_list("movement_id", flat=True)) == [same]
    too_many = drop(fay, "A2,2026-01-05,苏州标准件有限公司,螺母,,,51,1,51,13%,6.63,57.63")
    assert not too_many.context["sheet"].ready
    assert "Only 50" in too_many.content.decode()
    assert make(fay, too_many).status_code == 422
    assert PurchaseInvoice.objects.count() == 1


def test_the_export_of_the_tax_system_is_read(world: World, fay: Client) -> None:
    bolt = named(world, "螺栓", "M8")
    bought(world, bolt, "100", "1")
    book = BytesIO()
    workbook = xlsxwriter.Workbook(book)
    sheet = workbook.add_worksheet("发票基础信息")
    common = ["9132", "苏州标准件有限公司", "9133", "恒达机电"]
    rows = [
        ["1", "", "", "24312000000012345678", *common, "2026-01-05 10:31:00", "109", "*紧固件*螺栓", "M8",
         "", 100, 1.2, 120, "13%", 15.6, 135.6, "数电发票", "正常", "是", ""],
        ["2", "", "", "24312000000012345678", *common, "2026-01-05 10:31:00", "109", "*紧固件*螺栓", "",
         "", "", "", -20, "13%", -2.6, -22.6, "数电发票", "正常", "是", ""],
        ["3", "", "", "24312000000012345679", *common, "2026-01-06 10:31:00", "109", "*紧固件*螺栓", "M8",
         "", 100, 1.2, 120, "13%", 15.6, 135.6, "数电发票", "已作废", "是", ""],
    ]  # fmt: skip
    for at, row in enumerate([TAX_HEAD.split(","), *rows]):
        sheet.write_row(at, 0, row)
    workbook.close()
    answer = fay.post(URL, {"file": SimpleUploadedFile("export.xlsx", book.getvalue())})
    assert [one.number for one in answer.context["sheet"].invoices] == ["24312000000012345678"]
    assert "24312000000012345679" in answer.content.decode()
    make(fay, answer)
    draft = PurchaseInvoice.objects.get()
    line = draft.lines.get()
    assert (line.quantity, line.amount, draft.tax) == (100, 100, 13)


def test_what_is_not_sure_is_chosen_and_remembered(world: World, fay: Client) -> None:
    washer = named(world, "平垫圈 镀锌", "A3")
    receipt = bought(world, washer, "500", "1.3")
    row = "B{},2026-01-05,苏州标准件(老公司),镀锌平垫,A3,,250,1.3,325,13%,42.25,367.25"
    answer = drop(fay, row.format(1))
    assert answer.status_code == 200
    assert not answer.context["sheet"].ready
    named_now = fay.post(URL, {"token": token(answer), "do": "look", "supplier.0": "S1"})
    assert f'value="r{receipt}"' in named_now.content.decode()
    assert not named_now.context["sheet"].ready
    done = make(fay, answer, supplier__0="S1", line__2=f"r{receipt}")
    assert done.status_code == 302
    assert InvoiceLine.objects.get().movement_id == receipt
    known = drop(fay, row.format(2))
    assert [one.number for one in known.context["sheet"].ready] == ["B2"]


def test_faults_are_grouped_and_whole_invoices_are_made_beside_them(
    world: World, fay: Client
) -> None:
    bought(world, named(world, "螺母"), "50", "1")
    answer = drop(
        fay,
        "C1,2026-01-05,苏州标准件有限公司,螺母,,,5,1,5,13%,0.65,5.65",
        "C2,2026-01-05,苏州标准件有限公司,螺母,,,5,1,5,13%,0.65,9.99",
        "C3,2026-01-05,无此公司,螺母,,,5,1,5,13%,0.65,5.65",
        "C4,2026-01-05,无此公司,螺母,,,5,1,5,13%,0.65,5.65",
        "C5,2026-01-05,苏州标准件有限公司,螺母,,,许多,1,5,13%,0.65,5.65",
    )
    groups = {message: len(some) for message, some in answer.context["faults"]}
    assert groups["There is no supplier or customer “无此公司”."] == 2
    assert groups["Amount and tax are not the total with tax."] == 1
    assert [one.number for one in answer.context["sheet"].ready] == ["C1"]
    assert make(fay, answer).status_code == 302
    assert [one.number for one in PurchaseInvoice.objects.all()] == ["C1"]


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no workbook", "名称,数量\n螺母,5\n".encode(), b"\x00\x01\x02"],
)
def test_what_is_no_sheet_of_invoices_is_refused_in_words(
    world: World, fay: Client, content: bytes
) -> None:
    answer = fay.post(URL, {"file": SimpleUploadedFile("x.xlsx", content)})
    assert answer.status_code == 422
    assert 'class="note err"' in answer.content.decode()
    assert fay.post(URL, {}).status_code == 422
    assert fay.post(URL, {"token": "abc:def"}).status_code == 422


def test_only_who_may_see_costs_and_review_gets_in(world: World) -> None:
    assert client_with("stock.view", "finance.review").get(URL).status_code == 403
    assert client_with("stock.view", "cost.view").get(URL).status_code == 403


@pytest.mark.parametrize("rate", ["-100%", "-300%", "101%"])
def test_a_tax_rate_that_is_none_is_said(world: World, fay: Client, rate: str) -> None:
    bolt = named(world, "内六角螺栓", "M8×30")
    bought(world, bolt, "600", "0.35")
    row = f"9,2024-01-05,苏州标准件有限公司,内六角螺栓,M8×30,PCS,600,,,{rate},,237.3"
    answer = drop(fay, row)
    (one,) = answer.context["sheet"].invoices
    assert answer.status_code == 200
    assert [fault.code for fault in one.faults] == ["tax_rate"]
    assert make(fay, answer).status_code == 422


def test_long_numbers_are_not_cut_to_one_invoice(world: World, fay: Client) -> None:
    row = "2024-01-05,苏州标准件有限公司,内六角螺栓,M8×30,PCS,1,1,1,13%,0.13,1.13"
    answer = drop(fay, f"{'9' * 60}1,{row}", f"{'9' * 60}2,{row}")
    assert answer.context["sheet"].invoices == []
    assert [fault.code for fault in answer.context["sheet"].faults] == ["number", "number"]


def test_figures_that_are_too_large_leave_one_invoice_and_keep_the_page(
    world: World, fay: Client
) -> None:
    bolt = named(world, "内六角螺栓", "M8×30")
    bought(world, bolt, "200000", "0.35")
    goods = "2024-01-05,苏州标准件有限公司,内六角螺栓,M8×30,PCS,1"
    # A product of two figures that are each kept, but not it.
    huge = "2024-01-05,苏州标准件有限公司,内六角螺栓,M8×30,PCS,100000,9999999999,,0%,,"
    answer = drop(fay, f"H1,{huge}", f"H2,{goods},1,1,0%,0,1")
    assert make(fay, answer).status_code == 302
    assert [one.number for one in PurchaseInvoice.objects.all()] == ["H2"]
    again = make(fay, drop(fay, f"H1,{huge}"))
    assert again.status_code == 422
    assert "too large" in again.context["sheet"].invoices[0].faults[0].message


def test_a_discount_beyond_its_line_is_not_complete(world: World, fay: Client) -> None:
    bolt = named(world, "内六角螺栓", "M8×30")
    bought(world, bolt, "600", "0.35")
    head = "D1,2024-01-05,苏州标准件有限公司,内六角螺栓,M8×30"
    answer = drop(fay, f"{head},PCS,1,5,5,0%,0,5", f"{head},,,,-15,0%,0,-15")
    (one,) = answer.context["sheet"].invoices
    assert not one.ready
    assert "same sign" in one.lines[0].said


def test_numbers_are_compared_as_finance_compares_them(world: World, fay: Client) -> None:
    """Full width, blanks and case do not make another invoice: neither in the books nor within a sheet."""
    bought(world, named(world, "螺母"), "50", "1")
    row = "{},2026-01-05,苏州标准件有限公司,螺母,,,5,1,5,13%,0.65,5.65"
    make(fay, drop(fay, row.format("Ab 12")))
    answer = drop(fay, row.format("ＡＢ　 12"))
    assert [one.known for one in answer.context["sheet"].invoices] == [
        PurchaseInvoice.objects.get()
    ]
    assert make(fay, answer).status_code == 302
    assert PurchaseInvoice.objects.count() == 1
    two = drop(fay, row.format("Cd1"), row.format("ｃＤ１")).context["sheet"]
    assert [(one.number, len(one.lines)) for one in two.invoices] == [("Cd1", 2)]
    unseen = drop(fay, row.format("E\u31641")).context["sheet"]
    assert [(one.row, one.code) for one in unseen.faults] == [(2, "number")]
    assert "invisible" in unseen.faults[0].message


def test_an_invoice_of_a_day_to_come_is_said_at_the_check(world: World, fay: Client) -> None:
    bought(world, named(world, "螺母"), "50", "1")
    row = "{},{},苏州标准件有限公司,螺母,,,5,1,5,13%,0.65,5.65"
    day = timezone.localdate(timezone=ZoneInfo(world.company.time_zone))
    tomorrow = day + timedelta(days=1)
    answer = drop(fay, row.format("F1", tomorrow.isoformat()), row.format("F2", day.isoformat()))
    assert [one.number for one in answer.context["sheet"].ready] == ["F2"]
    (fault,) = answer.context["sheet"].invoices[0].faults
    assert (fault.row, fault.code, fault.raw) == (2, "date", tomorrow.isoformat())
    assert "dated after today" in answer.content.decode()
