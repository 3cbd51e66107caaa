"""Writes planned documents: each is one transaction with the record of its rows, so that every row is written once.

A run that was killed goes on where it stopped: documents whose rows are recorded are passed over. No lock spans
documents, and between two of them a person can stop the run.
"""

from collections.abc import Callable, Sequence

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core import bulk
from core.errors import DomainError
from intake.importing import making
from intake.importing.found import End, Entry
from intake.importing.planning import Planned
from intake.models import Import, ImportedRow
from intake.resolving.catalogue import Catalogue
from stock.errors import Busy, KeyReused, PostingRefused
from stock.models import Warehouse
from stock.models.lots import NO_LOT
from stock.plan import LineInput
from workflows import trusted

Beat = Callable[[int], bool]
"""Called after each document with the rows written so far; False stops the run."""


class NotWritten(DomainError):
    """A document could not be written; what was written before it stays."""

    code = "not_written"


class Writer:
    """Writes the documents of one import."""

    def __init__(self, job: Import, known: Catalogue) -> None:
        self.job = job
        self.known = known
        self.standing = trusted.Standing(job.company)
        self.houses: dict[int, Warehouse] = {}

    def write(self, planned: Sequence[Planned], beat: Beat) -> int:
        """Write what is not written yet; returns the rows that are written in all. Raises NotWritten."""
        there = set(
            ImportedRow.objects.filter(job=self.job, undone_at=None).values_list("key", flat=True)
        )
        done = len(there)
        for document in planned:
            left = [entry for entry in document.entries if entry.key not in there]
            if not left:
                continue
            done += self._document(document, left)
            if not beat(done):
                break
        return done

    def _document(self, planned: Planned, entries: list[Entry]) -> int:
        try:
            return self._write(planned, entries)
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
    def _write(self, planned: Planned, entries: list[Entry]) -> int:
        new_lots = [e.lot for e in entries if e.lot is not None and e.lot.pk is None]
        making.lots(new_lots, self.job.asker)
        try:
            written = trusted.post(
                trusted.Told(
                    planned.type,
                    [self._line(entry) for entry in entries],
                    self._house(planned.warehouse.pk or 0),
                    batch=f"import:{self.job.key}",
                    key=f"import:{self.job.pk}:{planned.key}",
                    effective_at=planned.at,
                    asker=self.job.asker,
                    reference=planned.source,
                    note=self._note(entries),
                    target_warehouse=self._house(planned.target_warehouse.pk or 0)
                    if planned.target_warehouse
                    else None,
                    door="sheet",
                    origin=self._page(entries),
                    fresh=True,
                ),
                company=self.job.company,
                standing=self.standing,
            )
        except BaseException:
            for lot in new_lots:
                lot.pk = None
            raise
        if written.document is not None:
            self._record(entries, written.document.pk, written.line_keys)
        return len(entries)

    def _record(self, entries: Sequence[Entry], document: int, lines: Sequence[str]) -> None:
        """The rows of a document, each with the line it became."""
        rows = [
            ImportedRow(
                job=self.job,
                company_id=self.job.company_id,
                sheet=entry.sheet[:120],
                row=entry.row.number,
                at=entry.row.at,
                key=entry.key,
                mark=entry.mark,
                document_id=document,
                line_key=lines[at],
                raw={
                    name: value.raw[:200] for name, value in entry.row.values.items() if value.raw
                },
            )
            for at, entry in enumerate(entries)
        ]
        bulk.insert(rows)

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
        return self.known.virtual[end] if isinstance(end, str) else end.pk or 0

    def _house(self, pk: int) -> Warehouse:
        if pk not in self.houses:
            self.houses[pk] = Warehouse.objects.get(pk=pk)
        return self.houses[pk]

    def _page(self, entries: Sequence[Entry]) -> str:
        """The page of the import's rows, from the first of these on."""
        address = reverse("intake:rows", args=[self.job.key])
        first: dict[str, str | int] = {"sheet": entries[0].sheet, "row": entries[0].row.number}
        return f"{address}?{urlencode(first)}"

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


def _place(entry: Entry) -> str:
    return _("%(sheet)s, row %(row)d") % {"sheet": entry.sheet, "row": entry.row.number}
