"""Seal what has been committed, now."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from stock import sealing


class Command(BaseCommand):
    """`manage.py seal`: number the committed postings that have no seal yet."""

    help = "Numbers committed postings in the order of commit and rolls month balances forward."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do and the format of the answer."""
        parser.add_argument("--format", choices=["json", "csv", "table"], default="table")
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="make every month balance anew from sealed postings",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal and tell the newest seal."""
        waited = sealing.waiting()
        newest = sealing.seal()
        if options["rebuild"]:
            sealing.rebuild_month_balances()
        answer = {
            "sealed": waited - sealing.waiting(),
            "newest": newest,
            "waiting": sealing.waiting(),
        }
        if options["format"] == "json":
            self.stdout.write(json.dumps(answer))
        elif options["format"] == "csv":
            self.stdout.write(",".join(answer))
            self.stdout.write(",".join("" if v is None else str(v) for v in answer.values()))
        else:
            for name, value in answer.items():
                self.stdout.write(f"{name:<8} {value}")
