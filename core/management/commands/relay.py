"""Deliver the outbox by hand: where no worker runs, or to see what fails."""

import csv
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import outbox


class Command(BaseCommand):
    """`manage.py relay`: deliver everything that is due, and tell what still waits."""

    help = "Delivers everything in the outbox that is due; --replay tries dead letters again first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom to deliver to, and the format of the answer."""
        parser.add_argument("--consumer", help="only this consumer")
        parser.add_argument("--replay", action="store_true", help="try dead letters again first")
        parser.add_argument("--format", choices=["json", "csv", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver and count."""
        replayed = outbox.replay() if options["replay"] else 0
        consumer = options["consumer"]
        delivered = outbox.deliver(consumer) if consumer else outbox.sweep()
        answer = {
            "delivered": delivered,
            "replayed": replayed,
            "waiting": outbox.counts()["waiting"],
            "dead": outbox.counts()["dead"],
        }
        if options["format"] == "json":
            self.stdout.write(json.dumps(answer))
        elif options["format"] == "csv":
            csv.writer(self.stdout, lineterminator="\n").writerows([answer.keys(), answer.values()])
        else:
            for name, value in answer.items():
                self.stdout.write(f"{name:<10} {value}")
