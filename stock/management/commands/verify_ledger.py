"""Prove the book right, or name the first wrong row of each law."""

import csv
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from stock import checking
from stock.verify import Report, verify


class Command(BaseCommand):
    """`manage.py verify_ledger`: exit status 0 if every law holds, 1 if not."""

    help = (
        "Recomputes balances, cost pools, layers, conservation and value from the book and names the "
        "first wrong row of each law. Exit status 1 if anything is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The format of the answer."""
        parser.add_argument("--format", choices=["json", "csv", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, record the result, print it, and end with the status."""
        report = verify()
        checking.keep(report)
        getattr(self, f"_{options['format']}")(report)
        if not report.ok:
            sys.exit(1)

    def _json(self, report: Report) -> None:
        self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))

    def _csv(self, report: Report) -> None:
        writer = csv.writer(self.stdout)
        writer.writerow(["law", "wrong", "first"])
        for finding in report.findings:
            first = json.dumps(finding.first, ensure_ascii=False) if finding.first else ""
            writer.writerow([finding.law, finding.wrong, first])

    def _table(self, report: Report) -> None:
        for finding in report.findings:
            mark = "ok   " if not finding.wrong else "WRONG"
            self.stdout.write(f"{mark} {finding.law}")
            if finding.first:
                facts = ", ".join(f"{name} {value}" for name, value in finding.first.items())
                self.stdout.write(f"      {finding.wrong} wrong; first: {facts}")
        verdict = "The book is right." if report.ok else "The book is WRONG."
        self.stdout.write(
            f"{verdict} {report.movements} movements checked in {report.seconds:.1f} s."
        )
