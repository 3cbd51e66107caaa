"""Who sees the prices and amounts of a sheet: those who see costs, and whoever brought the sheet.

Nothing is hidden from the person who has the file; for everybody else without the right it is as everywhere: figures of
money are not there, and what a message would say of them is not said.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from intake import telling
from intake.models import Import
from intake.understanding.fields import FIELDS, Kind
from people.access import Access
from people.models import User

_SALES = frozenset({"sale_price", "lowest_price"})
_NAMELESS = frozenset({"column_unnamed", "cells_beyond"})
"""Faults and remarks that quote cells of columns without a name: they may hold what goods cost."""
MONEY = frozenset(
    code
    for code, field in FIELDS.items()
    if field.kind in {Kind.PRICE, Kind.AMOUNT} and code not in _SALES
)
"""Fields that tell what goods cost."""


def sees(job: Import, user: User, access: Access) -> bool:
    """Whether a person sees what the goods of this import cost."""
    if job.asker_id == user.pk:
        return True
    return all(access.may("cost.view", scope) for scope in telling.scopes_of(job))


def is_money(field: str) -> bool:
    """Whether a field, also one of a part such as ``in_price[采购]``, tells what goods cost."""
    return field.partition("[")[0] in MONEY


def hidden(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a look found, without figures of money."""
    columns = {
        (table["sheet"], column["column"])
        for table in said.get("tables", ())
        for code, column in table["columns"].items()
        if is_money(code)
    }
    return {
        **said,
        "value": "",
        "tables": [_table(table) for table in said.get("tables", ())],
        "questions": [_question(question) for question in said.get("questions", ())],
        "groups": [_group(group) for group in said.get("groups", ())],
        "notes": [_note(note, columns) for note in said.get("notes", ())],
        "totals": [t for t in said.get("totals", ()) if not is_money(t["field"])],
    }


def raw(values: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row that was written, without those of money."""
    return {name: text for name, text in values.items() if not is_money(name)}


def _table(table: dict[str, Any]) -> dict[str, Any]:
    columns = {
        code: {**column, "samples": []} if is_money(code) else column
        for code, column in table["columns"].items()
    }
    # What a column that is not used holds, nobody has said: it may be what goods cost.
    return {**table, "columns": columns, "unused": [{**c, "samples": []} for c in table["unused"]]}


def _question(question: dict[str, Any]) -> dict[str, Any]:
    return {**question, "samples": []} if question["kind"] != "date_order" else question


def _group(group: dict[str, Any]) -> dict[str, Any]:
    if not is_money(group["field"]) and group["code"] not in _NAMELESS:
        return group
    shown = {"raw": "", "message": _("Prices and amounts are hidden."), "proposal": "", "cut": []}
    return {**group, "values": [{**value, **shown} for value in group["values"]]}


def _note(note: dict[str, Any], columns: set[tuple[str, str]]) -> dict[str, Any]:
    text = _("Prices and amounts are hidden.")
    nameless = note["code"] in _NAMELESS
    places = [
        [
            sheet,
            row,
            cell,
            text if nameless or (sheet, cell.rstrip("0123456789")) in columns else message,
        ]
        for sheet, row, cell, message in note["places"]
    ]
    return {**note, "places": places}
