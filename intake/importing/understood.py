"""Only remembers what this process understood last, so that looking again and writing do not read the file anew.

Understanding depends on the file, its name, what was said about it, the words, and the reader's language, on nothing in
the books: as long as these are the same, so is what was understood.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import get_language

from intake.importing import storing
from intake.importing.mends import Mends
from intake.models import Import
from intake.reading.grid import Book
from intake.reading.launch import open_book
from intake.understanding.dictionary import Dictionary
from intake.understanding.result import Understanding, Wish
from intake.understanding.understand import understand_book

Tell = Callable[[str, int, int], None]
MOST_ROWS = 100_000
"""Larger files are understood anew each time: a process keeps some 50 MB for one of this size."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An understanding and all it depends on."""

    file: tuple[str, str]
    cells: Mapping[str, str]
    wish: Wish
    words: tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]
    language: str | None
    understanding: Understanding


class _Memory:
    """The one understanding that is kept."""

    last: _Kept | None = None


def understand(
    job: Import, mends: Mends, wish: Wish, words: Dictionary, *, book: Book | None, tell: Tell
) -> Understanding:
    """What the file of an import says; read only if it is not remembered. Raises Refusal, and what ``tell`` raises."""
    file, language = (job.sha256, job.name), get_language()
    known = _Memory.last
    if (
        known is not None
        and known.file == file
        and known.language == language
        and known.cells == mends.cells
        and _same_wish(known, wish)
        and known.words == (words.words, words.own)
    ):
        return known.understanding
    forget()
    book = book or open_book(storing.path_of(job), job.name, tell=tell)
    mends.patch(book)
    found = understand_book(book, wish, words, tell)
    if len(found.rows) <= MOST_ROWS:
        said = replace(
            wish,
            columns=dict(wish.columns),
            answers=dict(wish.answers),
            remembered=dict(wish.remembered),
        )
        pair = (words.words, words.own)
        _Memory.last = _Kept(file, dict(mends.cells), said, pair, language, found)
    return found


def _same_wish(known: _Kept, wish: Wish) -> bool:
    """Whether the same was said; movements or balances that were found without asking may be said by now."""
    if known.wish == wish:
        return True
    found = known.understanding
    return (
        wish.purpose in {"movements", "opening"}
        and known.wish == replace(wish, purpose="")
        and all(table.purpose == wish.purpose for table in found.tables)
        and not any(question.kind == "purpose" for question in found.questions)
    )


def forget() -> None:
    """Let go of what is remembered."""
    _Memory.last = None
