"""Builds the rows of one planned table: every cell read, filled where it may be, and what is wrong or uncertain said."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from intake.reading.grid import Book, Raw, address, place_of
from intake.understanding import (
    commas,
    context,
    derived,
    deriving,
    dictionary,
    money,
    outgoing,
    points,
    voided,
)
from intake.understanding.beyond import Edge
from intake.understanding.body import Sorter, What
from intake.understanding.cells import Column as Reader
from intake.understanding.cells import Value, shown
from intake.understanding.dictionary import Dictionary
from intake.understanding.doubts import Doubts
from intake.understanding.faults import Fault
from intake.understanding.fields import NUMBERS, Kind, field_of
from intake.understanding.filling import DITTO, Filler
from intake.understanding.plan import Plan
from intake.understanding.readers import make_reader
from intake.understanding.result import Column, Question, Row, Understanding, Wish
from intake.understanding.sums import Sums, is_of_year
from intake.understanding.unpivoting import Matrix

_TELL_ROWS = 500
_TOLD_APART = frozenset({str, float, date, datetime})
"""Types of cells that never equal one of another type; 1 and True do."""


class Builder(Doubts):
    """Builds the rows of one table into ``out``."""

    def __init__(
        self, book: Book, plan: Plan, wish: Wish, words: Dictionary, out: Understanding
    ) -> None:
        super().__init__(plan.table, out)
        self.plan = plan
        self.edge = Edge(book, plan)
        self.wish = wish
        self.grid = plan.grid
        self.columns = plan.used
        self.readers = {
            c.at: make_reader(c, book, plan, wish, self.question_id) for c in self.columns
        }
        self.matrix = Matrix(self, plan)
        self.faults = self._known_faults()
        self.widths = {place_of(a): width for a, width in self.grid.padded.items()}
        self.notes = {place_of(a): text for a, text in self.grid.notes.items()}
        self._plain: list[tuple[int, str, Column, dict[Raw, Value]]] = []
        self._special: list[Column] = []
        self._steps: list[deriving.Step] = []
        self._words = words
        self._constants = dict(plan.table.constants)
        """What lines above say for a row: those over the table, and the last one in the middle of it."""
        self._begin = len(out.rows)
        summed = [c.field for c in self.columns if field_of(c.field).summed]
        fields = [*(pivot.field for pivot in plan.pivots), *summed]
        self.sums = Sums(self.table.sheet, list(dict.fromkeys(fields)))
        self.all_columns = [
            *self.table.columns,
            *(Column(p.at, "", p.header, p.field) for p in plan.pivots),
        ]

    def _known_faults(self) -> dict[tuple[int, int] | None, Fault]:
        message = _(
            "The result of this formula is not in the file. Open it in Excel, save it, and send it again."
        )
        return {place_of(a): Fault("uncalculated", message) for a in self.grid.uncalculated}

    def build(self, progress: Callable[[], None]) -> None:
        """Read all rows; ``progress`` is called now and then."""
        rows = [pair for pair in self.plan.block.rows(self.grid) if self._shown(pair[0])]
        sorter = Sorter(self.all_columns, self.plan.profiles)
        data = [(number, cells, sorter.what(cells)) for number, cells in rows]
        body = [(number, cells) for number, cells, what in data if what == What.DATA]
        void = voided.left_out(self.plan, body, self.wish, self.out)
        body = [(number, cells) for number, cells in body if number not in void]
        for column in self.columns:
            self.readers[column.at].learn([cells[column.at] for _number, cells in body])
        for at, matrix_reader in self.matrix.readers.items():
            matrix_reader.learn([cells[at] for _number, cells in body])
        commas.settle(self, self.wish)
        points.settle(self, self.wish)
        outgoing.settle(self, body)
        money.by_header(self.table, self.warn)
        self._say_mixed()
        filler = self._filler(body)
        self._prepare(filler)
        for number in self.plan.block.repeats:
            self.table.left_out.append((number, What.HEADER, ""))
        for number, cells, what in data:
            if number in void:
                self.table.left_out.append((number, voided.VOID, void[number]))
            elif what == What.DATA:
                self.table.rows += 1
                self.edge.look(self, number, cells)
                if self.table.rows % _TELL_ROWS == 0:
                    progress()
                self._row(number, cells, filler)
            elif what == What.SUM:
                self._sum(number, cells, sorter)
            elif what != What.BLANK:
                self._leave_out(number, cells, what)
        self.out.totals += self.sums.result()
        undecided = {
            at: reader.days.undecided | (set() if reader.points else {"comma"})
            for at, reader in self.readers.items()
        }
        self.ask_after(self.columns, undecided)
        self.count_rest()

    def _shown(self, number: int) -> bool:
        """Hidden rows are read only if a person says so."""
        return (
            number not in self.grid.hidden_rows
            or self.wish.answers.get(f"hidden_rows:{self.table.sheet}") == "import"
        )

    def _say_mixed(self) -> None:
        for column in self.columns:
            if self.readers[column.at].days.mixed:
                message = _(
                    "In “%(header)s” some days are dates of Excel and others texts with the day first: Excel may have swapped day and month."
                )
                where = address(self.table.header_row or 1, column.at)
                self.warn(0, where, "days_swapped", message % {"header": column.header})

    def _filler(self, body: list[tuple[int, list[Raw]]]) -> Filler:
        """Groups are filled unless a person says no; items only if a person says yes."""
        filler = Filler(self.grid, self.columns, body)
        down = []
        for column in filler.asked:
            assumed = "yes" if column in filler.grouped else "no"
            identifier = self.question_id("fill", column)
            answer = self.wish.answers.get(identifier, assumed)
            header = {"header": column.header}
            text = _("Do blank cells of “%(header)s” repeat the cell above?") % header
            options = [("yes", _("yes")), ("no", _("no"))]
            question = Question(identifier, "fill", text, options, column.samples, False, answer)
            self.out.questions.append(question)
            if answer == "yes":
                down.append(column)
            elif column.field == "warehouse":
                where = address(self.table.header_row or 1, column.at)
                self.warn(0, where, "warehouse_blank", _("Some rows say no warehouse."))
            if answer == "yes" and column in filler.grouped:
                message = _("Blank cells of “%(header)s” repeat the cell above.") % header
                where = address(self.table.header_row or 1, column.at)
                self.warn(0, where, "filled_down", message)
        filler.fill_down(down)
        return filler

    def _leave_out(self, number: int, cells: list[Raw], what: str) -> None:
        text = " ".join(shown(cell) for cell in cells if cell != "")[:120]
        self.table.left_out.append((number, what, text))
        fields = {column.field for column in self.columns}
        for name, said in context.group_of(text, self._words).items():
            found = Reader(field_of(name), name).read(said)
            if name not in fields and isinstance(found, Value):
                self._constants[name] = dataclasses.replace(found, rule="M1")
        if what == What.CAPTION:
            message = _(
                "Row %(row)d holds only “%(text)s”: it was taken for a caption, not for an item."
            )
            self.warn(number, "", "caption", message % {"row": number, "text": text[:60]})
        elif what == What.COUNTS:
            message = _(
                "Row %(row)d holds only numbers, also where the table has words: counts, not part of the table."
            )
            self.warn(number, "", "counts", message % {"row": number})

    def _sum(self, number: int, cells: list[Raw], sorter: Sorter) -> None:
        """A row of sums is left out and compared."""
        filled = [at for at in sorter.at if cells[at] != ""]
        label = sorter.label(cells, filled)
        self.table.left_out.append((number, What.SUM, label))
        theirs: dict[str, Decimal] = {}
        for at, name, reader in self._summed():
            found = reader.read(cells[at])
            if isinstance(found, Value) and isinstance(found.value, Decimal):
                theirs[name] = theirs.get(name, Decimal(0)) + found.value
        if self.table.shape in {"in_out_list", "card"}:
            for name in ("balance", "opening", "balance_amount"):
                theirs.pop(name, None)
        if is_of_year(label):
            differing = self.sums.compare_year(number, label, theirs, *self._span())
            message = _(
                "“%(label)s” in row %(row)d says %(theirs)s for %(field)s; by the rows of the year it is %(ours)s."
            )
        else:
            differing = self.sums.compare(number, label, theirs)
            message = _(
                "“%(label)s” in row %(row)d says %(theirs)s for %(field)s; the rows add up to %(ours)s."
            )
        for total in differing:
            facts = {
                "label": label,
                "row": number,
                "field": dictionary.label(total.field),
                "theirs": total.theirs,
                "ours": total.ours,
            }
            column = self.table.column_of(total.field)
            self.warn(
                number,
                address(number, column.at) if column else "",
                "total_differs",
                message % facts,
            )

    def _span(self) -> tuple[date | None, date | None]:
        """The days of the first row of the table and of the last one so far, as far as they say one."""
        rows = self.out.rows[self._begin :]
        ends = [row.get("date") for row in (rows[0], rows[-1])] if rows else [None, None]
        first, last = (day if isinstance(day, date) else None for day in ends)
        return first, last

    def _summed(self) -> Iterator[tuple[int, str, Reader]]:
        for column in self.columns:
            if field_of(column.field).summed:
                yield column.at, column.field, self.readers[column.at]
        for pivot in self.plan.pivots:
            yield pivot.at, pivot.field, self.matrix.readers[pivot.at]

    def _row(self, number: int, cells: list[Raw], filler: Filler) -> None:
        row = Row(self.table.number, number, dict(self._constants))
        values = row.values
        for at, name, column, memo in self._plain:
            raw = cells[at]
            if raw == "":
                continue
            found = memo.get(raw) if type(raw) in _TOLD_APART else None
            if found is None:
                found = self._cell(number, column, raw, filler)
                if found is None:
                    continue
                if not found.warning and type(raw) in _TOLD_APART:
                    memo[raw] = found
            values[name] = found
        for column in self._special:
            value = self._cell(number, column, cells[column.at], filler)
            if value is not None:
                values[column.field] = value
        for step in self._steps:
            step(self, row)
        if self.plan.pivots:
            self.matrix.unpivot(row, cells)
        else:
            self.take(row)
            self.out.rows.append(row)

    def _prepare(self, filler: Filler) -> None:
        """Columns in which nothing but the cell itself counts are read the short way."""
        grid = self.grid
        beside = (
            self.faults
            or filler.merged_numbers
            or self.widths
            or self.notes
            or grid.red
            or grid.struck
        )
        special = [c for c in self.columns if beside or filler.touches(c.at)]
        memos: list[dict[Raw, Value]] = [{} for _column in self.columns]
        self._special = special
        self._plain = [
            (c.at, c.field, c, memo)
            for c, memo in zip(self.columns, memos, strict=True)
            if c not in special
        ]
        self._steps = deriving.steps(self)

    def _cell(self, number: int, column: Column, raw: Raw, filler: Filler) -> Value | None:
        at = column.at
        sign = raw
        raw, filled = filler.cell(number, at, raw)
        place = (number, at)
        if place in self.faults:
            self._fault(number, column, raw, self.faults[place])
            return None
        if filler.merged_numbers and place in filler.merged_numbers:
            message = _(
                "The number is merged over several rows: nobody can tell which row it belongs to."
            )
            self._fault(number, column, raw, Fault("merged_number", message))
            return None
        if raw == "":
            return None
        found = self.readers[at].read(raw, self.widths.get(place, 0) if self.widths else 0)
        if isinstance(found, Fault) and column.field == "quantity_2":
            message = _("“%(text)s” in “%(header)s” is left out: %(why)s")
            facts = {"text": shown(raw)[:40], "header": column.header, "why": found.message}
            self.warn(number, address(number, at), "second_unread", message % facts)
            return None
        if isinstance(found, Fault):
            self._fault(number, column, raw, found)
            return None
        if filled == DITTO:
            message = _("“%(sign)s” was read as what stands above: %(text)s.")
            facts = {"sign": shown(sign)[:20], "text": found.raw[:60]}
            self.warn(number, address(number, at), DITTO, message % facts)
        if filled:
            rule = f"{filled}+{found.rule}".rstrip("+")
            found = dataclasses.replace(found, rule=rule)
        self._say(number, at, found)
        return found

    def _say(self, number: int, at: int, found: Value) -> None:
        """What is uncertain about the value of a cell, and what somebody noted at it."""
        where = address(number, at)
        if found.warning:
            self.warn(number, where, found.warning, self.sentence(found))
        is_red = self.grid.red and isinstance(found.value, Decimal) and found.value > 0
        if is_red and where in self.grid.red:
            message = _("%(text)s is written in red: is it negative?") % {"text": found.raw}
            self.warn(number, where, "red_number", message)
        if self.grid.struck and where in self.grid.struck and isinstance(found.value, Decimal):
            message = _("%(text)s is struck out: does the row count?") % {"text": found.raw}
            self.warn(number, where, "struck_out", message)
        if (number, at) in self.notes:
            message = _("A note says: %(text)s") % {"text": self.notes[number, at][:200]}
            self.warn(number, where, "note", message)

    def _fault(self, number: int, column: Column, raw: Raw, fault: Fault) -> None:
        if self._matters(column, fault) and not derived.follows(self.table, column, fault):
            self.wrong(number, address(number, column.at), column.field, fault, shown(raw))
        else:
            self.warn(number, address(number, column.at), fault.code, fault.message)

    @staticmethod
    def _matters(column: Column, fault: Fault) -> bool:
        """A remark that cannot be read is told; it does not keep a row out."""
        kind = field_of(column.field).kind
        return (
            kind in NUMBERS
            or kind in {Kind.DATE, Kind.CODE, Kind.DURATION, Kind.WHOLE}
            or field_of(column.field).core
            or fault.code == "control"
        )

    def take(self, row: Row, names: tuple[str, ...] = ()) -> None:
        """Add the row to the sums."""
        chosen = names or tuple(row.values)
        self.sums.add(
            {
                name: value
                for name in chosen
                if name in self.sums.fields and isinstance(value := row.values[name].value, Decimal)
            }
        )
