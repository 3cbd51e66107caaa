"""Asks what a table leaves open about its columns and itself, and takes the answers that are there."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from intake.reading.grid import address
from intake.understanding import remaining
from intake.understanding.dictionary import label
from intake.understanding.fields import IDENTITY, Kind, field_of
from intake.understanding.mapping import Guess
from intake.understanding.plan import Plan, column_id
from intake.understanding.result import PURPOSES, Caution, Column, Question, Understanding, Wish
from intake.understanding.words import header_key

_UNCERTAIN = 0.8
"""Below this, a column that may change stock is said to be uncertain."""
_QUANTITIES = frozenset(
    {
        "quantity",
        "quantity_in",
        "quantity_out",
        "counted",
        "counted_1",
        "balance",
        "planned",
        "book",
        "opening",
        "available",
    }
)
_PLAIN_PRICES = frozenset({"单价", "价格", "price", "unitprice", "variantprice"})
_BY_CONTENT = ("item", "name", "spec", "unit", "quantity", "date", "warehouse", "lot")


class Asker:
    """Puts questions, unless they are answered."""

    def __init__(self, wish: Wish, out: Understanding) -> None:
        self.wish = wish
        self.out = out

    def ask(
        self,
        identifier: str,
        kind: str,
        text: str,
        options: Sequence[tuple[str, str]] = (),
        samples: Sequence[str] = (),
        *,
        assumed: str = "",
    ) -> str:
        """Ask; returns the answer. A question with something ``assumed`` blocks nothing."""
        answer = self.wish.answers.get(identifier, assumed)
        question = Question(
            identifier, kind, text, list(options), list(samples), not assumed, answer
        )
        self.out.questions.append(question)
        return answer

    def _warn(self, plan: Plan, cell: str, code: str, message: str) -> None:
        self.out.warnings.append(Caution(plan.table.sheet, 0, cell, code, message))

    def about_columns(self, plan: Plan, guesses: Sequence[Guess]) -> None:
        """Columns that may mean several things, that are uncertain, or that are not used."""
        table = plan.table
        silent: list[Column] = []
        for one in guesses:
            column = one.column
            where = address(table.header_row or 1, column.at)
            uncertain = column.how != "given" and column.confidence < _UNCERTAIN
            if column.field and uncertain and field_of(column.field).core:
                message = _("“%(header)s” was taken for %(field)s. Look whether that is right.")
                facts = {"header": column.header, "field": label(column.field)}
                self._warn(plan, where, "column_uncertain", message % facts)
            if not column.field and column.how != "ignored" and column.at != plan.totals_column:
                if self._left_out(plan, one):
                    silent.append(column)
                else:
                    self._about_unused(plan, one, where)
        remaining.say(self.out, plan, silent)
        self._about_item(plan, guesses)
        self._about_quantity(plan, guesses)

    def _left_out(self, plan: Plan, one: Guess) -> bool:
        """Whether a column would be asked about, and is left out with all that are not answered."""
        told = column_id(plan.table, one.column) in self.wish.answers
        return not told and _is_open(plan, one) and remaining.are_left_out(self.wish)

    def _about_unused(self, plan: Plan, one: Guess, where: str) -> None:
        column = one.column
        identifier = column_id(plan.table, column)
        if _is_open(plan, one):
            codes = [code for code, _score in column.candidates] or list(_BY_CONTENT)
            options = [(code, label(code)) for code in codes] + [("ignore", _("not used"))]
            text = _("What does the column “%(header)s” say?") % {"header": column.header}
            self.ask(identifier, "column", text, options, one.profile.samples)
        elif one.profile.filled and identifier not in self.wish.answers:
            message = _("The column “%(header)s” is not used.") % {"header": column.header}
            self._warn(plan, where, "column_unused", message)

    def _about_item(self, plan: Plan, guesses: Sequence[Guess]) -> None:
        """Without a column that says which item, nothing can be imported: which one is it?"""
        fields = {c.field.partition("[")[0] for c in plan.table.columns if c.field}
        named = {*IDENTITY, "partner", "partner_code", "parent", "supplier", "customer"}
        said = plan.context.constants.keys() & {"name", "item", "barcode"}
        open_ones = any(one.asked for one in guesses) and not remaining.are_left_out(self.wish)
        if fields & named or said or open_ones or not plan.block.known:
            return
        free = [one for one in guesses if not one.column.field and one.profile.filled]
        options = [(one.column.letter, one.column.header) for one in free]
        samples = [f"{g.column.letter}: {', '.join(g.profile.samples)}" for g in free][:10]
        text = _("Which column says which item a row is about?")
        answer = self.ask(plan.where("item_column"), "item_column", text, options, samples)
        for one in free:
            if one.column.letter == answer.strip().upper():
                one.column.field = "item" if one.profile.code > 0.5 else "name"
                one.column.confidence, one.column.how = 1.0, "given"

    def _about_quantity(self, plan: Plan, guesses: Sequence[Guess]) -> None:
        """A table without a quantity but with a column of numbers that nobody knows may hold it there."""
        fields = {c.field.partition("[")[0] for c in plan.table.columns if c.field}
        partners = {"contact", "phone", "address", "tax_number", "email"}
        if (
            fields & (_QUANTITIES | partners)
            or plan.pivots
            or self.wish.purpose in {"items", "partners"}
        ):
            return
        free = [
            g
            for g in guesses
            if not g.column.field
            and not g.asked
            and g.column.how != "ignored"
            and not g.column.candidates
            and g.profile.pure_number >= 0.8
        ]
        if not free or not plan.block.known:
            return
        options = [(g.column.letter, g.column.header) for g in free] + [("none", _("none"))]
        samples = [f"{g.column.letter}: {', '.join(g.profile.samples)}" for g in free][:10]
        text = _("Which column says how many?")
        answer = self.ask(plan.where("quantity_column"), "quantity_column", text, options, samples)
        for one in free:
            if one.column.letter == answer.strip().upper():
                one.column.field, one.column.confidence, one.column.how = "quantity", 1.0, "given"

    def purpose(self, plan: Plan, guess: str) -> str:
        """What the table is to become: the answer, else the guess; asked where there is neither."""
        answer = self.wish.answers.get(plan.where("as"), "")
        if guess and not answer:
            return guess
        assumed = "opening" if plan.table.shape == "summary" else ""
        text = _("What is the table in sheet %(sheet)s to become?") % {"sheet": plan.table.sheet}
        options = [(name, name) for name in PURPOSES]
        answer = self.ask(plan.where("as"), "purpose", text, options, assumed=assumed)
        return answer if answer in PURPOSES else guess

    def about_table(self, plan: Plan, fields: Sequence[str]) -> None:
        """Which way it goes, whether its numbers are multiplied, which month it is about, what its price is."""
        self._about_direction(plan, set(fields))
        self._about_scale(plan)
        self._about_period(plan)
        self._about_price(plan)

    def _about_direction(self, plan: Plan, fields: set[str]) -> None:
        table = plan.table
        if table.purpose != "movements" or table.direction or table.shape == "count":
            return
        if (
            fields & {"type", "quantity_in", "quantity_out", "warehouse_to"}
            or not fields & _QUANTITIES
        ):
            return
        text = _("Do the quantities in sheet %(sheet)s come in or go out?") % {"sheet": table.sheet}
        options = [("in", _("in")), ("out", _("out")), ("signed", _("in, and out where negative"))]
        answer = self.ask(plan.where("direction"), "direction", text, options)
        table.direction = answer if answer in {"in", "out", "signed"} else ""

    def _about_scale(self, plan: Plan) -> None:
        """万元 and 千个 multiply; a person confirms it."""
        for column in plan.used:
            kind = field_of(column.field).kind
            if kind is Kind.AMOUNT and column.scale == 1:
                column.scale = plan.context.currency_scale
            if column.scale == 1:
                continue
            many = column.scale if column.scale > 1 else round(1 / column.scale)
            text = _("Are the numbers of “%(header)s” multiplied by %(scale)d?")
            if column.scale < 1:
                text = _("Are the prices of “%(header)s” for %(scale)d each?")
            facts = {"header": column.header, "scale": many}
            options = [(str(many), _("yes")), ("1", _("no"))]
            where = f"scale:{plan.table.sheet}!{address(plan.table.header_row, column.at)}"
            if self.ask(where, "scale", text % facts, options, column.samples) == "1":
                column.scale = 1

    def _about_period(self, plan: Plan) -> None:
        """Columns that are days of a month need the month, and months without a year the year."""
        kinds = {pivot.kind for pivot in plan.pivots}
        plan.context.year = self.wish.year or plan.context.year
        year, month = plan.context.year, plan.context.month
        days = [pivot for pivot in plan.pivots if pivot.kind == "day"]
        needs_month = any(not ((p.month[0] or year) and (p.month[1] or month)) for p in days)
        open_years = any(isinstance(p.value, tuple) and not p.value[0] for p in plan.pivots)
        if not needs_month and not ("month" in kinds and not year and open_years):
            return
        text = (
            _("Which month is sheet %(sheet)s about? Write 2023-01.")
            if needs_month
            else _("Which year is sheet %(sheet)s about?")
        )
        answer = self.ask(plan.where("period"), "period", text % {"sheet": plan.table.sheet})
        match = re.fullmatch(r"(20[0-9]{2})-?(0[1-9]|1[0-2])?", answer, re.ASCII)
        if match:
            plan.context.year, plan.context.month = int(match[1]), int(match[2] or 0)

    def _about_price(self, plan: Plan) -> None:
        """A bare price may be cost or sale, with or without tax: what is assumed is said."""
        column = plan.table.column_of("unit_price")
        if (
            column is None
            or column.how == "given"
            or plan.table.purpose not in {"opening", "movements"}
        ):
            return
        if header_key(column.header.rpartition("/")[2]) not in _PLAIN_PRICES:
            return
        text = _("What price is “%(header)s”?") % {"header": column.header}
        options = [
            ("unit_price", _("cost without tax")),
            ("price_taxed", _("cost with tax")),
            ("sale_price", _("sales price")),
        ]
        where = f"price:{plan.table.sheet}!{address(plan.table.header_row, column.at)}"
        answer = self.ask(where, "price", text, options, column.samples, assumed="unit_price")
        if answer in {"price_taxed", "sale_price"} and plan.table.column_of(answer) is None:
            column.field = answer


def _is_open(plan: Plan, one: Guess) -> bool:
    """Whether nobody can tell what a column says: its meanings are too close, or no header of the table is known."""
    return one.asked or (not plan.block.known and bool(one.profile.filled))
