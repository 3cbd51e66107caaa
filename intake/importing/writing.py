"""Writes planned documents with the record of their rows, in bounded transactions, so that every row is written once.

A document is written whole or not at all. Some that follow each other share a transaction and its statements; if
one of them cannot be written the transaction is undone and they go one by one, so that a bad one takes no other
with it. A run that was killed goes on where it stopped: documents whose rows are recorded are passed over. Between
two transactions a person can stop the run.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core import bulk
from core.errors import DomainError
from intake.importing import making
from intake.importing.found import End, Entry
from intake.importing.planning import Planned
from intake.models import Import, ImportedRow
from stock.errors import Again, Busy, KeyReused, PostingRefused
from stock.models import Warehouse
from stock.models.lots import NO_LOT
from stock.plan import LineInput
from workflows import trusted

Beat = Callable[[int], bool]
"""Called after each transaction with the rows written so far; False stops the run."""


MOST_DOCUMENTS, MOST_LINES = 200, 4_000
"""So much at most is written in one transaction: the goods that it moves stay locked until it ends."""
_PATIENCE = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between two tries of a document whose rows others hold: far below what a worker may be silent."""
_row = bulk.maker(ImportedRow)
_log = logging.getLogger("inventory.intake")


class NotWritten(DomainError):
    """A document could not be written; what was written before it stays."""

    code = "not_written"


@dataclass(frozen=True, slots=True)
class Left:
    """A document that is still to be written, with its rows that are not there yet."""

    planned: Planned
    entries: list[Entry]


