"""Make a backup now."""

import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import backup


class Command(BaseCommand):
    """`manage.py backup`: database and attachments in one checked file."""

    help = "Makes a backup of the database and the attachments while everybody goes on working."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and the format of the answer."""
        parser.add_argument(
            "--to", type=Path, metavar="DIR", help="a folder; BACKUP_ROOT if left out"
        )
        parser.add_argument("--format", choices=["json", "csv", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Back up and tell where."""
        try:
            made = backup.make(options["to"])
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        if made is None:
            raise CommandError("A backup is being made already.")
        answer = {
            "file": str(made.path),
            "bytes": made.size,
            "rows": made.rows,
            "files": made.files,
        }
        if options["format"] == "json":
            self.stdout.write(json.dumps(answer))
        elif options["format"] == "csv":
            csv.writer(self.stdout, lineterminator="\n").writerows([answer.keys(), answer.values()])
        else:
            for name, value in answer.items():
                self.stdout.write(f"{name:<6} {value}")
