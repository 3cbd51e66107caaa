"""Pages of review, hand-over and reports: by rights, without costs where they may not be seen, and never broken."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from finance import invoicing
from finance.handover import batches
from finance.invoicing import LineGiven
from finance.models import AccountRule, HandoverProfile, JournalEntry, VoucherBatch
from people.access import SYSTEM
from people.models import Membership, Role, User
from stock.models import Movement
from tests.finance import voucher_reader as reader
from tests.finance.handing import Month
from tests.finance.test_formats import NAMES, TITLES

pytestmark = pytest.mark.django_db
PAGES = ("review", "batches", "new_way")
REPORTS = ("trial", "reconcile", "grni", "sales", "variances")


@pytest.fixture
def month() -> Month:
    """A month with three entries, nothing reviewed."""
    made = Month()
    made.live()
    return made


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """A client with some rights everywhere."""

    def sign_in(*rights: str) -> Client:
        name = "-".join(rights) or "nobody"
        user = User.objects.create_user(name, password="x", name=name)
        role = Role.objects.create(code=name[:20], name=name, rights=["stock.view", *rights])
        Membership.objects.create(user=user, role=role, everywhere=True)
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def test_only_finance_comes_in(month: Month, sign_in: Callable[..., Client]) -> None:
    """Others get 403 on every page and every act."""
    other = sign_in("cost.view")
    entry = month.entries()[0]
    urls = [reverse(f"finance:{name}") for name in (*PAGES, *REPORTS, "new_batch")]
    for url in [*urls, reverse("finance:entry", args=[entry.pk])]:
        assert other.get(url).status_code == 403, url
    assert other.post(reverse("finance:day"), {"day": entry.date}).status_code == 403
    assert month.entries()[0].review == "unreviewed"


def test_every_page_opens_in_both_languages(month: Month, sign_in: Callable[..., Client]) -> None:
    """With and without entries, whatever the address asks."""
    client = sign_in("finance.review", "cost.view")
    month.profile()
    entry = month.entries()[0]
    paths = [reverse(f"finance:{name}") for name in (*PAGES, *REPORTS, "new_batch")]
    paths += [reverse("finance:entry", args=[entry.pk])]
    paths += [reverse("finance:way", args=[HandoverProfile.objects.get().pk])]
    odd = "?from=x&to=0001-01-01&type=①&account=99999999999999999999&least=abc&review=zz&is=late&page=zz"
    for language in ("en", "zh-hans"):
        for path in paths:
            for query in ("", odd, "?month=2026-99&way=①&until=x&company=①&supplier=①&by=customer"):
                answer = client.get(path + query, headers={"accept-language": language})
                assert answer.status_code == 200, path + query
                assert b"style=" not in answer.content.split(b"<main", 1)[1], path
    for name in ("review", "batches", *REPORTS):
        for kind in ("csv", "xlsx"):
            assert client.get(reverse(f"finance:{name}") + f"?export={kind}").status_code == 200


def test_amounts_need_their_right(month: Month, sign_in: Callable[..., Client]) -> None:
    """The queue and an entry open without them; reports that are amounts do not."""
    client = sign_in("finance.review")
    for path in (reverse("finance:review"), reverse("finance:entry", args=[month.entries()[0].pk])):
        text = client.get(path).content.decode()
        assert "25.00" not in text
        assert "PI-1" in text
    for name in REPORTS:
        assert client.get(reverse(f"finance:{name}")).status_code == 403
    allowed = sign_in("finance.review", "cost.view")
    assert "25.00" in allowed.get(reverse("finance:review")).content.decode()


def test_the_queue_is_worked_off(month: Month, sign_in: Callable[..., Client]) -> None:
    """Some ticked, one asked about, the rest with the day; drilled both ways."""
    client = sign_in("finance.review", "cost.view")
    first, second, third = month.entries()
    client.post(reverse("finance:review"), {"do": "accept", "pick": [first.pk]})
    page = reverse("finance:entry", args=[second.pk])
    assert client.post(page, {"do": "question", "text": ""}).status_code == 422
    client.post(page, {"do": "question", "text": "why so many?"})
    text = client.get(page).content.decode()
    assert "why so many?" in text
    assert reverse("stock:posting", args=[second.posting_id]) in text
    client.post(reverse("finance:day"), {"day": third.date.isoformat(), "last": third.pk})
    assert [entry.review for entry in month.entries()] == ["reviewed", "questioned", "reviewed"]
    client.post(page, {"do": "accept"})
    assert {entry.review for entry in month.entries()} == {"reviewed"}
    narrowed = client.get(reverse("finance:review") + "?type=sales_out&review=reviewed")
    assert [row.pk for row in narrowed.context["page"]["objects"]] == [second.pk]


def test_the_day_is_reviewed_as_it_was_seen(month: Month, sign_in: Callable[..., Client]) -> None:
    """What is posted between looking and pressing stays unreviewed."""
    client = sign_in("finance.review", "cost.view")
    seen = client.get(reverse("finance:review")).context["day"]
    month.world.move("department_issue", month.item, 1, document="DI-2")
    day = {"day": seen["day"].isoformat()}
    assert client.post(reverse("finance:day"), day).status_code == 422
    client.post(reverse("finance:day"), {**day, "last": seen["last"]})
    open_ = JournalEntry.objects.filter(review="unreviewed")
    assert [entry.document for entry in open_] == ["DI-2"]


def test_an_amount_is_explained(month: Month, sign_in: Callable[..., Client]) -> None:
    """By which rule each account, where the cost came from; a missing rule is said."""
    client = sign_in("finance.review", "cost.view")
    month.world.move("sales_return", month.item, 1, document="SR-1")
    AccountRule.objects.filter(place_kind="scrap").delete()
    month.world.move("scrap", month.item, 1, document="SC-1")
    by_name = {entry.document: entry for entry in month.entries()}
    why = client.get(reverse("finance:entry", args=[by_name["PI-1"].pk])).context["whys"][0]
    assert "rule: " in why.debit
    assert why.cost == "as stated on the document"
    assert why.unit_cost == 2.5
    scrap = client.get(reverse("finance:entry", args=[by_name["SC-1"].pk]))
    assert "no rule fits" in scrap.context["whys"][0].debit
    assert "No account" in client.get(reverse("finance:review")).content.decode()
    assert client.get(reverse("finance:review") + "?is=missing").context["page"]["count"] == 1


def test_a_batch_from_making_to_confirming(month: Month, sign_in: Callable[..., Client]) -> None:
    """What is wrong is listed before; the file is noted; a reply is kept; taking back needs a reason."""
    client = sign_in("finance.review", "cost.view")
    month.review_all()
    month.account("220202", "supplier")
    month.account("6602", "department")
    way = month.profile()
    new = reverse("finance:new_batch")
    page = client.get(new).content.decode()
    assert "6602" in page
    assert "DI-1" in page
    client.post(new, {"way": way.pk})
    assert not VoucherBatch.objects.exists()
    month.account("6602")
    client.post(new, {"way": way.pk})
    batch = VoucherBatch.objects.get()
    here = reverse("finance:batch", args=[batch.key])
    answer = client.post(reverse("finance:batch_file", args=[batch.key]))
    assert reader.u8(answer.content, "gbk")[0]["account"] == "1405"
    assert f"{batch}.txt" in answer["Content-Disposition"]
    assert "taken already" in client.get(here).content.decode()
    blind = sign_in("finance.review")
    amount = f"{batch.total:.2f}"
    for page in (here, reverse("finance:batches")):
        assert amount in client.get(page).content.decode(), page
        shown = blind.get(page).content.decode()
        assert amount not in shown, page
        assert str(batch) in shown, page
    for code in ("kis", "xlsx", "csv", "json"):
        answer = client.post(reverse("finance:batch_file", args=[batch.key]), {"format": code})
        assert answer.status_code == 200, code
    assert client.post(here, {"do": "take_back", "text": " "}).status_code == 422
    assert client.post(here, {"do": "push"}).status_code == 422
    reply = SimpleUploadedFile("reply.txt", b"3 booked")
    client.post(here, {"do": "confirm", "text": "done", "reply": reply})
    batch.refresh_from_db()
    assert batch.state == "confirmed"
    event = batch.events.get(kind="confirmed")
    assert client.get(reverse("finance:reply", args=[event.pk])).content == b"3 booked"
    assert client.post(here, {"do": "take_back", "text": "x"}).status_code == 409
    assert "记-0001" in client.get(reverse("finance:review")).content.decode()


@pytest.mark.parametrize("other", [{"way": "0"}, {"month": "2026-13"}, {"until": "soon"}])
def test_nothing_is_handed_over_otherwise_than_the_form_says(
    month: Month, sign_in: Callable[..., Client], other: dict[str, str]
) -> None:
    """A way that was archived meanwhile, or days that no one can read, make no batch another way or of all days."""
    client = sign_in("finance.review", "cost.view")
    month.review_all()
    given = {"way": str(month.profile().pk)}
    answer = client.post(reverse("finance:new_batch"), {**given, **other})
    assert answer.status_code == 422
    assert not VoucherBatch.objects.exists()
    assert client.post(reverse("finance:new_batch"), given).status_code == 302


def test_a_template_is_taken_and_mapped(month: Month, sign_in: Callable[..., Client]) -> None:
    """Pasted or uploaded; a text for the account book; then the workbook stands under those heads."""
    client = sign_in("finance.review", "cost.view")
    month.review_all()
    way = month.profile(format="kingdee")
    page = reverse("finance:way", args=[way.pk])
    assert client.post(page, {"do": "template", "rows": "nonsense"}).status_code == 422
    rows = "\t".join(NAMES) + "\n" + "\t".join(TITLES)
    client.post(page, {"do": "template", "rows": rows})
    way.refresh_from_db()
    form: dict[str, Any] = {"do": "columns", "word_code": "PRE001"}
    for place, name in enumerate(NAMES):
        form[f"source-{place}"] = way.mapping.get(name, "")
        if form[f"source-{place}"].startswith("="):
            form[f"source-{place}"], form[f"text-{place}"] = "=", way.mapping[name][1:]
    form["source-1"], form["text-1"] = "=", "001"
    client.post(page, form)
    batch = batches.make(HandoverProfile.objects.get(), month.first, actor=month.fay, access=SYSTEM)
    answer = client.post(reverse("finance:batch_file", args=[batch.key]))
    _sheet, heads, found = reader.workbook(answer.content, 2)
    assert heads == [NAMES, TITLES]
    assert (found[0]["FAccountBookID"], found[0]["FVOUCHERGROUPID"]) == ("001", "PRE001")
    again = SimpleUploadedFile("t.xlsx", answer.content)
    client.post(page, {"do": "template", "file": again})
    way.refresh_from_db()
    assert way.mapping["FAccountBookID"] == "=001"


def test_ways_are_made_and_changed(month: Month, sign_in: Callable[..., Client]) -> None:
    """With a name of their own; auxiliaries are set there; an inside address is refused in words."""
    client = sign_in("finance.review")
    form = {"name": "U8", "format": "u8", "encoding": "", "grouping": "day", "word": "转"}
    client.post(reverse("finance:new_way"), {**form, "first_number": 5})
    way = HandoverProfile.objects.get()
    assert (way.grouping, way.word, way.first_number) == ("day", "转", 5)
    assert client.post(reverse("finance:new_way"), {**form, "first_number": 0}).status_code == 422
    assert HandoverProfile.objects.count() == 1
    page = reverse("finance:way", args=[way.pk])
    assert client.post(page, {"do": "push", "url": "https://10.0.0.1/"}).status_code == 422
    account = month.world.company.account_set.get(code="6602")
    client.post(page, {"do": "auxiliaries", f"aux-{account.pk}-department": "1"})
    account.refresh_from_db()
    assert account.auxiliaries == ["department"]
    client.post(page, {"do": "archive"})
    assert client.get(page).status_code == 404


def test_a_book_broken_on_purpose_is_named(month: Month, sign_in: Callable[..., Client]) -> None:
    """The row, what it should be and what it is; a whole book names nothing."""
    from django.db import connection

    from core import triggers
    from finance import guards

    client = sign_in("finance.review", "cost.view")
    page = reverse("finance:reconcile")
    assert "No row differs." in client.get(page).content.decode()
    laws = [one for one in guards.TRIGGERS if one.table == "finance_journalline"]
    triggers.drop(connection, laws)
    sale = JournalEntry.objects.get(document="SO-1")
    sale.every_line.update(amount=8)
    triggers.install(connection, laws)
    answer = client.get(page)
    rows = {str(row.law): row for row in answer.context["view"].rows}
    movement = rows["A movement is booked with another value"]
    assert (movement.row, movement.expected, movement.found) == (sale.posting_id, -10, -8)
    assert movement.name == month.item.code
    item = rows["An item is worth something else on the accounts"]
    assert (item.name, item.difference) == (month.item.code, 2)
    entry = rows["An entry does not hold its lines"]
    assert (entry.row, entry.name) == (sale.pk, "SO-1")
    text = answer.content.decode()
    assert reverse("finance:entry", args=[sale.pk]) in text
    assert "not equal" in client.get(reverse("finance:review")).content.decode() or rows


def test_reports_add_up(month: Month, sign_in: Callable[..., Client]) -> None:
    """Trial balance to nothing; cost of sales by item is that by customer and that of 6401; GRNI is 2202."""
    client = sign_in("finance.review", "cost.view")
    month.world.move("sales_out", month.item, 1, partner=month.customer.pk, document="SO-2")
    rows = {
        row.account.code: row for row in client.get(reverse("finance:trial")).context["view"].rows
    }
    assert sum(row.closing for row in rows.values()) == 0
    assert rows["1405"].closing == 10
    by_item = client.get(reverse("finance:sales")).context["view"].rows
    by_customer = client.get(reverse("finance:sales") + "?by=customer").context["view"].rows
    assert [(row.code, row.quantity, row.amount) for row in by_item] == [(month.item.code, 5, 12.5)]
    assert [(row.code, row.amount) for row in by_customer] == [(month.customer.code, 12.5)]
    assert rows["6401"].closing == 12.5
    (open_,) = client.get(reverse("finance:grni")).context["view"].rows
    assert open_.total == -rows["220202"].closing == 25
    receipts = client.get(reverse("finance:grni") + f"?supplier={month.supplier.pk}")
    assert [row.document for row in receipts.context["view"].rows] == ["PI-1"]


def test_amounts_in_a_file_are_figures(month: Month, sign_in: Callable[..., Client]) -> None:
    """One or several on a side: a spreadsheet adds them up to what the journal says."""
    client = sign_in("finance.review", "cost.view")
    line = LineGiven(Decimal(10), Movement.objects.get(type="purchase_in").pk, Decimal(4))
    given: dict[str, Any] = {"actor": None, "access": SYSTEM}
    draft = invoicing.save(
        month.world.company, partner=month.supplier, number="F-1", day=month.first,
        tax=Decimal("1.30"), lines=[line], **given,
    )  # fmt: skip
    invoicing.post(draft, **given)
    assert "10.00<br>1.30" in client.get(reverse("finance:review")).content.decode()
    answer = client.get(reverse("finance:review") + "?export=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    head = [cell.value for cell in sheet[1]]
    total = sum(entry.total for entry in JournalEntry.objects.all())
    for name in ("Debits", "Credits"):
        (column,) = [place for place, text in enumerate(head) if text == name]
        found = [row[column].value for row in sheet.iter_rows(min_row=2)]
        assert sum(found) == pytest.approx(float(total)), name
    lines = b"".join(client.get(reverse("finance:review") + "?export=csv").streaming_content)
    assert ",11.3," in lines.decode()


@pytest.mark.parametrize("name", ["trial", "sales", "variances"])
def test_a_view_of_a_report_is_there_the_next_day(
    month: Month, sign_in: Callable[..., Client], name: str
) -> None:
    client = sign_in("finance.review", "cost.view")
    days = "?from=2026-01-01&to=2026-01-02"
    table = client.get(reverse(f"finance:{name}") + days).context["view"].table
    saved = {"table": table.name, "name": "Mine", "query": "sort=code", "next": "/"}
    assert client.post(reverse("people:view_save"), saved).status_code == 302
    view = client.get(reverse(f"finance:{name}")).context["view"]
    assert [one.name for one in view.saved()] == ["Mine"]
    answer = client.get(reverse(f"finance:{name}") + f"{days}&export=csv")
    assert "2026-01-01-2026-01-02" in answer["Content-Disposition"]
