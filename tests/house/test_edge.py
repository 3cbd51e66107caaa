"""What every answer carries, whose address counts, and how the log looks to a machine."""

import json
import logging
import sys
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from core import logs
from core.edge import Edge

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/healthz", "/no-such-page/"])
def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert {name: answer.headers[name] for name in HEADERS if name in answer.headers} == HEADERS


@pytest.mark.django_db
def test_files_carry_them_too(client: Client) -> None:
    answer = client.get("/static/css/tokens.css")
    assert answer.status_code == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def address(request: HttpRequest) -> str:
    """The address that everything behind the edge sees."""
    seen = []

    def answer(inner: HttpRequest) -> HttpResponse:
        seen.append(inner.META["REMOTE_ADDR"])
        return HttpResponse()

    Edge(answer)(request)
    return str(seen[0])


@pytest.mark.parametrize(
    ("behind", "named", "expected"),
    [
        (False, "203.0.113.9", "127.0.0.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "127.0.0.1, 203.0.113.9", "203.0.113.9"),
        (True, "", "127.0.0.1"),
    ],
)
def test_only_our_own_proxy_is_believed(
    settings: Any, behind: bool, named: str, expected: str
) -> None:
    """Who writes X-Forwarded-For himself does not become another, nor this machine."""
    settings.BEHIND_TLS_PROXY = behind
    headers = {"HTTP_X_FORWARDED_FOR": named} if named else {}
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", **headers)
    assert address(request) == expected


def test_a_log_line_is_one_object_whatever_is_in_it() -> None:
    try:
        raise ValueError("with\na line end")
    except ValueError:
        record = logging.LogRecord(
            "inventory", logging.ERROR, __file__, 1, "forged\n{%s}", ("名",), sys.exc_info()
        )
    token = logs.request_id.set("abc")
    try:
        line = logs.JsonFormatter().format(record)
    finally:
        logs.request_id.reset(token)
    assert "\n" not in line
    read = json.loads(line)
    assert read["message"] == "forged\n{名}"
    assert read["request"] == "abc"
    assert read["level"] == "ERROR"
    assert "ValueError" in read["traceback"]
