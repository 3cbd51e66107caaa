"""Bring back a backup, and prove the book in it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

from core import backup


class Command(BaseCommand):
    """`manage.py restore FILE`: stop web and worker first, then restore, then start them again."""

    help = (
        "Replaces the database and the attachments by those of a backup, brings the schema up to this "
        "version and proves the book. Stop web and worker first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file, and whether to replace what is there."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--force", action="store_true", help="replace a database that is not empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore and verify; exit status 1 if the book in the backup is wrong."""
        try:
            manifest = backup.restore(options["file"], force=options["force"])
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored the backup of {manifest['made_at']}.")
        if "verify_ledger" in get_commands():
            call_command("verify_ledger", stdout=self.stdout)
