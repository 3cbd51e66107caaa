"""manage.py intake: reads a legacy sheet and says what was understood, what is wrong and what must be asked."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from intake.understanding import report
from intake.understanding.fields import FIELDS
from intake.understanding.result import PURPOSES, Understanding, Wish
from intake.understanding.understand import understand


class Command(BaseCommand):
    """Reads XLSX, XLS, CSV and TSV as they are; see docs/guides/reading-legacy-sheets.md."""

    help = (
        "Read a sheet as it is: find its tables and headers, understand its columns and cells, and print what was "
        "understood, what is wrong, and what only a person can tell. Exits with 1 if anything is wrong or asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; their names are public."""
        parser.add_argument("file", type=Path, help="XLSX, XLS, CSV or TSV")
        parser.add_argument("--as", dest="purpose", choices=PURPOSES, help="what the rows become")
        parser.add_argument(
            "--map",
            default="",
            metavar="FIELD=COLUMN,…",
            help="columns that are known beforehand, by header or by letter",
        )
        parser.add_argument("--answers", type=Path, help="JSON file: id of a question → answer")
        parser.add_argument("--year", type=int, default=0, help="year of days that say none")
        parser.add_argument("--dump", type=Path, help="write every understood value to this CSV")
        parser.add_argument("--dry-run", action="store_true", help="write nothing to the database")
        parser.add_argument("--format", choices=("json", "table"), default="json")

    def handle(self, **options: Any) -> None:
        """Read, understand and report."""
        wish = Wish(
            purpose=options["purpose"] or "",
            columns=_columns(options["map"]),
            answers=_answers(options["answers"]),
            year=options["year"],
        )
        try:
            out = understand(Path(options["file"]), wish)
        except DomainError as error:
            raise CommandError(str(error)) from error
        if options["dump"]:
            self._dump(out, Path(options["dump"]))
        if options["format"] == "json":
            self.stdout.write(json.dumps(report.as_dict(out), ensure_ascii=False))
        else:
            self._table(out)
        if out.wrong or out.open_questions:
            sys.exit(1)

    def _dump(self, out: Understanding, path: Path) -> None:
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                report.write_dump(out, file)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error

    def _table(self, out: Understanding) -> None:
        facts = report.as_dict(out)
        for name in ("shape", "as", "header_row", "rows", "understood"):
            self.stdout.write(f"{name:<12} {facts[name]}")
        for code, column in facts["columns"].items():
            self.stdout.write(
                f"{code:<16} {column['column']:<4} {column['confidence']:.2f}  {column['header']}"
            )
        for group in report.groups(out):
            cells = ", ".join(cell for _sheet, _row, cell in group.rows[:5])
            self.stdout.write(f"{len(group.rows):>6} × {group.code:<18} {group.message}  {cells}")
        for question in out.open_questions:
            self.stdout.write(f"? {question.id}  {question.text}")


def _columns(text: str) -> dict[str, str]:
    """``item=Code,quantity=Qty`` as a dictionary; a comma that no field follows is part of a header."""
    columns: dict[str, str] = {}
    last = ""
    for part in text.split(",") if text else ():
        key, equals, column = part.partition("=")
        if equals and key.strip().partition("[")[0] in FIELDS:
            last = key.strip()
            columns[last] = column.strip()
        elif last:
            columns[last] += f",{part}"
        else:
            raise CommandError(f"“{part}”: use FIELD=COLUMN with one of {', '.join(FIELDS)}")
    return columns


def _answers(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(f"{path}: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise CommandError(f"{path}: write an object of question ids and answers in words")
    return found
