"""What a person said to mend a file, as data that is kept with the import and applied at every new look.

Nothing of the file is changed: cells are put in place of others before the grids are understood, texts are given
a meaning, rows are left out, missing records are allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from intake.reading.grid import Book, place_of
from intake.resolving.names import canonical

EVERYTHING = "*"
KINDS = ("item", "unit", "warehouse", "place", "partner", "department", "type")
CHOICES = {
    "amount_differs": ("price", "amount"),
    "missing_cost": ("zero",),
    "repeated": ("keep",),
    "short": ("opening",),
    "negative_out": ("return", "direction"),
}


@dataclass(slots=True)
class Mends:
    """All mends of an import.

    ``cells``: ``Sheet!B5`` → text. ``values``: kind → text of the sheet (canonical) → our code. ``create``: kind
    → texts whose record is made, or ``*``. ``left_out``: rows that are not imported. ``choices``: code of a
    fault → what is taken. ``groups``: (code, field, text or None for all) of faults whose rows the next look leaves out.
    ``opened``: key of an entry → quantity that the last look found missing before it, to be opened.
    """

    cells: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    create: dict[str, list[str]] = field(default_factory=dict)
    left_out: set[tuple[str, int]] = field(default_factory=set)
    choices: dict[str, str] = field(default_factory=dict)
    groups: list[tuple[str, str, str | None]] = field(default_factory=list)
    opened: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Mends":
        """Mends as they are kept or as a file of answers says them; raises DomainError for what is none."""
        made = cls()
        try:
            made.cells = {str(k): str(v) for k, v in dict(data.get("cells") or {}).items()}
            for kind, texts in dict(data.get("values") or {}).items():
                made.values[kind] = {canonical(str(k)): str(v) for k, v in dict(texts).items()}
            for kind, texts in dict(data.get("create") or {}).items():
                chosen = [texts] if isinstance(texts, str) else list(texts)
                made.create[kind] = [
                    t if t == EVERYTHING else canonical(str(t)) for t in map(str, chosen)
                ]
            made.left_out = {(str(sheet), int(row)) for sheet, row in data.get("left_out") or ()}
            made.groups = [
                (str(code), str(name), None if raw is None else str(raw))
                for code, name, raw in data.get("groups") or ()
            ]
            made.opened = [(str(key), str(Decimal(n))) for key, n in data.get("opened") or ()]
            made.choices = {str(k): str(v) for k, v in dict(data.get("choices") or {}).items()}
        except (TypeError, ValueError, InvalidOperation) as error:
            raise DomainError(_("The mends are not in their form."), code="mends") from error
        unknown = (set(made.values) | set(made.create)) - set(KINDS)
        if unknown:
            raise DomainError(
                _("“%(kind)s” is no kind of record.") % {"kind": min(unknown)[:40]},
                code="mends",
            )
        for code, choice in made.choices.items():
            if choice not in CHOICES.get(code, ()):
                raise DomainError(
                    _("“%(choice)s” is no choice for %(code)s.")
                    % {"choice": choice[:40], "code": code[:40]},
                    code="mends",
                )
        return made

    def as_dict(self) -> dict[str, Any]:
        """The form in which they are kept."""
        return {
            "cells": self.cells,
            "values": self.values,
            "create": self.create,
            "left_out": sorted([sheet, row] for sheet, row in self.left_out),
            "choices": self.choices,
            "groups": [list(group) for group in self.groups],
            "opened": [list(one) for one in self.opened],
        }

    def code_for(self, kind: str, text: str) -> str:
        """The code that a text was given, "" for none."""
        texts = self.values.get(kind)
        return texts.get(canonical(text), "") if texts else ""

    def makes(self, kind: str, text: str) -> bool:
        """Whether the record of this text may be made."""
        texts = self.create.get(kind)
        return texts is not None and (EVERYTHING in texts or canonical(text) in texts)

    def patch(self, book: Book) -> None:
        """Put the mended cells in place."""
        by_name = {grid.name: grid for grid in book.grids}
        for where, text in self.cells.items():
            sheet, _mark, address = where.rpartition("!")
            grid, place = by_name.get(sheet), place_of(address)
            if grid is None or place is None:
                continue
            number, at = place
            grid.mended.setdefault(number, set()).add(at)
            for row, cells in grid.rows:
                if row == number:
                    cells.extend([""] * (at + 1 - len(cells)))
                    cells[at] = text
            grid.error_cells.pop(address, None)
            grid.uncalculated.discard(address)
            grid.padded.pop(address, None)
