"""Say whether scheduler and worker are alive, for health checks."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core import jobs, tasks


class Command(BaseCommand):
    """Exit status 1 if no scheduled task has run for a while."""

    help = "Fails if scheduler and worker together have not run the sweep lately."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How old the last run may be."""
        parser.add_argument("--seconds", type=int, default=120, help="the oldest that counts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the age of the last run."""
        newest = jobs.last(tasks.HEARTBEAT)
        if newest is None or newest.finished_at is None:
            raise CommandError("No scheduled task has ever run.")
        age = timezone.now() - newest.finished_at
        if age > timedelta(seconds=options["seconds"]):
            raise CommandError(f"The last scheduled task ran {age.total_seconds():.0f} s ago.")
        self.stdout.write(f"{age.total_seconds():.0f} s")
