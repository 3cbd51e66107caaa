"""Posts the rows of a loaded sheet in bounded batches; each row is in the book once, whatever happens.

A batch and the record of its rows (LoadedRow) are written together or not at all. Batches that follow each other
share a transaction; where one of them is refused, short or taken by another run, each goes by itself.
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.numbers import QUANTITY_PLACES, from_scaled
from intake import batches
from intake.batches import Pair
from intake.known import Known
from intake.loads import Order, Progress, Report
from intake.models import LoadedRow
from intake.movements import Change, Problem
from stock.errors import Again, Busy, KeyReused, PostingRefused
from stock.plan import LineInput
from workflows import posting, trusted
from workflows.trusted import Told

_TRIES = 8


class _Taken(Exception):
    """Another run has loaded some of these rows meanwhile."""


class Writer:
    """Posts for one run over one file."""

    def __init__(self, order: Order, report: Report, progress: Progress, known: Known) -> None:
        self.order = order
        self.report = report
        self.progress = progress
        self.known = known
        self.warehouse = known.warehouse
        self.loaded_before = 0
        self.short_before = False
        self._forget()

    def loaded(self, changes: Iterable[Change]) -> dict[str, str]:
        """Which of these rows are in the book already: key → content."""
        rows = LoadedRow.objects.filter(
            warehouse=self.warehouse, key__in=[change.key for change in changes]
        )
        return dict(rows.values_list("key", "content"))

    def post(self, lines: list[Pair]) -> None:
        """Post in the order of the moments."""
        done = 0
        for group in batches.groups(batches.batches(lines), batches.TOGETHER):
            if not self._together(group):
                self._one_by_one(group)
            done += sum(len(batch) for batch in group)
            self.progress(done, len(lines))

    def _together(self, group: Sequence[list[Pair]]) -> bool:
        """Post batches in one transaction; False, and nothing is posted, if they have to be looked at one by one."""
        if len(group) == 1 or self.short_before:
            return False
        papers = [paper for batch in group for paper in self._papers(batch)]
        try:
            with transaction.atomic():
                written = trusted.post_many(
                    [told for told, _numbered in papers], standing=self.standing
                )
                for one, (_told, numbered) in zip(written, papers, strict=True):
                    self._record(one.posted.posting_id, numbered)
        except (trusted.Apart, Again, DomainError, DatabaseError):
            self._forget()
            return False
        self.report.posted += sum(len(batch) for batch in group)
        return True

    def _one_by_one(self, group: Sequence[list[Pair]]) -> None:
        """Post what can be posted of each batch; on SQLite in one transaction, because it pays for every commit."""
        shared = len(group) > 1 and connection.vendor == "sqlite"
        with transaction.atomic() if shared else nullcontext():
            for batch in group:
                self._post_batch(batch)

    def _post_batch(self, batch: list[Pair]) -> None:
        """Post what can be posted of a batch; refuse the rest by row."""
        for _again in range(_TRIES):
            if not batch:
                return
            try:
                batch = self._attempt(batch)
            except _Taken:
                taken = self.loaded(change for change, _line in batch)
                self.loaded_before += len(taken)
                batch = [pair for pair in batch if pair[0].key not in taken]
        message = _("Others were posting the same rows at the same time; load the file again.")
        self.report.refused += [Problem(change.row, "busy", message) for change, _l in batch]

    def _attempt(self, batch: list[Pair]) -> list[Pair]:
        """Post, or note what is wrong; returns what is left to post."""
        try:
            self._write(batch, missing=self._foreseen(batch))
        except PostingRefused as refusal:
            if self.loaded(change for change, _line in batch):
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
        why = self._why()
        try:
            with transaction.atomic():
                if missing:
                    note = _("%(why)s; %(count)d quantities missing before were booked as opening")
                    note %= {"why": why, "count": len(missing)}
                    key = f"{self._key(batch)}:opening"
                    self._tell(self._told(missing, batch[0][0], key, note))
                if override:
                    why = f"{why}; {override}"
                for told, numbered in self._papers(batch, why, override):
                    self._post_document(told, numbered)
        except PostingRefused:
            self._forget()
            raise
        except IntegrityError as error:
            self._forget()
            if not self.loaded(change for change, _line in batch):
                raise
            raise _Taken from error
        except (Busy, KeyReused) as error:
            self._forget()
            raise _Taken from error

    def _forget(self) -> None:
        """What was taken back may have made a process: ask again."""
        self.standing = trusted.Standing(self.known.company)

    def _papers(
        self, batch: Sequence[Pair], why: str = "", override: str = ""
    ) -> list[tuple[Told, batches.Numbered]]:
        """The documents of a batch, each with its rows."""
        key = self._key(batch)
        return [
            (
                self._told(
                    [line for _number, (_change, line) in numbered],
                    numbered[0][1][0],
                    f"{key}:{number}",
                    why or self._why(),
                    override=override,
                ),
                numbered,
            )
            for number, numbered in enumerate(batches.documents(batch))
        ]

    def _key(self, batch: Sequence[Pair]) -> str:
        return f"load:{self.warehouse.pk}:{batches.key_of(batch)}"

    def _why(self) -> str:
        return _("Loaded from %(file)s") % {"file": self.order.path.name}

    def _post_document(self, told: Told, numbered: batches.Numbered) -> None:
        """One document of a batch and the record of its rows."""
        try:
            posted = self._tell(told)
        except PostingRefused as refusal:
            raise _of_batch(refusal, numbered) from refusal
        self._record(posted, numbered)

    def _record(self, posting: int, numbered: batches.Numbered) -> None:
        LoadedRow.objects.bulk_create(
            LoadedRow(
                warehouse_id=self.warehouse.pk,
                key=change.key,
                content=change.content,
                posting_id=posting,
                line=line,
            )
            for line, (_number, (change, _input)) in enumerate(numbered, 1)
        )

    def _told(
        self,
        lines: Sequence[LineInput],
        first: Change,
        key: str,
        why: str,
        *,
        override: str = "",
    ) -> Told:
        return Told(
            lines[0].type,
            lines,
            self.warehouse,
            batch=f"load:{self.order.path.name}",
            key=key,
            effective_at=first.at,
            reference=first.document,
            note=why,
            override=override,
            door="sheet",
        )

    def _tell(self, told: Told) -> int:
        """Write and post one document of this file; returns its posting's id."""
        written = trusted.post(told, company=self.known.company, standing=self.standing)
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


def _of_batch(refusal: PostingRefused, group: batches.Numbered) -> PostingRefused:
    """The same refusal with the numbers that the lines have in their batch."""
    numbers = {line: number for line, (number, _pair) in enumerate(group, 1)}
    return PostingRefused(
        refusal.message,
        code=refusal.code,
        lines=[replace(error, line=numbers.get(error.line, error.line)) for error in refusal.lines],
    )
