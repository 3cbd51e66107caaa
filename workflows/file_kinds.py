"""What an uploaded file is, by its content alone; photos are made anew, upright and without hidden data."""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from core import archives
from workflows.errors import DocumentRefused

PHOTO_BYTES = 10 * 1024 * 1024
FILE_BYTES = 20 * 1024 * 1024
PIXELS = 40_000_000
THUMBNAIL = (320, 240)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PHOTOS = {
    "JPEG": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "WEBP": ("image/webp", ".webp"),
}
CONTENT_TYPES = (
    *(content_type for content_type, _suffix in _PHOTOS.values()),
    "application/pdf",
    _SHEET,
    _WORD,
    "text/csv",
    "text/plain",
)
"""What is kept, as it is answered."""
_HEIC = (b"heic", b"heix", b"hevc", b"heif", b"mif1", b"msf1", b"avif")
_SPOOL = 65_536


@dataclass(frozen=True, slots=True)
class Content:
    """A checked file, ready to be kept; ``thumbnail`` is a small JPEG of a photo."""

    data: bytes
    content_type: str
    suffix: str
    width: int | None = None
    height: int | None = None
    thumbnail: bytes = b""


def read(file: BinaryIO, name: str) -> Content:
    """The content of a file that we keep; raises DocumentRefused in words a user can act on."""
    data = file.read(FILE_BYTES + 1)
    if not data:
        raise DocumentRefused(_("“%(name)s” is empty.") % {"name": name}, code="file_empty")
    if len(data) > FILE_BYTES:
        raise _too_big(name, FILE_BYTES)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise DocumentRefused(
            _("“%(name)s” is a HEIC photo. Save it as JPEG and send it again.") % {"name": name},
            code="file_kind",
        )
    if _is_photo(data):
        return _photo(data, name)
    found = _file(data, name)
    if found is None:
        raise DocumentRefused(
            _("“%(name)s” is none of JPEG, PNG, WebP, PDF, XLSX, DOCX, CSV and TXT.")
            % {"name": name},
            code="file_kind",
        )
    return Content(data, *found)


def _too_big(name: str, limit: int) -> DocumentRefused:
    return DocumentRefused(
        _("“%(name)s” is larger than %(limit)d MB.") % {"name": name, "limit": limit // 1024**2},
        code="file_size",
    )


def _is_photo(data: bytes) -> bool:
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    )


def _photo(data: bytes, name: str) -> Content:
    if len(data) > PHOTO_BYTES:
        raise _too_big(name, PHOTO_BYTES)
    try:
        with Image.open(BytesIO(data), formats=[*_PHOTOS, "MPO"]) as image:
            if image.width * image.height > PIXELS:  # from the header: nothing is unpacked yet
                raise _too_many_pixels(name)
            kind = image.format if image.format in _PHOTOS else "JPEG"
            return _made_anew(image, str(kind))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise DocumentRefused(
            _("“%(name)s” cannot be read as a photo; it may be damaged.") % {"name": name},
            code="file_damaged",
        ) from error


def _too_many_pixels(name: str) -> DocumentRefused:
    return DocumentRefused(
        _("“%(name)s” has more than %(limit)d million pixels.")
        % {"name": name, "limit": PIXELS // 1_000_000},
        code="file_pixels",
    )


def _made_anew(image: Image.Image, kind: str) -> Content:
    """Only the pixels, turned as the camera was held: no place, no owner, nothing behind the picture."""
    upright: Image.Image = ImageOps.exif_transpose(image)
    modes = {"JPEG": ("L", "RGB"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA")}
    if upright.mode not in modes.get(kind, ("RGB", "RGBA")):
        upright = upright.convert("RGB" if kind == "JPEG" else "RGBA")
    bare = Image.new(upright.mode, upright.size)
    if upright.mode == "P":
        upright = upright.convert("RGBA")
        bare = Image.new("RGBA", upright.size)
    bare.paste(upright)
    content_type, suffix = _PHOTOS[kind]
    small = _on_white(bare)
    small.thumbnail(THUMBNAIL)
    options: dict[str, dict[str, object]] = {
        "JPEG": {"quality": 88, "optimize": True},
        "PNG": {"optimize": False},
        "WEBP": {"quality": 88},
    }
    return Content(
        _encoded(bare, kind, **options[kind]),
        content_type,
        suffix,
        bare.width,
        bare.height,
        _encoded(small, "JPEG", quality=80),
    )


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency, which a JPEG cannot have."""
    if image.mode in {"RGB", "L"}:
        return image.copy()
    whole = image.convert("RGBA")
    white = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(white, whole).convert("RGB")


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _file(data: bytes, name: str) -> tuple[str, str] | None:
    """Content type and suffix of a file that is no photo; None for what we do not keep."""
    if b"%PDF-" in data[:1024]:
        return "application/pdf", ".pdf"
    if data.startswith(b"PK"):
        return _office(data)
    if _text(data):
        table = name.lower().endswith(".csv")
        return ("text/csv", ".csv") if table else ("text/plain", ".txt")
    return None


def _office(data: bytes) -> tuple[str, str] | None:
    """A workbook or a letter, without macros."""
    try:
        names = {part.filename for part in archives.parts(BytesIO(data))}
    except zipfile.BadZipFile:
        return None
    if "[Content_Types].xml" not in names or any(one.endswith("vbaProject.bin") for one in names):
        return None
    if "xl/workbook.xml" in names:
        return _SHEET, ".xlsx"
    if "word/document.xml" in names:
        return _WORD, ".docx"
    return None


def _text(data: bytes) -> bool:
    """Whether it is text of any encoding that office programs here write."""
    for encoding in (
        "utf-8-sig",
        "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030",
    ):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(ord(one) < 32 and one not in "\t\r\n\f" for one in text[:_SPOOL])
    return False
