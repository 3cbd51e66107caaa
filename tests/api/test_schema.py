"""The description of the API: valid, true (a fuzzer finds no answer that is not described) and readable."""

import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.validation import validate_schema
from hypothesis import given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from core.api.schema import openapi
from inventory_project.wsgi import application
from people.models import User
from tests.api.conftest import program_of
from tests.stock.queries.world import World

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_schema_is_valid_openapi() -> None:
    validate_schema(openapi())


def test_every_operation_names_scope_refusals_and_meanings() -> None:
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            assert operation["x-scope"], (path, method)
            assert operation["summary"], (path, method)
            assert {"400", "401", "403", "429"} <= set(operation["responses"]), (path, method)
            assert all(one["description"] for one in operation["parameters"]), (path, method)


def test_the_page_and_the_schema_are_open(db: None, auditor: User) -> None:
    for client in (Client(), Client()):
        page = client.get("/api/v1/")
        assert page.status_code == 200
        assert b"/api/v1/on-hand/" in page.content
        assert b"<script>" not in page.content
        client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    assert Client().get("/api/v1/schema/").json()["openapi"] == "3.1.1"
    assert Client().post("/api/v1/schema/").status_code == 405


def test_the_page_speaks_chinese(db: None) -> None:
    page = Client().get("/api/v1/", headers={"Accept-Language": "zh-Hans"}).content.decode()
    assert "仓库" in page
    assert "Code of" not in page


def test_the_written_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/api_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


load_all_checks()
NOT_ASKED = ("positive_data_acceptance", "negative_data_rejection")
"""Codes that fit the schema may still be unknown (422), so that not all good data is accepted; and what the
fuzzer calls bad may be lost when it is written into an address, so that what was sent is looked at instead."""
CHECKED = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in NOT_ASKED]
EXAMPLES = 300 if os.environ.get("PROOF") else 12


@pytest.fixture
def _kept_connection() -> Iterator[None]:
    """The server's door closes connections after a request; a test keeps its own, as Django's client does."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.usefixtures("_kept_connection")
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_a_fuzzer_finds_nothing_undescribed(
    world: World, auditor: User, mode: GenerationMode
) -> None:
    """Generated requests, good and bad: no 5xx, every status, header and body as described."""
    headers = program_of(auditor).headers
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    tried = Counter[str]()
    for found in schema.get_all_operations():
        operation = found.ok()
        if "{document}" in operation.path:  # these have a test with documents that are there
            continue

        @settings(max_examples=EXAMPLES, derandomize=True, database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            answer = case.call_and_validate(headers=headers, checks=CHECKED)
            sent = parse_qs(urlsplit(answer.request.url).query, keep_blank_values=True)
            known = {one["name"] for one in case.operation.definition.raw["parameters"]}
            assert answer.status_code != 200 or set(sent) <= known, sent
            tried[f"{case.operation.label} {answer.status_code}"] += 1

        with contextlib.suppress(Unsatisfiable):  # nothing about it can be wrong
            ask()
    assert sum(tried.values()) > 15 * EXAMPLES // 2, tried
    assert any(
        label.endswith("200" if mode is GenerationMode.POSITIVE else "400") for label in tried
    )
