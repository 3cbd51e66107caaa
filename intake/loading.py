"""Loads a sheet of movements: reads its rows, says what is wrong, leaves out what is in the book, has the rest posted.

A run that was killed goes on where it stopped, the same file again changes nothing, and a longer file adds only
what is new. Rows are posted in the order of their moments; of one moment what comes in goes before what goes out.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from intake import movements, sheet
from intake.batches import Pair
from intake.known import Known, chunks, find_warehouse
from intake.load_writing import Writer
from intake.loads import Order, Progress, Report
from intake.movements import Change, Problem
from stock.plan import LineInput

SHORTAGES = ("refuse", "opening", "override")
_SHOW_EVERY = 200


def load(order: Order, progress: Progress = lambda _done, _of: None) -> Report:
    """Load the file; raises DomainError if there is no such warehouse or no such table in it.

    A dry run does everything and takes it back, so that it refuses what the real run would refuse.
    """
    started = time.monotonic()
    report = Report()
    with transaction.atomic() if order.dry_run else nullcontext():
        _Loader(order, report, progress).run()
        if order.dry_run:
            transaction.set_rollback(True)
    report.refused = _one_per_row(report.refused)
    report.seconds = round(time.monotonic() - started, 3)
    return report


class _Loader:
    """One run over one file."""

    def __init__(self, order: Order, report: Report, progress: Progress) -> None:
        self.order = order
        self.report = report
        self.progress = progress
        self.warehouse = find_warehouse(order.warehouse, create=order.create)
        self.known = Known(self.warehouse)
        self.writer = Writer(order, report, progress, self.known)
        self.zero = 0
        self.twice = 0

    def run(self) -> None:
        """Read everything, say what is wrong, post the rest."""
        changes = self._read()
        changes = self._without_other_dates(self._without_loaded(changes))
        movements.look_up(changes, self.known)
        if self.order.create:
            with transaction.atomic():
                movements.make_missing(changes, self.known)
        lines = self._resolve([change for change in changes if change.quantity])
        self.writer.post(lines)
        self._tell()

    def _read(self) -> list[Change]:
        """The changes of all rows that can be read; the others are refused."""
        order, report = self.order, self.report
        table = sheet.read(order.path, order.columns)
        reader = movements.Reader(
            types=order.types,
            zone=ZoneInfo(self.known.company.time_zone),
            now=timezone.now(),
            has_row_key="row_key" in order.columns,
        )
        changes: list[Change] = []
        for row in table.rows:
            report.rows += 1
            read = reader.read(row)
            if isinstance(read, Change):
                changes.append(read)
            else:
                report.refused += read
            if report.rows % _SHOW_EVERY == 0:
                self.progress(report.rows, max(table.total, report.rows))
        report.notes += table.notes
        return changes

    def _without_loaded(self, changes: Sequence[Change]) -> list[Change]:
        """Only what is new: not in the book already, not twice in the file, something to move."""
        left: list[Change] = []
        seen: dict[str, str] = {}
        for chunk in chunks(changes):
            known = self.writer.loaded(chunk)
            for change in chunk:
                before = known.get(change.key) or seen.get(change.key)
                seen.setdefault(change.key, change.content)
                if before is None:
                    left.append(change)
                    self.zero += not change.quantity
                elif before != change.content:
                    self._refuse_changed(change, in_book=change.key in known)
                elif change.key in known:
                    self.writer.loaded_before += 1
                else:
                    self.twice += 1
        return left

    def _without_other_dates(self, changes: Sequence[Change]) -> list[Change]:
        """A lot expires once: rows that say another day than a row above are refused."""
        refused = set()
        for change, above in movements.other_dates(changes):
            message = _("Lot %(lot)s expires on %(day)s by row %(row)d; this row says %(other)s.")
            facts = {"lot": change.lot, "day": above.expires_on, "row": above.row}
            facts["other"] = change.expires_on
            self.report.refused.append(Problem(change.row, "lot_dates", message % facts))
            refused.add(change.row)
        return [change for change in changes if change.row not in refused]

    def _refuse_changed(self, change: Change, *, in_book: bool) -> None:
        message = (
            _("A row with this key was loaded before with other content. Correct it in the book.")
            if in_book
            else _("A row above has the same key and other content.")
        )
        self.report.refused.append(Problem(change.row, "row_key", message))

    def _resolve(self, changes: Iterable[Change]) -> list[Pair]:
        lines = []
        for change in changes:
            line = movements.resolve(change, self.known)
            if isinstance(line, LineInput):
                lines.append((change, line))
            else:
                self.report.refused += line
        return lines

    def _tell(self) -> None:
        """Say what was skipped, and why."""
        report = self.report
        report.skipped = self.zero + self.writer.loaded_before + self.twice
        for count, message in (
            (self.writer.loaded_before, _("%(count)d rows were loaded before.")),
            (self.twice, _("%(count)d rows repeat a row key of the file.")),
            (self.zero, _("%(count)d rows have the quantity 0: nothing to move.")),
        ):
            if count:
                report.notes.append(message % {"count": count})


def _one_per_row(problems: Iterable[Problem]) -> list[Problem]:
    """One entry per row, in the order of the file, that says everything."""
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, []).append(problem)
    return [
        Problem(row, its[0].code, " ".join(dict.fromkeys(problem.message for problem in its)))
        for row, its in sorted(by_row.items())
    ]
