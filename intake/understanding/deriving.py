"""Completes a row from its own values: days in three columns, the last round of a count, units beside numbers."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from intake.reading.grid import address
from intake.understanding import coded, dates, ends, materials, money
from intake.understanding.body import is_opening
from intake.understanding.cells import Value
from intake.understanding.faults import Fault
from intake.understanding.fields import IDENTITY, ROUNDS
from intake.understanding.plan import Plan
from intake.understanding.result import Column, Row, Table
from intake.understanding.words import folded, full_key

_BETWEEN = re.compile(r"\s*(?:至|到|~|—|/|\s-\s)\s*")
_BACK = re.compile(
    "退|冲销|冲红|红冲|红字|作废|取消|撤销|return|reversal|revers|void|cancel", re.IGNORECASE
)
_PER = re.compile("(?:元|块|圆|¥|rmb|cny|usd)?/([^/0-9]+)", re.IGNORECASE)
_PRICES = frozenset({"unit_price", "price_taxed", "in_price", "opening_price", "balance_price"})
_UNIT_NAMES = {
    "公斤": "kg",
    "千克": "kg",
    "吨": "t",
    "克": "g",
    "米": "m",
    "升": "l",
    "pc": "个",
    "pcs": "个",
    "只": "个",
    "件": "个",
}
"""Names of one unit; pieces are counted under many."""
_QUANTITIES = (
    "quantity",
    "quantity_in",
    "quantity_out",
    "counted",
    "opening",
    "balance",
    "book",
    "planned",
)
_MOVING = ("quantity", "quantity_in", "quantity_out", "planned")


class Told(Protocol):
    """What a builder offers here."""

    table: Table
    plan: Plan

    def warn(self, number: int, cell: str, code: str, message: str) -> None:
        """Say what is uncertain."""

    def wrong(self, number: int, cell: str, name: str, fault: Fault, raw: str = "") -> None:
        """Say what is wrong."""

    def faulty(self, number: int, names: Iterable[str]) -> bool:
        """Whether a cell of these fields was found wrong already."""


Step = Callable[[Told, Row], None]


def steps(told: Told) -> list[Step]:
    """The steps that rows of this table need."""
    fields = {
        c.field.partition("[")[0] for c in told.table.columns if c.field
    } | told.table.constants.keys()
    found = [step for step, needs in _STEPS if not needs or needs & fields]
    if any(_PER.fullmatch(column.unit) for column in _priced(told)):
        found.append(_price_unit)
    if "currency" in fields:
        by_row = money.by_row(told.table, told.warn)
        found.append(lambda _told, row: by_row(row))
    if "level" in fields and told.table.purpose == "boms":
        by_level = materials.by_level()
        found.append(lambda _told, row: by_level(row))
    if coded.is_coded(told.plan):
        split = coded.splitter(told.table, told.warn)
        found.append(lambda _told, row: split(row))
    found.append(_missing_of(told))
    if fields >= {*ends.FIELDS}:
        to_one_end = ends.settle()
        found.append(lambda _told, row: to_one_end(row))
    return found


def _day_of_parts(told: Told, row: Row) -> None:
    """年, 月 and 日 in columns of their own are one day."""
    month, day = row.values.pop("month", None), row.values.pop("month_day", None)
    year = row.values.pop("year", None)
    if month is None or "date" in row.values:
        return
    which = year.value if year else Decimal(told.plan.context.year)
    if day is None and told.table.column_of("month_day") is None:
        # A month alone is its first day.
        day = Value("month_day", "", Decimal(1))
        told.warn(
            row.number,
            _cell(told, row, "month"),
            "month_precision",
            _("The row says only the month."),
        )
    if day is None:
        return
    raw = "-".join(v.raw for v in (year, month, day) if v)
    try:
        found = date(int(which or 0), int(month.value or 0), int(day.value or 0))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        message = _("“%(text)s” is not a date. Write it as 2018-01-31.") % {"text": raw}
        told.wrong(row.number, _cell(told, row, "month"), "date", Fault("date", message), raw)
        return
    row.values["date"] = Value("date", raw, found, "date.parts")


def _name_with_spec(_told: Told, row: Row) -> None:
    """Name and specification in one cell stay together as the name."""
    both = row.values.get("name_spec")
    if both and "name" not in row.values:
        row.values["name"] = Value("name", both.raw, both.value, "M19")


def _made_and_expiry(told: Told, row: Row) -> None:
    """Both days in one cell, made before expiry."""
    both = row.values.pop("made_expiry", None)
    if both is None or not isinstance(both.value, str) or not both.value:
        return
    parts = [part for part in _BETWEEN.split(folded(both.value)) if part]
    found = [dates.Reader(ends=at == 1).read(part) for at, part in enumerate(parts)]
    if len(found) == 2 and all(isinstance(day, dates.Day) and day.value for day in found):
        for name, day in zip(("made_on", "expiry"), found, strict=True):
            row.values[name] = Value(name, both.raw, day.value, "date.pair")  # type: ignore[union-attr]
        return
    message = _("“%(text)s” is not two days, made and expiry.") % {"text": both.raw[:40]}
    told.wrong(
        row.number, _cell(told, row, "made_expiry"), "expiry", Fault("date", message), both.raw
    )


def _last_round(_told: Told, row: Row) -> None:
    """The last round of a count that is filled is what was counted; the others stay as evidence."""
    if row.get("counted") is not None:
        return
    for name in reversed(ROUNDS[:-1]):
        found = row.values.get(name)
        if found and found.value is not None:
            row.values["counted"] = Value(
                "counted", found.raw, found.value, f"M22+{found.rule}".rstrip("+"), found.unit
            )
            return


def _counted_by_difference(told: Told, row: Row) -> None:
    """Where a count says only the book and what was found too much or missing, that is what was counted."""
    book = _decimal(row, "book")
    if row.get("counted") is not None or book is None:
        return
    difference, gain, loss = (_decimal(row, name) for name in ("difference", "gain", "loss"))
    if difference is None and gain is None and loss is None:
        return
    none = Decimal(0)
    change = difference if difference is not None else (gain or none) - abs(loss or none)
    counted = book + change
    row.values["counted"] = Value("counted", "", counted, "difference")
    message = _("%(book)s and a difference of %(difference)s: %(counted)s were counted.")
    facts = {"book": book, "difference": change, "counted": counted}
    told.warn(
        row.number, _cell(told, row, "difference", "gain", "loss"), "derived", message % facts
    )


def _carried_forward(told: Told, row: Row) -> None:
    """A line that only carries a balance forward is an opening, no movement."""
    if told.table.shape not in {"in_out_list", "card"} or any(
        row.get(n) for n in ("quantity_in", "quantity_out")
    ):
        return
    label = next(
        (v for v in row.values.values() if isinstance(v.value, str) and is_opening(v.value)), None
    )
    balance = row.values.get("balance")
    if label and balance and balance.value is not None:
        row.values["opening"] = Value("opening", balance.raw, balance.value, "carried_forward")


def _units(told: Told, row: Row) -> None:
    for name in _QUANTITIES:
        if name in row.values:
            unit_beside(told, row, name)
            return


def unit_beside(told: Told, row: Row, name: str) -> None:
    """The unit that stands beside a number or in its header is the row's, if no other says it."""
    number = row.values[name]
    unit = row.values.get("unit")
    known = str(unit.value) if unit and unit.value else ""
    if known and not number.unit:
        return
    column = told.table.column_of(name)
    if number.unit and known and full_key(number.unit) != full_key(known):
        message = _("The number says %(one)s, the unit says %(two)s.") % {
            "one": number.unit,
            "two": known,
        }
        told.wrong(
            row.number, _cell(told, row, name), "unit", Fault("unit_differs", message), number.raw
        )
    elif number.unit and not known:
        row.values["unit"] = Value("unit", number.raw, number.unit, "M13")
    elif column and column.unit and not known:
        row.values["unit"] = Value("unit", column.header, column.unit, "M14")


