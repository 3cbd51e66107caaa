"""Batches of vouchers: what is in them, numbers without gaps, once only, taken back, confirmed."""

import random
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from finance.errors import BatchMoved, BatchRefused
from finance.handover import batches, files
from finance.models import Account, BatchEvent, HandedEntry, JournalEntry, Voucher, VoucherBatch
from people.access import SYSTEM
from tests.finance import voucher_reader as reader
from tests.finance.handing import Month

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def month() -> Month:
    """A month with three reviewed entries."""
    made = Month()
    made.live()
    made.review_all()
    return made


def make(month: Month, **given: object) -> VoucherBatch:
    """A batch of what is reviewed, by Fay."""
    return batches.make(month.profile(**given), month.first, actor=month.fay, access=SYSTEM)


def test_a_batch_holds_every_reviewed_entry_once(month: Month) -> None:
    """Each document its voucher, in order, with our number; a second batch finds nothing."""
    batch = make(month)
    assert (batch.state, batch.entries, batch.vouchers, batch.total) == ("made", 3, 3, D("37.5"))
    assert [str(row) for row in batch.kept.all()] == ["记-0001", "记-0002", "记-0003"]
    assert {entry.review for entry in month.entries()} == {"handed_over"}
    rows = reader.u8(files.write(batch).content, "gbk")
    assert [(row["account"], row["debit"], row["credit"]) for row in rows] == [
        ("1405", D("25.00"), 0),
        ("220202", 0, D("25.00")),
        ("6401", D("10.00"), 0),
        ("1405", 0, D("10.00")),
        ("6602", D("2.50"), 0),
        ("1405", 0, D("2.50")),
    ]
    assert [row["summary"].split()[:2] for row in rows[::2]] == [
        ["采购入库", "PI-1"],
        ["销售出库", "SO-1"],
        ["部门领用", "DI-1"],
    ]
    assert (rows[0]["quantity"], rows[0]["maker"]) == (10, "Fay")
    with pytest.raises(BatchRefused):
        make(month)


def test_days_and_types_are_one_voucher(month: Month) -> None:
    """Equal lines added up; both sides stay equal to the entries'."""
    batch = make(month, grouping="day")
    assert (batch.vouchers, batch.total) == (1, D("37.5"))
    (voucher,) = files.vouchers_of(batch)
    assert [(line.account, line.amount) for line in voucher.lines] == [
        ("1405", D(25)),
        ("6401", D(10)),
        ("6602", D("2.5")),
        ("1405", D("12.5")),
        ("220202", D(25)),
    ]
    assert voucher.reference == "PI-1 SO-1 DI-1"
    batches.take_back(batch.pk, actor=month.fay, access=SYSTEM, reason="wrong way")
    month.world.move("sales_out", month.item, 1, document="SO-2")
    month.review_all()
    by_type = make(month, grouping="type")
    assert [row.summary.split()[:3] for row in by_type.kept.all()] == [
        ["采购入库", "PI-1", "item"],
        ["销售出库", "SO-1", "SO-2"],
        ["部门领用", "DI-1", "item"],
    ]


def test_a_long_document_is_several_vouchers(month: Month) -> None:
    """None has more lines than an accounting system takes; each is balanced; the entry is on the first."""
    month.account("1405", "item")
    items = [month.world.item() for _n in range(250)]
    month.world.post(
        *(month.world.line("purchase_in", item, 1, unit_cost=1) for item in items), document="PI-9"
    )
    month.review_all()
    batch = make(month)
    long = [v for v in files.vouchers_of(batch) if v.reference == "PI-9"]
    assert [len(voucher.lines) for voucher in long] == [200, 52]
    assert all(voucher.debit == voucher.credit for voucher in long)
    entry = JournalEntry.objects.get(document="PI-9")
    assert HandedEntry.objects.get(entry=entry).voucher.number == long[0].number


def test_accounts_get_the_auxiliaries_they_want(month: Month) -> None:
    """A supplier where one is known; one that is missing is named and nothing is written."""
    month.account("220202", "supplier")
    month.account("6401", "customer")
    batch = make(month)
    rows = reader.u8(files.write(batch).content, "gbk")
    assert rows[1]["supplier"] == month.supplier.code
    assert rows[2]["customer"] == month.customer.code
    batches.take_back(batch.pk, actor=month.fay, access=SYSTEM, reason="more")
    month.account("6602", "department")
    with pytest.raises(BatchRefused) as refused:
        make(month)
    (line,) = refused.value.lines
    assert line.code == "auxiliary_missing"
    assert "DI-1" in str(line.message)
    assert line.data["document"] == "DI-1"
    assert VoucherBatch.objects.count() == 1
    assert {entry.review for entry in month.entries()} == {"reviewed"}


def test_numbers_follow_one_another_in_the_database(month: Month) -> None:
    """A gap, a double and a change are refused whoever writes; each word and month has its own."""
    batch = make(month, word="转", first_number=51)
    assert [row.number for row in batch.kept.all()] == [51, 52, 53]
    base = {
        "batch": batch,
        "company": month.world.company,
        "month": month.first,
        "word": "转",
        "date": month.first,
        "total": 0,
        "content": {},
    }
    for number in (53, 55, 1):
        with pytest.raises(DatabaseError), transaction.atomic():
            Voucher.objects.create(number=number, **base)
    Voucher.objects.create(number=54, **base)
    Voucher.objects.create(number=7, **{**base, "word": "记"})
    rows = Voucher.objects.filter(word="转")
    for change in ({"number": 60}, {"content": {"a": 1}}, {"total": 5}):
        with pytest.raises(DatabaseError, match="stay"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError, match="stay"), transaction.atomic():
        rows.filter(number=54).delete()
    with pytest.raises(DatabaseError, match="last numbers"), transaction.atomic():
        Voucher.objects.filter(number=52).update(withdrawn=True)


