"""Imports from the file to the book: checked, mended, written once, undone whole, loaded again."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from intake.importing import changes, door, storing, working, writing
from intake.importing.undoing import blockers
from intake.models import Alias, GoingLive, Import, ImportedRow, RememberedMapping
from people.access import SYSTEM, access_for
from people.models import Notice
from stock import catalog, ledger
from stock.errors import Again, Busy
from stock.ledger import LineInput
from stock.models import Balance, Item, Movement, Partner, Unit
from tests.workflows.world import World
from workflows.models import Document

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def world() -> World:
    return World("IM")


def given(world: World, text: str, **facts: Any) -> Import:
    facts.setdefault("warehouse", world.main)
    job = door.create(
        text.encode(),
        facts.pop("name", "sheet.csv"),
        company=world.company,
        actor=world.admin,
        access=SYSTEM,
        **facts,
    )
    door.look(job)
    return job


def wrong(job: Import) -> set[tuple[str, str]]:
    """(code, raw) of all groups."""
    return {(g["code"], v["raw"]) for g in job.summary["groups"] for v in g["values"]}


def write(job: Import) -> Import:
    """Submit, begin, and let a worker run."""
    door.submit(job.pk, actor=None, access=SYSTEM)
    door.begin(job.pk, access=SYSTEM)
    done = working.run(job.pk)
    assert done is not None
    return done


def on_hand(item: Item) -> Decimal:
    return sum((b.on_hand for b in Balance.objects.filter(item=item)), D(0))


def use(world: World, item: Item, quantity: int) -> None:
    """Take goods out of the book by another way."""
    ledger.post(
        [
            LineInput(
                type="other_out",
                item=item.pk,
                source=catalog.default_place(world.main).pk,
                target=catalog.virtual_place(world.company, "adjustment").pk,
                quantity=D(quantity),
                reason="sample",
            )
        ],
        company=world.company,
        key=uuid.uuid4().hex,
        actor=None,
        access=SYSTEM,
    )


def bring(world: World, item: Item, quantity: int) -> None:
    """Bring goods into the book by another way, some days ago."""
    ledger.post(
        [
            LineInput(
                type="other_in",
                item=item.pk,
                source=catalog.virtual_place(world.company, "adjustment").pk,
                target=catalog.default_place(world.main).pk,
                quantity=D(quantity),
                reason="found",
            )
        ],
        company=world.company,
        key=uuid.uuid4().hex,
        actor=None,
        access=SYSTEM,
        effective_at=timezone.now() - timedelta(days=3),
    )


OPENING = "货号,品名,数量,单位,单价,金额\n{a},,10,PCS,2.5,25\n{b},,4,PCS,3,12\n"


def test_opening_is_booked_before_the_start_and_undone_whole(world: World) -> None:
    a, b = world.item(), world.item()
    text = OPENING.format(a=a.code, b=b.code)
    job = given(world, text, purpose="opening", start_on=date(2026, 1, 1))
    assert job.summary["groups"] == []
    assert job.summary["documents"]["types"] == {"opening": 1}
    assert write(job).state == "done"
    document = Document.objects.get(imported_rows__job=job, imported_rows__row=2)
    assert document.type == "opening"
    assert document.effective_at is not None
    assert document.effective_at.astimezone().date() <= date(2026, 1, 1)
    assert "sheet.csv" in document.note
    assert [on_hand(a), on_hand(b)] == [D(10), D(4)]
    rows = ImportedRow.objects.filter(job=job).order_by("row")
    assert [(r.sheet, r.row, r.raw["quantity"]) for r in rows] == [
        ("sheet", 2, "10"),
        ("sheet", 3, "4"),
    ]

    again = given(world, text, purpose="opening", start_on=date(2026, 1, 1))
    assert (again.summary["good"], again.summary["known"]) == (0, 2)

    assert blockers(job) == []
    door.undo(job.pk, actor=world.admin, access=SYSTEM)
    undone = working.run(job.pk)
    assert undone is not None
    assert undone.state == "undone"
    assert [on_hand(a), on_hand(b)] == [D(0), D(0)]

    job = given(world, text, purpose="opening", start_on=date(2026, 1, 1))
    assert job.summary["good"] == 2
    assert write(job).state == "done"
    assert on_hand(a) == D(10)


def test_used_rows_block_undoing_and_are_named(world: World) -> None:
    a = world.item()
    job = write(
        given(
            world, f"货号,数量,单价\n{a.code},10,1\n", purpose="opening", start_on=date(2026, 1, 1)
        )
    )
    use(world, a, 8)
    door.undo(job.pk, actor=world.admin, access=SYSTEM)
    stopped = working.run(job.pk)
    assert stopped is not None
    assert stopped.state == "stopped"
    assert "2" in stopped.problem
    assert a.code in stopped.problem
    assert on_hand(a) == D(2)


MOVES = (
    "日期,单号,业务类型,供应商,客户,货号,数量,单位,单价\n"
    "2026-03-01,RK1,采购入库,Supplier,,{a},10,PCS,2\n"
    "2026-03-02,RK1,采购入库,Supplier,,{b},5,PCS,4\n"
    "2026-03-03,CK1,销售出库,,Customer,{a},3,PCS,\n"
)


def test_movements_become_documents_by_number_and_day(world: World) -> None:
    a, b = world.item(), world.item()
    text = MOVES.format(a=a.code, b=b.code)
    job = given(world, text, purpose="movements")
    assert wrong(job) == set()
    assert write(job).state == "done"
    documents = Document.objects.filter(imported_rows__job=job).distinct().order_by("effective_at")
    assert [(d.type, d.reference) for d in documents] == [
        ("purchase_in", "RK1"), ("purchase_in", "RK1"), ("sales_out", "CK1"),
    ]  # fmt: skip
    assert [on_hand(a), on_hand(b)] == [D(7), D(5)]
    more = text + f"2026-03-04,CK2,销售出库,,Customer,{b.code},1,PCS,\n"
    job = given(world, more, purpose="movements")
    assert (job.summary["good"], job.summary["known"]) == (1, 3)
    assert write(job).state == "done"
    assert [on_hand(a), on_hand(b)] == [D(7), D(4)]
    assert Movement.objects.filter(item=a).count() == 2


def test_signs_say_the_direction_where_a_person_says_so(world: World) -> None:
    item = world.stocked(5)
    text = f"日期,单号,货号,数量\n2026-03-02,S1,{item.code},4\n2026-03-03,S2,{item.code},-3\n"
    job = given(world, text, purpose="movements")
    asked = next(q["id"] for q in job.summary["questions"] if q["kind"] == "direction")
    job = door.mend(job.pk, changes.say(answers={asked: "signed"}), access=SYSTEM)
    assert write(job).state == "done"
    assert on_hand(item) == D(6)
    assert list(
        Document.objects.filter(imported_rows__job=job).order_by("effective_at").values_list("type")
    ) == [("other_in",), ("other_out",)]


def test_everything_wrong_is_said_at_once_and_mended_in_place(world: World) -> None:
    a = world.item()
    Unit.objects.create(code="盒", name="盒", decimals=0)
    a.base_unit = Unit.objects.get(code="盒")
    a.save()
    text = (
        "日期,单号,业务类型,供应商,货号,数量,单位\n"
        f"2026-03-01,RK1,采购入库,Supplier,{a.code},10,合\n"
        f"2026-02-30,RK2,采购入库,Supplier,{a.code},10,盒\n"
        f"2026-03-02,RK3,采购入库,Suplier,{a.code},1,盒\n"
        "2026-03-02,RK4,采购入库,Supplier,NOPE-9,1,盒\n"
        f"2026-03-03,CK1,其他出库,,{a.code},99,盒\n"
    )
    job = given(world, text, purpose="movements")
    found = wrong(job)
    assert ("unknown_unit", "合") in found
    assert ("unknown_partner", "Suplier") in found
    assert ("unknown_item", "NOPE-9") in found
    assert any(code == "short" for code, _raw in found)
    assert any("2026-02-30" in raw for _code, raw in found)
    groups = {g["code"]: g for g in job.summary["groups"]}
    unit = groups["unknown_unit"]["values"][0]
    assert unit["candidates"][0]["to"] == "盒"
    assert groups["unknown_partner"]["values"][0]["candidates"][0]["to"] == world.supplier.code
    door.mend(job.pk, changes.give("unit", "合", "盒"), access=SYSTEM)
    door.mend(job.pk, changes.give("partner", "Suplier", world.supplier.code), access=SYSTEM)
    bad_day = next(g for g in groups.values() if any("2026-02-30" in v["raw"] for v in g["values"]))
    sheet, cell = bad_day["values"][0]["cells"][0]
    door.mend(job.pk, changes.write_cells({f"{sheet}!{cell}": "2026-02-28"}), access=SYSTEM)
    door.mend(job.pk, changes.make("item", "NOPE-9"), access=SYSTEM)
    job = door.mend(job.pk, changes.leave_out("short", "quantity", None), access=SYSTEM)
    assert job.summary["groups"] == []
    assert (job.summary["good"], job.summary["left_out"]) == (4, 1)
    assert write(job).state == "done"
    assert on_hand(a) == D(21)
    assert on_hand(Item.objects.get(code="NOPE-9")) == D(1)
    assert Alias.objects.filter(kind="unit", text="合", code="盒").exists()
    assert RememberedMapping.objects.exists()
    learned = given(world, text.replace("RK1", "RK8"), purpose="movements")
    assert ("unknown_unit", "合") not in wrong(learned)


def test_stock_below_zero_is_found_in_the_order_of_days_and_against_the_book(world: World) -> None:
    a = world.stocked(5)
    text = (
        "日期,业务类型,货号,数量\n"
        f"2026-03-05,其他入库,{a.code},10\n"
        f"2026-03-04,其他出库,{a.code},4\n"
    )
    job = given(world, text, purpose="movements")
    assert [g["code"] for g in job.summary["groups"]] == ["short"]
    assert job.summary["groups"][0]["values"][0]["rows"] == [["sheet", 3]]


def test_a_second_person_approves_the_content_where_the_process_asks(world: World) -> None:
    from workflows import shipped
    from workflows.models import Process

    a = world.item()
    version = shipped.active_version(world.company, "opening", usage=Process.Usage.IMPORT)
    steps = [dict(step) for step in version.steps]
    steps[0]["auto"] = []
    type(version).objects.filter(pk=version.pk).update(state="retired")
    type(version).objects.create(
        process=version.process, number=version.number + 1, state="active", steps=steps,
        options=version.options,
    )  # fmt: skip
    text = f"货号,数量,单价,仓库\n{a.code},10,1,{world.main.code}\n"
    job = given(world, text, purpose="opening", start_on=date(2026, 1, 1), warehouse=None)
    job = door.submit(job.pk, actor=world.admin, access=SYSTEM)
    assert job.state == "waiting"
    elsewhere = world.person("eve", "approver", warehouse=world.other)
    with pytest.raises(NotAllowed):
        door.approve(
            job.pk, actor=elsewhere, access=access_for(elsewhere), content=job.content_hash
        )
    asked = Notice.objects.filter(kind="intake.waits", url=f"/intake/{job.key}/")
    told = set(asked.values_list("user__username", flat=True))
    assert world.bob.username in told
    assert told.isdisjoint({world.admin.username, world.dan.username, world.ann.username})
    with pytest.raises(NotAllowed):
        door.send_back(job.pk, actor=world.dan, access=access_for(world.dan), text="no")
    with pytest.raises(NotAllowed):
        door.approve(
            job.pk, actor=world.dan, access=access_for(world.dan), content=job.content_hash
        )
    with pytest.raises(DomainError, match="Say why"):
        door.send_back(job.pk, actor=world.bob, access=access_for(world.bob), text="  ")
    job = door.send_back(
        job.pk, actor=world.bob, access=access_for(world.bob), text="The price is wrong"
    )
    assert (job.state, job.wish["sent_back"]["text"]) == ("draft", "The price is wrong")
    back = Notice.objects.get(kind="intake.sent_back")
    assert (back.user, back.data["text"]) == (world.admin, "The price is wrong")
    job = door.submit(job.pk, actor=world.admin, access=SYSTEM)
    assert "sent_back" not in job.wish
    with pytest.raises(door.Unsuitable):
        door.begin(job.pk, access=SYSTEM)
    with pytest.raises(door.Unsuitable, match="Somebody else"):
        door.approve(job.pk, actor=world.admin, access=SYSTEM, content=job.content_hash)
    with pytest.raises(door.Moved):
        door.approve(job.pk, actor=world.bob, access=SYSTEM, content="0" * 64)
    job = door.approve(job.pk, actor=world.bob, access=SYSTEM, content=job.content_hash)
    assert job.state == "approved"
    assert Notice.objects.get(kind="intake.approved").user == world.admin
    Item.objects.filter(pk=a.pk).update(code="IM-renamed")
    door.begin(job.pk, access=SYSTEM)
    stopped = working.run(job.pk)
    assert stopped is not None
    assert stopped.state == "stopped"
    assert Movement.objects.count() == 0


def test_opening_is_locked_when_the_company_is_live(world: World) -> None:
    a = world.item()
    text = f"货号,数量,单价\n{a.code},10,1\n"
    job = write(given(world, text, purpose="opening", start_on=date(2026, 1, 1)))
    from django.utils import timezone

    GoingLive.objects.create(
        company=world.company, start_on=date(2026, 1, 1), locked_at=timezone.now()
    )
    with pytest.raises(door.Unsuitable):
        door.undo(job.pk, actor=world.admin, access=SYSTEM)
    more = given(world, f"货号,数量,单价\n{a.code},3,1\n", purpose="opening")
    assert wrong(more) == {("opening_locked", "")}


def test_items_and_partners_are_made_and_changed_and_given_back(world: World) -> None:
    a = world.item()
    text = f"编码,名称,规格,单位,分类\n{a.code},renamed,10mm,PCS,{world.category.code}\nNEW-1,brand new,,PCS,tools\n"
    job = write(given(world, text, purpose="items"))
    assert job.state == "done"
    a.refresh_from_db()
    assert (a.name, a.specification) == ("renamed", "10mm")
    assert Item.objects.get(code="NEW-1").category.name == "tools"
    door.undo(job.pk, actor=world.admin, access=SYSTEM)
    undone = working.run(job.pk)
    assert undone is not None
    assert undone.state == "undone"
    a.refresh_from_db()
    assert a.name == "item 1"
    assert Item.objects.get(code="NEW-1").archived_at is not None
    text = "供应商名称,联系人,电话\nNorth Ltd,Zhao,123\n"
    job = write(given(world, text, purpose="partners"))
    assert Partner.objects.get(name="North Ltd").is_supplier


def test_orders_boms_and_counts_become_what_they_are(world: World) -> None:
    a, b = world.stocked(5), world.item()
    head = world.head
    text = (
        f"订单号,供应商,货号,数量,单价\nPO-7,Supplier,{a.code},10,2\nPO-7,Supplier,{b.code},3,1\n"
    )
    job = given(world, text, purpose="orders")
    Import.objects.filter(pk=job.pk).update(asker=head)
    assert write(job).state == "done"
    order = Document.objects.get(type="purchase_order")
    assert (order.reference, order.state, order.lines.count()) == ("PO-7", "draft", 2)
    text = f"父项编码,子项编码,用量\n{a.code},{b.code},2\n"
    job = given(world, text, purpose="boms")
    assert job.summary["groups"] == []
    assert write(job).state == "done"
    from workflows.models import Bom

    assert Bom.objects.get(item=a).lines.get().quantity == D(2)
    text = f"货号,账面数量,实盘数量\n{a.code},5,4\n"
    job = given(world, text, purpose="stocktake")
    Import.objects.filter(pk=job.pk).update(asker=head)
    assert job.summary["groups"] == []
    assert write(job).state == "done"
    count = Document.objects.get(type="stocktake")
    assert count.count_lines.get().counted == D(4)
    assert uuid.UUID(str(count.key))


def test_the_database_alone_keeps_what_was_submitted_and_written(world: World) -> None:
    a = world.item()
    job = given(
        world, f"货号,数量,单价\n{a.code},10,1\n", purpose="opening", start_on=date(2026, 1, 1)
    )
    rows = Import.objects.filter(pk=job.pk)
    with pytest.raises(DatabaseError, match="graph"), transaction.atomic():
        rows.update(state="done")
    door.submit(job.pk, actor=None, access=SYSTEM)
    for change in (
        {"content_hash": "f" * 64},
        {"mends": {"cells": {"a!A1": "9"}}},
        {"purpose": "movements"},
    ):
        with pytest.raises(DatabaseError, match="submitted"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(approver=world.admin)
    door.begin(job.pk, access=SYSTEM)
    working.run(job.pk)
    written = ImportedRow.objects.filter(job=job)
    assert written.count() == 1
    with pytest.raises(DatabaseError, match="undone"), transaction.atomic():
        written.update(row=9)
    with pytest.raises(DatabaseError, match="erased"), transaction.atomic():
        written.delete()
    again = written.get()
    again.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        again.save(force_insert=True)


def many(world: World, items: list[Item], days: int) -> str:
    """Receipts of two lines, a document a day, and at last an issue of all that came of the first item."""
    rows = [
        f"2026-03-{day + 1:02},RK{day},采购入库,Supplier,,{item.code},2,PCS,3\n"
        for day in range(days)
        for item in items
    ]
    return MOVES.splitlines(keepends=True)[0] + "".join(rows)


def begun(world: World, text: str) -> Import:
    job = given(world, text, purpose="movements")
    assert job.summary["groups"] == []
    door.submit(job.pk, actor=None, access=SYSTEM)
    return door.begin(job.pk, access=SYSTEM)


def test_documents_share_statements(world: World) -> None:
    counts = []
    for days in (4, 8, 16):
        items = [world.item(), world.item()]
        job = begun(world, many(world, items, days))
        with CaptureQueriesContext(connection) as caught:
            done = working.run(job.pk)
        assert done is not None
        assert done.state == "done"
        assert [on_hand(item) for item in items] == [D(2 * days)] * 2
        counts.append(len(caught.captured_queries))
    assert counts[1] == counts[2]


def test_a_bad_document_takes_no_other_with_it(world: World) -> None:
    a, b, scarce = world.item(), world.item(), world.item()
    bring(world, scarce, 5)
    day = timezone.localdate() - timedelta(days=1)
    text = many(world, [a, b], 3) + (
        f"{day},CK1,销售出库,,Customer,{scarce.code},5,PCS,\n"
        f"{day},CK2,销售出库,,Customer,{b.code},6,PCS,\n"
    )
    job = begun(world, text)
    use(world, scarce, 3)
    done = working.run(job.pk)
    assert done is not None
    assert done.state == "stopped"
    assert scarce.code in done.problem
    written = ImportedRow.objects.filter(job=job)
    assert set(written.values_list("row", flat=True)) == {2, 3, 4, 5, 6, 7}
    assert [on_hand(item) for item in (a, b, scarce)] == [D(6), D(6), D(2)]
    # What is missing comes, and the rest is written.
    bring(world, scarce, 3)
    door.begin(job.pk, access=SYSTEM)
    done = working.run(job.pk)
    assert done is not None
    assert (done.state, done.written) == ("done", 8)
    assert [on_hand(item) for item in (a, b, scarce)] == [D(6), D(0), D(0)]
    documents = Document.objects.filter(imported_rows__job=job).distinct()
    assert sorted(documents.values_list("reference", flat=True)) == [
        "CK1",
        "CK2",
        "RK0",
        "RK1",
        "RK2",
    ]


def test_what_breaks_off_between_and_within_is_written_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run dies after the postings of its second transaction, before the rows are recorded."""
    items = [world.item(), world.item()]
    job = begun(world, many(world, items, 7))
    record, calls = writing.Writer._record, 0

    class Killed(BaseException):
        pass

    def dying(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Killed
        record(*arguments)

    monkeypatch.setattr(writing, "MOST_DOCUMENTS", 3)
    with monkeypatch.context() as patch:
        patch.setattr(writing.Writer, "_record", dying)
        with pytest.raises(Killed):
            working.run(job.pk)
    assert ImportedRow.objects.filter(job=job).count() == Movement.objects.count() == 6
    assert Document.objects.count() == 3
    Import.objects.filter(pk=job.pk).update(beat_at=None)
    done = working.run(job.pk)
    assert done is not None
    assert (done.state, done.written) == ("done", 14)
    assert [on_hand(item) for item in items] == [D(14), D(14)]
    assert ImportedRow.objects.filter(job=job).count() == Movement.objects.count() == 14
    numbers = Document.objects.order_by("pk").values_list("number", flat=True)
    assert list(numbers) == [f"PIN-IM-A-{n:05}" for n in range(1, 8)]


@pytest.mark.parametrize("tries", [3, 99])
def test_rows_that_others_hold_are_waited_for_a_few_times(
    world: World, monkeypatch: pytest.MonkeyPatch, tries: int
) -> None:
    """A run that meets locked rows goes on by itself; only where they stay locked a person is asked."""
    a = world.item()
    job = begun(world, many(world, [a], 2))
    post, slept = writing.trusted.post, list[float]()

    def busy(*arguments: Any, **facts: Any) -> Any:
        if len(slept) < tries:
            raise Busy("busy")
        return post(*arguments, **facts)

    def apart(*_arguments: Any, **_facts: Any) -> Any:
        raise Again

    monkeypatch.setattr(writing.trusted, "post_many", apart)
    monkeypatch.setattr(writing.trusted, "post", busy)
    monkeypatch.setattr(writing.time, "sleep", slept.append)
    done = working.run(job.pk)
    assert done is not None
    waited = writing._PATIENCE
    assert sum(waited) < working.SILENCE.total_seconds() / 2
    if tries < len(waited):
        assert (done.state, done.written, slept) == ("done", 2, list(waited[:tries]))
    else:
        assert (done.state, done.written, slept) == ("stopped", 0, list(waited))
        assert "Others were writing" in done.problem
    assert on_hand(a) == 2 * done.written


def test_two_imports_of_one_file_write_every_row_once(world: World) -> None:
    a = world.item()
    text = f"日期,单号,业务类型,货号,数量,单价\n2026-03-01,RK1,其他入库,{a.code},10,2\n2026-03-02,RK2,其他入库,{a.code},5,2\n"
    one, two = given(world, text), given(world, text)
    for job in (one, two):
        door.submit(job.pk, actor=None, access=SYSTEM)
        door.begin(job.pk, access=SYSTEM)
    with pytest.raises(door.Unsuitable):
        door.begin(one.pk, access=SYSTEM)
    first = working.claim(one.pk)
    assert first is not None
    assert working.run(one.pk) is None, "two workers wrote one import"
    Import.objects.filter(pk=one.pk).update(worker="", beat_at=None)
    for job in (one, two):
        working.run(job.pk)
        job.refresh_from_db()
    assert (one.state, two.state) == ("done", "stopped")
    assert "Another import" in two.problem
    assert on_hand(a) == 15
    for state in ("undoing", "stopped"):
        Import.objects.filter(pk=one.pk).update(state=state)
    with pytest.raises(door.Unsuitable, match="Rows of"):
        door.take_back(one.pk, access=SYSTEM)
    again = door.take_back(two.pk, access=SYSTEM)
    assert (again.state, again.summary["known"], again.summary["good"]) == ("draft", 2, 0)
    longer = given(world, text + f"2026-03-03,RK3,其他入库,{a.code},1,2\n")
    assert (longer.summary["known"], longer.summary["good"]) == (2, 1)
    assert write(longer).written == 1
    assert on_hand(a) == 16


def test_missing_stock_is_opened_where_that_is_chosen(world: World) -> None:
    """What each row lacks is an opening of its moment, shown, bound, written once, and undone with the rest."""
    a, b = world.item(), world.item()
    bring(world, a, 2)
    day = timezone.localdate() - timedelta(days=1)
    head = "日期,单号,业务类型,货号,数量\n"
    text = f"{head}{day},C1,其他出库,{a.code},5\n{day},C2,其他出库,{a.code},1\n{day},C3,其他入库,{b.code},4\n{day},C4,其他出库,{b.code},4\n"
    job = given(world, text)
    assert {code for code, _raw in wrong(job)} == {"short"}
    assert "choose" in next(g["can"] for g in job.summary["groups"])
    door.mend(job.pk, changes.choose("short", "opening"), access=SYSTEM)
    job.refresh_from_db()
    assert (job.summary["wrong"], job.summary["documents"]["types"]["opening"]) == (0, 2)
    assert [quantity for _key, quantity in job.mends["opened"]] == ["3", "1"]
    notes = next(n for n in job.summary["notes"] if n["code"] == "short_opened")
    assert [row for _sheet, row, _cell, _message in notes["places"]] == [2, 3]
    bring(world, a, 1)
    seen = job.version
    done = write(job)
    assert (done.state, done.version > seen) == ("done", True)
    assert (on_hand(a), on_hand(b)) == (0, 0)
    opened = Movement.objects.filter(type="opening")
    assert [m.quantity for m in opened] == [2, 1]
    again = given(world, text)
    assert (again.summary["known"], again.summary["good"]) == (4, 0)
    door.undo(job.pk, actor=world.admin, access=SYSTEM)
    undone = working.run(job.pk)
    assert undone is not None
    assert (undone.state, on_hand(a)) == ("undone", 3)


def test_a_choice_to_open_is_taken_back_and_refused_when_locked(world: World) -> None:
    a = world.item()
    day = timezone.localdate() - timedelta(days=1)
    job = given(world, f"日期,业务类型,货号,数量\n{day},其他出库,{a.code},5\n")
    door.mend(job.pk, changes.choose("short", "opening"), access=SYSTEM)
    door.mend(job.pk, changes.choose("short", ""), access=SYSTEM)
    job.refresh_from_db()
    assert (wrong(job), job.mends["opened"]) == ({("short", "")}, [])
    GoingLive.objects.create(company=world.company, start_on=day, locked_at=timezone.now())
    door.mend(job.pk, changes.choose("short", "opening"), access=SYSTEM)
    job.refresh_from_db()
    assert {code for code, _raw in wrong(job)} == {"opening_locked"}


def test_mending_asks_the_same_however_many_rows_there_are(world: World) -> None:
    """A mended group is looked at with the same number of statements for ten rows and for a thousand, and not read anew."""
    item = world.item()
    counts = []
    for rows in (10, 1_000):
        lines = [
            f"2026-03-{n % 28 + 1:02},R{n},其他入库,{item.code},{n % 7 + 1},合,2"
            for n in range(rows)
        ]
        job = given(world, "日期,单号,业务类型,货号,数量,计量单位,单价\n" + "\n".join(lines) + "\n")
        assert wrong(job) == {("unknown_unit", "合")}
        storing.path_of(job).rename(storing.path_of(job).with_suffix(".away"))
        try:
            with CaptureQueriesContext(connection) as caught:
                door.mend(job.pk, changes.give("unit", "合", "PCS"), access=SYSTEM)
        finally:
            storing.path_of(job).with_suffix(".away").rename(storing.path_of(job))
        job.refresh_from_db()
        assert (job.summary["wrong"], job.summary["good"]) == (0, rows)
        counts.append(len(caught.captured_queries))
    assert counts[0] == counts[1] < 60


def test_rows_about_nothing_are_wrong_and_not_dropped(world: World) -> None:
    text = "类型,1月,2月,3月\n入库,100,50,30\n出库,80,40,20\n"
    job = given(world, text, name="2025年出入库.csv", purpose="movements")
    assert "item_missing" in {code for code, _raw in wrong(job)}
    assert (job.summary["good"], job.summary["wrong"]) == (0, 2)
