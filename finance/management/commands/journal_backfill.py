"""Journal what was posted while finance was not there."""

from typing import Any

from django.core.management.base import BaseCommand

from finance import backfill, charts


class Command(BaseCommand):
    """`manage.py journal_backfill`: every migrate runs it, too; a second run finds nothing to do."""

    help = "Writes the journal entries of postings that have none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Journal them and say how many."""
        charts.ensure_all()
        self.stdout.write(f"{backfill.run()} postings journaled")