def _price_unit(told: Told, row: Row) -> None:
    """A price per kilogram beside a quantity in tons is not the price of what is counted."""
    unit = row.values.get("unit")
    if unit is None or not unit.value:
        return
    for column in _priced(told):
        if column.field not in row.values:
            continue
        said = _PER.fullmatch(column.unit)
        if said and _same_unit(said[1]) != _same_unit(str(unit.value)):
            message = _("The price is for one %(one)s, the quantity is in %(two)s.")
            facts = {"one": said[1], "two": unit.value}
            cell = address(row.number, column.at)
            told.warn(row.number, cell, "price_unit", message % facts)


def _priced(told: Told) -> list[Column]:
    """The columns of prices."""
    return [column for column in told.plan.used if column.field in _PRICES]


def _same_unit(text: str) -> str:
    key = full_key(text)
    return _UNIT_NAMES.get(key, key)


def _taken_back(told: Told, row: Row) -> None:
    """A remark may say that the row goes the other way, or does not count at all."""
    remark = row.values.get("remark")
    text = str(remark.value) if remark and remark.value else ""
    if not _BACK.search(text) or "type" in row.values:
        return
    for name in _MOVING:
        found = row.get(name)
        if isinstance(found, Decimal) and found > 0:
            message = _("“%(text)s” stands beside %(quantity)s: does it go the other way?")
            facts = {"text": text[:40], "quantity": found}
            told.warn(row.number, _cell(told, row, name), "taken_back", message % facts)
            return


