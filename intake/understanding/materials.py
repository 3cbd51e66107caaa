"""Finds the product of a list of materials: it is named above the table, by the level of a row, or asked for."""

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from intake.understanding.asking import Asker
from intake.understanding.cells import Value
from intake.understanding.plan import Plan
from intake.understanding.result import Column, Row
from intake.understanding.words import header_key

_PER_PRODUCT = frozenset(
    {
        "用量", "单位用量", "标准用量", "单耗", "单台用量", "单件用量", "单套用量", "每台用量", "定额用量", "定额",
        "qtyper", "usageqty", "qtyperassembly", "qtyperunit", "qtyperproduct",
    }
)  # fmt: skip
"""Headers of a quantity that is what one product takes."""
_PRODUCTS = (("item", "parent"), ("model", "parent"), ("name", "parent_name"))
_MATERIAL = ("component", "component_name", "item", "name")
_STOCK = re.compile(r"[库结现]存|stock|onhand|inventory|balance")
_DEPTH = re.compile(r"[.+\s]*([0-9]+(?:\.[0-9]+)*)")


def are_meant(columns: list[Column], *, said: bool) -> bool:
    """Whether the quantities are what one product takes: a column says so, or the title and no column speaks against it."""
    names = {
        header_key(column.header.rpartition("/")[2])
        for column in columns
        if column.field in {"quantity", "planned"}
    }
    return bool(names & _PER_PRODUCT) or (said and not any(map(_STOCK.search, names)))


def fit(plan: Plan, asker: Asker) -> None:
    """Find the product in the lines above the table, or ask for it."""
    table = plan.table
    fields = {column.field for column in plan.used}
    if fields & {"parent", "parent_name"}:
        return
    if fields & {"component", "component_name"} and fields & {"item", "name"}:
        # Beside components, the item of a row is the product.
        return
    for name, product in _PRODUCTS:
        said = plan.context.constants.get(name)
        if said and product not in table.constants:
            table.constants[product] = Value(product, said[0], said[0], "M1")
        table.constants.pop(name, None)
    if table.constants.keys() & {"parent", "parent_name"}:
        return
    text = _("Which product are the materials in sheet %(sheet)s for? Write its code or name.")
    answer = asker.ask(plan.where("parent"), "parent", text % {"sheet": table.sheet})
    if answer.strip():
        table.constants["parent"] = Value("parent", answer, answer.strip(), "answer")


def by_level() -> Callable[[Row], None]:
    """What gives a row the product above it: the last row that is one level higher."""
    above: dict[int, Value] = {}

    def step(row: Row) -> None:
        level = row.values.get("level")
        match = _DEPTH.fullmatch(str(level.value)) if level and level.value else None
        if level is None or match is None:
            return
        depth = match[1].count(".") + 1 if "." in match[1] else int(match[1])
        own = next((v for n in _MATERIAL if (v := row.values.get(n)) and v.value), None)
        if depth - 1 in above:
            row.values["parent"] = above[depth - 1]
        for deeper in [one for one in above if one >= depth]:
            del above[deeper]
        if own is not None:
            above[depth] = Value("parent", own.raw, own.value, "level")

    return step
