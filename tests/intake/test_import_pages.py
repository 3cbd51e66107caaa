"""Pages of imports: a file is dropped, mended, written and undone; strangers stay out; nothing is a 500."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.errors import NotAllowed
from intake.importing import door
from intake.models import Import, ImportedRow
from intake.views import costs
from people.access import access_for
from people.models import Membership, Role
from stock.models import Balance, Unit
from tests.workflows.world import World
from workflows.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World("IP")


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def drop(client: Client, text: str, **facts: str) -> Any:
    file = SimpleUploadedFile("sheet.csv", text.encode())
    return client.post("/intake/new/", {"file": file, **facts})


def test_a_file_goes_from_the_drop_zone_to_the_book_and_back(world: World) -> None:
    a = world.item()
    Unit.objects.create(code="盒", name="盒", decimals=0)
    client = client_of(world.admin)
    text = f"日期,业务类型,货号,数量,计量单位,单价\n2026-03-01,其他入库,{a.code},10,PCS,2\n2026-03-02,其他入库,{a.code},5,合,2\n"
    answer = drop(client, text, warehouse=str(world.main.pk))
    assert answer.status_code == 302
    job = Import.objects.get()
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert "合" in page.content.decode()
    base = f"/intake/{job.key}/"
    sent = {"act": "map", "kind": "unit", "raw": "合", "to": "PCS", "version": str(job.version)}
    assert client.post(f"{base}mend/", sent).status_code == 302
    assert client.post(f"{base}mend/", sent).status_code == 409
    job.refresh_from_db()
    assert (job.summary["wrong"], job.summary["blocked"]) == (0, False)
    assert client.get(f"{base}errors.xlsx").content[:2] == b"PK"
    assert client.post(f"{base}do/write/", {"version": str(job.version)}).status_code == 302
    job.refresh_from_db()
    assert job.state == "done", job.problem
    assert sum(b.on_hand for b in Balance.objects.filter(item=a)) == 15
    assert client.get(base).status_code == 200
    assert "IP" in client.get(f"{base}rows/").content.decode()
    document = Document.objects.filter(imported_rows__job=job, imported_rows__row=3).get()
    history = client_of(world.head).get(f"/documents/{document.key}/").content.decode()
    assert f"{base}rows/?sheet=sheet&amp;row=3" in history
    assert client.get(f"{base}rows/?sheet=sheet&row=3").content.decode().count("<tr id=") == 1
    assert client.post(f"{base}do/undo/").status_code == 302
    job.refresh_from_db()
    assert job.state == "undone", job.problem
    assert sum(b.on_hand for b in Balance.objects.filter(item=a)) == 0
    assert ImportedRow.objects.filter(undone_at=None).count() == 0


def test_a_warehouse_that_is_missing_is_chosen_where_it_is_said_to_be(world: World) -> None:
    a = world.item()
    client = client_of(world.admin)
    drop(client, f"日期,业务类型,货号,数量,计量单位,单价\n2026-03-01,其他入库,{a.code},10,PCS,2\n")
    job = Import.objects.get()
    page = client.get(f"/intake/{job.key}/").content.decode()
    group = page.partition('id="house-of-rest"')
    form = group[0].rpartition("<form")[2]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert f'value="{world.main.pk}"' in group[2].partition("</select>")[0]
    answer = client.post(f"/intake/{job.key}/say/", {**sent, "warehouse": str(world.main.pk)})
    assert answer.status_code == 302
    job.refresh_from_db()
    assert (job.warehouse, job.summary["wrong"], job.purpose) == (world.main, 0, sent["purpose"])


def test_strangers_stay_out_and_nonsense_is_no_500(world: World) -> None:
    client = client_of(world.admin)
    assert drop(client, "货号,数量\nX,1\n", purpose="opening").status_code == 302
    job = Import.objects.get()
    stranger = client_of(world.dan)
    assert stranger.get(f"/intake/{job.key}/").status_code == 404
    assert stranger.post("/intake/new/").status_code == 403
    assert stranger.get("/intake/").status_code == 403
    assert client.post("/intake/new/", {}).status_code == 422
    bad = SimpleUploadedFile("x.xlsx", b"PK\x03\x04 no workbook")
    assert client.post("/intake/new/", {"file": bad}).status_code == 422
    for odd in ("abc", "9" * 5000):
        assert drop(client, "货号,数量\nX,1\n", warehouse=odd).status_code == 302
        assert client.post("/intake/learned/", {"pk": odd}).status_code == 302
        facts = {"part": "facts", "warehouse": odd, "start_on": "9999-99-99", "version": odd}
        assert client.post(f"/intake/{job.key}/say/", facts).status_code == 302
    assert client.post("/intake/live/", {"act": "day", "start_on": "9999-99-99"}).status_code == 422
    base = f"/intake/{job.key}/"
    for path, sent in (
        ("mend/", {"act": "map", "kind": "nonsense"}),
        ("mend/", {"act": "nothing"}),
        ("mend/", {"act": "choose", "code": "x", "to": "y"}),
        ("say/", {"part": "x"}),
        ("do/nonsense/", {}),
        ("do/write/", {}),
        ("do/undo/", {}),
        ("do/back/", {}),
        ("do/approve/", {"content": "x"}),
    ):
        assert 400 <= client.post(base + path, sent).status_code < 500, path
    for page in (
        "/intake/words/",
        "/intake/words/?field=item",
        "/intake/learned/",
        "/intake/live/",
    ):
        assert client.get(page).status_code == 200
    assert (
        client.post("/intake/words/", {"act": "add", "field": "item", "word": "内码"}).status_code
        == 302
    )
    assert (
        client.post("/intake/words/", {"act": "add", "field": "nope", "word": "x"}).status_code
        == 422
    )


def test_what_goods_cost_is_shown_to_who_brought_the_sheet_and_who_sees_costs(world: World) -> None:
    a = world.item()
    mine, other = client_of(world.admin), client_of(world.person("second", "admin"))
    head = "日期,业务类型,货号,数量,单价,金额,成本甲\n"
    text = f"{head}2026-03-01,其他入库,{a.code},10,7.31,73.1,7.77\n2026-03-02,其他入库,{a.code},2,7.31,99.99,7.77\n"
    drop(mine, text + "合计,,,12,,200.02,\n", warehouse=str(world.main.pk))
    job = Import.objects.get()
    base = f"/intake/{job.key}/"
    figures = ("7.31", "73.1", "99.99", "7.77", "200.02")
    assert not access_for(world.admin).may("cost.view", world.main.scope_id)
    for client, sees in ((mine, True), (other, False), (client_of(world.bob), True)):
        page = client.get(base).content.decode()
        shown = [figure for figure in figures if figure in page]
        assert shown == (list(figures) if sees else [])
        assert client.get(f"{base}errors.xlsx").status_code == (200 if sees else 403)
    sent = {"act": "choose", "code": "amount_differs", "to": "price", "version": str(job.version)}
    assert other.post(f"{base}mend/", sent).status_code == 302
    job.refresh_from_db()
    assert mine.post(f"{base}do/write/", {"version": str(job.version)}).status_code == 302
    assert "7.31" in mine.get(f"{base}rows/").content.decode()
    page = other.get(f"{base}rows/").content.decode()
    assert (a.code in page, "7.31" in page, "73.1" in page) == (True, False, False)


def test_an_import_belongs_to_those_of_all_warehouses_that_it_touches(world: World) -> None:
    """Rows may name warehouses that the import itself does not: who works elsewhere sees, stops and undoes none of it."""
    a = world.item()
    text = f"日期,业务类型,仓库,货号,数量,单价\n2026-03-01,其他入库,{world.main.code},{a.code},10,7.31\n"
    elsewhere = Role.objects.create(
        code="elsewhere", name="elsewhere", rights=["stock.import", "stock.view", "cost.view"]
    )
    eve = world.person("eve", "clerk", warehouse=world.other)
    member = Membership.objects.create(user=eve, role=elsewhere)
    member.scopes.set([world.other.scope_id])
    mine, hers = client_of(world.admin), client_of(eve)
    drop(mine, text)
    job = Import.objects.get()
    assert job.warehouse is None
    base = f"/intake/{job.key}/"

    def refused() -> None:
        assert hers.get(base).status_code == hers.get(f"{base}rows/").status_code == 404
        assert str(job.key) not in hers.get("/intake/").content.decode()
        assert hers.get(f"{base}errors.xlsx").status_code == 404
        for act in ("write", "stop", "undo", "back"):
            assert hers.post(f"{base}do/{act}/", {}).status_code == 404
        for refuse in (door.begin, door.stop, door.take_back):
            with pytest.raises(NotAllowed):
                refuse(job.pk, access=access_for(eve))
        with pytest.raises(NotAllowed):
            door.undo(job.pk, actor=eve, access=access_for(eve))

    refused()
    assert mine.post(f"{base}do/write/", {"version": str(job.version)}).status_code == 302
    job.refresh_from_db()
    assert job.state == "done", job.problem
    refused()
    drop(hers, text.replace("2026-03-01", "2026-03-02"))
    own = Import.objects.exclude(pk=job.pk).get()
    assert not costs.sees(job, eve, access_for(eve))
    assert hers.get(f"/intake/{own.key}/").status_code == 200
    sent = {"version": str(own.version)}
    assert hers.post(f"/intake/{own.key}/do/write/", sent).status_code == 403
    assert hers.post(f"/intake/{own.key}/do/stop/").status_code == 302
    own.refresh_from_db()
    assert own.state == "cancelled"


def test_stock_of_a_warehouse_is_not_told_to_who_may_not_see_it(world: World) -> None:
    """Also not by the refusal of a row, nor by what would have to be opened."""
    a = world.item()
    head = "日期,业务类型,仓库,货号,数量,单价\n"
    drop(client_of(world.admin), f"{head}2026-03-01,其他入库,{world.main.code},{a.code},5737,1\n")
    job = Import.objects.get()
    sent = {"version": str(job.version)}
    client_of(world.admin).post(f"/intake/{job.key}/do/write/", sent)
    assert Balance.objects.get(item=a).on_hand == 5737
    elsewhere = Role.objects.create(
        code="elsewhere", name="elsewhere", rights=["stock.import", "stock.view"]
    )
    eve = world.person("eve", "clerk", warehouse=world.other)
    member = Membership.objects.create(user=eve, role=elsewhere)
    member.scopes.set([world.other.scope_id])
    text = f"{head}2026-03-02,其他出库,{world.main.code},{a.code},9999,\n"
    for client, told in ((client_of(world.admin), True), (client_of(eve), False)):
        drop(client, text)
        job = Import.objects.latest("pk")
        page = client.get(f"/intake/{job.key}/").content.decode()
        assert a.code in page
        assert ("5737" in page) is told


def test_what_stands_in_columns_without_a_name_may_be_what_goods_cost(world: World) -> None:
    a = world.item()
    mine, other = client_of(world.admin), client_of(world.person("second", "admin"))
    drop(
        mine,
        f"日期,业务类型,货号,数量\n2026-03-01,其他入库,{a.code},10,7.31\n",
        warehouse=str(world.main.pk),
    )
    base = f"/intake/{Import.objects.get().key}/"
    assert "7.31" in mine.get(base).content.decode()
    assert "7.31" not in other.get(base).content.decode()


def test_one_click_leaves_out_all_columns_that_nobody_knows(world: World) -> None:
    a = world.item()
    head = ",".join(["货号", "数量", *(f"参数{number}" for number in range(1, 197))])
    row = ",".join([a.code, *(str(number) for number in range(7, 204))])
    client = client_of(world.admin)
    drop(
        client,
        f"{head}\n{row}\n",
        warehouse=str(world.main.pk),
        purpose="opening",
        start_on="2026-03-01",
    )
    job = Import.objects.get()
    base = f"/intake/{job.key}/"
    page = client.get(base).content.decode()
    assert page.count('name="q:column:') == 196
    assert '<button class="btn" type="submit" name="q:rest" value="ignore">' in page
    sent = {"part": "answers", "version": str(job.version), "q:rest": "ignore"}
    assert client.post(f"{base}say/", sent).status_code == 302
    job.refresh_from_db()
    assert (job.summary["blocked"], job.summary["good"]) == (False, 1)
    page = client.get(base).content.decode()
    assert "q:column:" not in page
    assert "196 columns are left out, as was answered: 参数1, 参数2" in page


def test_a_row_that_was_cut_is_said_anew_cell_by_cell(world: World) -> None:
    a = world.item()
    client = client_of(world.admin)
    text = f"日期,入库单号,货号,入库数量,单价,备注\n2026-3-2,R1,{a.code},1,3,\n2026-3-2,R2,{a.code},1,200,3,急,x\n"
    drop(client, text, warehouse=str(world.main.pk), purpose="movements")
    job = Import.objects.get()
    base = f"/intake/{job.key}/"
    assert job.summary["wrong"] == 1
    page = client.get(base).content.decode()
    assert '<input type="hidden" name="cell:sheet!G3" value="">' in page
    assert 'name="cell:sheet!D3" value="" placeholder="1"' in page
    sent = {"act": "row", "version": str(job.version), "cell:sheet!G3": "", "cell:sheet!H3": ""}
    sent |= {f"cell:sheet!{at}3": text for at, text in zip("ABCDEF", ["2026-3-2", "R2", a.code, "1200", "3", ""], strict=True)}  # fmt: skip
    assert client.post(f"{base}mend/", sent).status_code == 302
    job.refresh_from_db()
    assert (job.summary["wrong"], job.summary["good"]) == (0, 2)
    assert client.post(f"{base}do/write/", {"version": str(job.version)}).status_code == 302
    assert sum(b.on_hand for b in Balance.objects.filter(item=a)) == 1201


def test_what_negative_quantities_mean_is_chosen_and_asked_again(world: World) -> None:
    a = world.stocked(50)
    client = client_of(world.admin)
    text = f"日期,业务类型,单号,货号,数量\n2026-03-01,其他入库,R0,{a.code},9\n2026-03-02,销售出库,R1,{a.code},-3\n2026-03-02,销售出库,R2,{a.code},-1\n"
    drop(client, text, warehouse=str(world.main.pk), purpose="movements")
    job = Import.objects.get()
    base = f"/intake/{job.key}/"
    assert job.summary["wrong"] == 2
    page = client.get(base).content.decode()
    assert "-3 of Sales issue" in page
    assert "-1 of Sales issue" in page
    for choice, good in (("direction", 3), ("", 1), ("return", 3)):
        job.refresh_from_db()
        sent = {"act": "choose", "code": "negative_out", "to": choice, "version": str(job.version)}
        assert client.post(f"{base}mend/", sent).status_code == 302
        job.refresh_from_db()
        assert job.summary["good"] == good
        assert ("Ask again" in client.get(base).content.decode()) is bool(choice)
    assert client.post(f"{base}do/write/", {"version": str(job.version)}).status_code == 302
    assert sum(b.on_hand for b in Balance.objects.filter(item=a)) == 63


def test_rows_of_opening_stock_that_come_twice_are_listed_at_once(world: World) -> None:
    a = world.item()
    rows = "\n".join(f"{a.code},{number},2" for number in range(10, 40))
    client = client_of(world.admin)
    facts = {"warehouse": str(world.main.pk), "purpose": "opening", "start_on": "2026-03-01"}
    drop(client, f"货号,数量,单价\n{rows}\n", **facts)
    page = client.get(f"/intake/{Import.objects.get().key}/").content.decode()
    assert page.count("Row 2 states") == 29
    assert '<details class="fold" open>' in page.partition("1 kind of remark")[0][-200:]
