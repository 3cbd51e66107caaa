"""Every type of document, as data: which movements it makes, between which ends, with which columns.

A type is a row here, a translation of its label (the movement type's) and a shipped process; the entry form,
the API, scans and sheets all read it.
"""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stock import movement_types
from stock.movement_types import Cost, MovementType


@dataclass(frozen=True, slots=True)
class End:
    """One end of a line: a virtual kind of place, or a place of a warehouse chosen on the line.

    ``warehouse`` says whose places (``warehouse`` or ``target_warehouse`` of the header); ``kinds`` which
    of them, the first being where goods go unless somebody says otherwise.
    """

    virtual: str = ""
    warehouse: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def chosen(self) -> bool:
        """Whether a person chooses the place."""
        return bool(self.warehouse)


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One row: ``header`` and ``columns`` name the fields shown beside those that every type has.

    ``required`` are header fields that must be filled before submitting. ``made_from`` are types whose
    posted (or approved) documents can be the source, with what remains of their lines. ``shape`` says how
    lines become movements: plain, conversion (inputs and outputs), relabel (old lot → new lot), value,
    count (the differences of what was counted: such a document has count lines instead); an order makes
    none: other documents are made from it.
    """

    code: str
    prefix: str
    group: str
    source: End
    target: End
    header: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    made_from: tuple[str, ...] = ()
    shape: str = "plain"
    returns: bool = False
    """Lines name the movement that they return (its cost, and what is left of it)."""
    counts: bool = False
    """What arrives is counted as accepted and rejected; not fully counted cannot be posted."""
    picks: bool = False
    """What leaves is picked, and a process may ask for a second confirmation."""
    plans: bool = False
    """Planned and actual quantities may differ; the difference is fed back to the asker."""
    by_hand: bool = True
    """Whether people start one from the menu (others come from their source document only)."""
    made_by: str = ""
    """The only package that makes drafts of it (``counting``), or ``import``: trusted imports alone."""
    words: str | Promise = field(default="")
    """What a type without a movement of its own is called, and which way (``ways``) its goods go."""
    ways: str = "move"
    makes: tuple[str, ...] = ()
    """What an order makes when it is confirmed, or later."""

    @property
    def movement(self) -> MovementType | None:
        """The movement type of the same code; None where it posts nothing under its own name."""
        return movement_types.BY_CODE.get(self.code)

    @property
    def orders(self) -> bool:
        """Whether it is an order: it stays open until the documents made from it have delivered it."""
        return self.shape == "order"

    @property
    def direction(self) -> str:
        """in, out, move, adjust, scrap: colour and sign on screens."""
        return self.movement.direction if self.movement is not None else self.ways

    @property
    def label(self) -> str | Promise:
        """What it is called."""
        return self.movement.label if self.movement is not None else self.words

    def word_of(self, name: str) -> str | Promise:
        """What a field of the header is called in this type: a partner is the supplier or customer at its end."""
        if name == "partner":
            ends = {self.source.virtual, self.target.virtual}
            return next((_PARTNERS[end] for end in ends if end in _PARTNERS), HEADER_FIELDS[name])
        return HEADER_FIELDS[name]

    @property
    def use(self) -> str:
        """What it uses up of the document it is made from, shared by types of the same use; empty for nothing.

        Each kind of return has what can be returned to itself; the others take the goods further; value
        alone uses up nothing.
        """
        if self.shape == "value":
            return ""
        return self.code if self.returns else "onward"

    @property
    def gives_cost(self) -> bool:
        """Whether its lines state what the goods cost."""
        given = self.movement is not None and self.movement.cost is Cost.GIVEN
        return given or "price" in self.columns


def _at(kinds: str, warehouse: str = "warehouse") -> End:
    return End(warehouse=warehouse, kinds=tuple(kinds.split()))


def _virtual(kind: str) -> End:
    return End(virtual=kind)


_PARTNERS: dict[str, str | Promise] = {"supplier": _("Supplier"), "customer": _("Customer")}
_STORAGE = _at("storage")
_STOCK = _at("storage quarantine")
_ARRIVES = _at("storage quarantine")
_PRICED = ("lot", "price", "tax_rate")
_PLAIN = ("lot",)

DOCUMENT_TYPES: tuple[DocumentType, ...] = (
    DocumentType(
        "purchase_order",
        "PO",
        "order",
        _virtual("supplier"),
        End(),
        header=("partner", "wanted_on", "reference", "currency"),
        required=("partner",),
        columns=("price", "tax_rate"),
        shape="order",
        words=_("Purchase order"),
        ways="in",
        makes=("purchase_in",),
    ),
    DocumentType(
        "sales_order",
        "SO",
        "order",
        End(),
        _virtual("customer"),
        header=("partner", "wanted_on", "reference", "currency"),
        required=("partner",),
        columns=("price", "tax_rate"),
        shape="order",
        words=_("Sales order"),
        ways="out",
        makes=("sales_out",),
    ),
    DocumentType(
        "production_order",
        "MO",
        "order",
        _STORAGE,
        _ARRIVES,
        header=("department", "cost_object", "wanted_on"),
        columns=("side", "lot"),
        shape="order",
        words=_("Production order"),
        makes=("production_issue", "production_receipt"),
    ),
    DocumentType(
        "purchase_in",
        "PIN",
        "in",
        _virtual("supplier"),
        _ARRIVES,
        header=("partner", "wanted_on", "reference", "currency"),
        required=("partner",),
        columns=_PRICED,
        made_from=("purchase_order",),
        counts=True,
    ),
    DocumentType(
        "purchase_return",
        "PRT",
        "out",
        _STOCK,
        _virtual("supplier"),
        header=("partner", "reason", "reference"),
        required=("partner",),
        columns=_PLAIN,
        made_from=("purchase_in",),
        returns=True,
        picks=True,
    ),
    DocumentType(
        "sales_out",
        "SOUT",
        "out",
        _STORAGE,
        _virtual("customer"),
        header=("partner", "wanted_on", "reference", "currency"),
        required=("partner",),
        columns=_PRICED,
        made_from=("sales_order",),
        picks=True,
    ),
    DocumentType(
        "sales_return",
        "SRT",
        "in",
        _virtual("customer"),
        _ARRIVES,
        header=("partner", "reason", "reference"),
        required=("partner",),
        columns=_PLAIN,
        made_from=("sales_out",),
        returns=True,
        counts=True,
    ),
    DocumentType(
        "production_issue",
        "MISS",
        "out",
        _STORAGE,
        _virtual("production"),
        header=("department", "cost_object", "wanted_on"),
        required=("cost_object",),
        columns=_PLAIN,
        made_from=("production_order",),
        picks=True,
        plans=True,
    ),
    DocumentType(
        "production_return",
        "MRET",
        "in",
        _virtual("production"),
        _STORAGE,
        header=("department", "cost_object", "reason"),
        required=("cost_object",),
        columns=_PLAIN,
        made_from=("production_issue",),
        returns=True,
        counts=True,
    ),
    DocumentType(
        "production_receipt",
        "MFIN",
        "in",
        _virtual("production"),
        _ARRIVES,
        header=("department", "cost_object"),
        required=("cost_object",),
        columns=("lot", "price"),
        made_from=("production_order", "production_issue"),
        counts=True,
    ),
    DocumentType(
        "department_issue",
        "DISS",
        "out",
        _STORAGE,
        _virtual("department"),
        header=("department", "reason", "wanted_on"),
        required=("department",),
        columns=_PLAIN,
        picks=True,
    ),
    DocumentType(
        "repair_out",
        "RPO",
        "move",
        _STORAGE,
        _at("repair"),
        header=("partner", "reason"),
        columns=_PLAIN,
        picks=True,
    ),
    DocumentType(
        "repair_in",
        "RPI",
        "move",
        _at("repair"),
        _STORAGE,
        header=("partner",),
        columns=_PLAIN,
        made_from=("repair_out",),
        returns=True,
        counts=True,
    ),
    DocumentType(
        "transfer",
        "TRF",
        "move",
        _STORAGE,
        _at("storage", "target_warehouse"),
        header=("target_warehouse", "reason", "wanted_on"),
        required=("target_warehouse",),
        columns=_PLAIN,
        picks=True,
    ),
    DocumentType(
        "transfer_out",
        "TRO",
        "move",
        _STORAGE,
        _at("transit", "target_warehouse"),
        header=("target_warehouse", "reason", "wanted_on"),
        required=("target_warehouse",),
        columns=_PLAIN,
        picks=True,
    ),
    DocumentType(
        "transfer_in",
        "TRI",
        "move",
        _at("transit"),
        _STORAGE,
        columns=_PLAIN,
        made_from=("transfer_out",),
        counts=True,
        by_hand=False,
    ),
    DocumentType("bin_move", "MOV", "move", _STORAGE, _STORAGE, columns=_PLAIN),
    DocumentType(
        "hold",
        "HOLD",
        "move",
        _STORAGE,
        _at("quarantine"),
        header=("reason",),
        required=("reason",),
        columns=_PLAIN,
    ),
    DocumentType(
        "release",
        "RELS",
        "move",
        _at("quarantine"),
        _STORAGE,
        header=("reason",),
        columns=_PLAIN,
        made_from=("hold", "sales_return"),
    ),
    DocumentType(
        "stocktake",
        "CNT",
        "adjust",
        _virtual("adjustment"),
        _STOCK,
        header=("reference",),
        shape="count",
        by_hand=False,
        made_by="counting",
        words=_("Stocktake"),
        ways="adjust",
    ),
    DocumentType(
        "stocktake_gain",
        "CTG",
        "adjust",
        _virtual("adjustment"),
        _STOCK,
        header=("reason",),
        required=("reason",),
        columns=("lot", "price"),
        by_hand=False,
        made_by="import",
    ),
    DocumentType(
        "stocktake_loss",
        "CTL",
        "adjust",
        _STOCK,
        _virtual("adjustment"),
        header=("reason",),
        required=("reason",),
        columns=_PLAIN,
        by_hand=False,
        made_by="import",
    ),
    DocumentType(
        "scrap",
        "SCR",
        "adjust",
        _STOCK,
        _virtual("scrap"),
        header=("department", "reason"),
        required=("reason",),
        columns=_PLAIN,
        made_from=("sales_return", "hold"),
    ),
    DocumentType(
        "other_in",
        "MIN",
        "in",
        _virtual("adjustment"),
        _STORAGE,
        header=("department", "reason"),
        required=("reason",),
        columns=("lot", "price"),
    ),
    DocumentType(
        "other_out",
        "MOUT",
        "out",
        _STORAGE,
        _virtual("adjustment"),
        header=("department", "reason"),
        required=("reason",),
        columns=_PLAIN,
        picks=True,
    ),
    DocumentType(
        "assembly",
        "ASM",
        "move",
        _STORAGE,
        _STORAGE,
        header=("cost_object",),
        columns=("side", "lot", "price"),
        shape="conversion",
    ),
    DocumentType(
        "disassembly",
        "DASM",
        "move",
        _STORAGE,
        _STORAGE,
        header=("cost_object",),
        columns=("side", "lot", "price"),
        shape="conversion",
    ),
    DocumentType(
        "lot_correction",
        "LOTC",
        "adjust",
        _STOCK,
        _STOCK,
        header=("reason",),
        required=("reason",),
        columns=("lot", "target_lot"),
        shape="relabel",
    ),
    DocumentType(
        "opening",
        "OPEN",
        "in",
        _virtual("opening"),
        _STOCK,
        header=("reference",),
        columns=("lot", "price"),
    ),
    DocumentType(
        "revaluation",
        "RVAL",
        "adjust",
        _STOCK,
        _virtual("revaluation"),
        header=("reason",),
        required=("reason",),
        columns=("lot", "value"),
        shape="value",
    ),
    DocumentType(
        "landed_cost",
        "LAND",
        "adjust",
        _virtual("supplier"),
        _STOCK,
        header=("partner", "reference"),
        required=("reference",),
        columns=("original", "value"),
        made_from=("purchase_in", "production_issue"),
        shape="value",
    ),
    DocumentType(
        "price_difference",
        "PDIF",
        "adjust",
        _virtual("supplier"),
        _STOCK,
        header=("partner", "reference"),
        required=("reference",),
        columns=("original", "value"),
        made_from=("purchase_in",),
        shape="value",
    ),
    DocumentType(
        "settlement",
        "STL",
        "adjust",
        _virtual("revaluation"),
        _STOCK,
        header=("reason",),
        required=("reason",),
        columns=("original", "value"),
        shape="value",
    ),
)
BY_CODE = {kind.code: kind for kind in DOCUMENT_TYPES}
ORDERS = [kind.code for kind in DOCUMENT_TYPES if kind.orders]
CHOICES = [(kind.code, kind.label) for kind in DOCUMENT_TYPES]

GROUPS: tuple[tuple[str, str | Promise], ...] = (
    ("order", _("Orders")),
    ("in", _("Into stock")),
    ("out", _("Out of stock")),
    ("move", _("Within stock")),
    ("adjust", _("Corrections")),
)
HEADER_FIELDS: dict[str, str | Promise] = {
    "partner": _("Partner"),
    "department": _("Department"),
    "warehouse": _("Warehouse"),
    "target_warehouse": _("To warehouse"),
    "reason": _("Reason"),
    "cost_object": _("Work order"),
    "reference": _("Source document"),
    "wanted_on": _("Wanted on"),
    "currency": _("Currency"),
    "note": _("Note"),
    "photo": _("Photo"),
}
"""Fields of the header that a process may require or hide, with their words."""


def label(code: str) -> str:
    """What a type is called; the bare code if it is not known."""
    return str(BY_CODE[code].label) if code in BY_CODE else code
