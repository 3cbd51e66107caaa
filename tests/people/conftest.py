"""People of the tests: Alice manages users, Bob is a clerk of one warehouse, Mallory is nobody."""

from typing import Any

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from people.access import Access, access_for
from people.models import Membership, Role, Scope, User

PASSWORD = "correct-horse-battery"


def person(username: str, *roles: str, scopes: tuple[Scope, ...] = (), **fields: Any) -> User:
    """A user with the shipped roles, everywhere unless scopes are given."""
    user = User(username=username, name=username.capitalize(), **fields)
    user.set_password(PASSWORD)
    user.save()
    for code in roles:
        held = Membership.objects.create(
            user=user, role=Role.objects.get(code=code), everywhere=not scopes
        )
        held.scopes.set(scopes)
    return user


def client_of(user: User) -> Client:
    """A browser in which the user is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def may(user: User) -> Access:
    """The user's access as a new request sees it."""
    return access_for(User.objects.get(pk=user.pk))


@pytest.fixture(autouse=True)
def _fast_hashes(settings: Any) -> None:
    """Signing in is slow on purpose; here it need not be."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def main_scope(db: None) -> Scope:
    """A warehouse's scope."""
    return Scope.objects.create(code="warehouse:MAIN", name="MAIN")


@pytest.fixture
def other_scope(db: None) -> Scope:
    """Another warehouse's scope."""
    return Scope.objects.create(code="warehouse:WH2", name="WH2")


@pytest.fixture
def alice(db: None) -> User:
    """An administrator."""
    return person("alice", "admin", email="alice@example.com")


@pytest.fixture
def bob(db: None, main_scope: Scope) -> User:
    """A clerk of the main warehouse."""
    return person("bob", "clerk", scopes=(main_scope,), email="bob@example.com")


@pytest.fixture
def phone(bob: User) -> TOTPDevice:
    """Bob's enrolled phone."""
    return TOTPDevice.objects.create(user=bob, name="phone", confirmed=True)
