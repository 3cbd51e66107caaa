"""What a document will do before it does it: stock before → after, cost, who is asked; panels register themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from core.errors import DomainError, LineError
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from people.access import Access
from people.models import User
from stock.models import Item, Lot, Place
from stock.place_kinds import PHYSICAL
from stock.plan import Plan
from workflows import forecasting, moment, posting, shipped
from workflows.errors import DocumentRefused
from workflows.forecasting import Forecast
from workflows.models import Document
from workflows.move import Move


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the preview of an app above: ``build`` gets the document and its plan, and returns data for
    ``template`` (None: nothing to show)."""

    code: str
    title: str | Promise
    template: str
    build: Callable[[Document, Plan, Access], Mapping[str, Any] | None]
    deciding: bool = False
    """Whether it is shown in the small space in which somebody decides, too."""


_panels: dict[str, Panel] = {}


def register_panel(panel: Panel) -> None:
    """Let an app above show something in every preview."""
    _panels[panel.code] = panel


@dataclass(frozen=True, slots=True)
class StockRow:
    """One place and lot: what is there and what will be, in base units."""

    item: Item
    lot: str
    place: Place
    before: Decimal
    after: Decimal
    lot_id: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """``stamp`` goes along with posting: if figures have moved, posting refuses and they are shown again."""

    stock: Sequence[StockRow] = ()
    value: Decimal | None = None
    stamp: str = ""
    errors: Sequence[LineError] = ()
    route: Sequence[Forecast] = ()
    panels: Sequence[tuple[Panel, Mapping[str, Any]]] = ()
    line_values: Mapping[str, Decimal] = field(default_factory=dict)
    """Line key → value; empty without the right to see costs."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the API."""
        return {
            "stock": [
                {
                    "item": row.item.code,
                    "lot": row.lot,
                    "place": row.place.code,
                    "before": row.before,
                    "after": row.after,
                }
                for row in self.stock
            ],
            "value": self.value,
            "stamp": self.stamp,
            "errors": [error.as_dict() for error in self.errors],
            "route": [
                {
                    "step": part.step.key,
                    "name": part.step.name,
                    "kind": part.step.kind,
                    "outcome": part.outcome,
                    "people": [str(one.user) for one in part.people],
                    "trace": part.trace,
                }
                for part in self.route
            ],
        }


def preview(document: Document, *, actor: User, access: Access) -> Preview:
    """Look ahead; what cannot be posted now comes back as errors, never as an exception."""

    move = Move(document, actor, access, "preview", moment.now())
    version = document.process or shipped.known_version(document.company, document.type)
    route = forecasting.forecast(version.read_steps(), document, move.facts) if move.lines else []
    try:
        if not move.lines or document.kind.orders:
            return Preview(route=route)
        plan = posting.plan(document, move.lines, actor=actor, access=posting.rights(move))
    except DocumentRefused as error:
        return Preview(errors=error.lines or (LineError(0, error.code, str(error)),), route=route)
    except DomainError as error:
        return Preview(errors=error.lines or (LineError(0, error.code, str(error)),), route=route)
    scope = document.warehouse.scope_id if document.warehouse else None
    sees_cost = access.may("cost.view", scope)
    panels = []
    if not plan.errors:
        for panel in _panels.values():
            data = panel.build(document, plan, access)
            if data is not None:
                panels.append((panel, data))
    return Preview(
        stock=_stock(plan, access),
        value=plan.total_value if sees_cost else None,
        stamp="" if plan.errors else posting.digest(plan),
        errors=_of_lines(plan, move),
        route=route,
        panels=panels,
        line_values=_values(plan) if sees_cost else {},
    )


def _of_lines(plan: Plan, move: Move) -> list[LineError]:
    """Errors of movements as errors of the lines that they come from."""
    positions = {str(line.key): line.position for line in move.lines}
    found = []
    for error in plan.errors:
        wish = plan.wishes[error.line - 1] if 0 < error.line <= len(plan.wishes) else None
        line = positions.get(wish.line_key, error.line) if wish is not None else error.line
        found.append(LineError(line, error.code, error.message, error.data))
    return found


def _values(plan: Plan) -> dict[str, Decimal]:
    values: dict[str, Decimal] = {}
    for movement in plan.movements:
        if movement.line_key:
            known = values.get(movement.line_key, Decimal(0))
            values[movement.line_key] = known + from_scaled(movement.value, VALUE_PLACES)
    return values


def _stock(plan: Plan, access: Access) -> list[StockRow]:
    """What changes where; places of warehouses that are not to be seen are left out."""
    keys = [
        key
        for key in plan.state.balances
        if key[3] in plan.state.places and plan.state.places[key[3]].kind in PHYSICAL
    ]
    items = Item.objects.select_related("base_unit").in_bulk({key[0] for key in keys})
    lots = Lot.objects.in_bulk({key[1] for key in keys if key[1]})
    places = Place.objects.select_related("warehouse").in_bulk({key[3] for key in keys})
    rows = []
    for key in keys:
        house = places[key[3]].warehouse
        if house is None or not access.may("stock.view", house.scope_id):
            continue
        facts = plan.state.balances[key]
        number = lots[key[1]].number if key[1] in lots else _new_lot(plan, key[1])
        rows.append(
            StockRow(
                items[key[0]],
                number,
                places[key[3]],
                from_scaled(facts.was, QUANTITY_PLACES),
                from_scaled(facts.on_hand, QUANTITY_PLACES),
                key[1],
            )
        )
    return sorted(rows, key=lambda row: (row.item.code, row.lot, row.place.path))


def _new_lot(plan: Plan, lot: int) -> str:
    """A lot that is only made when it is posted is still known to the plan."""
    known = plan.state.lots.get(lot)
    return known.number if known is not None and lot else ""
