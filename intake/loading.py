"""Posts the rows of a sheet in bounded batches; each row is in the book once, whatever happens.

A batch and the record of its rows (LoadedRow) are written together or not at all, so a run that was killed goes on where
it stopped, the same file again changes nothing, and a longer file adds only what is new. Rows are posted in
the order of their moments; of one moment what comes in goes before what goes out.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.numbers import QUANTITY_PLACES, from_scaled
from intake import batches, movements, sheet
from intake.batches import Pair
from intake.known import Known, chunks, find_warehouse
from intake.models import LoadedRow
from intake.movements import Change, Problem, Types
from stock.errors import Busy, KeyReused, PostingRefused
from stock.plan import LineInput
from workflows import posting, trusted
from workflows.trusted import Told

SHORTAGES = ("refuse", "opening", "override")
_TRIES = 8
_SHOW_EVERY = 200


@dataclass(frozen=True, slots=True)
class Order:
    """What to load, and how."""

    path: Path
    warehouse: str
    """Its code; made with ``create`` where it is unknown and there is one company."""
    columns: dict[str, str]
    types: Types
    create: bool = False
    shortage: str = "refuse"
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """What became of the rows; ``notes`` says in words what was skipped or left out."""

    rows: int = 0
    posted: int = 0
    skipped: int = 0
    refused: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """The command's output; one entry of ``refused`` per row."""
        return {
            "rows": self.rows,
            "posted": self.posted,
            "skipped": self.skipped,
            "refused": [problem.as_dict() for problem in self.refused],
            "seconds": self.seconds,
        }


Progress = Callable[[int, int], None]
"""Called with (done, of) while rows are read and again while they are posted."""


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


class _Taken(Exception):
    """Another run has loaded some of these rows meanwhile."""


