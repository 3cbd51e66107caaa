"""The rows of the book as the API gives them; the keys are a contract shared with the ``stock`` command."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api.shapes import DAY, INTEGER, MOMENT, QUANTITY, TEXT, VALUE, YES_NO, Field
from stock.api.question import Question
from stock.queries.movements import MovementRow, told
from stock.queries.on_hand import OnHand
from stock.queries.summary import SummaryRow
from stock.queries.trace import Step

Row = dict[str, Any]

_ITEM = Field("item", TEXT, _("Code of the item"))
_NAME = Field("name", TEXT, _("Name of the item"))
_LOT = Field("lot", TEXT, _("Number of the lot; null without one"), nullable=True)
_VALUE = Field("value", VALUE, _("Value in the company's currency"), nullable=True, cost=True)
_UNIT_COST = Field("unit_cost", QUANTITY, _("Value ÷ quantity"), nullable=True, cost=True)


def _maybe(one: Field) -> Field:
    return Field(one.key, one.kind, one.help, nullable=True)


ON_HAND = (
    _maybe(_ITEM),
    _maybe(_NAME),
    _LOT,
    Field("place", TEXT, _("Code of the place"), nullable=True),
    Field("warehouse", TEXT, _("Code of the warehouse"), nullable=True),
    Field("on_hand", QUANTITY, _("What is physically there, in the item's base unit")),
    Field("reserved", QUANTITY, _("What of it is promised; null for the past"), nullable=True),
    Field("available", QUANTITY, _("What is free; null for the past"), nullable=True),
    Field(
        "held", QUANTITY, _("What lies in quarantine or repair; null for the past"), nullable=True
    ),
    Field("in_transit", QUANTITY, _("What is on its way; null for the past"), nullable=True),
    Field("unit", TEXT, _("The item's base unit"), nullable=True),
    _VALUE,
    _UNIT_COST,
)


def on_hand_row(row: OnHand, *, past: bool) -> Row:
    """One row of stock; reservations have no history."""
    figures = row.figures
    return {
        "item": row.item.code if row.item else None,
        "name": row.item.name if row.item else None,
        "lot": row.lot.number if row.lot else None,
        "place": row.place.code if row.place else None,
        "warehouse": row.warehouse_code or None,
        "on_hand": figures.on_hand,
        "reserved": None if past else figures.reserved,
        "available": None if past else figures.available,
        "held": None if past else figures.held,
        "in_transit": None if past else figures.in_transit,
        "unit": row.item.unit if row.item else None,
        "value": figures.value,
        "unit_cost": figures.unit_cost,
    }


MOVEMENT = (
    Field("movement", INTEGER, _("Number of the movement")),
    Field("posting", INTEGER, _("Number of the posting it belongs to")),
    Field("effective_at", MOMENT, _("When it happened")),
    Field("recorded_at", MOMENT, _("When it was recorded")),
    Field("document", TEXT, _("Number of the document"), nullable=True),
    Field("type", TEXT, _("Movement type")),
    _ITEM,
    _LOT,
    Field("quantity", QUANTITY, _("How much, in the item's base unit")),
    Field("source", TEXT, _("Where from; null for a warehouse you may not see"), nullable=True),
    Field("target", TEXT, _("Where to; null for a warehouse you may not see"), nullable=True),
    Field("place", TEXT, _("The physical end; the target if both are"), nullable=True),
    Field("warehouse", TEXT, _("The warehouse of that place"), nullable=True),
    Field("partner", TEXT, _("Code of the supplier or customer"), nullable=True),
    Field("reversal", YES_NO, _("Whether it takes an earlier movement back")),
    _VALUE,
    _UNIT_COST,
)


def movement_row(question: Question, row: MovementRow, *, quantity: Decimal | None = None) -> Row:
    """One movement; ``quantity`` with a sign where the question has a point of view."""
    return told(row, question.sight, question.zone, quantity=quantity)


CARD = (
    *MOVEMENT,
    Field("quantity_in", QUANTITY, _("What came")),
    Field("quantity_out", QUANTITY, _("What went")),
    Field("on_hand", QUANTITY, _("What was there after it")),
    Field("balance_value", VALUE, _("What that was worth"), nullable=True, cost=True),
)
CARD_BESIDE = (
    Field("opening", QUANTITY, _("What was there before the oldest row of the page")),
    Field("closing", QUANTITY, _("What was there after its newest row")),
    Field("opening_value", VALUE, _("What the opening was worth"), nullable=True, cost=True),
    Field("closing_value", VALUE, _("What the closing was worth"), nullable=True, cost=True),
)
EXPLAIN = (*MOVEMENT, Field("on_hand", QUANTITY, _("The sum up to this row")))
EXPLAIN_BESIDE = (Field("on_hand", QUANTITY, _("The number that the rows of all pages make")),)
TRACE = (
    Field(
        "direction",
        TEXT,
        _("from: where it came from; to: where it went; here: where it lies"),
        choices=("from", "to", "here"),
    ),
    Field("depth", INTEGER, _("How many conversions away; 0 is the lot itself")),
    *(
        one
        if one.nullable or one.key in {"item", "quantity"}
        else Field(one.key, one.kind, one.help, nullable=True)
        for one in MOVEMENT
    ),
)


def trace_row(question: Question, direction: str, step: Step) -> Row:
    """A movement on the way of the goods."""
    return {"direction": direction, "depth": step.depth} | movement_row(question, step.movement)


def here_row(row: OnHand) -> Row:
    """Where some of the goods lie now."""
    blank: Row = {one.key: None for one in MOVEMENT}
    found = on_hand_row(row, past=False)
    known = {key: value for key, value in found.items() if key in blank}
    return blank | known | {"direction": "here", "depth": 0, "quantity": row.figures.on_hand}


AMOUNTS = (("opening", "opening"), ("in", "into"), ("out", "out"), ("closing", "closing"))
SUMMARY = (
    _maybe(_ITEM),
    _maybe(_NAME),
    Field("category", TEXT, _("Name of the category")),
    Field("opening_quantity", QUANTITY, _("Quantity before the first day"), nullable=True),
    Field("in_quantity", QUANTITY, _("Quantity that came"), nullable=True),
    Field("out_quantity", QUANTITY, _("Quantity that went"), nullable=True),
    Field("closing_quantity", QUANTITY, _("Quantity after the last day"), nullable=True),
    Field("opening_value", VALUE, _("Value before the first day"), nullable=True, cost=True),
    Field("in_value", VALUE, _("Value that came"), nullable=True, cost=True),
    Field("out_value", VALUE, _("Value that went"), nullable=True, cost=True),
    Field("closing_value", VALUE, _("Value after the last day"), nullable=True, cost=True),
    Field("balanced", YES_NO, _("Opening + in − out = closing, checked per row")),
)
SUMMARY_BESIDE = (
    Field("from", DAY, _("The first day")),
    Field("to", DAY, _("The last day")),
)


def summary_row(row: SummaryRow) -> Row:
    """One item or category; quantities are null where units are mixed."""
    made: Row = {
        "item": row.item.code if row.item else None,
        "name": row.item.name if row.item else None,
        "category": row.category,
        "balanced": row.balanced,
    }
    for key, name in AMOUNTS:
        made[f"{key}_quantity"] = row.number("quantity", name)
        made[f"{key}_value"] = row.number("value", name)
    return made
