"""Photos and files by API: checked by content, kept once per key, read by those who may see the document."""

import hashlib
import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from PIL import Image

from core.api.schema import openapi
from tests.api.documents import Clerk, counts, scrap
from tests.workflows.world import World
from workflows import file_kinds
from workflows.models import Attachment, CustomField, Document

pytestmark = pytest.mark.django_db
TEXT = b"counted twice\n"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ann(world: World) -> Clerk:
    return Clerk(world.ann)


def photo(size: tuple[int, int] = (640, 480)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "JPEG")
    return out.getvalue()


def send(
    clerk: Clerk,
    document: str,
    data: bytes,
    query: str = "?name=desk.jpg",
    *,
    kind: str = "application/octet-stream",
    key: str = "",
) -> HttpResponse:
    """The answer to a file as the body."""
    headers = clerk.headers | {"Idempotency-Key": key or uuid.uuid4().hex}
    return clerk.client.generic(
        "POST",
        f"/api/v1/documents/{document}/files/{query}",
        data,
        content_type=kind,
        headers=headers,
    )


def kept(clerk: Clerk, document: str, data: bytes, query: str = "?name=desk.jpg") -> dict[str, Any]:
    answer = send(clerk, document, data, query)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_photo_goes_in_and_comes_out_without_hidden_data(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    row = kept(ann, key, photo() + b"hidden behind the picture")
    assert (row["name"], row["content_type"], row["user"]) == (
        "desk.jpg", "image/jpeg", world.ann.username,
    )  # fmt: skip
    address = f"/api/v1/documents/{key}/files/{row['file']}/"
    whole = ann.client.get(address, headers=ann.headers | {"Accept": "image/*"})
    content = b"".join(whole.streaming_content)
    assert hashlib.sha256(content).hexdigest() == row["sha256"]
    assert len(content) == row["size"]
    assert b"hidden" not in content
    assert whole.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    small = ann.client.get(f"{address}thumbnail/", headers=ann.headers)
    with Image.open(io.BytesIO(b"".join(small.streaming_content))) as image:
        assert image.size == (320, 240)
    assert ann.get(f"documents/{key}/files/")["results"] == [row]
    event = Document.objects.get(key=key).events.get(verb="attach")
    assert (event.door, event.data["file"]) == ("api", row["file"])


def test_a_file_is_known_by_its_content_and_has_no_thumbnail(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    row = kept(ann, key, TEXT, "?name=photo.jpg")
    assert (row["name"], row["content_type"]) == ("photo.jpg.txt", "text/plain")
    address = f"/api/v1/documents/{key}/files/{row['file']}/"
    assert ann.client.get(f"{address}thumbnail/", headers=ann.headers).status_code == 404
    answer = ann.client.get(address, headers=ann.headers)
    assert b"".join(answer.streaming_content) == TEXT
    assert answer.headers["Content-Disposition"].startswith("attachment")


def wide() -> bytes:
    """A small PNG of too many pixels."""
    out = io.BytesIO()
    Image.new("1", (10_000, 4_001)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "file_empty"),
        (b"MZ\x90\x00" + bytes(60), 422, "file_kind"),
        (b"\xff\xd8\xff\xe0 no picture", 422, "file_damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>\x01</svg>", 422, "file_kind"),
        (photo((20, 20)) + bytes(file_kinds.PHOTO_BYTES), 422, "file_size"),
        (b"a" * (file_kinds.FILE_BYTES + 1), 413, "too_large"),
        (wide(), 422, "file_pixels"),
    ],
    ids=["empty", "program", "damaged", "binary", "photo too large", "too large", "pixels"],
)
def test_what_cannot_be_kept_is_refused(
    world: World, ann: Clerk, data: bytes, status: int, code: str
) -> None:
    key = scrap(world, ann)
    answer = send(ann, key, data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Attachment.objects.exists()


def test_a_body_of_another_kind_and_a_nameless_file_are_refused(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    assert send(ann, key, b"{}", kind="application/json").status_code == 415
    assert send(ann, key, photo(), kind="image/jpeg").status_code == 415
    assert send(ann, key, TEXT, "").json()["code"] == "invalid"
    assert send(ann, key, TEXT, "?name=a.txt&line=x").json()["code"] == "key"
    other = f"?name=a.txt&line={uuid.uuid4()}"
    assert send(ann, key, TEXT, other).json()["code"] == "unknown_line"
    assert send(ann, key, TEXT, "?name=a.txt&field=state").json()["code"] == "unknown_field"
    assert not Attachment.objects.exists()


def test_a_file_belongs_to_a_line_and_fills_a_field(world: World, ann: Clerk) -> None:
    CustomField.objects.create(
        type="scrap", key="proof", kind="photo", name_en="Proof", name_zh="凭证"
    )
    key = scrap(world, ann)
    line = ann.get(f"documents/{key}/")["lines"][0]["key"]
    row = kept(ann, key, photo(), f"?name=a.jpg&line={line}&field=proof")
    assert (row["line"], row["field"]) == (line, "proof")


def test_the_same_key_keeps_a_file_once(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    first = send(ann, key, TEXT, "?name=a.txt", key="one")
    again = send(ann, key, TEXT, "?name=a.txt", key="one")
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    for other in (send(ann, key, TEXT, "?name=b.txt", key="one"),
                  send(ann, key, TEXT + b"x", "?name=a.txt", key="one")):  # fmt: skip
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Attachment.objects.count() == 1
    assert kept(ann, key, TEXT, "?name=a.txt")["file"] != first.json()["file"]


def test_a_foreign_warehouse_sees_adds_and_takes_nothing(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    row = kept(ann, key, photo())
    dan = Clerk(world.dan)
    address = f"/api/v1/documents/{key}/files/"
    for path in ("", f"{row['file']}/", f"{row['file']}/thumbnail/"):
        assert dan.client.get(address + path, headers=dan.headers).status_code == 404
    assert send(dan, key, photo()).status_code == 404
    dan.ask("DELETE", f"documents/{key}/files/{row['file']}/", expect=404)
    other = scrap(world, ann)
    ann.ask("DELETE", f"documents/{other}/files/{row['file']}/", expect=404)
    assert ann.client.get(f"/api/v1/documents/{other}/files/{row['file']}/").status_code == 401
    assert Attachment.objects.filter(removed_at=None).count() == 1


def test_a_token_for_reading_adds_and_takes_nothing(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    row = kept(ann, key, TEXT, "?name=a.txt")
    reader = Clerk(world.ann, "read")
    assert send(reader, key, TEXT).json()["code"] == "scope"
    refused = reader.ask("DELETE", f"documents/{key}/files/{row['file']}/", expect=403)
    assert refused["code"] == "scope"


def test_a_file_is_taken_away_by_whoever_added_it_until_it_is_posted(
    world: World, ann: Clerk
) -> None:
    key = scrap(world, ann)
    head = Clerk(world.head)
    row, stays = kept(ann, key, photo()), kept(ann, key, TEXT, "?name=a.txt")
    ann.do(key, "submit")
    address = f"documents/{key}/files/{row['file']}/"
    head.ask("DELETE", address, expect=403)
    assert ann.ask("DELETE", address)["file"] == row["file"]
    ann.ask("DELETE", address)
    ann.get(address, expect=404)
    ann.ask("DELETE", f"documents/{key}/files/{uuid.uuid4()}/", expect=404)
    head.do(key, "approve")
    assert Document.objects.get(key=key).state == "posted"
    gone = ann.ask("DELETE", f"documents/{key}/files/{stays['file']}/", expect=409)
    assert gone["code"] == "posted"


def test_reading_a_file_changes_nothing(world: World, ann: Clerk) -> None:
    key = scrap(world, ann)
    row = kept(ann, key, photo())
    before = counts()
    for path in ("", "thumbnail/"):
        for method in ("get", "head"):
            address = f"/api/v1/documents/{key}/files/{row['file']}/{path}"
            answer = getattr(ann.client, method)(address, headers=ann.headers)
            assert answer.status_code == 200
            assert not (method == "head" and b"".join(answer.streaming_content))
    assert counts() == before


def test_the_description_says_that_bodies_are_files() -> None:
    paths = openapi()["paths"]
    files = paths["/api/v1/documents/{document}/files/"]
    assert set(files["post"]["requestBody"]["content"]) == {"application/octet-stream"}
    one = paths["/api/v1/documents/{document}/files/{file}/"]["get"]
    assert set(one["responses"]["200"]["content"]) == set(file_kinds.CONTENT_TYPES)
    assert "406" not in one["responses"]