class Writer:
    """Writes the documents of one import."""

    def __init__(self, job: Import) -> None:
        self.job = job
        self.standing = trusted.Standing(job.company)
        self.houses: dict[int, Warehouse] = {}
        self.page = reverse("intake:rows", args=[job.key])

    def write(self, planned: Sequence[Planned], beat: Beat) -> int:
        """Write what is not written yet; returns the rows that are written in all. Raises NotWritten."""
        there = set(
            ImportedRow.objects.filter(job=self.job, undone_at=None).values_list("key", flat=True)
        )
        done = len(there)
        left = [
            Left(document, entries)
            for document in planned
            if (entries := [entry for entry in document.entries if entry.key not in there])
        ]
        for batch in _batches(left):
            for part in [batch] if self._together(batch) else [[one] for one in batch]:
                if len(part) == 1:
                    self._alone(part[0])
                done += sum(len(one.entries) for one in part)
                if not beat(done):
                    return done
        return done

    def _together(self, batch: list[Left]) -> bool:
        """Write documents in one transaction; False, and nothing is written, if one of them has to go by itself."""
        if len(batch) == 1:
            return False
        try:
            self._write(batch)
        except (trusted.Apart, Again, DomainError, DatabaseError) as reason:
            _log.info("import %s: %d documents one by one: %r", self.job.key, len(batch), reason)
            self.standing = trusted.Standing(self.job.company)
            return False
        return True

    def _alone(self, one: Left) -> None:
        """Write one document; others who hold its rows are waited for, a few times and ever longer. Raises NotWritten."""
        for wait in (*_PATIENCE, None):
            try:
                self._once(one)
            except NotWritten as refusal:
                if refusal.code not in {"busy", "taken"}:
                    raise
                self.standing = trusted.Standing(self.job.company)
                if self._is_there(one):
                    return
                if refusal.code == "taken" or wait is None:
                    raise
                _log.info("import %s: others hold these rows; again in %s s", self.job.key, wait)
                time.sleep(wait)
            else:
                return

    def _is_there(self, one: Left) -> bool:
        """Whether another worker of this import has written the document meanwhile."""
        keys = [entry.key for entry in one.entries]
        rows = ImportedRow.objects.filter(job=self.job, undone_at=None, key__in=keys)
        return rows.count() == len(set(keys))

    def _once(self, one: Left) -> None:
        entries = one.entries
        try:
            self._write([one])
        except PostingRefused as refusal:
            self.standing = trusted.Standing(self.job.company)
            lines = [f"{_place(entries[e.line - 1])}: {e.message}" for e in refusal.lines if e.line]
            said = "; ".join(lines[:20]) or str(refusal.message)
            raise NotWritten(said) from refusal
        except (Busy, KeyReused) as busy:
            message = _("Others were writing the same rows at the same time. Go on in a while.")
            raise NotWritten(message, code="busy") from busy
        except IntegrityError as error:
            message = _(
                "Another import has written some of these rows meanwhile. Check the file again."
            )
            raise NotWritten(message, code="taken") from error

    @transaction.atomic
    def _write(self, batch: Sequence[Left]) -> None:
        """Documents, their new lots and the record of their rows: all of it or nothing."""
        entries = [entry for one in batch for entry in one.entries]
        new_lots = [e.lot for e in entries if e.lot is not None and e.lot.pk is None]
        making.lots(new_lots, self.job.asker)
        told = [self._told(one) for one in batch]
        try:
            if len(told) == 1:
                written = [trusted.post(told[0], company=self.job.company, standing=self.standing)]
            else:
                written = trusted.post_many(told, standing=self.standing)
            self._record(batch, written)
        except BaseException:
            for lot in new_lots:
                lot.pk = None
            raise

    def _told(self, one: Left) -> trusted.Told:
        planned = one.planned
        other = planned.target_warehouse
        return trusted.Told(
            planned.type,
            [self._line(entry) for entry in one.entries],
            self._house(planned.warehouse.pk or 0),
            batch=f"import:{self.job.key}",
            key=f"import:{self.job.pk}:{planned.key}",
            effective_at=planned.at,
            asker=self.job.asker,
            reference=planned.source,
            note=self._note(one.entries),
            target_warehouse=self._house(other.pk or 0) if other else None,
            door="sheet",
            origin=self._page(one.entries),
            fresh=True,
        )

    def _record(self, batch: Sequence[Left], written: Sequence[trusted.Written]) -> None:
        """The rows of documents, each with the line it became."""
        bulk.insert(
            [
                _row(
                    job_id=self.job.pk,
                    company_id=self.job.company_id,
                    sheet=entry.sheet[:120],
                    row=entry.row.number,
                    at=entry.row.at,
                    key=entry.key,
                    mark=entry.mark,
                    document_id=done.document.pk,
                    line_key=line,
                    raw={n: v.raw[:200] for n, v in entry.row.values.items() if v.raw},
                )
                for one, done in zip(batch, written, strict=True)
                if done.document is not None
                for entry, line in zip(one.entries, done.line_keys, strict=True)
            ]
        )

    def _line(self, entry: Entry) -> LineInput:
        return LineInput(
            type=entry.type,
            item=entry.item.pk or 0,
            source=self._end(entry.source),
            target=self._end(entry.target),
            quantity=entry.quantity,
            lot=entry.lot.pk if entry.lot and entry.lot.pk else NO_LOT,
            value=entry.value,
            unit_cost=entry.unit_cost,
            partner=entry.partner.pk if entry.partner else None,
            department=entry.department,
            cost_object=entry.cost_object,
            reason=entry.reason,
        )

    def _end(self, end: End) -> int:
        return self.standing.virtual[end] if isinstance(end, str) else end.pk or 0

    def _house(self, pk: int) -> Warehouse:
        if pk not in self.houses:
            self.houses[pk] = Warehouse.objects.get(pk=pk)
        return self.houses[pk]

    def _page(self, entries: Sequence[Entry]) -> str:
        """The page of the import's rows, from the first of these on."""
        first: dict[str, str | int] = {"sheet": entries[0].sheet, "row": entries[0].row.number}
        return f"{self.page}?{urlencode(first)}"

    def _note(self, entries: Sequence[Entry]) -> str:
        """Where it comes from, in words that stay with the document."""
        rows = [entry.row.number for entry in entries]
        facts = {
            "file": self.job.name,
            "sheet": entries[0].sheet,
            "first": min(rows),
            "last": max(rows),
        }
        if facts["first"] == facts["last"]:
            return (_("From %(file)s, sheet %(sheet)s, row %(first)d") % facts)[:300]
        return (_("From %(file)s, sheet %(sheet)s, rows %(first)d–%(last)d") % facts)[:300]


def _batches(left: Sequence[Left]) -> Iterator[list[Left]]:
    """Documents that are written together, in their order."""
    batch: list[Left] = []
    lines = 0
    for one in left:
        if batch and (len(batch) >= MOST_DOCUMENTS or lines + len(one.entries) > MOST_LINES):
            yield batch
            batch, lines = [], 0
        batch.append(one)
        lines += len(one.entries)
    if batch:
        yield batch


def _place(entry: Entry) -> str:
    return _("%(sheet)s, row %(row)d") % {"sheet": entry.sheet, "row": entry.row.number}
