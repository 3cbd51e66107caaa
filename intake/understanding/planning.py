"""Plans how one table is read: its columns, shape, constants and direction, and the questions that are open about them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice

from django.utils.translation import gettext as _

from intake.reading.grid import Book, Grid, address, letters
from intake.understanding import context, mapping, profile, shapes
from intake.understanding.cells import Column as Reader
from intake.understanding.cells import Value
from intake.understanding.dictionary import Dictionary, label
from intake.understanding.fields import IDENTITY, Kind, field_of
from intake.understanding.pivots import Run, sequences
from intake.understanding.profile import Profile
from intake.understanding.result import (
    PURPOSES,
    Caution,
    Column,
    Question,
    Table,
    Understanding,
    Wish,
)
from intake.understanding.tables import Block
from intake.understanding.words import full_key, header_key, simplified

_WAREHOUSE = re.compile(
    r".{0,8}(仓库|仓|门店|店)([0-9]{1,2}|[一二三四五六七八九十A-Z])?|(warehouse|store|wh|depot)[ _-]?[0-9A-Z]{1,3}",
    re.IGNORECASE,
)
_UNCERTAIN = 0.8
_NO_WAREHOUSES = frozenset(
    {"仓库", "库存", "期初库存", "入库", "出库", "当前库存", "现有库存", "总库存"}
)
_NAME_SAYS = re.compile(r".{1,12}(仓库|仓|库|门店|店|warehouse|store)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pivot:
    """A column that stands for a value: a day, a month, a size or a warehouse."""

    at: int
    kind: str
    value: object
    header: str
    field: str = "quantity"
    """What its cells are."""


@dataclass(slots=True)
class Plan:
    """How a table is read."""

    block: Block
    grid: Grid
    table: Table
    context: context.Context
    profiles: dict[int, Profile]
    pivots: list[Pivot] = field(default_factory=list)
    totals_column: int | None = None
    """The column of a matrix that adds up its row."""

    @property
    def used(self) -> list[Column]:
        """The columns that mean a field."""
        return [column for column in self.table.columns if column.field]

    def where(self, name: str) -> str:
        """The id of a question about this table."""
        return f"{name}:{self.table.sheet}!{self.table.header_row}"


class Planner:
    """Plans the tables of a book, one after the other."""

    def __init__(self, book: Book, wish: Wish, words: Dictionary, out: Understanding) -> None:
        self.book = book
        self.wish = wish
        self.words = words
        self.out = out

    def plan(self, grid: Grid, block: Block) -> Plan:
        """The plan of a table; what is uncertain is added to the warnings and questions."""
        head = block.head
        runs, pivots = _pivots({at: head.layers[at] for at in block.columns})
        sample = [cells for _number, cells in islice(block.rows(grid), profile.LOOKED_AT * 2)]
        taken = {pivot.at for pivot in pivots}
        profiles = {
            at: profile.look([c[at] for c in sample if at < len(c)][: profile.LOOKED_AT])
            for at in block.columns
        }
        pivots += _warehouses(block, profiles, taken, self.words)
        taken = {pivot.at for pivot in pivots}
        columns = [
            Column(at, letters(at), head.name(at)) for at in block.columns if at not in taken
        ]
        table = Table(len(self.out.tables), grid.name, "list", head.row, columns=columns)
        table.fingerprint = fingerprint(columns, [p.kind for p in pivots])
        guesses = mapping.guess(
            head.layers, columns, profiles, self.words, self._given(table, block)
        )
        plan = Plan(block, grid, table, self._context(grid, block), profiles, pivots)
        plan.totals_column = _totals_column(columns, profiles) if pivots else None
        table.titles = plan.context.lines
        self._ask_columns(plan, guesses)
        self._constants(plan)
        self._shape(plan, runs)
        self.out.tables.append(table)
        return plan

    def _given(self, table: Table, block: Block) -> dict[str, str]:
        """What a person said about the columns: now, in answers, or of the same shape before."""
        given = dict(self.wish.remembered.get(table.fingerprint, {})) | dict(self.wish.columns)
        for column in table.columns:
            answer = self.wish.answers.get(_column_id(table, column))
            if answer and answer != "ignore":
                given[answer] = column.letter
        return given

    def _context(self, grid: Grid, block: Block) -> context.Context:
        caption = [
            (address(block.head.row, at), layer)
            for at in block.columns
            for layer in block.head.layers[at][:-1]
        ]
        told = [*block.titles, *dict.fromkeys(caption)]
        return context.read(told, (grid.name, self.book.name), self.words)

    def _ask_columns(self, plan: Plan, guesses: list[mapping.Guess]) -> None:
        table = plan.table
        for one in guesses:
            column = one.column
            where = address(table.header_row or 1, column.at)
            if (
                column.field
                and column.how != "given"
                and column.confidence < _UNCERTAIN
                and field_of(column.field).core
            ):
                message = _("“%(header)s” was taken for %(field)s. Look whether that is right.")
                self._warn(
                    plan,
                    where,
                    "column_uncertain",
                    message % {"header": column.header, "field": label(column.field)},
                )
            if column.field or column.how == "ignored" or column.at == plan.totals_column:
                continue
            identifier = _column_id(table, column)
            answer = self.wish.answers.get(identifier, "")
            if one.asked:
                options = [(code, label(code)) for code, _score in column.candidates] + [
                    ("ignore", _("not used"))
                ]
                text = _("What does the column “%(header)s” say?") % {"header": column.header}
                self.out.questions.append(
                    Question(
                        identifier, "column", text, options, one.profile.samples, answer=answer
                    )
                )
            elif one.profile.filled and not answer:
                message = _("The column “%(header)s” is not used.") % {"header": column.header}
                self._warn(plan, where, "column_unused", message)
        self._ask_missing(plan, guesses)

    def _ask_missing(self, plan: Plan, guesses: list[mapping.Guess]) -> None:
        """Without a column that says which item, nothing can be imported: which one is it?"""
        fields = {c.field.partition("[")[0] for c in plan.table.columns if c.field}
        named = {*IDENTITY, "partner", "partner_code", "parent"}
        if (
            fields & named
            or any(one.asked for one in guesses)
            or plan.context.constants.keys() & {"name", "item", "barcode"}
        ):
            return
        free = [one for one in guesses if not one.column.field and one.profile.filled]
        identifier = plan.where("item_column")
        answer = self.wish.answers.get(identifier, "")
        text = _("Which column says which item a row is about?")
        options = [(one.column.letter, one.column.header) for one in free]
        samples = [f"{one.column.letter}: {', '.join(one.profile.samples)}" for one in free][:10]
        self.out.questions.append(
            Question(identifier, "item_column", text, options, samples, answer=answer)
        )
        for one in free:
            if one.column.letter == answer.strip().upper():
                one.column.field = "item" if one.profile.code > 0.5 else "name"
                one.column.confidence, one.column.how = 1.0, "given"

    def _constants(self, plan: Plan) -> None:
        """What lines above the table, and the sheet's name, say for all rows; a column of the same field wins."""
        fields = {c.field for c in plan.table.columns}
        item_columns = fields & {*IDENTITY}
        for name, (text, _where) in plan.context.constants.items():
            if name in fields or (
                name in {"name", "item", "barcode", "spec", "model", "unit"} and item_columns
            ):
                continue
            if name == "date" and not context.day_of(text):
                continue
            found = Reader(field_of(name), name).read(text)
            if isinstance(found, Value):
                plan.table.constants[name] = replace(found, rule="M1")
        self._sheet_name(plan, fields)

    def _sheet_name(self, plan: Plan, fields: set[str]) -> None:
        """Of several sheets, each may be a warehouse."""
        name = plan.grid.name
        if (
            fields & {"warehouse", "place"}
            or "warehouse" in plan.table.constants
            or len(self.book.grids) < 2
        ):
            return
        if (
            not _NAME_SAYS.fullmatch(name)
            or context.direction(name)
            or header_key(name) in _NO_WAREHOUSES
        ):
            return
        plan.table.constants["warehouse"] = Value("warehouse", name, name, "M8")
        message = _("The name of the sheet was taken for the warehouse: %(name)s.") % {"name": name}
        self._warn(plan, "", "sheet_is_warehouse", message)

    def _shape(self, plan: Plan, runs: list[Run]) -> None:
        table = plan.table
        fields = [c.field for c in table.columns if c.field]
        item_column = any(name.partition("[")[0] in IDENTITY for name in fields)
        above = bool({"name", "item", "barcode"} & table.constants.keys())
        table.shape = shapes.shape_of(
            fields, runs, has_item_column=item_column, has_item_above=above
        )
        table.purpose = self.wish.purpose or self._answered(
            plan, "as", "purpose", shapes.purpose_of(table.shape, fields, plan.context), PURPOSES
        )
        table.direction = shapes.direction_of(fields, plan.context)
        self._ask_direction(plan, fields)
        self._ask_scale(plan)
        self._ask_period(plan)

    def _answered(
        self, plan: Plan, name: str, kind: str, guess: str, options: Iterable[str]
    ) -> str:
        """What a person answered, else the guess; a question where there is neither."""
        identifier = plan.where(name)
        answer = self.wish.answers.get(identifier, "")
        if not guess or answer:
            text = _("What is the table in sheet %(sheet)s to become?") % {
                "sheet": plan.table.sheet
            }
            self.out.questions.append(
                Question(identifier, kind, text, [(o, o) for o in options], answer=answer)
            )
        return answer or guess

    def _ask_direction(self, plan: Plan, fields: list[str]) -> None:
        table = plan.table
        moves = table.purpose == "movements" and not table.direction
        if (
            not moves
            or {"type", "quantity_in", "quantity_out", "warehouse_to", "planned"} & set(fields)
            or table.shape == "count"
        ):
            return
        if any(pivot.field != "quantity" for pivot in plan.pivots):
            return
        identifier = plan.where("direction")
        answer = self.wish.answers.get(identifier, "")
        text = _("Do the quantities in sheet %(sheet)s come in or go out?") % {"sheet": table.sheet}
        options = [("in", _("in")), ("out", _("out"))]
        self.out.questions.append(Question(identifier, "direction", text, options, answer=answer))
        table.direction = answer if answer in {"in", "out"} else ""

    def _ask_scale(self, plan: Plan) -> None:
        """万元 and 千个 multiply; a person confirms it."""
        for column in plan.used:
            kind = field_of(column.field).kind
            if kind is Kind.AMOUNT and column.scale == 1 and plan.context.currency_scale != 1:
                column.scale = plan.context.currency_scale
            if column.scale == 1:
                continue
            identifier = f"scale:{plan.table.sheet}!{address(plan.table.header_row, column.at)}"
            answer = self.wish.answers.get(identifier, "")
            if answer == "1":
                column.scale = 1
            text = _("Are the numbers of “%(header)s” multiplied by %(scale)d?")
            options = [(str(column.scale), _("yes")), ("1", _("no"))]
            self.out.questions.append(
                Question(
                    identifier,
                    "scale",
                    text % {"header": column.header, "scale": column.scale},
                    options,
                    column.samples,
                    answer=answer,
                )
            )

    def _ask_period(self, plan: Plan) -> None:
        """Columns that are days of a month need the month, and months without a year the year."""
        kinds = {pivot.kind for pivot in plan.pivots}
        year, month = self.wish.year or plan.context.year, plan.context.month
        needs_month = "day" in kinds and not (year and month)
        needs_year = (
            "month" in kinds
            and not year
            and any(isinstance(p.value, tuple) and not p.value[0] for p in plan.pivots)
        )
        answer = self.wish.answers.get(plan.where("period"), "")
        match = re.fullmatch(r"(20[0-9]{2})-?(0[1-9]|1[0-2])?", answer, re.ASCII)
        if match:
            plan.context.year, plan.context.month = int(match[1]), int(match[2] or 0)
        elif self.wish.year:
            plan.context.year = self.wish.year
        if needs_month or needs_year:
            text = (
                _("Which month is sheet %(sheet)s about? Write 2023-01.")
                if needs_month
                else _("Which year is sheet %(sheet)s about?")
            )
            question = Question(
                plan.where("period"),
                "period",
                text % {"sheet": plan.table.sheet},
                answer=answer if match else "",
            )
            self.out.questions.append(question)

    def _warn(self, plan: Plan, cell: str, code: str, message: str) -> None:
        self.out.warnings.append(Caution(plan.table.sheet, 0, cell, code, message))


