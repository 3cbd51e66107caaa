"""A fuzzer at the addresses of documents, with documents that are there: nothing is undescribed, nothing breaks."""

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from hypothesis import given
from hypothesis import settings as examples
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from core.api.etags import tag
from inventory_project.wsgi import application
from stock.models import Posting
from tests.api.documents import Clerk, scrap
from tests.api.test_files import kept, photo
from tests.api.test_schema import CHECKED, EXAMPLES, _kept_connection
from tests.workflows.world import World
from workflows.models import Document

__all__ = ["_kept_connection"]
FORBIDDEN = ("posted", "reversed")


def stories(world: World, asker: Clerk, head: Clerk) -> Iterator[str]:
    """A new document in turn: a draft, one in approval, one that is posted."""
    number = 0
    while True:
        key = scrap(world, asker)
        if number % 3:
            asker.do(key, "submit")
        if number % 3 == 2:
            head.do(key, "approve")
        number += 1
        yield key


def fuzz(operation: Any, mode: GenerationMode, key: str, head: Clerk, tried: Counter[str]) -> None:
    """Ask one operation many times, about the document, its present version and a photo of it."""
    file = kept(head, key, photo())["file"] if "{file}" in operation.path else ""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)  # Django's own client has put it back

    @examples(max_examples=EXAMPLES // 3, derandomize=True, database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if key:
            case.path_parameters = dict(case.path_parameters or {}) | {"document": key}
            if "line" in case.path_parameters:
                case.path_parameters["line"] = str(uuid.uuid4())
            if "file" in case.path_parameters:
                case.path_parameters["file"] = file
        if case.method != "GET":
            case.headers["Idempotency-Key"] = uuid.uuid4().hex
        if key and case.method != "GET" and case.headers.get("If-Match"):
            case.headers["If-Match"] = tag(Document.objects.get(key=key).version)
        answer = case.call_and_validate(headers=head.headers, checks=CHECKED)
        tried[f"{operation.label} {answer.status_code}"] += 1

    with contextlib.suppress(Unsatisfiable):  # nothing about it can be wrong
        ask()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db
@pytest.mark.usefixtures("_kept_connection")
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_a_fuzzer_breaks_no_document(mode: GenerationMode, settings: Any, tmp_path: Path) -> None:
    """Every write with a real document, its version and a key of its own; no posting but by the verbs."""
    settings.MEDIA_ROOT = tmp_path
    world = World()
    asker, head = Clerk(world.person("zoe", "warehouse_head")), Clerk(world.head)
    keys = stories(world, asker, head)
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    tried = Counter[str]()
    for operation in (found.ok() for found in schema.get_all_operations()):
        if "/documents/" not in operation.path and operation.method == "get":
            continue
        key = next(keys) if "{document}" in operation.path else ""
        fuzz(operation, mode, key, head, tried)
    assert not any(" 50" in label for label in tried)
    written = {label.rpartition(" ")[0] for label in tried if not label.startswith("GET")}
    assert len(written) > 20
    booked = Document.objects.filter(state__in=FORBIDDEN).count()
    assert Posting.objects.filter(document_row__isnull=False).count() == booked
    if mode is GenerationMode.POSITIVE:
        done = {label for label in tried if label.endswith((" 200", " 201"))}
        assert any(not label.startswith("GET") for label in done), tried
        assert any("/files/{file}/" in label for label in done), tried
