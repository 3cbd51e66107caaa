"""manage.py load_movements: rows of a legacy sheet become movements of the book, each exactly once."""

import csv
import json
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from intake import loading
from intake.movements import COLUMNS, LOADABLE, REQUIRED, Types

_NEXT_COLUMN = re.compile(rf",(?=(?:{'|'.join(COLUMNS)})=)")


class Command(BaseCommand):
    """Loads a CSV, XLSX or XLS file with known columns; see docs/guides/loading-legacy-movements.md."""

    help = (
        "Post the rows of a CSV, XLSX or XLS file as movements of a warehouse. Every row is posted "
        "once, also when the command is run again or was interrupted. Prints rows, posted, skipped, "
        "refused and seconds; exits with 1 if a row was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; their names are public."""
        codes = ", ".join(LOADABLE)
        parser.add_argument("file", type=Path, help="CSV (UTF-8, UTF-16 or GB18030), XLSX or XLS")
        parser.add_argument("--warehouse", required=True, metavar="CODE")
        parser.add_argument(
            "--map",
            required=True,
            type=_columns,
            metavar="KEY=COLUMN,…",
            help=f"which column says what: {', '.join(COLUMNS)}; item and quantity are required. "
            "source is the number of the source document, or for movements between own places the "
            "place they come from",
        )
        parser.add_argument(
            "--types",
            type=_types,
            metavar="TEXT=TYPE,…",
            help="what the texts of the type column mean; C=… also fits C536379, and C*=… every "
            f"text that begins with C. Types: {codes}",
        )
        parser.add_argument(
            "--default-type", type=_type, metavar="TYPE", help="type of all other rows"
        )
        parser.add_argument(
            "--negative",
            type=_type,
            metavar="TYPE",
            help="type of rows with a negative quantity (returns stay returns)",
        )
        parser.add_argument(
            "--create-items",
            action="store_true",
            help="make items, lots, partners, places and the warehouse where they are unknown",
        )
        parser.add_argument(
            "--shortage",
            choices=loading.SHORTAGES,
            default="refuse",
            help="when stock is missing: refuse the row; book the missing quantity as opening "
            "stock at the same moment, saying so; or go below zero with a reason",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check everything, write nothing"
        )
        parser.add_argument("--format", choices=("json", "csv", "table"), default="json")

    def handle(self, **options: Any) -> None:
        """Load and report."""
        order = loading.Order(
            path=Path(options["file"]),
            warehouse=options["warehouse"],
            columns=_parsed(_columns, options["map"]),
            types=Types(
                _parsed(_types, options["types"] or {}),
                _parsed(_type, options["default_type"] or ""),
                _parsed(_type, options["negative"] or ""),
            ),
            create=options["create_items"],
            shortage=options["shortage"],
            dry_run=options["dry_run"],
        )
        try:
            report = loading.load(order, self._progress)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self._progress(1, 1, end=True)
        for note in report.notes:
            self.stderr.write(note)
        self._print(report, options["format"])
        if report.refused:
            sys.exit(1)

    def _progress(self, done: int, of: int, *, end: bool = False) -> None:
        """A bar on a terminal, nothing elsewhere."""
        if not sys.stderr.isatty():
            return
        width = 40
        filled = width * done // max(of, 1)
        bar = "" if end else f"[{'#' * filled}{'.' * (width - filled)}] {done}/{of}"
        sys.stderr.write(f"\r\x1b[K{bar}")
        sys.stderr.flush()

    def _print(self, report: loading.Report, form: str) -> None:
        facts = report.as_dict()
        if form == "json":
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        counts = {name: facts[name] for name in ("rows", "posted", "skipped", "seconds")}
        counts["refused"] = len(report.refused)
        if form == "csv":
            writer = csv.writer(self.stdout)
            writer.writerow(["row", "code", "message"])
            writer.writerows((row.row, row.code, row.message) for row in report.refused)
            self.stderr.write(json.dumps(counts))
            return
        for name, value in counts.items():
            self.stdout.write(f"{name:<8} {value}")
        for problem in report.refused:
            self.stdout.write(f"row {problem.row:<6} {problem.code:<14} {problem.message}")


def _parsed(parse: Callable[[str], Any], value: Any) -> Any:
    """The option; call_command hands optional ones over unparsed."""
    if not isinstance(value, str) or not value:
        return value
    try:
        return parse(value)
    except ArgumentTypeError as error:
        raise CommandError(str(error)) from error


def _columns(text: str) -> dict[str, str]:
    """``item=Code,quantity=Qty`` as a dictionary; column names may contain commas."""
    columns = {}
    for part in _NEXT_COLUMN.split(text):
        key, equals, column = part.partition("=")
        if key not in COLUMNS or not equals or not column.strip():
            raise ArgumentTypeError(f"“{part}”: use KEY=COLUMN with one of {', '.join(COLUMNS)}")
        columns[key] = column.strip()
    missing = [key for key in REQUIRED if key not in columns]
    if missing:
        raise ArgumentTypeError(f"a column is missing for {', '.join(missing)}")
    return columns


def _types(text: str) -> dict[str, str]:
    """``P=purchase_in,S=sales_out`` as a dictionary."""
    types = {}
    for part in text.split(","):
        key, equals, code = part.partition("=")
        if not equals or not key.strip():
            raise ArgumentTypeError(f"“{part}”: use TEXT=TYPE")
        types[key.strip()] = _type(code)
    return types


def _type(code: str) -> str:
    """A movement type that a row can state whole."""
    if code.strip() not in LOADABLE:
        raise ArgumentTypeError(f"“{code}” is not one of {', '.join(LOADABLE)}")
    return code.strip()
