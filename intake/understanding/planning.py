"""Plans how one table is read: its columns, shape, constants and direction."""

import re
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from itertools import islice

from django.utils.translation import gettext as _

from intake.reading.grid import Book, Grid, address, letters
from intake.understanding import arithmetic, context, mapping, materials, profile, shapes, unnamed
from intake.understanding.asking import Asker
from intake.understanding.cells import Column as Reader
from intake.understanding.cells import Value
from intake.understanding.dictionary import Dictionary
from intake.understanding.fields import IDENTITY, field_of
from intake.understanding.pivots import Run, sequences
from intake.understanding.plan import Pivot, Plan, column_id
from intake.understanding.profile import Profile
from intake.understanding.result import (
    Caution,
    Column,
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
_BY_WAREHOUSE = re.compile(
    r"(各|分)(仓库?|库房|门店|店铺|分店|地)(的?(库存|现存|结存)(数量|量|数)?|分布)?|(仓库|门店|库存地点)(库存|分布)|"
    r"(stock|qty|quantity)?(by|per)?(warehouse|location|store|branch)s?",
    re.IGNORECASE,
)
"""A caption over columns that are named as warehouses, each with what it holds."""
_IN_FILE_NAME = re.compile(r"[^\W_0-9]{1,6}[A-Z0-9]?(仓库|仓|号库)")
_NO_WAREHOUSES = frozenset(
    {"仓库", "库存", "期初库存", "入库", "出库", "当前库存", "现有库存", "总库存"}
)
_SOME = 0.1
_DAYS = frozenset({"day", "date", "month"})
_STOCK = re.compile(r"库存|存量|结存|盘存|盘点|期初|\bstock\b|\binventory\b", re.IGNORECASE)
_NAME_SAYS = re.compile(r".{1,12}(仓库|仓|库|门店|店|warehouse|store)", re.IGNORECASE)


class Planner:
    """Plans the tables of a book, one after the other."""

    def __init__(self, book: Book, wish: Wish, words: Dictionary, out: Understanding) -> None:
        self.book = book
        self.wish = wish
        self.words = words
        self.out = out
        self.asker = Asker(wish, out)

    def plan(self, grid: Grid, block: Block) -> Plan:
        """The plan of a table; what is uncertain is added to the warnings and questions."""
        unnamed.add_first(grid, block, self.words)
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
        given = self._given(table)
        around = {pivot.field for pivot in pivots}
        guesses = mapping.guess(head.layers, columns, profiles, self.words, given, around)
        unnamed.name_first(guesses)
        arithmetic.settle(guesses, sample)
        plan = Plan(block, grid, table, self._context(grid, block), profiles, pivots)
        plan.totals_column = _totals_column(columns, profiles) if pivots else None
        table.titles = plan.context.lines
        self.asker.about_columns(plan, guesses)
        self.out.warnings += unnamed.say(block, table, sample)
        self._constants(plan)
        self._shape(plan, runs)
        self.out.tables.append(table)
        return plan

    def _given(self, table: Table) -> dict[str, str]:
        """What a person said about the columns: now, in answers, or of the same shape before."""
        given = dict(self.wish.remembered.get(table.fingerprint, {})) | dict(self.wish.columns)
        for column in table.columns:
            answer = self.wish.answers.get(column_id(table, column))
            if answer and answer != "ignore":
                given[answer] = column.letter
        return given

    def _context(self, grid: Grid, block: Block) -> context.Context:
        caption = [
            (address(block.head.row, at), layer)
            for at in block.columns
            for layer in block.head.layers[at][:-1]
        ]
        told = [*block.titles, *{text: (where, text) for where, text in caption}.values()]
        return context.read(told, (grid.name, self.book.name), self.words)

    def _constants(self, plan: Plan) -> None:
        """What lines above the table, and the sheet's name, say for all rows; a column of the same field wins."""
        fields = {c.field for c in plan.table.columns}
        item_columns = fields & {*IDENTITY}
        in_columns = "month" in fields or any(p.kind in _DAYS for p in plan.pivots)
        for name, (text, _where) in plan.context.constants.items():
            if name in fields or (
                name in {"name", "item", "barcode", "spec", "model", "unit"} and item_columns
            ):
                continue
            if name == "date" and (in_columns or not context.day_of(text)):
                continue
            found = Reader(field_of(name), name).read(text)
            if isinstance(found, Value):
                plan.table.constants[name] = replace(found, rule="M1")
        self._sheet_name(plan, fields)
        self._file_name(plan)

    def _file_name(self, plan: Plan) -> None:
        """A template that was copied may still name the warehouse of another."""
        said = plan.table.constants.get("warehouse")
        match = _IN_FILE_NAME.search(self.book.name)
        if said is None or match is None or said.rule != "M1":
            return
        told, named = header_key(str(said.value)), header_key(match[0])
        if told in named or named in told:
            return
        text = _("The sheet says %(one)s, the name of the file %(two)s. Which warehouse is it?")
        options = [(str(said.value), str(said.value)), (match[0], match[0])]
        facts = {"one": said.value, "two": match[0]}
        answer = self.asker.ask(plan.where("warehouse"), "warehouse", text % facts, options)
        if answer:
            plan.table.constants["warehouse"] = Value("warehouse", answer, answer, "M9")

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
        self.out.warnings.append(Caution(name, 0, "", "sheet_is_warehouse", message))

    def _shape(self, plan: Plan, runs: list[Run]) -> None:
        table = plan.table
        fields = [c.field for c in table.columns if c.field]
        item_column = any(name.partition("[")[0] in IDENTITY for name in fields)
        above = bool({"name", "item", "barcode"} & table.constants.keys())
        table.shape = shapes.shape_of(
            fields, runs, has_item_column=item_column, has_item_above=above
        )
        told = fields + [pivot.field for pivot in plan.pivots if pivot.kind != "warehouse"]
        plan.context.boms = materials.are_meant(table.columns, said=plan.context.boms)
        guess = shapes.purpose_of(table.shape, _that_decide(plan, told), plan.context)
        if guess == "opening" and self._is_slip(plan):
            guess = "movements"
        if guess == "items" and any(pivot.kind == "warehouse" for pivot in plan.pivots):
            guess = self._stock_or_items(plan, told)
        table.purpose = self.wish.purpose or self.asker.purpose(plan, guess)
        if table.purpose == "boms":
            materials.fit(plan, self.asker)
        table.direction = shapes.direction_of(told, plan.context)
        self.asker.about_table(plan, told)

    @staticmethod
    def _is_slip(plan: Plan) -> bool:
        """Whether lines above the table say whose slip it is, or its number, and nothing says that the goods are there."""
        slip = plan.table.constants.keys() & {"source", "customer", "supplier"}
        return bool(slip) and not any(_STOCK.search(text) for text in plan.context.lines)

    def _stock_or_items(self, plan: Plan, told: list[str]) -> str:
        """Items with what each warehouse holds: a list of stock, unless it says what only master data says."""
        master = shapes.MASTER.intersection(told)
        if any(_STOCK.search(text) for text in plan.context.lines):
            master -= shapes.LIMITS
        if not master:
            return "opening"
        message = _(
            "Items are made from sheet %(sheet)s; the stock in its columns of warehouses is not. Import it as opening stock as well."
        )
        text = message % {"sheet": plan.table.sheet}
        self.out.warnings.append(Caution(plan.table.sheet, 0, "", "stock_unused", text))
        return "items"


def _that_decide(plan: Plan, told: list[str]) -> list[str]:
    """The fields without days and documents that no row has, and types of goods: those tell nothing of what the rows are."""
    if not any(profile.filled for profile in plan.profiles.values()):
        return told
    looks = {c.field: plan.profiles[c.at] for c in plan.table.columns if c.field in told}
    idle = {name for name in ("date", "source", "type") if name in looks and not looks[name].filled}
    if "type" in looks and not {"date", "source"} & (looks.keys() - idle):
        idle |= {"type"} if looks["type"].movement < _SOME else set()
    return [name for name in told if name not in idle]


def fingerprint(columns: Iterable[Column], kinds: Iterable[str] = ()) -> str:
    """What tables of the same shape have in common: the set of their headers, whatever the order."""
    keys = sorted(full_key(column.header) for column in columns) + sorted(set(kinds))
    return sha256("\x1f".join(keys).encode()).hexdigest()[:32]


def _pivots(layers: dict[int, tuple[str, ...]]) -> tuple[list[Run], list[Pivot]]:
    """Columns that are values, by their last layer or by the first one above parts of each."""
    runs = sequences({at: texts[-1] for at, texts in layers.items()})
    found = [
        Pivot(at, run.kind, value, layers[at][-1], month=_month_above(layers[at]))
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


def _month_above(layers: tuple[str, ...]) -> tuple[int, int]:
    """Year and month that the layers above a day say."""
    found = (0, 0)
    for text in layers[:-1]:
        year, month = context.period([text])
        found = (year or found[0], month or found[1])
    return found


def _warehouses(
    block: Block, profiles: dict[int, Profile], taken: set[int], words: Dictionary
) -> list[Pivot]:
    """Columns of numbers that are named as warehouses, if there are several."""
    found = []
    for at in block.columns:
        layers = block.head.layers[at]
        text = layers[-1]
        numbers = profiles[at].number >= 0.5 or not profiles[at].filled
        named = _WAREHOUSE.fullmatch(simplified(text)) or (
            len(layers) > 1 and _BY_WAREHOUSE.fullmatch(simplified(layers[-2]).replace(" ", ""))
        )
        if at not in taken and numbers and named and not words.exact(text):
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