def fingerprint(columns: Iterable[Column], kinds: Iterable[str] = ()) -> str:
    """What tables of the same shape have in common: the set of their headers, whatever the order."""
    keys = sorted(full_key(column.header) for column in columns) + sorted(set(kinds))
    return sha256("\x1f".join(keys).encode()).hexdigest()[:32]


def _column_id(table: Table, column: Column) -> str:
    return f"column:{table.sheet}!{address(table.header_row or 1, column.at)}"


def _pivots(layers: dict[int, tuple[str, ...]]) -> tuple[list[Run], list[Pivot]]:
    """Columns that are values, by their last layer or by the first one above parts of each."""
    runs = sequences({at: texts[-1] for at, texts in layers.items()})
    found = [
        Pivot(at, run.kind, value, layers[at][-1])
        for run in runs
        for at, value in zip(run.columns, run.values, strict=True)
    ]
    if found:
        return runs, found
    groups: dict[str, list[int]] = {}
    for at, texts in layers.items():
        if len(texts) > 1:
            groups.setdefault(texts[0], []).append(at)
    firsts = {columns[0]: name for name, columns in groups.items()}
    for run in sequences(firsts):
        runs.append(run)
        for at, value in zip(run.columns, run.values, strict=True):
            for column in groups[firsts[at]]:
                way = context.direction(layers[column][-1]) or {
                    "入": "in",
                    "收": "in",
                    "进": "in",
                    "出": "out",
                    "发": "out",
                    "in": "in",
                    "out": "out",
                }.get(simplified(layers[column][-1]).casefold(), "")
                name = {"in": "quantity_in", "out": "quantity_out"}.get(way, "")
                if name:
                    found.append(Pivot(column, run.kind, value, "/".join(layers[column]), name))
    return runs, found


def _warehouses(
    block: Block, profiles: dict[int, Profile], taken: set[int], words: Dictionary
) -> list[Pivot]:
    """Columns of numbers that are named as warehouses, if there are several."""
    found = []
    for at in block.columns:
        text = block.head.layers[at][-1]
        numbers = profiles[at].number >= 0.5 or not profiles[at].filled
        if at not in taken and numbers and _WAREHOUSE.fullmatch(text) and not words.exact(text):
            found.append(Pivot(at, "warehouse", text, text))
    return found if len(found) > 1 else []


def _totals_column(columns: Iterable[Column], profiles: dict[int, Profile]) -> int | None:
    for column in columns:
        if (
            header_key(column.header)
            in {"合计", "总计", "小计", "total", "sum", "总数", "数量合计", "合计数量", "totals"}
            and profiles[column.at].number >= 0.5
        ):
            column.field = "" if column.field in {"quantity", "amount"} else column.field
            return column.at
    return None
