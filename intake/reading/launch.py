"""Reads a file in a child process and gives its grids, or refuses it in words; never anything else."""

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from core import confining
from core.collector import paused
from core.errors import DomainError
from intake.reading import limits
from intake.reading.grid import Book, Grid, Raw

_GRACE = 5
"""Seconds in which a child that broke off ends."""
_TICK = 3
"""Seconds after which a reader that says nothing is still said to read."""
Tell = Callable[[str, int, int], None]
_SETS = ("hidden_rows", "hidden_columns", "uncalculated", "red", "struck")


def _nobody(_step: str, _rows: int, _wrong: int) -> None:
    """Nobody is told."""


class Refusal(DomainError):
    """The file cannot be read; says why and what to do."""

    code = "file"


def open_book(path: Path, name: str = "", *, tell: Tell = _nobody) -> Book:
    """Read a file of at most ``limits.FILE_BYTES``; ``name`` is what the sender called it. Raises Refusal.

    ``tell`` hears "read" and the rows that were read every few seconds, whatever the child does, and may raise.
    """
    name = name or path.name
    try:
        digest = _digest(path)
    except OSError as error:
        raise Refusal(_("%(file)s cannot be read.") % {"file": name}, code="unreadable") from error
    book = Book(name=name, kind="", sha256=digest)
    with tempfile.TemporaryFile() as complaints:
        child = _start(path, complaints)
        killer = threading.Timer(limits.WALL_SECONDS, child.kill)
        killer.start()
        try:
            with paused():
                ended = _take(book, child, tell)
            # How it ended by itself is known only if it is not killed first.
            status = None if ended else _status(child)
        finally:
            killer.cancel()
            child.kill()
            child.wait()
    if not ended:
        raise _crash(name, status)
    if not any(grid.rows for grid in book.grids):
        raise _refusal(name, {"code": "empty"})
    if book.kind in {"csv", "tsv"}:
        book.grids[0].name = Path(name).stem
    return book


def _digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


def _child_command(path: Path) -> list[str]:
    return [sys.executable, "-s", "-B", "-m", "intake.reading.child", str(path.resolve())]


