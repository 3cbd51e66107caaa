"""Decides what a negative quantity of a movement means: a return, or goods that go out written with a sign.

Of what goes out a sign alone does not tell: where the same type stands with positive quantities, too, a negative one is
a return; where all are negative a person chooses for the whole file.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from intake.importing.kinds import KINDS, Kinds
from intake.importing.resolver import Resolver, text_of
from intake.understanding.result import Row, plain
from stock.movement_types import MovementType
from stock.place_kinds import PHYSICAL

ASKED = "negative_out"
"""Code of the rows that wait for the choice, and of the choice."""
RETURN, DIRECTION = "return", "direction"
RETURNS = {
    "purchase_in": "purchase_return",
    "sales_out": "sales_return",
    "production_issue": "production_return",
    "other_in": "other_out",
    "other_out": "other_in",
    "production_receipt": "other_out",
    "department_issue": "other_in",
}
"""What a negative quantity of a type means."""
_BACK = frozenset({"purchase_return", "sales_return", "production_return", "repair_in"})


class Negatives:
    """Decides for one look."""

    def __init__(self, resolver: Resolver, kinds: Kinds) -> None:
        self.at_hand = resolver
        self.kinds = kinds
        self._positive: dict[tuple[int, str], set[str]] = {}
        """Table and field → the types that stand with positive quantities there."""

    def kind(self, row: Row, kind: MovementType, name: str, amount: Decimal) -> MovementType | None:
        """The type of movement by which the quantity without its sign is booked; None where that is open (which is said)."""
        if kind.code in _BACK:
            return kind
        choice = RETURN
        if _goes_out(kind) and not self._stands_positive(row, name):
            choice = self.at_hand.mends.choices.get(ASKED, "")
        facts: dict[str, object] = {"quantity": amount, "type": kind.label}
        if not choice:
            message = _("%(quantity)s of %(type)s: is it a return, or does the sign say “out”?")
            self.at_hand.wrong(row, name, ASKED, message % facts, raw=plain(amount))
            return None
        if choice == DIRECTION:
            message = _("%(quantity)s is below zero: it was taken for that much of %(type)s.")
            self.at_hand.note(row, name, "sign_is_direction", message % facts)
            return kind
        return self._returned(row, kind, name, facts)

    def _returned(
        self, row: Row, kind: MovementType, name: str, facts: dict[str, object]
    ) -> MovementType | None:
        code = RETURNS.get(kind.code)
        if code is None:
            message = _("%(quantity)s is below zero, which %(type)s cannot be.")
            self.at_hand.wrong(row, name, "negative", message % facts)
            return None
        message = _("%(quantity)s is below zero: it was taken for %(type)s.")
        facts = {**facts, "type": KINDS[code].label}
        self.at_hand.note(row, name, "taken_back", message % facts)
        return KINDS[code]

    def _stands_positive(self, row: Row, name: str) -> bool:
        """Whether the type of a row stands with positive quantities in the same column."""
        place = (row.table, name)
        found = self._positive.get(place)
        if found is None:
            # One pass over a table, and only if it holds a negative quantity at all.
            texts = {
                text_of(one, "type")
                for one in self.at_hand.out.understanding.rows
                if one.table == row.table
                and isinstance(quantity := one.get(name), Decimal)
                and quantity > 0
            }
            found = self._positive[place] = {self.kinds.said(text) for text in texts}
        return self.kinds.said(text_of(row, "type")) in found


def _goes_out(kind: MovementType) -> bool:
    return bool(kind.sources & PHYSICAL) and not kind.targets & PHYSICAL
