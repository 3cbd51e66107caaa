"""The first-run set-up: once, all or nothing, with a code unless on this very machine."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from people import setup
from people.models import Company, Scope, User
from stock import catalog

FORM = {
    "name": "孙洁",
    "username": "sunjie",
    "email": "",
    "password1": "correct-horse-battery",
    "password2": "correct-horse-battery",
    "also_stock": "on",
    "company_name": "恒达机电",
    "company_code": "HD",
    "currency": "cny",
    "currency_places": "2",
    "time_zone": "Asia/Shanghai",
    "warehouse_name": "主仓",
    "warehouse_code": "WH1",
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    """Keep the code's file away from the real one; be the embedded installation."""
    settings.VAR = tmp_path
    settings.EMBEDDED = True


def test_it_makes_everything_and_signs_in(client: Client) -> None:
    assert client.get("/login/").url == "/setup/"
    assert client.get("/setup/").status_code == 200
    assert client.post("/setup/", FORM).url == "/"
    user = User.objects.get()
    assert not user.is_superuser
    assert {m.role.code for m in user.memberships.all()} == {"admin", "warehouse_head", "finance"}
    assert Company.objects.get().currency == "CNY"
    assert Scope.objects.filter(code="warehouse:WH1").exists()
    assert client.get("/profile/").status_code == 200


def test_it_is_closed_once_there_is_a_user(client: Client) -> None:
    client.post("/setup/", FORM)
    other = Client()
    assert other.get("/setup/").url == "/login/"
    assert other.post("/setup/", FORM | {"username": "mallory"}).url == "/login/"
    assert User.objects.count() == 1


def test_a_company_loaded_before_is_taken_over(client: Client) -> None:
    """Its currency and its days are those of its book; another company would be a second one."""
    company = setup.company_for_loading("WH1")
    catalog.create_warehouse(company=company, code="WH1", name="WH1")
    page = client.get("/setup/")
    assert page.status_code == 200
    assert b"time_zone" not in page.content
    assert client.post("/setup/", FORM | {"time_zone": "Europe/Paris"}).url == "/"
    kept = Company.objects.get()
    assert (kept.pk, kept.code, kept.name) == (company.pk, "HD", "恒达机电")
    assert (kept.currency, kept.time_zone) == (company.currency, company.time_zone)
    assert Scope.objects.filter(code="warehouse:WH1").count() == 1


def test_nothing_is_kept_when_one_part_fails(client: Client, monkeypatch: Any) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(setup, "_hooks", [*setup._hooks, broken])
    with pytest.raises(RuntimeError):
        client.post("/setup/", FORM)
    assert not User.objects.exists()
    assert not Company.objects.exists()
    assert not Scope.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password1", "short"),
        ("password2", "another-long-password"),
        ("currency", "12"),
        ("time_zone", "Mars/Olympus"),
        ("warehouse_code", "a b"),
        ("company_name", ""),
    ],
)
def test_wrong_fields_are_named_and_nothing_is_made(client: Client, field: str, value: str) -> None:
    twice = {"password2": value} if field == "password1" else {}
    answer = client.post("/setup/", FORM | {field: value} | twice)
    assert field in answer.context["form"].errors
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_elsewhere_the_code_of_the_log_is_needed(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.EMBEDDED = False
    client.get("/setup/")
    file = tmp_path / setup.CODE_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    for code in ("", "wrong"):
        assert "code" in client.post("/setup/", FORM | {"code": code}).context["form"].errors
    assert client.post("/setup/", FORM | {"code": file.read_text()}).status_code == 302
    assert not file.exists()


def test_a_visitor_from_elsewhere_needs_the_code(client: Client) -> None:
    answer = client.get("/setup/", REMOTE_ADDR="203.0.113.7")
    assert "code" in answer.context["form"].fields
