"""Photos and files: known by their content, made harmless, kept once, shown to those who may see the document."""

import io
import uuid
import zipfile
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from core.errors import DomainError
from people.access import access_for
from people.models import User
from tests.workflows.world import World
from workflows import attachments, file_kinds
from workflows.models import Attachment, Document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def document(world: World) -> Document:
    return world.draft("scrap", {"item": world.stocked().code, "quantity": "80"})


def photo(size=(60, 30), kind: str = "JPEG", **options) -> io.BytesIO:
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **options)
    out.seek(0)
    return out


def add(document: Document, file, name: str, by: User, **more) -> Attachment:
    user = User.objects.get(pk=by.pk)
    return attachments.add(document.pk, file, name, actor=user, access=access_for(user), **more)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_photo_is_turned_upright_and_loses_where_it_was_taken(world, document, media) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 12.0, 30.0)
    made = add(document, photo(exif=exif), "desk.jpg", world.ann)
    assert (made.width, made.height, made.content_type) == (30, 60, "image/jpeg")
    kept = attachments.path(made)
    assert kept.is_relative_to(media)
    with Image.open(kept) as image:
        assert image.size == (30, 60)
        assert not image.getexif()
        top, bottom = image.getpixel((15, 5)), image.getpixel((15, 55))
    assert top[2] > 200 > top[0]
    assert bottom[0] > 200 > bottom[2]
    assert b"Exif" not in kept.read_bytes()
    with Image.open(attachments.path(made, thumbnail=True)) as small:
        assert small.width <= file_kinds.THUMBNAIL[0]
    (event,) = document.events.filter(verb="attach")
    assert event.data["name"] == "desk.jpg"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_of_photo_are_kept_as_what_they_are(world, document, kind: str) -> None:
    made = add(document, photo(kind=kind), "a.bin", world.ann)
    assert made.content_type == f"image/{kind.lower()}"
    assert made.name.endswith(f".{kind.lower()}")


def office(*names: str) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in ("[Content_Types].xml", *names):
            packed.writestr(name, "<x/>")
    out.seek(0)
    return out


