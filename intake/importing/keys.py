"""Gives every row its key: what it says and how often that occurred above, so that a row is in the books once.

The same file again has the same keys, a longer file only its new rows; a row whose mark is known under another
key says something else than when it was imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from core import bulk
from intake.importing.found import Entry, Prepared, Problem, Record, hashed
from intake.models import Import, ImportedRow
from intake.understanding.result import plain


def give(out: Prepared, job: Import) -> None:
    """Set key and mark of every entry and record, and say which entries are the same."""
    occurred: dict[tuple[object, ...], list[int]] = {}
    scope = f"{job.purpose or out.purpose}:{job.company_id}"
    things: list[Entry | Record] = [*out.entries, *out.records]
    for one in things:
        content = one.content()
        found = occurred.setdefault(content, [len(occurred), 0])
        same, number = found
        found[1] += 1
        one.key = hashed(scope, content, number)
        one.mark = _mark(scope, one)
        if isinstance(one, Entry):
            one.same = same


def _mark(scope: str, one: Entry | Record) -> str:
    if isinstance(one, Record):
        return ""
    if not one.document:
        return ""
    return hashed(
        scope, "mark", one.document, one.item.code, one.lot.number if one.lot else "", one.type
    )


@dataclass(slots=True)
class Before:
    """What was imported before: keys with their job, and the keys under which a mark is known."""

    keys: dict[str, int] = field(default_factory=dict)
    marks: dict[str, set[str]] = field(default_factory=dict)


def before(job: Import, things: Sequence[Entry | Record]) -> Before:
    """Which of these rows are in the books already; two statements, however many rows there are."""
    found = Before()
    rows = ImportedRow.objects.filter(company_id=job.company_id, undone_at=None)
    if not rows.exists():
        return found
    keys = bulk.those(rows, "key", {one.key for one in things})
    found.keys.update(keys.values_list("key", "job"))
    marks = bulk.those(rows.exclude(mark=""), "mark", {one.mark for one in things if one.mark})
    for mark, key in marks.values_list("mark", "key"):
        found.marks.setdefault(mark, set()).add(key)
    return found


def leave_out_known(out: Prepared, job: Import) -> None:
    """Take out what other imports wrote; say which rows were changed since, and which occur twice."""
    things: list[Entry | Record] = [*out.entries, *out.records]
    known = before(job, things)
    elsewhere = {key for key, owner in known.keys.items() if owner != job.pk}
    out.known = len({(o.sheet, o.row.number) for o in things if o.key in elsewhere})
    for entry in out.entries:
        others = known.marks.get(entry.mark, set()) - {entry.key} if entry.mark else set()
        if others and entry.key not in known.keys:
            _changed(out, entry)
    out.entries = [e for e in out.entries if e.key not in elsewhere]
    out.records = [r for r in out.records if r.key not in elsewhere]
    _repeated(out, job)


def _changed(out: Prepared, entry: Entry) -> None:
    message = _(
        "Document %(document)s was imported before with another line for this item: look whether it was changed."
    )
    out.notes.append(
        Problem(
            entry.sheet, entry.row.number, "", "source", "changed_since",
            message % {"document": entry.document},
        )
    )  # fmt: skip


def _repeated(out: Prepared, job: Import) -> None:
    """Rows that say exactly what a row above says are kept, and said: a balance may be summed, a slip typed twice."""
    seen: dict[int, int] = {}
    for entry in out.entries:
        above = seen.setdefault(entry.same, entry.row.number)
        if above != entry.row.number:
            message = _("Row %(row)d says exactly the same: %(item)s, %(quantity)s.")
            facts = {"row": above, "item": entry.item.code, "quantity": plain(entry.quantity)}
            out.notes.append(
                Problem(entry.sheet, entry.row.number, "", "", "repeated", message % facts)
            )
