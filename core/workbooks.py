"""Reads the first rows of a workbook that somebody sent, in a confined child: a hostile file costs one refusal.

For small doors (masters, templates). The import of legacy sheets has a reader of its own, ``intake.reading``.
"""

import json
import signal
import subprocess
import sys

from django.conf import settings

from core import confining

WALL_SECONDS = 60
Cell = str | int | float | bool
Sheet = tuple[str, list[list[Cell]]]
"""Name and rows. Days are texts in ISO."""


class Unread(Exception):
    """The workbook is not read; ``code`` is broken, columns, bomb, memory or time."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def first_rows(content: bytes, *, rows: int, sheets: int = 1) -> list[Sheet]:
    """The first ``rows`` rows of the first ``sheets`` sheets of an XLSX or XLS. Raises Unread."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-s", "-B", "-m", "core.workbook_child", str(rows), str(sheets)],
            input=content,
            capture_output=True,
            check=False,
            timeout=WALL_SECONDS,
            cwd=settings.BASE_DIR,
            env=confining.environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise Unread("time") from error
    if done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise Unread("time")
    if done.returncode < 0:
        raise Unread("memory")
    try:
        answer = json.loads(done.stdout.decode("utf-8", "replace"))
    except ValueError as error:
        raise Unread("broken") from error
    if not isinstance(answer, dict) or "sheets" not in answer:
        raise Unread(answer.get("refused", "broken") if isinstance(answer, dict) else "broken")
    return [(sheet["name"], sheet["rows"]) for sheet in answer["sheets"]]
