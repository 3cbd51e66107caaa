"""Tells what a file is by its bytes, and why it is refused if it is; the name only helps where bytes cannot."""

import re
from pathlib import Path

from intake.reading import limits

_HTML = re.compile(
    rb"\s*(<!--.{0,200}?-->\s*)?<(!doctype\s+html|html|table|head|meta|body|div|style)",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"\s*<(\?xml|workbook|ss:workbook)", re.IGNORECASE)
_SPREADSHEET_XML = b"urn:schemas-microsoft-com:office:spreadsheet"
_FOREIGN = {
    b"%PDF": "pdf",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
    b"Rar!": "archive",
    b"7z\xbc\xaf": "archive",
    b"\x1f\x8b": "archive",
    b"MIME-Version": "web_archive",
}
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Refused(Exception):
    """The file is refused; ``code`` says why, ``facts`` fill the message."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def kind_of(path: Path) -> str:
    """zip, ole, html, xml or text; raises Refused."""
    size = path.stat().st_size
    if size == 0:
        raise Refused("empty")
    if size > limits.FILE_BYTES:
        raise Refused("too_large", limit=limits.FILE_BYTES // 2**20)
    with path.open("rb") as file:
        start = file.read(8192)
    if path.suffix.lower() in {".et", ".ett"}:
        raise Refused("et")
    for magic, what in _FOREIGN.items():
        if start.startswith(magic):
            raise Refused("foreign", what=what)
    if start.startswith(b"PK"):
        return "zip"
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    return _kind_of_text(start)


def _kind_of_text(start: bytes) -> str:
    # Excel of the nineties wrote records without a container around them.
    if start[:2] in {b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08"} and b"\x00" in start[:8]:
        raise Refused("old_excel")
    plain = start
    for encoding in ("utf-16-le", "utf-16-be"):
        if start.startswith(_BOMS[1] if encoding == "utf-16-le" else _BOMS[2]):
            plain = start[2:].decode(encoding, "ignore").encode()
    plain = plain.removeprefix(_BOMS[0])
    if _HTML.match(plain):
        return "html"
    if _XML.match(plain):
        if _SPREADSHEET_XML in plain:
            return "xml"
        if re.search(rb"<(html|table)", plain, re.IGNORECASE):
            return "html"
        raise Refused("foreign", what="xml")
    if plain.lstrip().startswith((b"{", b"[{")):
        raise Refused("foreign", what="json")
    return "text"


def check_ole(data: bytes) -> None:
    """Refuse what an OLE container says it is, if that is no plain BIFF workbook; raises Refused."""

    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("EncryptedPackage") or has("EncryptionInfo"):
        raise Refused("password")
    if has("_VBA_PROJECT_CUR") or has("_VBA_PROJECT"):
        raise Refused("macros")
    if has("ETExtData") and not has("Workbook"):
        raise Refused("et")
    if has("WordDocument") or has("PowerPoint Document"):
        raise Refused("foreign", what="document")
    if not (has("Workbook") or has("Book")):
        raise Refused("broken")
