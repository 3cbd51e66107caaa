"""``manage.py rebuild_habits``: learn anew from the book what lines usually say."""

from typing import Any

from django.core.management.base import BaseCommand

from alerts.anomaly import learning


class Command(BaseCommand):
    """Gives what following every posting has given; for histories that were loaded, and after a change of what is kept."""

    help = "Learn the habits of all items from the book, and the limits of each type."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Rebuild and say how many lines were learnt."""
        self.stdout.write(f"{learning.rebuild()}")