def test_only_the_last_batch_is_taken_back(month: Month) -> None:
    """Then its numbers are used again, and its entries wait again."""
    profile = month.profile()
    first = batches.make(profile, month.first, actor=month.fay, access=SYSTEM)
    month.world.move("sales_out", month.item, 1, document="SO-2")
    month.review_all()
    second = batches.make(profile, month.first, actor=month.fay, access=SYSTEM)
    assert [row.number for row in second.kept.all()] == [4]
    with pytest.raises(BatchRefused, match=str(second)):
        batches.take_back(first.pk, actor=month.fay, access=SYSTEM, reason="x")
    with pytest.raises(BatchRefused):
        batches.take_back(second.pk, actor=month.fay, access=SYSTEM, reason=" ")
    for batch in (second, first):
        batches.take_back(batch.pk, actor=month.fay, access=SYSTEM, reason="wrong account set")
    assert {entry.review for entry in month.entries()} == {"reviewed"}
    third = batches.make(profile, month.first, actor=month.fay, access=SYSTEM)
    assert [row.number for row in third.kept.all()] == [1, 2, 3, 4]
    with pytest.raises(BatchMoved):
        batches.take_back(second.pk, actor=month.fay, access=SYSTEM, reason="again")


def test_a_confirmed_batch_stays(month: Month) -> None:
    """With the reply that came; its entries cannot be looked at again."""
    batch = make(month)
    reply = ("回执.txt", "成功 3 张".encode("gbk"))
    batches.confirm(batch.pk, actor=month.gus, access=SYSTEM, text="ok", reply=reply)
    event = BatchEvent.objects.get(batch=batch, kind="confirmed")
    assert (event.user, event.text, event.reply_name, bytes(event.reply)) == (
        month.gus,
        "ok",
        *reply,
    )
    with pytest.raises(BatchMoved):
        batches.take_back(batch.pk, actor=month.fay, access=SYSTEM, reason="x")
    with pytest.raises(BatchRefused):
        batches.confirm(batch.pk, actor=month.fay, access=SYSTEM, reply=("x", b"y" * 300_000))
    with pytest.raises(DatabaseError, match="with their batch"), transaction.atomic():
        JournalEntry.objects.filter(review="handed_over").update(review="reviewed")
    with pytest.raises(DatabaseError), transaction.atomic():
        BatchEvent.objects.all().delete()


def test_a_file_taken_again_is_the_same_and_is_seen(month: Month) -> None:
    """Whatever changed since; the batch keeps what it was made of."""
    batch = make(month)
    first = files.take(batch, actor=month.fay, access=SYSTEM)
    Account.objects.filter(code="1405").update(name_zh="改名")
    batch.profile.encoding = "utf-8"
    batch.profile.save()
    second = files.take(VoucherBatch.objects.get(), actor=month.gus, access=SYSTEM)
    assert (first.name, first.content) == (second.name, second.content)
    assert [event.user for event in files.taken(batch)] == [month.fay, month.gus]
    assert files.write(batch, "json").name.endswith(".json")


def test_a_format_that_needs_a_template_is_refused_without_one(month: Month) -> None:
    """Nothing is noted as taken, then."""
    batch = make(month)
    with pytest.raises(BatchRefused, match="header rows"):
        files.take(batch, actor=month.fay, access=SYSTEM, code="kingdee")
    assert files.taken(batch) == []


def test_what_is_wrong_with_a_text_is_named(month: Month) -> None:
    """A character that GBK lacks stops the batch and names it."""
    month.item.name = "螺栓 ☃"
    month.item.save()
    with pytest.raises(BatchRefused) as refused:
        make(month)
    assert "☃" in str(refused.value.lines[0].message)
    assert make(month, encoding="utf-8").vouchers == 3


@pytest.mark.parametrize("grouping", ["document", "day", "type"])
@pytest.mark.parametrize("seed", range(4))
def test_vouchers_add_up_to_the_journal(seed: int, grouping: str) -> None:
    """Whatever happened and however it is grouped: per account the same debits less credits."""
    chance = random.Random(seed)
    month = Month("H")
    month.world.move("opening", month.item, 100, unit_cost="3.33")
    for number in range(10):
        kind = chance.choice(["purchase_in", "sales_out", "scrap", "other_in", "department_issue"])
        given = (
            {"unit_cost": D(chance.randint(1, 999)) / 100}
            if kind in {"purchase_in", "other_in"}
            else {}
        )
        given |= {"reason": "found"} if kind == "other_in" else {}
        month.world.move(kind, month.item, chance.randint(1, 5), document=f"D-{number}", **given)
    month.review_all()
    expected: dict[str, Decimal] = {}
    for entry in month.entries():
        for line in entry.every_line.select_related("debit_account", "credit_account"):
            for account, amount in (
                (line.debit_account.code, line.amount),
                (line.credit_account.code, -line.amount),
            ):
                expected[account] = expected.get(account, D(0)) + amount
    found: dict[str, Decimal] = {}
    for voucher in files.vouchers_of(make(month, grouping=grouping)):
        assert voucher.debit == voucher.credit
        for one in voucher.lines:
            found[one.account] = found.get(one.account, D(0)) + one.debit - one.credit
    assert found == expected
