"""Finds the type of movement of a row: by its words, by aliases and mends, else by its partner and direction."""

from django.utils.translation import gettext as _

from intake.importing.resolver import Resolver, text_of
from intake.models import Alias
from intake.resolving.names import canonical
from intake.understanding.dictionary import movement_words
from intake.understanding.result import Row
from intake.understanding.words import full_key
from stock import movement_types
from stock.movement_types import Cost, MovementType
from stock.place_kinds import PHYSICAL

KINDS = {
    kind.code: kind
    for kind in movement_types.MOVEMENT_TYPES
    if not kind.value_only and kind.cost is not Cost.SHARED
}
_TELLING = (
    "type", "warehouse_to", "supplier", "supplier_code", "customer", "customer_code", "department",
    "cost_object",
)  # fmt: skip
_COUNTED = {"stocktake_gain": "other_in", "stocktake_loss": "other_out"}
"""Differences that a stocktake of old found: only our own stocktakes make gains and losses."""


class Kinds:
    """Finds types for one look."""

    def __init__(self, resolver: Resolver) -> None:
        self.at_hand = resolver
        self._known: dict[tuple[object, ...], MovementType] = {}
        self.words = movement_words()
        self.direction_asked = any(
            question.kind == "direction" for question in resolver.out.understanding.open_questions
        )

    def of(self, row: Row, direction: str, name: str) -> MovementType | None:
        """The type of movement of a row: what its words say, else what its partner and direction say."""
        # Equal cells of a column are one value: rows that have the same ones say the same.
        key = (row.table, direction, name, *map(id, map(row.values.get, _TELLING)))
        found = self._known.get(key)
        if found is None:
            found = self._of(row, direction, name)
            if found is not None:
                self._known[key] = found
        return found

    def _of(self, row: Row, direction: str, name: str) -> MovementType | None:
        text = text_of(row, "type")
        inner = name.partition("[")[2].rstrip("]")
        if text_of(row, "warehouse_to"):
            return KINDS["transfer"]
        for words in (text, inner):
            code = self.said(words)
            code = _COUNTED.get(code, code)
            if code in KINDS and self._fits(KINDS[code], direction):
                return KINDS[code]
            if code in {"+", "-"} and not direction:
                direction = "in" if code == "+" else "out"
        if text and not direction:
            self.at_hand.wrong(
                row,
                "type",
                "unknown_type",
                _("“%(text)s” is no known type of movement.") % {"text": text[:60]},
                raw=text,
                kind=Alias.Kind.TYPE,
            )
            return None
        if not direction and self.direction_asked:
            return None
        if not direction:
            message = _("Nothing says whether the goods come in or go out.")
            self.at_hand.wrong(row, name, "direction_missing", message)
            return None
        if direction == "in":
            bought = self._has(row, "supplier", "supplier_code")
            made = text_of(row, "department") or text_of(row, "cost_object")
            code = (
                "purchase_in"
                if bought
                else "production_receipt"
                if made and text_of(row, "cost_object")
                else "other_in"
            )
            return KINDS[code]
        used = text_of(row, "department")
        code = (
            "sales_out"
            if self._has(row, "customer", "customer_code")
            else "department_issue"
            if used
            else "other_out"
        )
        return KINDS[code]

    def _has(self, row: Row, *names: str) -> bool:
        """Whether a row names one of these, or at least its table has a column for it."""
        fields = {column.field for column in self.at_hand.out.table_of(row).columns}
        return not fields.isdisjoint(names) or any(text_of(row, name) for name in names)

    def said(self, text: str) -> str:
        """The type or the direction (+ or -) that a text says; "" where nobody knows it."""
        if not text:
            return ""
        resolver = self.at_hand
        given = resolver.mends.code_for(Alias.Kind.TYPE, text)
        alias = resolver.catalogue.aliases.get((Alias.Kind.TYPE, canonical(text)), "")
        return (
            given
            or alias
            or self.words.get(full_key(text) or text, "")
            or (text if text in KINDS else "")
        )

    @staticmethod
    def _fits(kind: MovementType, direction: str) -> bool:
        """Words like 采购 in the out column of a row mean the way back."""
        if not direction:
            return True
        comes = bool(kind.targets & PHYSICAL) and not kind.sources & PHYSICAL
        goes = bool(kind.sources & PHYSICAL) and not kind.targets & PHYSICAL
        return comes if direction == "in" else goes