def _missing_of(told: Told) -> Step:
    """The step that says what rows of this table lack; the usual row names its item and how much of it."""
    moving = [name for name in _MOVING if told.table.column_of(name)]
    quantities = ["quantity", *(name for name in moving if name != "quantity")]
    counted = told.table.purpose not in {"partners", "boms"}

    def missing(told: Told, row: Row) -> None:
        values = row.values
        named = values.get("item") or values.get("name")
        if counted and named and named.value:
            for name in quantities:
                found = values.get(name)
                if found is not None and found.value is not None:
                    return
        _missing(told, row, moving)

    return missing


def _missing(told: Told, row: Row, moving: list[str]) -> None:
    """A row must say which item it is about and, if it is to move stock, how much."""
    purpose = told.table.purpose
    named: tuple[str, ...] = (*IDENTITY, "model")
    if purpose == "partners":
        named = ("partner", "partner_code", "supplier", "customer")
    elif purpose == "boms":
        named = ("component", "component_name", "item", "name")
    says = any(told.table.column_of(name) or name in told.table.constants for name in named)
    if says and not any(row.get(name) for name in named) and not told.faulty(row.number, named):
        message = _("Which item is the row about? Nothing says it.")
        told.wrong(row.number, _cell(told, row, *named), "item", Fault("item_missing", message))
    if purpose in {"movements", "opening", "orders"} and not told.plan.pivots:
        _quantity_missing(told, row, moving)


def _quantity_missing(told: Told, row: Row, moving: list[str]) -> None:
    blank = all(row.get(name) is None for name in moving)
    if moving and blank and "opening" not in row.values and not told.faulty(row.number, moving):
        message = _("The quantity is missing; blank is not zero.")
        fault = Fault("quantity_missing", message)
        told.wrong(row.number, _cell(told, row, *moving), moving[0], fault)


def _decimal(row: Row, name: str) -> Decimal | None:
    value = row.get(name)
    return value if isinstance(value, Decimal) else None


def _cell(told: Told, row: Row, *names: str) -> str:
    for name in names:
        column = told.table.column_of(name)
        if column:
            return address(row.number, column.at)
    return ""


_STEPS: tuple[tuple[Step, frozenset[str]], ...] = (
    (_day_of_parts, frozenset({"month"})),
    (_name_with_spec, frozenset({"name_spec"})),
    (_made_and_expiry, frozenset({"made_expiry"})),
    (_last_round, frozenset(ROUNDS)),
    (_counted_by_difference, frozenset({"gain", "loss", "difference"})),
    (_carried_forward, frozenset({"balance"})),
    (_units, frozenset()),
    (_taken_back, frozenset({"remark"})),
)
"""Each step, and the fields that it needs one of."""
