"""Tokens: shown once, kept as a hash, good for a year at most, never more than their user may."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from core.errors import DomainError
from people import tokens
from people.models import ApiToken, Membership, Notice, User
from tests.api.conftest import Program, person, program_of
from tests.stock.queries.world import World


def test_the_text_is_kept_nowhere(auditor: User) -> None:
    token, text = tokens.make(auditor, name="printer", scopes=["read"], days=30)
    assert text.startswith("inv_")
    assert len(text) == 4 + 43
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_apitoken WHERE id = %s", [token.pk])
        row = [str(value) for value in cursor.fetchone()]
    assert not any(text in value or text[4:] in value for value in row)
    assert text.startswith(token.prefix)
    assert len(token.prefix) == 12
    assert Notice.objects.filter(user=auditor, kind="people.token_made").count() == 1


def test_a_token_says_who_asks(auditor: User) -> None:
    found = program_of(auditor).get("me/")
    assert found["user"] == "auditor"
    assert found["rights"] == ["stock.view", "cost.view"]
    assert found["scopes"] == ["read", "costs"]
    token = ApiToken.objects.get()
    assert token.last_used_at is not None


def test_a_scope_narrows_and_never_widens(world: World, auditor: User) -> None:
    """The scope to decide gives nothing to a user without the right."""
    assert program_of(auditor, "read").get("me/")["rights"] == ["stock.view"]
    wide = program_of(auditor, *tokens.SCOPE_CODES).get("me/")
    assert wide["rights"] == ["stock.view", "cost.view"]
    boss = User.objects.create_superuser("boss", password="x", name="Boss")
    assert program_of(boss, "read").get("me/")["rights"] == ["stock.view"]


def test_a_token_without_the_scope_is_refused(auditor: User) -> None:
    refused = program_of(auditor, "costs", "documents.write").get("on-hand/", expect=403)
    assert refused["code"] == "scope"
    assert refused["data"] == {"scope": "read"}


def test_a_user_without_the_right_is_refused(world: World) -> None:
    stranger = person("stranger", ["users.manage"], world)
    refused = program_of(stranger).get("on-hand/", expect=403)
    assert refused["code"] == "not_allowed"
    assert refused["data"] == {"right": "stock.view"}


def test_what_the_user_loses_the_token_loses(auditor: User) -> None:
    program = program_of(auditor)
    program.get("on-hand/")
    Membership.objects.filter(user=auditor).delete()
    program.get("on-hand/", expect=403)


def test_revoked_expired_and_left_users_are_out(auditor: User) -> None:
    program = program_of(auditor, days=10)
    with time_machine.travel(timezone.now() + timedelta(days=9, hours=23), tick=False):
        program.get("me/")
    with time_machine.travel(timezone.now() + timedelta(days=10), tick=False):
        program.get("me/", expect=401)
    User.objects.update(is_active=False)
    program.get("me/", expect=401)
    User.objects.update(is_active=True)
    assert tokens.revoke(auditor, ApiToken.objects.get().pk)
    refused = program.get("me/", expect=401)
    assert refused["code"] == "authentication_failed"
    assert not tokens.revoke(auditor, ApiToken.objects.get().pk)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer inv_",
        "Bearer inv_" + "A" * 43,
        "Bearer inv_" + "A" * 5000,
        "Token {text}",
        "{text}",
        "Bearer {text}x",
        "Basic YTpi",
        "Bearer ïnv_",
    ],
)
def test_a_wrong_header_is_refused(auditor: User, header: str) -> None:
    _token, text = tokens.make(auditor, name="x", scopes=["read"], days=1)
    program = Program()
    answer = program.client.get("/api/v1/me/", headers={"Authorization": header.format(text=text)})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json()["code"] == "authentication_failed"


@pytest.mark.parametrize("days", [0, 366, -1])
def test_a_year_is_the_longest_in_the_database_too(auditor: User, days: int) -> None:
    with pytest.raises(DomainError):
        tokens.make(auditor, name="x", scopes=["read"], days=days)
    token, _text = tokens.make(auditor, name="x", scopes=["read"], days=365)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(days=days)


def test_too_many_or_unknown_or_no_scopes(auditor: User) -> None:
    for scopes in ([], ["everything"]):
        with pytest.raises(DomainError):
            tokens.make(auditor, name="x", scopes=scopes, days=1)
    for _number in range(tokens.MOST):
        tokens.make(auditor, name="x", scopes=["read"], days=1)
    with pytest.raises(DomainError):
        tokens.make(auditor, name="x", scopes=["read"], days=1)


def _page(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_makes_shows_once_and_revokes(auditor: User) -> None:
    client = _page(auditor)
    wanted = {"name": "Label printer", "scopes": ["read"], "days": "30"}
    refused = client.post("/profile/tokens/", wanted | {"password": "wrong"})
    assert not ApiToken.objects.exists()
    assert b"inv_" not in refused.content
    made = client.post("/profile/tokens/", wanted | {"password": "correct-horse"}).content.decode()
    token = ApiToken.objects.get()
    text = made.split('<code class="code">')[1].split("</code>")[0]
    assert tokens.find(text) == token
    again = client.get("/profile/tokens/").content.decode()
    assert text not in again
    assert token.prefix in again
    client.post(f"/profile/tokens/{token.pk}/revoke/")
    assert tokens.find(text) is None


def test_nobody_revokes_anothers(auditor: User, clerk: User) -> None:
    token, text = tokens.make(auditor, name="x", scopes=["read"], days=1)
    _page(clerk).post(f"/profile/tokens/{token.pk}/revoke/")
    assert tokens.find(text) == token
    assert token.prefix not in _page(clerk).get("/profile/tokens/").content.decode()
    assert _page(auditor).get(f"/profile/tokens/{token.pk}/revoke/").status_code == 405


def test_a_signed_in_page_may_ask_too(clerk: User) -> None:
    found: dict[str, Any] = _page(clerk).get("/api/v1/me/").json()
    assert found["user"] == "clerk"
    assert found["scopes"] is None
