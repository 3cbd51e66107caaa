"""A small company with a past, people with different rights, and programs that ask for them."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from people import tokens
from people.models import Membership, Role, User
from stock import sealing
from tests.stock.queries.world import World, make_world

READ = ["read", "costs"]


class Program:
    """A program with a token; answers are parsed."""

    def __init__(self, token: str = "", **headers: str) -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = headers | ({"Authorization": f"Bearer {token}"} if token else {})

    def get(self, path: str, expect: int = 200, **query: Any) -> Any:
        """The body of a read below /api/v1/, whose status must be the expected one."""
        answer = self.client.get(f"/api/v1/{path}", query, headers=self.headers)
        assert answer.status_code == expect, answer.content
        return answer.json()

    def send(
        self, path: str, body: Any = None, method: str = "POST", **headers: str
    ) -> HttpResponse:
        """The raw answer to a JSON body."""
        raw = body if isinstance(body, bytes) else json.dumps(body)
        return self.client.generic(
            method, path, raw, content_type="application/json", headers=self.headers | headers
        )


def person(name: str, rights: list[str], world: World, *codes: str) -> User:
    """A user with these rights, everywhere or in some warehouses."""
    user = User.objects.create_user(name, password="correct-horse", name=name)
    role = Role.objects.create(code=f"role-{name}", name=name, rights=rights)
    member = Membership.objects.create(user=user, role=role, everywhere=not codes)
    member.scopes.set([world.warehouses[code].scope_id for code in codes])
    return user


def program_of(user: User, *scopes: str, days: int = 30) -> Program:
    """A program with a new token of the user."""
    _token, text = tokens.make(user, name="test", scopes=list(scopes or READ), days=days)
    return Program(text)


def fill(world: World) -> World:
    """A past with purchases, sales and moves, all of it sealed."""
    world.live(31, 30)
    lot = world.lots[world.items[1].pk][0].pk
    world.buy(world.items[0], 5, "W1")
    world.buy(world.items[1], 4, "A-01", lot=lot)
    world.sell(world.items[1], 1, "A-01", lot=lot)
    world.move(world.items[0], 2, "W1", "W3")
    sealing.seal()
    return world


@pytest.fixture(autouse=True)
def _uncounted(settings: Any) -> None:
    """Nobody has asked anything yet, and signing in is quick."""
    cache.clear()
    settings.API_RATES = {"token": 10**6, "user": 10**6, "address": 10**6}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world(db: None) -> World:
    return fill(make_world())


@pytest.fixture
def auditor(world: World) -> User:
    """Sees everything with its cost."""
    return person("auditor", ["stock.view", "cost.view"], world)


@pytest.fixture
def clerk(world: World) -> User:
    """Sees every warehouse, but no cost."""
    return person("clerk", ["stock.view"], world)


@pytest.fixture
def local(world: World) -> User:
    """Sees one warehouse, with its cost."""
    return person("local", ["stock.view", "cost.view"], world, "W3")