def _start(path: Path, complaints: IO[bytes]) -> "subprocess.Popen[bytes]":
    """The child, whose output is read line by line."""
    return subprocess.Popen(  # noqa: S603 - our own module, the path is no shell's
        _child_command(path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        cwd=settings.BASE_DIR,
        env=confining.environment(),
        close_fds=True,
    )


def _status(child: "subprocess.Popen[bytes]") -> int | None:
    """How a child that broke off ended; None if it goes on without saying anything more."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return child.wait(timeout=_GRACE)
    return None


def _take(book: Book, child: "subprocess.Popen[bytes]", tell: Tell) -> bool:
    """Fill the book from the child's lines; False if the child broke off. Raises Refusal."""
    rows = 0
    for message in _messages_of(child, book.name):
        tell("read", rows, 0)
        if message is None:
            continue
        if "rows" in message and book.grids:
            book.grids[-1].rows += [(number, _cells(cells)) for number, cells in message["rows"]]
            rows += len(message["rows"])
        elif "sheet" in message:
            book.grids.append(_grid(message["sheet"]))
        elif "book" in message:
            for fact, value in message["book"].items():
                setattr(book, fact, value)
        elif "refused" in message:
            raise _refusal(book.name, message["refused"])
        elif "end" in message:
            return True
    return False


def _messages_of(child: "subprocess.Popen[bytes]", name: str) -> Iterator[dict[str, Any] | None]:
    """The messages of the child, and None whenever it says nothing for a while. Raises Refusal."""
    taken = 0
    for line in _lines(child):
        if line is None:
            yield None
            continue
        taken += len(line)
        if taken > limits.OUTPUT_BYTES:
            raise _refusal(name, {"code": "too_many_cells", "limit": limits.CELLS})
        try:
            message = json.loads(line.decode("utf-8", "replace"))
        except ValueError:
            return
        if isinstance(message, dict):
            yield message


def _lines(child: "subprocess.Popen[bytes]") -> Iterator[bytes | None]:
    """Lines as they come; a line that never ends is given up at what all of them may hold."""
    if child.stdout is None:
        return
    pipe = child.stdout.fileno()
    parts: list[bytes] = []
    held = 0
    while True:
        if not select.select([pipe], [], [], _TICK)[0]:
            yield None
            continue
        block = os.read(pipe, 1 << 20)
        first, *rest = block.split(b"\n")
        parts.append(first)
        held += len(first)
        if rest or not block or held > limits.OUTPUT_BYTES:
            yield b"".join(parts)
            yield from rest[:-1]
            parts, held = rest[-1:], len(rest[-1]) if rest else 0
        if not block:
            return


def _grid(facts: dict[str, Any]) -> Grid:
    for name in _SETS:
        facts[name] = set(facts.get(name, ()))
    facts["merges"] = [(a, b, c, d) for a, b, c, d in facts.get("merges", ())]
    return Grid(**facts)


def _cells(cells: list[Any]) -> list[Raw]:
    return [_moment(cell) if type(cell) is list else cell for cell in cells]


def _moment(cell: list[str]) -> Raw:
    kind, text = cell
    if kind != "d":
        return text
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _crash(name: str, status: int | None) -> Refusal:
    """What the end of the child tells: killed for time, or anything else, which is memory or a broken file."""
    if status is not None and -status in {9, 24}:
        return _refusal(name, {"code": "time"})
    if status is not None and status < 0:
        return _refusal(name, {"code": "memory"})
    return _refusal(name, {"code": "broken"})


def _refusal(name: str, facts: dict[str, Any]) -> Refusal:
    code = facts["code"]
    message = _messages().get(code) or _messages()["broken"]
    if code == "foreign":
        what = _kinds().get(facts.get("what", ""), _kinds()["binary"])
        return Refusal(message % {"file": name, "what": what}, code=code, what=facts.get("what"))
    return Refusal(message % {"file": name, **facts}, code=code)


def _kinds() -> dict[str, str]:
    return {
        "pdf": _("a PDF"),
        "image": _("a picture"),
        "archive": _("an archive"),
        "web_archive": _("a web archive"),
        "document": _("a text document or slides"),
        "xlsb": _("a binary XLSB workbook"),
        "ods": _("an OpenDocument sheet"),
        "xml": _("XML of some other kind"),
        "json": _("JSON"),
        "binary": _("no text and no workbook"),
    }


def _messages() -> dict[str, str]:
    return {
        "empty": _("%(file)s is empty."),
        "too_large": _(
            "%(file)s is larger than %(limit)d MB. Split it, or save only the sheet that is needed."
        ),
        "et": _("%(file)s is a WPS file (.et). Open it in WPS and save it as XLSX."),
        "old_excel": _("%(file)s was written by a very old Excel. Open it and save it as XLSX."),
        "foreign": _("%(file)s is %(what)s, not a sheet. Save the sheet as XLSX or CSV."),
        "password": _(
            "%(file)s is protected by a password. Save it without one and send it again."
        ),
        "macros": _("%(file)s holds macros. Save it as XLSX, which has none, and send it again."),
        "entities": _(
            "%(file)s holds XML that expands itself, which no sheet needs. Save it again as XLSX."
        ),
        "bomb": _(
            "%(file)s unpacks to far more than a sheet of its size holds. It was not opened."
        ),
        "broken": _("%(file)s is damaged. Open it in Excel or WPS and save it again as XLSX."),
        "open_quote": _(
            "A quotation mark in line %(line)d of %(file)s is never closed: the lines below would be lost. Close it, or take it out."
        ),
        "broken_row": _("%(file)s breaks off or is damaged in line %(line)d."),
        "encoding": _(
            "The text of %(file)s is in an unknown encoding. Save it as CSV UTF-8 or XLSX."
        ),
        "too_many_cells": _(
            "%(file)s holds more than %(limit)d cells. Split it into several files."
        ),
        "too_many_columns": _(
            "A sheet of %(file)s has more than %(limit)d columns. Delete those that are not needed."
        ),
        "too_many_sheets": _(
            "%(file)s has more than %(limit)d sheets. Split it into several files."
        ),
        "memory": _(
            "%(file)s takes more memory to read than one file may. Delete empty rows, columns and sheets, or split it."
        ),
        "time": _(
            "%(file)s takes longer to read than one file may. Delete empty rows, columns and sheets, or split it."
        ),
    }
