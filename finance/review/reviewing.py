"""The only writer of review: one entry or many are agreed to, questioned or looked at again, each with a note."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from core.said import said as _
from finance.errors import EntryRefused
from finance.models import EntryNote, JournalEntry, JournalLine
from finance.review import states
from people.access import Access
from people.models import User

RIGHT = "finance.review"
MOST = 5_000
"""Entries that are reviewed by one request."""
LONGEST = 2_000
_CHUNK = 500

Listener = Callable[[JournalEntry, str, User], None]
_listeners: list[Listener] = []


def on_question(listener: Listener) -> None:
    """Let an app above bring a question back to the document; called in its transaction."""
    _listeners.append(listener)


@dataclass(slots=True)
class Reviewed:
    """How many entries changed, and why others did not: a sentence → how many."""

    done: int = 0
    left: dict[str, int] = field(default_factory=dict)

    def leave(self, why: str, number: int) -> None:
        """Count entries that were left as they are."""
        if number:
            self.left[why] = self.left.get(why, 0) + number


def without_account(entries: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
    """Those with a line whose account is missing and that nothing has put right yet."""
    open_lines = JournalLine.objects.filter(entry=OuterRef("pk"), waiting=True).filter(
        ~Exists(JournalLine.objects.filter(adjusts=OuterRef("pk")))
    )
    return entries.filter(Exists(open_lines))


def accept(ids: Iterable[int], *, actor: User, access: Access) -> Reviewed:
    """Mark entries as reviewed; what one posted oneself, or what lacks an account, is left and counted."""
    access.require(RIGHT)
    result = Reviewed()
    for part in _parts(ids):
        with transaction.atomic():
            rows = _locked(part, states.REVIEWED, result)
            missing = set(
                without_account(JournalEntry.objects.filter(pk__in=rows)).values_list(
                    "pk", flat=True
                )
            )
            own = {pk for pk, row in rows.items() if row.actor_id == actor.pk and row.posting_id}
            result.leave(_("An account is missing."), len(missing))
            result.leave(_("You posted it yourself; somebody else reviews it."), len(own - missing))
            _write(
                [pk for pk in rows if pk not in missing and pk not in own],
                states.REVIEWED,
                actor,
                "",
                result,
            )
    return result


def reopen(ids: Iterable[int], *, actor: User, access: Access, text: str = "") -> Reviewed:
    """Have entries looked at again: taken back by who reviewed them, or answered."""
    access.require(RIGHT)
    result = Reviewed()
    for part in _parts(ids):
        with transaction.atomic():
            rows = _locked(part, states.UNREVIEWED, result)
            _write(list(rows), states.UNREVIEWED, actor, text[:LONGEST], result)
    return result


def question(entry: int, text: str, *, actor: User, access: Access) -> JournalEntry:
    """Ask about an entry; the question goes back to its document. EntryRefused says why it cannot be asked."""
    access.require(RIGHT)
    words = text.strip()
    if not words:
        raise EntryRefused(_("Write what you want to know."))
    if len(words) > LONGEST:
        raise EntryRefused(_("The question is too long."))
    result = Reviewed()
    with transaction.atomic():
        rows = _locked([entry], states.QUESTIONED, result)
        if entry not in rows:
            raise EntryRefused(next(iter(result.left), _("There is no such entry.")))
        _write([entry], states.QUESTIONED, actor, words, result)
        for listener in _listeners:
            listener(rows[entry], words, actor)
    rows[entry].refresh_from_db()
    return rows[entry]


def note(entry: JournalEntry, text: str, user: User | None) -> None:
    """Keep what was said about an entry elsewhere: an answer on its document."""
    EntryNote.objects.create(entry=entry, at=timezone.now(), user=user, text=text[:LONGEST])


def _parts(ids: Iterable[int]) -> Iterable[Sequence[int]]:
    wanted = sorted(set(ids))[:MOST]
    return [wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK)]


def _locked(ids: Sequence[int], target: str, result: Reviewed) -> dict[int, JournalEntry]:
    """The entries that may go to a state, locked in the order of their keys."""
    rows = JournalEntry.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in rows}
    sources = set(states.sources(target)) - {states.HANDED_OVER}
    fitting = {pk: row for pk, row in found.items() if row.review in sources}
    handed = sum(row.review == states.HANDED_OVER for row in found.values())
    same = sum(row.review == target for row in found.values())
    result.leave(_("There is no such entry."), len(ids) - len(found))
    result.leave(_("It is handed over already."), handed)
    result.leave(_("It is so already."), same)
    result.leave(_("Its state does not allow it."), len(found) - len(fitting) - handed - same)
    return fitting


def _write(ids: Sequence[int], target: str, actor: User, text: str, result: Reviewed) -> None:
    now = timezone.now()
    by = actor if target == states.REVIEWED else None
    JournalEntry.objects.filter(pk__in=ids).update(
        review=target, reviewed_by=by, reviewed_at=now if by else None
    )
    EntryNote.objects.bulk_create(
        [EntryNote(entry_id=pk, at=now, user=actor, review=target, text=text) for pk in ids]
    )
    result.done += len(ids)