def test_files_are_known_by_their_content_and_named_by_it(world, document) -> None:
    pdf = add(document, io.BytesIO(b"%PDF-1.7 hello"), "offer.html", world.ann)
    assert (pdf.content_type, pdf.name) == ("application/pdf", "offer.html.pdf")
    sheet = add(document, office("xl/workbook.xml"), "stock.xlsx", world.ann)
    assert sheet.name == "stock.xlsx"
    letter = add(document, office("word/document.xml"), "../../etc/letter.docx", world.ann)
    assert letter.name == "letter.docx"
    table = add(document, io.BytesIO("物料,数量\n10021,5\n".encode("gb18030")), "a.csv", world.ann)
    assert table.content_type == "text/csv"
    script = add(document, io.BytesIO(b"<script>alert(1)</script>"), "x.html", world.ann)
    assert (script.content_type, script.name) == ("text/plain", "x.html.txt")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "file_kind"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "file_kind"),
        (b"\xff\xd8\xff\xe0 no photo at all", "file_damaged"),
        (b"\x89PNG\r\n\x1a\n nothing", "file_damaged"),
        (b"PK\x03\x04 broken", "file_kind"),
        (office("xl/workbook.xml", "xl/vbaProject.bin").getvalue(), "file_kind"),
        (b"x" * (file_kinds.FILE_BYTES + 1), "file_size"),
        (photo().getvalue() + b"\0" * file_kinds.PHOTO_BYTES, "file_size"),
        (photo().getvalue()[:300], "file_damaged"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(world, document, data: bytes, code: str) -> None:
    with pytest.raises(DomainError) as error:
        add(document, io.BytesIO(data), "thing.jpg", world.ann)
    assert error.value.code == code
    assert "thing.jpg" in str(error.value)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("side", [6_500, 50_000])
def test_too_many_pixels_are_refused_before_they_are_unpacked(
    world, document, monkeypatch, side: int
) -> None:
    """A file of a few hundred bytes may claim any size: its header is enough to refuse it."""
    small = photo(kind="PNG").getvalue()
    huge = small[:16] + side.to_bytes(4, "big") * 2 + small[24:]
    huge = huge[:29] + zlib.crc32(huge[12:29]).to_bytes(4, "big") + huge[33:]

    def unpacked(*_arguments: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", unpacked)
    with pytest.raises(DomainError) as error:
        add(document, io.BytesIO(huge), "bomb.png", world.ann)
    assert error.value.code == "file_pixels"


def test_the_same_key_keeps_a_file_once(world, document) -> None:
    key = str(uuid.uuid4())
    first = add(document, photo(), "a.jpg", world.ann, key=key)
    again = add(document, photo(), "a.jpg", world.ann, key=key)
    assert first.pk == again.pk
    assert document.events.filter(verb="attach").count() == 1


def test_a_photo_does_not_disturb_a_verdict(world, document) -> None:
    before = Document.objects.get(pk=document.pk).version
    add(document, photo(), "a.jpg", world.ann)
    assert Document.objects.get(pk=document.pk).version == before


def test_only_those_who_see_the_document_read_and_add(world, document) -> None:
    made = add(document, photo(), "a.jpg", world.ann)
    url = reverse("workflows:file", args=[document.key, made.key])
    assert client_of(world.ann).get(url).status_code == 200
    assert client_of(world.dan).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    with pytest.raises(DomainError) as error:
        add(document, photo(), "a.jpg", world.dan)
    assert error.value.code == "unknown_document"


def test_content_is_answered_so_that_it_cannot_act_as_a_page(world, document) -> None:
    made = add(document, photo(), "a.jpg", world.ann)
    text = add(document, io.BytesIO(b"<script>alert(1)</script>"), "x.html", world.ann)
    client = client_of(world.ann)
    answer = client.get(reverse("workflows:file", args=[document.key, made.key]))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["X-Content-Type-Options"] == "nosniff"
    small = client.get(reverse("workflows:file", args=[document.key, made.key]) + "?small")
    assert small["Content-Type"] == "image/jpeg"
    answer = client.get(reverse("workflows:file", args=[document.key, text.key]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "text/plain"
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"


def test_a_file_is_taken_away_until_it_is_posted(world, document) -> None:
    first = add(document, photo(), "a.jpg", world.ann)
    second = add(document, photo((70, 30)), "b.jpg", world.ann)
    client = client_of(world.ann)
    remove = reverse("workflows:file_remove", args=[document.key, first.key])
    assert client.get(remove).status_code == 405
    assert client_of(world.bob).post(remove).status_code in {403, 404}
    assert client.post(remove).status_code == 302
    assert client.get(reverse("workflows:file", args=[document.key, first.key])).status_code == 404
    assert document.events.filter(verb="detach").count() == 1
    assert Attachment.objects.filter(pk=first.pk).exists()
    world.act(document, "submit", world.ann)
    world.act(document, "approve", world.head)
    assert Document.objects.get(pk=document.pk).state == "posted"
    remove = reverse("workflows:file_remove", args=[document.key, second.key])
    assert client.post(remove).status_code == 409
    assert client.get(reverse("workflows:file", args=[document.key, second.key])).status_code == 200


def test_several_files_come_by_one_form_and_what_is_bad_is_named(world, document) -> None:
    client = client_of(world.ann)
    url = reverse("workflows:file_add", args=[document.key])
    key = str(uuid.uuid4())

    def files() -> list[SimpleUploadedFile]:
        return [
            SimpleUploadedFile("a.jpg", photo().getvalue()),
            SimpleUploadedFile("bad.exe", b"MZ\x00\x01"),
            SimpleUploadedFile("b.pdf", b"%PDF-1.7"),
        ]

    assert client.get(url).status_code == 405
    page = client.post(url, {"files": files(), "key": key}, follow=True)
    assert sorted(document.attachments.values_list("name", flat=True)) == ["a.jpg", "b.pdf"]
    assert "bad.exe" in page.content.decode()
    client.post(url, {"files": files(), "key": key})
    assert document.attachments.count() == 2
    part = client.post(url, {"files": files()[1:2]}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "bad.exe" in part.content.decode()
    assert client.post(url, {"files": files()[1:2]}).status_code == 422
    assert client_of(world.dan).post(url, {"files": files()}).status_code == 404


def test_nothing_half_written_is_ever_found(world, document, media, monkeypatch) -> None:
    def broken(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("workflows.attachments.os.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        add(document, photo(), "a.jpg", world.ann)
    assert [file for file in media.rglob("*") if file.is_file()] == []
    assert not Attachment.objects.exists()