class _Loader:
    """One run over one file."""

    def __init__(self, order: Order, report: Report, progress: Progress) -> None:
        self.order = order
        self.report = report
        self.progress = progress
        self.warehouse = find_warehouse(order.warehouse, create=order.create)
        self.known = Known(self.warehouse)
        self._forget()
        self.zero = 0
        self.loaded_before = 0
        self.twice = 0
        self.short_before = False

    def run(self) -> None:
        """Read everything, say what is wrong, post the rest."""
        changes = self._read()
        changes = self._without_other_dates(self._without_loaded(changes))
        movements.look_up(changes, self.known)
        if self.order.create:
            with transaction.atomic():
                movements.make_missing(changes, self.known)
        lines = self._resolve([change for change in changes if change.quantity])
        self._post(lines)
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
            known = self._loaded(chunk)
            for change in chunk:
                before = known.get(change.key) or seen.get(change.key)
                seen.setdefault(change.key, change.content)
                if before is None:
                    left.append(change)
                    self.zero += not change.quantity
                elif before != change.content:
                    self._refuse_changed(change, in_book=change.key in known)
                elif change.key in known:
                    self.loaded_before += 1
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

    def _loaded(self, changes: Iterable[Change]) -> dict[str, str]:
        rows = LoadedRow.objects.filter(
            warehouse=self.warehouse, key__in=[change.key for change in changes]
        )
        return dict(rows.values_list("key", "content"))

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

    def _post(self, lines: list[Pair]) -> None:
        """Post in the order of the moments, one document at a time."""
        done = 0
        for group in batches.groups(batches.batches(lines), batches.TOGETHER[connection.vendor]):
            with transaction.atomic() if len(group) > 1 else nullcontext():
                for batch in group:
                    self._post_batch(batch)
            done += sum(len(batch) for batch in group)
            self.progress(done, len(lines))

    def _post_batch(self, batch: list[Pair]) -> None:
        """Post what can be posted of a batch; refuse the rest by row."""
        for _again in range(_TRIES):
            if not batch:
                return
            try:
                batch = self._attempt(batch)
            except _Taken:
                taken = self._loaded(change for change, _line in batch)
                self.loaded_before += len(taken)
                batch = [pair for pair in batch if pair[0].key not in taken]
        message = _("Others were posting the same rows at the same time; load the file again.")
        self.report.refused += [Problem(change.row, "busy", message) for change, _l in batch]

    def _attempt(self, batch: list[Pair]) -> list[Pair]:
        """Post, or note what is wrong; returns what is left to post."""
        try:
            self._write(batch, missing=self._foreseen(batch))
        except PostingRefused as refusal:
            if self._loaded(change for change, _line in batch):
                raise _Taken from refusal
            if self.short_before:
                self.short_before = False
                return batch
            if self._go_short(batch, refusal):
                return []
            return self._refuse(batch, refusal)
        self.report.posted += len(batch)
        return []

    def _write(
        self,
        batch: Sequence[Pair],
        *,
        override: str = "",
        missing: Sequence[LineInput] = (),
    ) -> None:
        """The documents of one batch and the record of its rows, together or not at all."""
        key = f"load:{self.warehouse.pk}:{batches.key_of(batch)}"
        why = _("Loaded from %(file)s") % {"file": self.order.path.name}
        try:
            with transaction.atomic():
                if missing:
                    note = _("%(why)s; %(count)d quantities missing before were booked as opening")
                    note %= {"why": why, "count": len(missing)}
                    self._tell_document("opening", missing, batch[0][0], f"{key}:opening", note)
                if override:
                    why = f"{why}; {override}"
                for number, group in enumerate(batches.documents(batch)):
                    self._write_document(group, f"{key}:{number}", why, override=override)
        except PostingRefused:
            self._forget()
            raise
        except IntegrityError as error:
            self._forget()
            if not self._loaded(change for change, _line in batch):
                raise
            raise _Taken from error
        except (Busy, KeyReused) as error:
            self._forget()
            raise _Taken from error

    def _forget(self) -> None:
        """What was taken back may have made a process: ask again."""
        self.standing = trusted.Standing(self.known.company)

    def _write_document(
        self, group: batches.Numbered, key: str, why: str, *, override: str
    ) -> None:
        """One document of a batch and the record of its rows."""
        lines = [line for _number, (_change, line) in group]
        first = group[0][1][0]
        try:
            posted = self._tell_document(lines[0].type, lines, first, key, why, override=override)
        except PostingRefused as refusal:
            raise _of_batch(refusal, group) from refusal
        LoadedRow.objects.bulk_create(
            LoadedRow(
                warehouse_id=self.warehouse.pk,
                key=change.key,
                content=change.content,
                posting_id=posted,
                line=line,
            )
            for line, (_number, (change, _input)) in enumerate(group, 1)
        )

    def _tell_document(
        self,
        kind: str,
        lines: Sequence[LineInput],
        first: Change,
        key: str,
        why: str,
        *,
        override: str = "",
    ) -> int:
        """Write and post one document of this file; returns its posting's id."""
        written = trusted.post(
            Told(
                kind,
                lines,
                self.warehouse,
                batch=f"load:{self.order.path.name}",
                key=key,
                effective_at=first.at,
                reference=first.document,
                note=why,
                override=override,
                door="sheet",
            ),
            company=self.known.company,
            standing=self.standing,
        )
        if not written.posted.created:
            raise _Taken
        return written.posted.posting_id

    def _go_short(self, batch: Sequence[Pair], refusal: PostingRefused) -> bool:
        """Post a batch that lacks stock as the order says; False if it must not or cannot be."""
        if {error.code for error in refusal.lines} != {"short"}:
            return False
        try:
            if self.order.shortage == "opening":
                self._write(batch, missing=self._missing(batch))
                self.short_before = True
            elif self.order.shortage == "override":
                self._write(batch, override=_("taken below zero: the sheet says so"))
            else:
                return False
        except PostingRefused:
            return False
        self.report.posted += len(batch)
        return True

    def _foreseen(self, batch: Sequence[Pair]) -> list[LineInput]:
        """What is missing, looked up before posting where the last batch was short: it is quicker."""
        if not self.short_before:
            return []
        missing = self._missing(batch)
        self.short_before = bool(missing)
        return missing

    def _missing(self, batch: Sequence[Pair]) -> list[LineInput]:
        """Opening lines for exactly what a batch lacks, now or at a later moment of the book."""
        plan = posting.look(
            [line for _change, line in batch],
            company=self.known.company,
            effective_at=batch[0][0].at,
            override="preview",
        )
        lines = []
        for item, lot, owner, place in sorted(plan.below_zero):
            balance = plan.state.balances[item, lot, owner, place]
            lacking = -min(balance.on_hand, balance.floor)
            if lacking > 0:
                lines.append(
                    LineInput(
                        type="opening",
                        item=item,
                        source=self.known.virtual["opening"],
                        target=place,
                        quantity=from_scaled(lacking, QUANTITY_PLACES),
                        lot=lot,
                        owner=owner,
                        reason="opening",
                    )
                )
        return lines

    def _refuse(self, batch: list[Pair], refusal: PostingRefused) -> list[Pair]:
        """Note the bad rows; the rest of the batch is left to post."""
        bad: dict[int, tuple[str, str]] = {}
        errors = refusal.lines
        if self.order.shortage != "refuse":
            errors = tuple(error for error in errors if error.code != "short") or errors
        for error in errors:
            lines = range(1, len(batch) + 1) if error.line == 0 else (error.line,)
            for line in lines:
                bad.setdefault(line, (error.code, str(error.message)))
        if not bad:
            bad = dict.fromkeys(range(1, len(batch) + 1), (refusal.code, str(refusal.message)))
        for line, (code, message) in sorted(bad.items()):
            self.report.refused.append(Problem(batch[line - 1][0].row, code, message))
        return [pair for line, pair in enumerate(batch, 1) if line not in bad]

    def _tell(self) -> None:
        """Say what was skipped, and why."""
        report = self.report
        report.skipped = self.zero + self.loaded_before + self.twice
        for count, message in (
            (self.loaded_before, _("%(count)d rows were loaded before.")),
            (self.twice, _("%(count)d rows repeat a row key of the file.")),
            (self.zero, _("%(count)d rows have the quantity 0: nothing to move.")),
        ):
            if count:
                report.notes.append(message % {"count": count})


def _of_batch(refusal: PostingRefused, group: batches.Numbered) -> PostingRefused:
    """The same refusal with the numbers that the lines have in their batch."""
    numbers = {line: number for line, (number, _pair) in enumerate(group, 1)}
    return PostingRefused(
        refusal.message,
        code=refusal.code,
        lines=[replace(error, line=numbers.get(error.line, error.line)) for error in refusal.lines],
    )


def _one_per_row(problems: Iterable[Problem]) -> list[Problem]:
    """One entry per row, in the order of the file, that says everything."""
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, []).append(problem)
    return [
        Problem(row, its[0].code, " ".join(dict.fromkeys(problem.message for problem in its)))
        for row, its in sorted(by_row.items())
    ]
