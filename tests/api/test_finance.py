"""Finance in the API: the journal is reviewed, vouchers are handed over and acknowledged, months are closed, by the same doors as on pages."""

import uuid
from typing import Any

import pytest

from finance.models import HandoverProfile, VoucherBatch
from people.models import Membership, Role, User
from tests.api.conftest import Program, program_of
from tests.api.test_reads import _costs
from tests.finance import voucher_reader
from tests.finance.handing import Month

pytestmark = pytest.mark.django_db


@pytest.fixture
def month() -> Month:
    month = Month()
    month.live()
    return month


def who(name: str, *rights: str) -> User:
    user = User.objects.create_user(name, password="x", name=name)
    role = Role.objects.create(code=f"r-{name}", name=name, rights=["stock.view", *rights])
    Membership.objects.create(user=user, role=role, everywhere=True)
    return user


@pytest.fixture
def fay(month: Month) -> Program:
    user = who("api-fay", "cost.view", "finance.review", "period.close")
    return program_of(user, "finance", "costs")


def send(program: Program, path: str, body: dict[str, Any] | None = None, key: str = "") -> Any:
    return program.send(
        f"/api/v1/{path}", body or {}, **{"Idempotency-Key": key or str(uuid.uuid4())}
    )


def test_the_journal_is_read_questioned_and_reviewed(month: Month, fay: Program) -> None:
    rows = fay.get("journal/")["results"]
    assert rows
    assert all(line["amount"] for row in rows for line in row["lines"])
    one = rows[0]["entry"]
    asked = send(fay, f"journal/{one}/question/", {"text": "why?"})
    assert asked.status_code == 200, asked.content
    assert asked.json()["notes"][0]["text"] == "why?"
    assert send(fay, f"journal/{one}/question/", {"text": "again"}).status_code == 422
    (questioned,) = fay.get("journal/", review="questioned")["results"]
    assert questioned["entry"] == one
    every = [row["entry"] for row in rows]
    key = str(uuid.uuid4())
    for _time in range(2):
        done = send(fay, "journal/review/", {"entries": every}, key).json()
        assert done == {"done": len(every), "left": []}
    assert fay.get("journal/", review="unreviewed")["results"] == []
    again = send(fay, "journal/reopen/", {"entries": [one], "text": "look again"}).json()
    assert again["done"] == 1
    assert fay.get(f"journal/{one}/")["notes"][-1]["text"] == "look again"
    code = rows[0]["lines"][0]["debit"]
    assert fay.get("journal/", account=code)["results"]
    assert fay.get("journal/", account="nonsense")["results"] == []
    fay.get("journal/999999/", expect=404)
    fay.get("journal/", expect=400, review="nonsense")
    assert send(fay, "journal/review/", {"entries": ["x"]}).status_code == 400
    some = send(fay, "journal/review/", {"entries": [one, 999_999, 999_998]}).json()
    assert some == {"done": 1, "left": [{"why": "There is no such entry.", "entries": 2}]}


def test_a_batch_is_made_taken_and_acknowledged(month: Month, fay: Program) -> None:
    every = [row["entry"] for row in fay.get("journal/")["results"]]
    day = fay.get("journal/")["results"][0]["date"]
    send(fay, "journal/review/", {"entries": every})
    way = HandoverProfile.objects.create(company=month.world.company, name="U8", format="u8")
    assert fay.get("voucher-ways/")["results"][0]["name"] == "U8"
    assert send(fay, "voucher-batches/", {"way": 99999, "month": day}).status_code == 404
    made = send(fay, "voucher-batches/", {"way": way.pk, "month": day})
    assert made.status_code == 201, made.content
    batch = made.json()
    assert batch["entries"] > 0
    assert send(fay, "voucher-batches/", {"way": way.pk, "month": day}).status_code == 422
    url = f"/api/v1/voucher-batches/{batch['batch']}/file/"
    file = fay.client.get(url, headers=fay.headers)
    assert file.status_code == 200
    assert voucher_reader.u8(file.content, "gbk")
    assert fay.client.get(url, headers=fay.headers).content == file.content
    done = send(fay, f"voucher-batches/{batch['batch']}/confirm/", {"text": "booked"})
    assert done.status_code == 200, done.content
    assert [one["kind"] for one in done.json()["events"]] == ["made", "taken", "taken", "confirmed"]
    back = send(fay, f"voucher-batches/{batch['batch']}/take-back/", {"reason": "no"})
    assert back.status_code == 409
    (row,) = fay.get("voucher-batches/", state="confirmed")["results"]
    assert row["total"] == batch["total"]
    fay.get(f"voucher-batches/{uuid.uuid4()}/", expect=404)


def test_a_month_is_closed_and_opened_again(month: Month, fay: Program) -> None:
    rows = fay.get("months/")["results"]
    assert not rows[0]["may_close"]
    name = rows[0]["month"]
    fay.get("months/1999-01/", expect=404)
    fay.get("months/nonsense/", expect=404)
    fay.get(f"months/{name}-01/", expect=404)
    refused = send(fay, f"months/{name}/close/")
    assert refused.status_code in {409, 422}, refused.content
    assert send(fay, f"months/{name}/reopen/", {"reason": "x"}).status_code in {409, 422}
    assert send(fay, f"months/{name}/reopen/", {}).status_code == 400
    past = [row for row in rows if row["may_close"]]
    for row in past:
        assert send(fay, f"months/{row['month']}/close/", {"remark": "m"}).status_code == 200
        assert fay.get(f"months/{row['month']}/")["closed"]
        again = send(fay, f"months/{row['month']}/reopen/", {"reason": "late"})
        assert again.status_code == 200, again.content


def test_rights_and_scopes_hold(month: Month) -> None:
    blind = program_of(who("api-blind", "finance.review"), "finance")
    (row, *_rest) = blind.get("journal/")["results"]
    assert all("amount" not in line for line in row["lines"])
    for path in ("journal/", f"journal/{row['entry']}/", "voucher-ways/", "voucher-batches/"):
        assert _costs(blind.get(path)) == set()
    blind.get("months/", expect=403)
    batch = VoucherBatch.objects.first()
    key = batch.key if batch else uuid.uuid4()
    blind.get(f"voucher-batches/{key}/file/", expect=403)
    full = who("api-full", "finance.review", "cost.view", "period.close")
    program_of(full, "read", "documents.write").get("journal/", expect=403)
    narrow = program_of(full, "finance")
    assert all("amount" not in line for line in narrow.get("journal/")["results"][0]["lines"])
    stranger = program_of(who("api-stranger"), "finance")
    stranger.get("journal/", expect=403)
