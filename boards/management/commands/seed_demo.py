"""manage.py seed_demo: a believable company with four months of history, posted through the ledger."""

import csv
import json
import time
from argparse import ArgumentTypeError
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from alerts.anomaly import learning, measured
from alerts.reorder import suggesting
from boards.demo import slips
from boards.demo.build import build
from boards.demo.people import PASSWORD, PEOPLE
from boards.demo.words import CHINESE, LANGUAGES
from people.models import Company
from stock import sealing, verify

DEMO_ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2000, 1, 1)
MORNING = timedelta(hours=10)
"""Until so late the last working day of the story is yesterday: today has hardly begun."""


class Command(BaseCommand):
    """Makes the demo company in an empty database; the same seed and day make the same company."""

    help = (
        "Make the demo company 恒达机电: people, goods, places and four months of history with every "
        "movement type, posted through the ledger, sealed and verified. Needs an empty database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("--seed", type=int, default=1, help="another seed, another history")
        parser.add_argument(
            "--today",
            type=_day,
            default=None,
            metavar="YYYY-MM-DD",
            help="the last day of the history, today unless given; not in the future",
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if there is a company already"
        )
        parser.add_argument(
            "--language",
            choices=LANGUAGES,
            default=CHINESE,
            help="of the names and notes of the company, %(default)s unless given",
        )
        parser.add_argument("--format", choices=("table", "json", "csv"), default="table")

    def handle(self, **options: Any) -> None:
        """Build, seal, verify and tell how much there is."""
        started = time.monotonic()
        if Company.objects.exists():
            if options["if_empty"]:
                self.stdout.write("There is a company already; nothing was changed.")
                return
            raise CommandError("There is a company already; the demo needs an empty database.")
        today = options["today"] or (timezone.now() - MORNING).astimezone(DEMO_ZONE).date()
        if today > timezone.localdate(timezone=DEMO_ZONE):
            raise CommandError(f"{today} lies in the future; the history ends today at the latest.")
        with translation.override(options["language"]):
            built = build(seed=options["seed"], today=today)
            sealing.seal()
            learning.rebuild()
            slips.write()
            measured.run(options["seed"])
            suggesting.reckon_all()
        report = verify.verify()
        facts = {
            "users": built.users,
            "items": built.items,
            "postings": built.postings,
            "movements": built.movements,
            "verified": report.ok,
            "seconds": round(time.monotonic() - started, 2),
        }
        if options["format"] == "json":
            self.stdout.write(json.dumps(facts))
        elif options["format"] == "csv":
            csv.writer(self.stdout).writerows([facts.keys(), facts.values()])
        else:
            self._tell(facts)
        if not report.ok:
            raise CommandError("The book of the demo does not verify; run verify_ledger.")

    def _tell(self, facts: dict[str, Any]) -> None:
        for name, value in facts.items():
            self.stdout.write(f"{name:<10} {value}")
        names = ", ".join(person.username for person in PEOPLE)
        self.stdout.write(f"Sign in as one of {names}; the password is “{PASSWORD}”.")


def _day(text: str) -> date:
    """A date typed on the command line."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is not a date such as 2026-03-12") from error
    if day < FIRST_DAY:
        raise ArgumentTypeError(f"{text} lies too far back; the first day is {FIRST_DAY}")
    return day
