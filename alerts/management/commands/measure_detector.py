"""``manage.py measure_detector``: per kind of slip how many are caught before posting, and false warnings."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from alerts.anomaly import histories, measuring


class Command(BaseCommand):
    """Invented histories always; the real ones whose files are given."""

    help = "Measure the anomaly detector with slips put into histories."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Seeds and real histories."""
        parser.add_argument("--seed", type=int, default=2027)
        parser.add_argument("--per-kind", type=int, default=60)
        parser.add_argument("--online-retail", metavar="FILE", help="UCI Online Retail as CSV")
        parser.add_argument("--adventure-works", metavar="FILE", help="TransactionHistory as CSV")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a table for each history, and one for all together."""
        seed: int = options["seed"]
        told = [histories.invented(seed)]
        if options["online_retail"]:
            told.append(histories.online_retail(options["online_retail"], seed))
        if options["adventure_works"]:
            told.append(histories.adventure_works(options["adventure_works"], seed))
        results = {}
        for history in told:
            result = measuring.measure(history, seed=seed + 1, per_kind=options["per_kind"])
            results[history.name] = result
            self._show(history.name, result)
        if len(results) > 1:
            self._show("all histories", measuring.overall(results))

    def _show(self, name: str, result: measuring.Result) -> None:
        self.stdout.write(f"\n{name}")
        for line in measuring.table(result):
            self.stdout.write(line)
