"""What a line of a posting must keep whatever is in stock: its ends, amounts, lot, and the movement that it refers to."""

from typing import Any

from core.numbers import (
    QUANTITY_SCALE,
)
from core.said import said as _
from stock import place_kinds
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.movement_types import Cost
from stock.plan import (
    Circumstances,
    ItemFacts,
    LotFacts,
    Original,
    PlaceFacts,
    State,
    Wish,
)


class Refused(Exception):
    """A line breaks a rule."""

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.data = data


class LineRules:
    """The rules, for the lines of one posting."""

    def __init__(self, state: State, now: Circumstances) -> None:
        self.state = state
        self.now = now

    def check(self, wish: Wish) -> None:
        """Raise Refused for the first rule that the line breaks without looking at stock."""
        item = self.state.items.get(wish.item)
        if item is None:
            raise Refused("unknown_item", _("This item does not exist."))
        source, target = self._place(wish.source), self._place(wish.target)
        if item.archived and not wish.reversal:
            raise Refused(
                "archived",
                _("Item %(item)s is archived. Restore it first.") % {"item": item.code},
            )
        self._check_route(wish, source, target)
        self._check_amounts(wish, item)
        if not wish.kind.value_only:
            self._check_lot(wish, item, source)
        if "transit" in {source.kind, target.kind} and not wish.cost_object and not wish.reversal:
            raise Refused(
                "shipment_required",
                _("Goods in transit need the shipment they belong to: fill in the cost object."),
            )

    def _place(self, place_id: int) -> PlaceFacts:
        place = self.state.places.get(place_id)
        if place is None:
            raise Refused("unknown_place", _("This place does not exist."))
        if place.company != self.now.company:
            raise Refused(
                "other_company",
                _("Place %(place)s belongs to another company.") % {"place": place.code},
            )
        if place.closed:
            raise Refused(
                "place_closed",
                _("Place %(place)s is archived or only groups others; choose another.")
                % {"place": place.code},
            )
        return place

    def _check_route(self, wish: Wish, source: PlaceFacts, target: PlaceFacts) -> None:
        kind = wish.kind
        ends = (target.kind, source.kind) if wish.reversal else (source.kind, target.kind)
        allowed = kind.allows(*ends) and wish.source != wish.target
        if kind.same_warehouse is not None:
            allowed = allowed and kind.same_warehouse == (source.warehouse == target.warehouse)
        if kind.cost is Cost.SHARED:
            allowed = allowed and "conversion" in ends
        if kind.code == "revaluation":
            allowed = allowed and (ends[0] == "revaluation") != (ends[1] == "revaluation")
        if not allowed:
            raise Refused(
                "route",
                _("%(type)s cannot go from %(source)s to %(target)s.")
                % {
                    "type": kind.label,
                    "source": place_kinds.words(source.kind, source.code),
                    "target": place_kinds.words(target.kind, target.code),
                },
                source=source.code,
                target=target.code,
            )
        if kind.reason and not wish.reason and not wish.reversal:
            raise Refused("reason_required", _("%(type)s needs a reason.") % {"type": kind.label})
        if kind.needs_original and wish.original is None:
            raise Refused(
                "original_required",
                _("%(type)s must name the movement it adjusts.") % {"type": kind.label},
            )
        if wish.original is not None:
            self._check_original(wish, self.state.originals.get(wish.original))

    def _check_original(self, wish: Wish, original: Original | None) -> None:
        """A return goes back the way its original came, and both are about the same goods."""
        if original is None:
            raise Refused("unknown_original", _("The movement it refers to does not exist."))
        if wish.reversal:
            self._check_reversible(wish, original)
            return
        same = original.item == wish.item and original.owner == wish.owner
        if wish.kind.cost is Cost.ORIGINAL:
            back = original.target == wish.source or original.source == wish.target
            same = same and original.lot == wish.lot and back
        if not same:
            raise Refused(
                "other_original",
                _("The movement it refers to moved other goods, or went another way."),
            )

    def _check_reversible(self, wish: Wish, original: Original) -> None:
        """Nothing followed a movement between the look at it and its lock."""
        if original.reversed:
            raise Refused("reversed_already", _("This was reversed already."))
        if original.returned_quantity or original.value != wish.value:
            raise Refused(
                "has_successors",
                _("Something was returned or adjusted on this movement; reverse that first."),
            )

    def _check_amounts(self, wish: Wish, item: ItemFacts) -> None:
        if wish.kind.value_only:
            if wish.quantity:
                raise Refused(
                    "quantity",
                    _("%(type)s moves value only.") % {"type": wish.kind.label},
                )
            if wish.owner != US:
                raise Refused("value", _("Goods of others carry no value."))
            if not wish.reversal and (wish.value is None or wish.value <= 0):
                raise Refused("value", _("Enter a value above zero."))
        elif wish.quantity <= 0:
            raise Refused("quantity", _("Enter a quantity above zero."))
        given = wish.value if wish.value is not None else 0
        if given < 0 or (wish.unit_cost is not None and wish.unit_cost[0] < 0):
            raise Refused("value", _("A cost cannot be below zero."))
        if given % self.now.step:
            raise Refused("value", _("The value has more decimals than the currency."))
        if item.tracking == "serial" and wish.quantity not in {0, QUANTITY_SCALE}:
            raise Refused(
                "serial_quantity",
                _("%(item)s is tracked by serial number: one piece a line.") % {"item": item.code},
            )

    def _check_lot(self, wish: Wish, item: ItemFacts, source: PlaceFacts) -> None:
        if item.tracking == "none":
            if wish.lot != NO_LOT:
                raise Refused(
                    "lot_not_tracked",
                    _("%(item)s is not tracked by lot.") % {"item": item.code},
                )
            return
        if wish.lot == NO_LOT:
            raise Refused(
                "lot_required",
                _("%(item)s needs a lot or serial number.") % {"item": item.code},
                item=item.code,
            )
        lot = self.state.lots.get(wish.lot)
        if lot is None or lot.item != wish.item:
            raise Refused(
                "lot_of_other_item",
                _("This lot is not one of %(item)s.") % {"item": item.code},
            )
        leaves = source.area is not None and wish.kind.chooses_lot and not wish.reversal
        if leaves and lot.expires_on is not None and lot.expires_on < self.now.business_date:
            self._check_expired(item, lot, source)

    def _check_expired(self, item: ItemFacts, lot: LotFacts, source: PlaceFacts) -> None:
        if self.now.accept_expired and self.now.access.may("stock.expired", source.scope):
            return
        raise Refused(
            "lot_expired",
            _(
                "Lot %(lot)s of %(item)s expired on %(date)s. Take another lot, or let somebody who "
                "may issue expired stock state a reason."
            )
            % {"lot": lot.number, "item": item.code, "date": lot.expires_on},
            lot=lot.number,
            item=item.code,
        )
