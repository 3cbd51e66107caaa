"""What every address refuses and how: one shape, whatever was wrong; and how often one may ask."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from redis.exceptions import ConnectionError as CacheAway
from rest_framework.request import Request

from core.api import etags
from core.api.operations import One, Operation, reads, writes
from core.api.shapes import DAY, QUANTITY, TEXT, YES_NO, Field
from people.api.doors import Door
from people.models import User
from tests.api.conftest import Program, program_of

SHAPE = {"code", "message", "lines", "data"}
LINE = (Field("item", TEXT, "", longest=5), Field("quantity", QUANTITY, ""))
BODY = (
    Field("why", TEXT, "", optional=True, nullable=True),
    Field("urgent", YES_NO, "", optional=True),
    Field("on", DAY, "", optional=True),
    Field("kind", TEXT, "", optional=True, choices=("a", "b")),
    Field("lines", TEXT, "", many=True, fields=LINE, longest=3),
)


class Echo(Door):
    """Gives the body back as it was understood."""

    @writes(Operation("echo", group="", summary="", scope="read", right="", body=BODY, answer=BODY))
    def post(self, body: dict[str, Any]) -> One:
        blank = {one.key: None for one in BODY}
        return One(blank | body)


class Versioned(Door):
    """A record of version 7."""

    @reads(Operation("seven", group="", summary="", scope="read", right=""))
    def get(self, _values: dict[str, Any]) -> One:
        return One({}, headers={"ETag": etags.tag(7)})

    @writes(Operation("change", group="", summary="", scope="read", right="", versioned=True))
    def patch(self, _body: dict[str, Any]) -> One:
        etags.require_match(self.request, etags.tag(7))
        return One({}, headers={"ETag": etags.tag(8)})


urlpatterns = [
    path("echo/", Echo.as_view()),
    path("seven/", Versioned.as_view()),
    path("", include("inventory_project.urls")),
]
pytestmark = pytest.mark.urls(__name__)


def _refused(answer: HttpResponse, status: int, code: str) -> Any:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    found = json.loads(answer.content)
    assert set(found) == SHAPE
    assert found["code"] == code
    assert found["message"]
    return found


@pytest.fixture
def program(clerk: User) -> Program:
    return program_of(clerk)


KEY = {"Idempotency-Key": "k-1"}


def test_without_a_name(world: Any) -> None:
    answer = Client().get("/api/v1/items/")
    _refused(answer, 401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    _refused(Client().get("/api/v1/nothing/"), 401, "not_authenticated")
    _refused(Client().post("/api/v1/items/"), 401, "not_authenticated")


@pytest.mark.parametrize(
    "address",
    ["/api/v1/nothing/", "/api/v1/items", "/api/v2/items/", "/api/", "/api/v1/items/NOPE/"],
)
def test_nothing_there(program: Program, address: str) -> None:
    _refused(program.client.get(address, headers=program.headers), 404, "not_found")


def test_a_code_with_letters_that_are_none(program: Program) -> None:
    answer = program.client.get("/api/v1/items/a%00b/", headers=program.headers)
    _refused(answer, 404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_is_not_offered(program: Program, method: str) -> None:
    answer = program.send("/api/v1/items/", {}, method)
    _refused(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD"


def test_another_kind_of_answer(program: Program) -> None:
    headers = program.headers | {"Accept": "text/csv"}
    _refused(program.client.get("/api/v1/items/", headers=headers), 406, "not_acceptable")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "text/xml"])
def test_another_kind_of_body(program: Program, kind: str) -> None:
    answer = program.client.generic(
        "POST", "/echo/", b"x", content_type=kind, headers=program.headers | KEY
    )
    _refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "line 1"),
        (b"\xff\xfe{}", "UTF-8"),
        (b"\xef\xbb\xbf{}", ""),
        (b'{"why": "a", "why": "b"}', "why"),
        (b'{"why": NaN}', "NaN"),
        (b'{"why": -Infinity}', "Infinity"),
        (b'{"why": ' + b"9" * 5000 + b"}", "digits"),
        (b"[" * 100_000, "deep"),
        (b"[" * 21 + b"]" * 21, "deep"),
        (rb'{"why": "\u0000"}', "character"),
        (rb'{"why": "\ud800"}', "character"),
        (rb'{"\ud800": ""}', "character"),
    ],
)
def test_a_body_that_is_no_json(program: Program, body: bytes, word: str) -> None:
    found = _refused(program.send("/echo/", body, **KEY), 400, "json")
    assert word in found["message"]


def test_a_body_that_is_too_large(program: Program) -> None:
    body = b'{"why": "' + b"x" * 1024 * 1024 + b'"}'
    _refused(program.send("/echo/", body, **KEY), 413, "too_large")


GOOD = {"lines": [{"item": "A", "quantity": "1.5"}]}


@pytest.mark.parametrize(
    ("change", "line", "field"),
    [
        ({"lines": [{"item": "A", "quantity": "1"}, {"item": "A"}]}, 2, "lines.quantity"),
        ({"lines": [{"item": "A", "quantity": 1.5}]}, 1, "lines.quantity"),
        ({"lines": [{"item": "A", "quantity": 1}]}, 1, "lines.quantity"),
        ({"lines": [{"item": "A", "quantity": "1e5"}]}, 1, "lines.quantity"),
        ({"lines": [{"item": "A", "quantity": "１"}]}, 1, "lines.quantity"),
        ({"lines": [{"item": "A", "quantity": "0.1234567"}]}, 1, "lines.quantity"),
        ({"lines": [{"item": "too long", "quantity": "1"}]}, 1, "lines.item"),
        ({"lines": [{"item": "A", "quantity": "1", "state": "posted"}]}, 1, "lines.state"),
        ({"lines": ["A"]}, 1, "lines."),
        ({"lines": {}}, 0, "lines"),
        ({"lines": [GOOD["lines"][0]] * 4}, 0, "lines"),
        ({"lines": None}, 0, "lines"),
        ({"state": "posted"}, 0, "state"),
        ({"urgent": "true"}, 0, "urgent"),
        ({"on": "31.3.2026"}, 0, "on"),
        ({"on": "0001-01-01"}, 0, "on"),
        ({"kind": "c"}, 0, "kind"),
        ({"why": "a\x01"}, 0, "why"),
        ({"why": 5}, 0, "why"),
    ],
)
def test_a_body_of_another_shape(
    program: Program, change: dict[str, Any], line: int, field: str
) -> None:
    found = _refused(program.send("/echo/", GOOD | change, **KEY), 400, "invalid")
    (error,) = found["lines"]
    assert (error["line"], error["data"]) == (line, {"field": field})


def test_everything_wrong_is_named_at_once(program: Program) -> None:
    body = {"x": 1, "urgent": 1, "lines": [{"item": 1}, {"quantity": "-"}]}
    found = _refused(program.send("/echo/", body, **KEY), 400, "invalid")
    assert len(found["lines"]) == 6
    assert _refused(program.send("/echo/", b"", **KEY), 400, "invalid")["lines"]
    assert _refused(program.send("/echo/", [1], **KEY), 400, "invalid")["lines"]


def test_a_good_body_is_understood(program: Program) -> None:
    body = GOOD | {"why": None, "urgent": True, "on": "2026-03-31", "kind": "a"}
    answer = program.send("/echo/", body, **KEY)
    assert answer.status_code == 200
    assert json.loads(answer.content) == body


def test_a_change_says_which_version_it_is_of(program: Program) -> None:
    read = program.client.get("/seven/", headers=program.headers)
    assert read.headers["ETag"] == '"7"'
    _refused(program.send("/seven/", {}, "PATCH", **KEY), 428, "if_match_required")
    stale = program.send("/seven/", {}, "PATCH", **KEY, **{"If-Match": '"6"'})
    assert _refused(stale, 412, "changed")["data"] == {"etag": '"7"'}
    assert stale.headers["ETag"] == '"7"'
    _refused(program.send("/seven/", {}, "PATCH", **KEY, **{"If-Match": "*"}), 412, "changed")
    good = program.send("/seven/", {}, "PATCH", **KEY, **{"If-Match": '"6", "7"'})
    assert good.status_code == 200
    assert good.headers["ETag"] == '"8"'


def test_a_session_needs_its_csrf_token(clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/echo/", json.dumps(GOOD), "application/json", headers=KEY)
    _refused(answer, 403, "not_allowed")
    client.get("/items/")
    page = client.get("/profile/").content.decode()
    token = page.split('"X-CSRFToken": "')[1].split('"')[0]
    headers = KEY | {"X-CSRFToken": token}
    answer = client.post("/echo/", json.dumps(GOOD), "application/json", headers=headers)
    assert answer.status_code == 200


def test_refusals_speak_the_readers_language(program: Program) -> None:
    headers = program.headers | {"Accept-Language": "zh-Hans"}
    answer = program.client.get("/api/v1/items/NOPE/", headers=headers)
    assert answer.json()["message"] == "这里没有你可以查看的内容。"


def test_each_caller_has_a_count_of_his_own(clerk: User, auditor: User, settings: Any) -> None:
    settings.API_RATES = {"token": 3, "user": 2, "address": 1}
    mine, other = program_of(clerk), program_of(auditor)
    for _number in range(3):
        mine.get("me/")
    answer = mine.client.get("/api/v1/me/", headers=mine.headers)
    found = _refused(answer, 429, "throttled")
    assert 1 <= int(answer.headers["Retry-After"]) == found["data"]["seconds"] <= 61
    other.get("me/")
    page = Client()
    page.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert [page.get("/api/v1/me/").status_code for _number in range(3)] == [200, 200, 429]
    assert [Client().get("/api/v1/me/").status_code for _number in range(2)] == [401, 429]


def test_wrong_tokens_are_counted_for_the_address(db: None, settings: Any) -> None:
    settings.API_RATES = {"token": 9, "user": 9, "address": 2}
    found = [
        Client().get("/api/v1/me/", headers={"Authorization": f"Bearer inv_{n}"}).status_code
        for n in range(3)
    ]
    assert found == [401, 401, 429]


def test_a_cache_that_is_away_stops_nobody(
    clerk: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_RATES = {"token": 0, "user": 0, "address": 0}
    program = program_of(clerk)
    program.get("me/", expect=429)

    def away(*_arguments: Any, **_named: Any) -> None:
        raise CacheAway

    monkeypatch.setattr(cache, "add", away)
    program.get("me/")


def test_answers_are_private(program: Program) -> None:
    answer = program.client.get("/api/v1/me/", headers=program.headers)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Request-Id"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_locked_database_is_a_503(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def locked(self: Any, request: Request) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(Door, "check_permissions", locked)
    answer = program.client.get("/api/v1/me/", headers=program.headers)
    _refused(answer, 503, "busy")
    assert answer.headers["Retry-After"] == "1"
