"""manage.py intake: reads a legacy sheet, says what was understood, wrong and asked, and writes it into the books."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from intake.importing import commanding
from intake.understanding import report
from intake.understanding.fields import FIELDS
from intake.understanding.result import PURPOSES, Understanding, Wish
from intake.understanding.understand import understand

REFUSED = 2
"""The exit code where the file could not be looked at at all."""


class Command(BaseCommand):
    """Reads XLSX, XLS, CSV and TSV as they are; see docs/guides/reading-legacy-sheets.md."""

    help = (
        "Read a sheet as it is: find its tables and headers, understand its columns and cells, and print what was "
        "understood, what is wrong, and what only a person can tell. --dry-run also checks it against the books, "
        "--commit writes it. Exits with 1 if anything is wrong or asked, or was not written, and with 2 if the file cannot be "
        "read or an option makes no sense; the answer then holds error: {code, message}."
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
        parser.add_argument(
            "--answers",
            type=Path,
            help="JSON file: id of a question → answer; mends → {cells, values, create, left_out, choices}",
        )
        parser.add_argument("--year", type=int, default=0, help="year of days that say none")
        parser.add_argument("--dump", type=Path, help="write every understood value to this CSV")
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument(
            "--dry-run", action="store_true", help="check it against the books too; write nothing"
        )
        acts.add_argument("--commit", action="store_true", help="write it into the books")
        parser.add_argument(
            "--warehouse", default="", metavar="CODE", help="of rows that name none"
        )
        parser.add_argument(
            "--start",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="first day: opening stock is booked at the end of the day before",
        )
        parser.add_argument("--sender", default="", help="whose sheet it is")
        parser.add_argument("--user", default="", help="who imports it; orders and counts need one")
        parser.add_argument(
            "--create",
            default="",
            metavar="KIND,…",
            help=f"make unknown records: {', '.join(commanding.MADE)}, or all",
        )
        parser.add_argument(
            "--skip-wrong", action="store_true", help="leave rows with something wrong out"
        )
        parser.add_argument("--format", choices=("json", "table"), default="json")

    def handle(self, **options: Any) -> None:
        """Read, understand and report."""
        try:
            answers, mends = _answers(options["answers"])
            result = self._look(options, answers, mends)
        except (DomainError, CommandError) as error:
            self._refuse(error, options["format"])
            raise CommandError(str(error), returncode=REFUSED) from error
        out = result.out.understanding if isinstance(result, commanding.Result) else result
        if options["dump"]:
            self._dump(out, Path(options["dump"]))
        bad = bool(out.wrong or out.open_questions)
        facts = report.as_dict(out)
        if isinstance(result, commanding.Result):
            facts = commanding.as_dict(result)
            kept_out = result.out.blocked or (result.out.problems and not options["skip_wrong"])
            bad = bool(result.refused or kept_out)
        if options["format"] == "json":
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            self._table(out, facts)
        if bad:
            sys.exit(1)

    def _refuse(self, error: DomainError | CommandError, form: str) -> None:
        """Say as data, too, why the file was not looked at."""
        if form == "json":
            code = error.code if isinstance(error, DomainError) else "usage"
            facts = {"error": {"code": code, "message": str(error)}}
            self.stdout.write(json.dumps(facts, ensure_ascii=False))

    @staticmethod
    def _look(
        options: dict[str, Any], answers: dict[str, str], mends: dict[str, Any]
    ) -> "commanding.Result | Understanding":
        """The reading alone, or with what the books say where that is asked for."""
        columns = _columns(options["map"])
        path, purpose = Path(options["file"]), options["purpose"] or ""
        books = options["commit"] or options["dry_run"]
        if not books or not (options["commit"] or commanding.has_books()):
            wish = Wish(purpose=purpose, columns=columns, answers=answers, year=options["year"])
            return understand(path, wish)
        if not commanding.has_books():
            raise CommandError("There is no company yet: set the installation up first.")
        return commanding.run(
            commanding.Order(
                path=path,
                purpose=purpose,
                columns=columns,
                answers=answers,
                mends=mends,
                year=options["year"],
                warehouse=options["warehouse"],
                start_on=options["start"],
                sender=options["sender"],
                user=options["user"],
                create=_kinds(options["create"]),
                skip_wrong=options["skip_wrong"],
                commit=options["commit"],
            )
        )

    def _dump(self, out: Understanding, path: Path) -> None:
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                report.write_dump(out, file)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error

    def _table(self, out: Understanding, facts: dict[str, Any]) -> None:
        shown = (
            "shape",
            "as",
            "header_row",
            "rows",
            "understood",
            "writable",
            "written",
            "refused",
        )
        for name in shown:
            if name in facts:
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


def _answers(path: Path | None) -> tuple[dict[str, str], dict[str, Any]]:
    """Answers of questions, and the mends beside them."""
    if path is None:
        return {}, {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(f"{path}: {error}") from error
    mends = found.pop("mends", {}) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise CommandError(f"{path}: write an object of question ids and answers in words")
    if not isinstance(mends, dict):
        raise CommandError(f"{path}: mends are an object")
    return found, mends


def _kinds(text: str) -> tuple[str, ...]:
    """The kinds of records that may be made."""
    if text == "all":
        return commanding.MADE
    kinds = tuple(kind.strip() for kind in text.split(",") if kind.strip())
    for kind in kinds:
        if kind not in commanding.MADE:
            raise CommandError(f"“{kind}”: use {', '.join(commanding.MADE)}, or all")
    return kinds
