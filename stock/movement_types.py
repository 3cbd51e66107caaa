"""Every way stock may move, as data: adding one is a row here, a translation and a scenario."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Cost(Enum):
    """Where the value of a movement comes from."""

    GIVEN = "given"
    """Stated by the line."""
    CARRIED = "carried"
    """What the goods cost where they leave."""
    ORIGINAL = "original"
    """What the movement that is returned cost; without one, as GIVEN or the current cost."""
    SHARED = "shared"
    """Inputs carry their cost into the conversion, outputs share exactly that value."""


@dataclass(frozen=True, slots=True)
class MovementType:
    """One row of the table: which kinds of place it joins and where its cost comes from.

    ``direction`` (in, out, move, adjust, scrap) only chooses colour and sign on screens.
    ``value_only`` types move value without quantity. ``reason`` means a reason is required.
    """

    code: str
    label: str | Promise
    sources: frozenset[str]
    targets: frozenset[str]
    cost: Cost
    direction: str
    value_only: bool = False
    reason: bool = False
    needs_original: bool = False
    same_warehouse: bool | None = None
    """True: both ends in one warehouse; False: in two; None: either."""
    chooses_lot: bool = True
    """Whether an expired lot is refused (issues to use) rather than let through (returns, scrap)."""

    def __str__(self) -> str:
        return str(self.label)

    def allows(self, source_kind: str, target_kind: str) -> bool:
        """Whether goods may go this way."""
        return source_kind in self.sources and target_kind in self.targets


def _row(
    code: str,
    label: str | Promise,
    sources: str,
    targets: str,
    cost: Cost,
    direction: str,
    **flags: bool,
) -> MovementType:
    return MovementType(
        code,
        label,
        frozenset(sources.split()),
        frozenset(targets.split()),
        cost,
        direction,
        **flags,
    )


_GIVEN, _CARRIED, _ORIGINAL, _SHARED = Cost.GIVEN, Cost.CARRIED, Cost.ORIGINAL, Cost.SHARED
_STOCK = "storage quarantine"
_VALUE_ENDS = (
    "storage quarantine transit repair supplier customer production department scrap "
    "adjustment opening revaluation conversion"
)

MOVEMENT_TYPES: tuple[MovementType, ...] = (
    _row("purchase_in", _("Purchase receipt"), "supplier", _STOCK, _GIVEN, "in"),
    _row(
        "purchase_return",
        _("Purchase return"),
        _STOCK,
        "supplier",
        _ORIGINAL,
        "out",
        chooses_lot=False,
    ),
    _row("sales_out", _("Sales issue"), "storage", "customer", _CARRIED, "out"),
    _row("sales_return", _("Sales return"), "customer", _STOCK, _ORIGINAL, "in"),
    _row("production_issue", _("Production issue"), "storage", "production", _CARRIED, "out"),
    _row("production_return", _("Production return"), "production", "storage", _ORIGINAL, "in"),
    _row("production_receipt", _("Production receipt"), "production", _STOCK, _GIVEN, "in"),
    _row("department_issue", _("Department issue"), "storage", "department", _CARRIED, "out"),
    _row(
        "repair_out", _("Sent to repair"), "storage", "repair", _CARRIED, "move", chooses_lot=False
    ),
    _row("repair_in", _("Back from repair"), "repair", "storage", _ORIGINAL, "move"),
    _row("transfer", _("Transfer"), "storage", "storage", _CARRIED, "move", same_warehouse=False),
    _row("transfer_out", _("Transfer out"), "storage", "transit", _CARRIED, "move"),
    _row("transfer_in", _("Transfer in"), "transit", "storage", _CARRIED, "move"),
    _row(
        "bin_move",
        _("Bin move"),
        "storage",
        "storage",
        _CARRIED,
        "move",
        same_warehouse=True,
        chooses_lot=False,
    ),
    _row(
        "hold",
        _("Hold"),
        "storage",
        "quarantine",
        _CARRIED,
        "move",
        same_warehouse=True,
        chooses_lot=False,
    ),
    _row("release", _("Release"), "quarantine", "storage", _CARRIED, "move", same_warehouse=True),
    _row("stocktake_gain", _("Stocktake gain"), "adjustment", _STOCK, _GIVEN, "adjust"),
    _row(
        "stocktake_loss",
        _("Stocktake loss"),
        _STOCK,
        "adjustment",
        _CARRIED,
        "adjust",
        chooses_lot=False,
    ),
    _row("scrap", _("Scrap"), _STOCK, "scrap", _CARRIED, "scrap", chooses_lot=False),
    _row("other_in", _("Other receipt"), "adjustment", "storage", _GIVEN, "in", reason=True),
    _row("other_out", _("Other issue"), "storage", "adjustment", _CARRIED, "out", reason=True),
    _row(
        "assembly",
        _("Assembly"),
        "storage conversion",
        "storage conversion",
        _SHARED,
        "move",
    ),
    _row(
        "disassembly",
        _("Disassembly"),
        "storage conversion",
        "storage conversion",
        _SHARED,
        "move",
    ),
    _row(
        "lot_correction",
        _("Lot correction"),
        "storage quarantine conversion",
        "storage quarantine conversion",
        _SHARED,
        "adjust",
        chooses_lot=False,
    ),
    _row("opening", _("Opening stock"), "opening", _STOCK, _GIVEN, "in"),
    _row(
        "revaluation",
        _("Revaluation"),
        "storage quarantine transit repair revaluation",
        "storage quarantine transit repair revaluation",
        _GIVEN,
        "adjust",
        value_only=True,
    ),
    _row(
        "landed_cost",
        _("Landed cost"),
        _VALUE_ENDS,
        _VALUE_ENDS,
        _GIVEN,
        "adjust",
        value_only=True,
        needs_original=True,
    ),
    _row(
        "price_difference",
        _("Price difference"),
        _VALUE_ENDS,
        _VALUE_ENDS,
        _GIVEN,
        "adjust",
        value_only=True,
        needs_original=True,
    ),
    _row(
        "settlement",
        _("Settlement"),
        _VALUE_ENDS,
        _VALUE_ENDS,
        _GIVEN,
        "adjust",
        value_only=True,
        needs_original=True,
    ),
)
BY_CODE = {kind.code: kind for kind in MOVEMENT_TYPES}
CHOICES = [(kind.code, kind.label) for kind in MOVEMENT_TYPES]
VALUE_ONLY = frozenset(kind.code for kind in MOVEMENT_TYPES if kind.value_only)
COUNTED = frozenset({"stocktake_gain", "stocktake_loss"})
"""What a stocktake found: made by nothing else, and no promise stands in their way."""
