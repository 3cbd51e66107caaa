"""Review: what may go where, by whom, and that the database keeps it."""

import pytest
from django.db import DatabaseError, transaction

from core.errors import NotAllowed
from finance.errors import EntryRefused
from finance.models import AccountRule, EntryNote, JournalEntry
from finance.review import reviewing, states
from people.access import NOBODY, SYSTEM
from stock.models import Posting
from tests.finance.handing import Month

pytestmark = pytest.mark.django_db


@pytest.fixture
def month() -> Month:
    """A month with three entries."""
    made = Month()
    made.live()
    return made


def test_entries_are_agreed_to_with_who_and_when(month: Month) -> None:
    """And each has its note; a second time nothing changes."""
    ids = [entry.pk for entry in month.entries()]
    assert len(ids) == 3
    assert reviewing.accept(ids, actor=month.fay, access=SYSTEM).done == 3
    for entry in month.entries():
        assert (entry.review, entry.reviewed_by) == ("reviewed", month.fay)
        assert entry.reviewed_at is not None
        assert entry.notes.get().review == "reviewed"
    again = reviewing.accept(ids, actor=month.gus, access=SYSTEM)
    assert (again.done, list(again.left.values())) == (0, [3])
    assert month.entries()[0].reviewed_by == month.fay
    assert reviewing.reopen(ids[:1], actor=month.fay, access=SYSTEM).done == 1
    assert month.entries()[0].reviewed_by is None


def test_a_question_goes_back_and_is_kept(month: Month) -> None:
    """With its words, to whoever listens; without words it is refused."""
    heard: list[str] = []
    reviewing.on_question(lambda entry, text, _actor: heard.append(f"{entry.document}: {text}"))
    try:
        entry = month.entries()[1]
        with pytest.raises(EntryRefused):
            reviewing.question(entry.pk, " ", actor=month.fay, access=SYSTEM)
        asked = reviewing.question(entry.pk, "为什么?", actor=month.fay, access=SYSTEM)
    finally:
        reviewing._listeners.pop()
    assert asked.review == states.QUESTIONED
    assert heard == ["SO-1: 为什么?"]
    assert EntryNote.objects.get(entry=entry).text == "为什么?"
    with pytest.raises(EntryRefused):
        reviewing.question(entry.pk, "again", actor=month.fay, access=SYSTEM)
    assert reviewing.accept([entry.pk], actor=month.gus, access=SYSTEM).done == 1


def test_who_posted_it_does_not_review_it(month: Month) -> None:
    """Counted and said; the database refuses it, too."""
    Posting.objects.update  # noqa: B018 - the book itself cannot be changed, so the entry's actor is set before
    from django.db import connection

    from core import triggers
    from finance import guards

    entry = month.entries()[0]
    law = [one for one in guards.TRIGGERS if one.name == "guard_entry_written"]
    triggers.drop(connection, law)
    JournalEntry.objects.filter(pk=entry.pk).update(actor=month.fay)
    triggers.install(connection, law)
    result = reviewing.accept([entry.pk], actor=month.fay, access=SYSTEM)
    assert (result.done, len(result.left)) == (0, 1)
    with pytest.raises(DatabaseError, match="does not review"), transaction.atomic():
        JournalEntry.objects.filter(pk=entry.pk).update(review="reviewed", reviewed_by=month.fay)
    assert reviewing.accept([entry.pk], actor=month.gus, access=SYSTEM).done == 1


def test_what_lacks_an_account_waits(month: Month) -> None:
    """It cannot be agreed to until it has one."""
    AccountRule.objects.filter(place_kind="scrap").delete()
    month.world.move("scrap", month.item, 1, document="SC-1")
    entry = month.entries()[-1]
    assert reviewing.without_account(JournalEntry.objects.all()).get() == entry
    result = reviewing.accept([entry.pk], actor=month.fay, access=SYSTEM)
    assert (result.done, len(result.left)) == (0, 1)


def test_the_graph_and_the_right_are_kept(month: Month) -> None:
    """No way past the graph by SQL, none without the right."""
    entry = month.entries()[0]
    rows = JournalEntry.objects.filter(pk=entry.pk)
    with pytest.raises(DatabaseError, match="state of review"), transaction.atomic():
        rows.update(review="none")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(review="handed_over")
    with pytest.raises(NotAllowed):
        reviewing.accept([entry.pk], actor=month.fay, access=NOBODY)
    with pytest.raises(NotAllowed):
        reviewing.question(entry.pk, "?", actor=month.fay, access=NOBODY)
    with pytest.raises(AttributeError):
        entry.review = "reviewed"
