"""What is reported from the floor becomes a case of the head of the warehouse, once, with its photos."""

import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from alerts.models import Case, Rule
from tests.workflows.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue())


def report(client: Client, **given: str) -> Any:
    return client.post(
        "/m/problem/report/",
        {"text": "box torn", "quantity": "2", "key": str(uuid.uuid4()), **given},
    )


def test_a_scan_and_two_words_open_a_case_once(client: Client) -> None:
    world = World()
    item = world.stocked()
    client.force_login(world.ann)
    key = str(uuid.uuid4())
    for _time in range(2):
        told = report(client, code=item.code, key=key).json()
    case = Case.objects.get()
    assert (case.item, case.warehouse, case.reporter) == (item, world.main, world.ann)
    assert case.owner == world.head
    assert case.figures["quantity"] == "2"
    assert told["url"] == f"/alerts/cases/{case.key}/"
    for _time in range(2):
        sent = client.post(
            told["photos"],
            {"files": photo(), "key": key},
            headers={"accept": "application/json"},
        )
        assert sent.json() == {"kept": 1}
    kept = case.photos.get()
    assert [event.verb for event in case.events.all()] == ["fire", "photo"]
    shown = client.get(f"{told['photos']}{kept.key}/?small")
    assert shown.status_code == 200
    assert shown["Content-Type"] == "image/jpeg"
    client.force_login(world.dan)
    assert client.get(f"{told['photos']}{kept.key}/").status_code == 404
    refused = client.post(told["photos"], {"files": photo()})
    assert refused.status_code == 404


def test_a_document_or_a_place_can_be_what_it_is_about(client: Client) -> None:
    world = World()
    item = world.stocked()
    document = world.draft("scrap", {"item": item.code, "quantity": "1"})
    client.force_login(world.ann)
    assert report(client, code=f"https://a.example/documents/{document.key}/").status_code == 200
    assert Case.objects.get().document == document
    place = world.main.places.filter(kind="storage").first()
    assert place is not None
    assert (
        report(client, code=f"https://a.example/p/{world.main.code}/{place.code}").status_code
        == 200
    )
    assert Case.objects.filter(document=None).get().warehouse == world.main


@pytest.mark.parametrize(
    "given", [{"code": "unheard-of"}, {"text": " "}, {"key": "nonsense"}, {"quantity": "many"}]
)
def test_what_cannot_be_a_report_is_refused(client: Client, given: dict[str, str]) -> None:
    world = World()
    client.force_login(world.ann)
    answer = report(client, **{"code": world.item().code, **given})
    assert 400 <= answer.status_code < 500
    assert not Case.objects.exists()


def test_without_a_rule_it_says_so(client: Client) -> None:
    world = World()
    Rule.objects.filter(kind="problem").update(active=False)
    client.force_login(world.ann)
    assert report(client, code=world.item().code).status_code == 422
