"""What a user chooses for his pages: time zone, density, keys, home; each is seen on the next page."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from people.middleware import zone_of
from people.models import Membership, Notice, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    made = User.objects.create(username="eve", name="Eve")
    Membership.objects.create(user=made, role=Role.objects.get(code="clerk"), everywhere=True)
    return made


@pytest.fixture
def client(user: User) -> Client:
    found = Client()
    found.force_login(user)
    return found


def _save(client: Client, **change: str) -> int:
    form = {"name": "Eve", "language": "en", "density": "", "single_keys": "on", **change}
    if not form["single_keys"]:
        del form["single_keys"]
    return client.post("/profile/", form).status_code


def test_times_are_shown_in_the_chosen_zone(client: Client, user: User) -> None:
    at = datetime(2026, 3, 12, 20, 30, tzinfo=UTC)
    Notice.objects.create(user=user, kind="any", created_at=at)
    assert _save(client, time_zone="America/New_York") == 302
    assert b"16:30" in client.get("/notices/").content
    assert _save(client, time_zone="Asia/Tokyo") == 302
    assert b"05:30" in client.get("/notices/").content
    assert timezone.get_current_timezone_name() != "Asia/Tokyo"


def test_a_zone_that_is_gone_falls_back_to_the_company(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(time_zone="Mars/Base")
    assert client.get("/profile/").status_code == 200
    assert zone_of("Mars/Base") is None
    assert zone_of("../etc/passwd") is None
    assert _save(client, time_zone="Mars/Base") == 200


def test_density_keys_and_home_reach_the_page(client: Client) -> None:
    assert _save(client, density="cozy", single_keys="", home="work") == 302
    html = client.get("/").content.decode()
    assert 'data-density="cozy"' in html
    assert 'data-single-keys="off"' in html
    assert "My work" in html
    assert _save(client) == 302
    html = client.get("/").content.decode()
    assert "data-density" not in html
    assert "data-single-keys" not in html


def test_only_homes_that_may_be_opened_can_be_chosen(client: Client) -> None:
    assert _save(client, home="admin") == 200
    assert _save(client, home="warehouse") == 302
