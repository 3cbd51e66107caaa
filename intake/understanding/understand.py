"""The one door: a file becomes understood rows, wrong cells, warnings, totals and questions.

``understand(path, wish)`` reads a file in the confined child and understands it; ``understand_book`` does so for grids that
were read before, for example again after answers. Nothing is written. Raises ``intake.reading.launch.Refusal`` for a file
that cannot be read at all, and nothing else.
"""

from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _

from core.collector import paused
from intake.reading.grid import Book, Grid, place_of
from intake.reading.launch import open_book
from intake.understanding import checks, remaining, tables
from intake.understanding.building import Builder
from intake.understanding.dictionary import Dictionary, shipped
from intake.understanding.planning import Planner
from intake.understanding.result import Caution, Question, Understanding, Wish

_EMPTY = Wish()
Tell = Callable[[str, int, int], None]
"""Told "understand", the rows that are understood, and the cells that are wrong, so far."""


def _nobody(_step: str, _rows: int, _wrong: int) -> None:
    """Nobody is told."""


def understand(
    path: Path, wish: Wish = _EMPTY, *, name: str = "", words: Dictionary | None = None
) -> Understanding:
    """Read and understand a file; ``name`` is what its sender called it. Raises Refusal."""
    return understand_book(open_book(path, name), wish, words)


def understand_book(
    book: Book, wish: Wish = _EMPTY, words: Dictionary | None = None, tell: Tell = _nobody
) -> Understanding:
    """Understand grids that were read; ``tell`` hears how far it is, and may raise to break it off."""
    with paused():
        return _understood(book, wish, words, tell)


def _understood(book: Book, wish: Wish, words: Dictionary | None, tell: Tell) -> Understanding:
    out = Understanding(book.name, book.sha256, book.kind, book.encoding)
    tell("understand", 0, 0)

    def progress() -> None:
        tell("understand", len(out.rows), len(out.wrong))

    planner = Planner(book, wish, words or shipped(), out)
    if "encoding_guessed" in book.hints:
        message = _("The text could be in several encodings; %(encoding)s was taken.") % {
            "encoding": book.encoding
        }
        out.warnings.append(Caution("", 0, "", "encoding_guessed", message))
    for grid in book.grids:
        if not grid.rows or not _wanted(grid, wish, out):
            continue
        _say_errors(grid)
        blocks = tables.find(grid, planner.words)
        if not blocks:
            message = _("Sheet %(sheet)s holds no table: no row in it names columns.") % {
                "sheet": grid.name
            }
            out.warnings.append(Caution(grid.name, 0, "", "no_table", message))
        for block in blocks:
            plan = planner.plan(grid, block)
            Builder(book, plan, wish, planner.words, out).build(progress)
    remaining.offer(out)
    checks.check(out)
    return out


def _wanted(grid: Grid, wish: Wish, out: Understanding) -> bool:
    """Hidden sheets are left out and hidden rows are asked about: both may be what somebody filtered away."""
    if grid.hidden:
        identifier = f"hidden_sheet:{grid.name}"
        answer = wish.answers.get(identifier, "skip")
        text = _("The sheet %(sheet)s is hidden. Read it?") % {"sheet": grid.name}
        options = [("skip", _("no")), ("import", _("yes"))]
        out.questions.append(
            Question(identifier, "hidden_sheet", text, options, blocking=False, answer=answer)
        )
        out.warnings.append(Caution(grid.name, 0, "", "hidden_sheet", text))
        if answer != "import":
            return False
    shown = {
        at for at in grid.hidden_columns if any(len(c) > at and c[at] != "" for _n, c in grid.rows)
    }
    if shown:
        message = _("Hidden columns of sheet %(sheet)s are read, too.") % {"sheet": grid.name}
        out.warnings.append(Caution(grid.name, 0, "", "hidden_columns", message))
    hidden = sum(number in grid.hidden_rows for number, _cells in grid.rows)
    if hidden:
        identifier = f"hidden_rows:{grid.name}"
        text = _("%(count)d rows of sheet %(sheet)s are hidden. Read them?") % {
            "count": hidden,
            "sheet": grid.name,
        }
        options = [("skip", _("no")), ("import", _("yes"))]
        question = Question(
            identifier, "hidden_rows", text, options, answer=wish.answers.get(identifier, "")
        )
        out.questions.append(question)
    return True


def _say_errors(grid: Grid) -> None:
    """Put the text of error cells where the reader of cells left a blank."""
    places = {place: text for where, text in grid.error_cells.items() if (place := place_of(where))}
    if not places:
        return
    for number, cells in grid.rows:
        for at in range(len(cells)):
            if cells[at] == "" and (number, at) in places:
                cells[at] = places[number, at]
