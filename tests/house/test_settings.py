"""A site that others reach does not start with unsafe settings, whichever process starts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from core import checks

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "SITE_URL": "https://stock.example.com",
    "ALLOWED_HOSTS": "stock.example.com",
    "DATABASE_URL": "postgres://nobody@/nothing?host=/nowhere",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
}


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python with an environment of its own."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "INVENTORY_VAR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def found(**options: Any) -> set[str]:
    """Ids of what the check of the settings says."""
    return {message.id or "" for message in checks.production_settings(None, **options)}


@pytest.fixture
def public(settings: Any) -> Any:
    """Settings of a site that others reach, all right."""
    settings.SITE_URL = "https://stock.example.com"
    settings.ALLOWED_HOSTS = ["stock.example.com", "localhost"]
    settings.EMBEDDED = settings.DEBUG = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECRET_KEY = "k7-Wz" * 12 + "abcdef"
    return settings


def test_a_safe_site_is_not_complained_about(public: Any) -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ALLOWED_HOSTS", ["*"], "E001"),
        ("SECRET_KEY", "short", "E002"),
        ("SECRET_KEY", "ab" * 40, "E002"),
        ("DEBUG", True, "E003"),
        ("SITE_URL", "http://stock.example.com", "E004"),
        ("EMBEDDED", True, "W005"),
        ("SESSION_COOKIE_SECURE", False, "E008"),
        ("CSRF_COOKIE_SECURE", False, "E008"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "W009"),
    ],
)
def test_each_unsafe_setting_is_named(public: Any, name: str, value: Any, code: str) -> None:
    setattr(public, name, value)
    assert found() == {f"inventory.{code}"}


def test_a_site_is_private_only_if_every_host_is(public: Any) -> None:
    """Leaving SITE_URL at its default does not switch the checks off."""
    public.SITE_URL = "http://localhost:8000"
    public.DEBUG = True
    assert {"inventory.E003", "inventory.E004"} <= found()
    public.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert found() == set()


def test_sqlite_is_served_by_one_process(public: Any) -> None:
    engines = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
    public.WEB_WORKERS = 2
    with mock.patch.object(checks.settings, "DATABASES", engines):
        assert found() == {"inventory.E007"}


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_server_that_may_forget_is_refused(public: Any) -> None:
    """The server of the tests runs without fsync, which is just what must be noticed."""
    messages = checks.durable_database(None, databases=["default"])
    assert len(messages) == 3
    assert all(message.id == "inventory.E006" for message in messages)
    with (
        pytest.raises(ImproperlyConfigured, match="fsync=off"),
        mock.patch.object(connection, "close"),
    ):
        checks.refuse_unsafe()


@pytest.mark.slow
def test_djangos_own_check_for_deployment_has_nothing_to_say(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["wsgi", "celery"])
def test_no_entry_point_starts_unsafe(tmp_path: Path, entry: str) -> None:
    start = {
        "wsgi": "import inventory_project.wsgi",
        "celery": "from celery.signals import worker_init\n"
        "from inventory_project import celery_app\n"
        "import django; django.setup()\n"
        "worker_init.send(sender=celery_app)",
    }[entry]
    done = run(tmp_path, "-c", start, **(PRODUCTION | {"DEBUG": "true"}))
    assert done.returncode == 1
    assert "inventory.E003" in done.stderr


def test_a_secret_is_made_once_for_us_alone(tmp_path: Path) -> None:
    show = "from inventory_project import settings; print(settings.SECRET_KEY)"
    first, second = (run(tmp_path, "-c", show).stdout for _ in range(2))
    assert first == second
    assert len(first) > 50
    assert [path.name for path in tmp_path.glob("*secret*")] == ["secret-key"]
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_an_empty_variable_counts_as_left_out(tmp_path: Path) -> None:
    show = (
        "from inventory_project import settings as s, gunicorn_conf as g; "
        "print(s.DATABASES['default']['ENGINE'], s.SITE_URL, s.SECURE_SSL_REDIRECT, g.workers)"
    )
    empty = dict.fromkeys(
        ("DATABASE_URL", "REDIS_URL", "SITE_URL", "EMAIL_URL", "SECRET_KEY", "WEB_WORKERS"), ""
    )
    done = run(tmp_path, "-c", show, **empty)
    assert done.stdout.split() == [
        "django.db.backends.sqlite3",
        "http://localhost:8000",
        "False",
        "1",
    ], done.stderr


@pytest.mark.parametrize("url", ["mysql://u:p@h/n", "postgres://u:p@h/", "nonsense"])
def test_an_address_that_is_none_of_postgresql_is_said(tmp_path: Path, url: str) -> None:
    done = run(tmp_path, "manage.py", "verify_ledger", DATABASE_URL=url)
    assert done.returncode == 1
    said = "The settings cannot be used: DATABASE_URL has to look like"
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 1


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    """A unix socket's path is limited to about 107 bytes."""
    deep = tmp_path / ("long" * 25)
    show = "from inventory_project import settings; print(settings.CELERY_BROKER_URL)"
    url = run(deep, "-c", show).stdout.strip()
    assert url.startswith("redis+socket://")
    assert len(url) < 120


def test_a_damaged_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").write_bytes(b"no database " * 1000)
    done = run(tmp_path, "manage.py", "verify_ledger")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "not a database" in done.stderr
    assert "backup" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIME_ZONE", "Mars/Base"),
        ("TIME_ZONE", "../etc"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("API_RATE_USER", "abc"),
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("WEB_WORKERS", "x"),
        ("INVENTORY_VAR", "/proc/nope"),
        ("SECRET_KEY_FILE", "/nope/key"),
        ("DEBUG", "maybe"),
        ("EMAIL_URL", "nonsense"),
        ("DATABASE_URL", "postgres://user:secret@host:port/name"),
    ],
)
def test_what_cannot_be_meant_is_said_by_name(tmp_path: Path, name: str, value: str) -> None:
    done = run(tmp_path, "manage.py", "verify_ledger", **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"The settings cannot be used: {name}")
    assert len(done.stderr.splitlines()) == 1
    assert "secret@" not in done.stderr


def test_an_address_that_is_none_of_this_machine_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "up", BIND="999.1.1.1")
    assert done.returncode == 1
    assert "999.1.1.1:8000 cannot be listened on" in done.stderr
