"""The end of the demo: whole or not at all, never where there is real work, with a backup and the triggers back."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from boards.demo import leaving
from boards.demo.people import PASSWORD
from core import backup, triggers
from core.models import JobRun
from people import setup
from people.access import access_for
from people.models import Company, User
from stock import bootstrap
from stock.models import Item, Lot, Movement, Posting, Reason, Warehouse
from tests.workflows.world import World
from workflows import guards
from workflows.models import Document, Event

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {
    "username": "me", "name": "Me", "email": "", "password1": "a long new one 7", "password2": "a long new one 7",
    "also_stock": "1", "company_name": "Real Ltd", "company_code": "REAL", "currency": "CNY", "currency_places": "2",
    "time_zone": "Asia/Shanghai", "warehouse_name": "First", "warehouse_code": "WH1",
}  # fmt: skip


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.BACKUP_ROOT, settings.MEDIA_ROOT = tmp_path / "backups", tmp_path / "media"
    (tmp_path / "media" / "ab").mkdir(parents=True)
    (tmp_path / "media" / "ab" / "photo.jpg").write_bytes(b"photo")
    found = World()
    Company.objects.update(is_demo=True)
    document = found.draft("scrap", {"item": found.stocked().code, "quantity": "1"})
    found.act(document, "submit", found.ann)
    assert Movement.objects.count() == 2
    return found


def client_of(user: User, password: str = PASSWORD) -> Client:
    user.set_password(password)
    user.save()
    client = Client()
    client.force_login(user)
    return client


def end(client: Client, **change: str) -> Any:
    return client.post(reverse("boards:for_real"), {**FORM, "confirm": "WF", **change})


def counts() -> list[int]:
    return [model.objects.count() for model in (Document, Posting, Movement, Event, Item, User)]


def test_it_is_empty_and_one_s_own_with_the_demo_in_a_backup(world: World, settings: Any) -> None:
    client = client_of(world.admin)
    answer = end(client)
    assert answer.status_code == 302
    assert [Document.objects.count(), Posting.objects.count(), Item.objects.count()] == [0, 0, 0]
    me = User.objects.get()
    assert (me.username, me.check_password("a long new one 7")) == ("me", True)
    company = Company.objects.get()
    assert (company.name, company.is_demo) == ("Real Ltd", False)
    assert Warehouse.objects.get().code == "WH1"
    assert access_for(me).may("system.manage")
    assert Lot.objects.filter(pk=0).exists()
    assert Reason.objects.exists()
    page = client.get("/").content.decode()
    assert "The demo is kept in the backup" in page
    assert "Demo company" not in page
    (kept,) = settings.BACKUP_ROOT.glob("inventory-*.tar.gz")
    assert kept.name in page
    assert not any(settings.MEDIA_ROOT.iterdir())
    assert backup.last() is not None
    restored = backup.read(kept, settings.BACKUP_ROOT / "unpacked")
    assert restored["counts"]["stock_movement"] == 2


def test_the_book_is_append_only_again_and_takes_the_first_goods(world: World) -> None:
    end(client_of(world.admin))
    assert triggers.missing(connection, [*bootstrap.all_triggers(), *guards.TRIGGERS]) == []
    mine = World("NEW")
    document = mine.draft("scrap", {"item": mine.stocked().code, "quantity": "1"})
    mine.act(document, "submit", mine.ann)
    document.refresh_from_db()
    assert document.state == "posted"
    with pytest.raises(DatabaseError), transaction.atomic():
        Movement.objects.all().delete()


def test_real_work_is_never_deleted(world: World) -> None:
    before = counts()
    client = client_of(world.admin)
    Company.objects.create(code="REAL", name="Real")
    assert end(client).status_code == 302
    assert counts() == before
    Company.objects.filter(code="WF").update(is_demo=False)
    assert end(client).status_code == 302
    assert counts() == before
    assert not leaving.is_demo()


@pytest.mark.parametrize(
    "change", [{"confirm": "wf "}, {"confirm": ""}, {"password1": ""}, {"password1": "demo", "password2": "demo"}]
)  # fmt: skip
def test_a_slip_ends_nothing(world: World, change: dict[str, str]) -> None:
    before = counts()
    assert end(client_of(world.admin), **change).status_code == 422
    assert counts() == before
    assert not JobRun.objects.filter(name=backup.JOB).exists()


def test_nothing_is_gone_if_the_set_up_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts()
    client = client_of(world.admin)

    def fails(**_details: Any) -> User:
        raise DatabaseError("no room")

    monkeypatch.setattr(setup, "first_run", fails)
    with pytest.raises(DatabaseError):
        end(client)
    assert counts() == before
    assert triggers.missing(connection, [*bootstrap.all_triggers(), *guards.TRIGGERS]) == []


def test_without_a_backup_nothing_goes(world: World, settings: Any) -> None:
    before = counts()
    settings.BACKUP_ROOT.parent.joinpath("backups").write_text("in the way")
    answer = end(client_of(world.admin))
    assert answer.status_code == 422
    assert "cannot be written" in re.sub(r"<[^>]+>", " ", answer.content.decode())
    assert counts() == before


def test_one_s_own_password_and_phone_stay(world: World) -> None:
    client = client_of(world.admin, "my own secret 9")
    TOTPDevice.objects.create(user=world.admin, name="phone", key="ab" * 20)
    User.objects.filter(pk=world.admin.pk).update(theme="dark")
    answer = end(client, password1="", password2="")
    assert answer.headers["Location"] == reverse("people:login")
    me = User.objects.get()
    assert me.check_password("my own secret 9")
    assert me.theme == "dark"
    assert TOTPDevice.objects.get().user == me


def test_only_administrators_end_the_demo(world: World) -> None:
    before = counts()
    for user in (world.head, world.fay):
        assert end(client_of(user)).status_code == 403
    assert counts() == before
    page = client_of(world.admin).get("/").content.decode()
    assert "Start for real, with an empty system" in page
    assert reverse("boards:for_real") in client_of(world.admin).get("/system/").content.decode()
