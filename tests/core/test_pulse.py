"""The pulse: it changes with the newest rows, costs nothing while they stay, and answers nobody without a signature."""

import html
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import pulse
from people.models import Company, Notice, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    pulse.forget()


def _user() -> User:
    return User.objects.create(username="eve", name="Eve")


def _notice(user: User) -> None:
    Notice.objects.create(user=user, kind="any", created_at=timezone.now())
    pulse.forget()


def test_it_changes_when_something_new_is_there_and_only_then() -> None:
    user, client = _user(), Client()
    first = client.get(pulse.address(user.pk))
    assert first.status_code == 200
    again = client.get(pulse.address(user.pk), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    before = first.json()
    _notice(user)
    after = client.get(pulse.address(user.pk), headers={"If-None-Match": first["ETag"]})
    assert after.status_code == 200
    assert {topic for topic in after.json() if after.json()[topic] != before[topic]} == {"notices"}


def test_a_page_says_what_was_known_before_it_was_read() -> None:
    """What happens while a page is drawn would otherwise be taken for what it shows."""
    user, client = _user(), Client()
    client.force_login(user)
    known = client.get(pulse.address(user.pk)).content.decode()
    _notice(user)
    page = client.get("/notices/").content.decode()
    assert f'data-pulse-seen="{html.escape(known)}"' in page
    assert client.get(pulse.address(user.pk)).content.decode() != known


def test_a_row_that_is_committed_after_a_later_one_is_noticed_too() -> None:
    """Numbers are given before the commit, so the largest one alone would miss it."""
    user = _user()
    _notice(user)
    late = Notice.objects.latest("pk")
    _notice(user)
    Notice.objects.filter(pk=late.pk).delete()
    pulse.forget()
    without, _tag = pulse.read()
    late.save(force_insert=True)
    pulse.forget()
    with_it, _tag = pulse.read()
    assert with_it != without


def test_it_asks_the_database_once_for_all_pages_and_reads_no_session() -> None:
    user, client = _user(), Client()
    client.force_login(user)
    with CaptureQueriesContext(connection) as asked:
        client.get(pulse.address(user.pk))
    assert len(asked) <= 6
    assert not any("session" in query["sql"] for query in asked)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(20):
            client.get(pulse.address(user.pk))
    assert len(asked) == 0


def test_strangers_and_other_methods_get_nothing(settings: Any) -> None:
    user, client = _user(), Client()
    assert client.get(pulse.PATH).status_code == 403
    assert client.get(pulse.PATH + f"{user.pk}:forged:forged").status_code == 403
    assert client.post(pulse.address(user.pk)).status_code == 405
    settings.SESSION_COOKIE_AGE = -1
    assert client.get(pulse.address(user.pk)).status_code == 403


def test_its_answer_says_nothing_of_what_is_there() -> None:
    user = _user()
    Company.objects.create(code="SECRET", name="Secret")
    body = Client().get(pulse.address(user.pk)).content.decode()
    assert "SECRET" not in body
    assert len(body) < 300
