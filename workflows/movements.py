"""Turns the lines of a document into movements of the book: their ends, base quantities, lots and given values."""

from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db.models import QuerySet, Value

from core.errors import LineError
from core.questions import Question
from core.said import said as _
from people.models import Company
from stock import catalog
from stock.errors import PostingRefused
from stock.models import Lot, Place
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.plan import LineInput
from workflows import amounts
from workflows.errors import DocumentRefused
from workflows.models import Document, Line
from workflows.orders import costing, delivering

SETTLED_REASON = "lost"
"""The reason that missing goods of a transfer are booked out with."""
_VIRTUAL: Question[tuple[str, int]] = Question(
    lambda company: _virtual(company).values_list("kind", "pk"), int
)
_ENDS: Question[tuple[str, int]] = Question(
    lambda company, warehouse, kind: (
        _virtual(company)
        .values_list("kind", "pk")
        .union(
            Place.objects.filter(pk__in=catalog.usual_places(warehouse, kind).values("pk"))
            .order_by()
            .values_list(Value(""), "pk"),
            all=True,
        )
    ),
    int,
    int,
    str,
)
"""Kind and id of the places outside the warehouses; beside them, without a kind, the usual one of a warehouse."""


def _virtual(company: int) -> QuerySet[Place]:
    return Place.objects.filter(company=company, warehouse=None).order_by()


def virtual_places(company: Company) -> dict[str, int]:
    """Kind → id of the places outside the warehouses."""
    return dict(_VIRTUAL.all(company.pk))


def of_lines(
    document: Document, lines: Sequence[Line], *, make_lots: bool, last: bool = False
) -> list[LineInput]:
    """The movements that the lines stand for, in base units; raises DocumentRefused with every bad line.

    ``make_lots`` makes lots that arrive and are not known yet; otherwise they count as not tracked.
    ``last``: no more finished goods of the production order will come, they take all that is open of it.
    """
    builder = _Builder(document, make_lots=make_lots)
    builder.made = costing.receipt_values(document, lines, last=last)
    builder.promised = delivering.promised(document, lines)
    inputs: list[LineInput] = []
    errors: list[LineError] = []
    for line in lines:
        try:
            inputs += builder.build(line)
        except PostingRefused as error:
            errors += [LineError(line.position, e.code, e.message, e.data) for e in error.lines]
        except (DocumentRefused, amounts.AmountError) as error:
            errors.append(LineError(line.position, error.code, error.message, error.data))
    if errors:
        raise DocumentRefused(errors[0].message, lines=errors)
    if not inputs:
        raise DocumentRefused(_("There is nothing to post: all quantities are 0."), code="nothing")
    return inputs


def settled(document: Document, lines: Sequence[Line]) -> list[LineInput]:
    """What did not arrive of a shipment: received on paper and booked out as lost, so that transit is empty."""
    if document.type != "transfer_in":
        raise DocumentRefused(_("Only transfers are settled."), code="settle")
    builder = _Builder(document, make_lots=False)
    made: list[LineInput] = []
    for line in lines:
        missing = amounts.planned(line) - amounts.done(line)
        if missing <= 0:
            continue
        arrival = builder.arrival(line, missing)
        made.append(arrival)
        made.append(
            LineInput(
                type="other_out",
                item=arrival.item,
                source=arrival.target,
                target=builder.virtual["adjustment"],
                quantity=arrival.quantity,
                lot=arrival.lot,
                owner=arrival.owner,
                department=document.department_id,
                reason=SETTLED_REASON,
                line_key=str(line.key),
            )
        )
    return made


class _Builder:
    """Knows the ends of one document's lines."""

    def __init__(self, document: Document, *, make_lots: bool) -> None:
        self.document = document
        self.kind = document.kind
        self.make_lots = make_lots
        self.defaults: dict[tuple[str, str], int] = {}
        self.virtual = self._ends()
        self.cost_object = self._cost_object()
        self.reason = document.reason.code if document.reason else ""
        self.priced = self.kind.group != "out" and self.kind.gives_cost
        shapes: dict[str, Callable[[Line], list[LineInput]]] = {
            "plain": self._plain,
            "conversion": self._conversion,
            "relabel": self._relabel,
            "value": self._value,
        }
        self.build = shapes[self.kind.shape]
        """The movements of one line; none for a quantity of 0."""
        self.made: dict[int, Decimal] = {}
        """Line id → what is left of the value of finished goods, computed from their order."""
        self.promised: dict[int, int] = {}
        """Line id → the promise of the order that the line delivers."""

    def _ends(self) -> dict[str, int]:
        """The places outside the warehouses; the usual place of a chosen end is read with them."""
        kind = self.kind
        end = kind.target if kind.source.virtual else kind.source
        warehouse = None if end.virtual else getattr(self.document, end.warehouse)
        if warehouse is None:
            return virtual_places(self.document.company)
        found = dict(_ENDS.all(self.document.company_id, warehouse.pk, end.kinds[0]))
        usual = found.pop("", None)
        if usual is not None:
            self.defaults[end.warehouse, end.kinds[0]] = usual
        return found

    def _plain(self, line: Line) -> list[LineInput]:
        whole = amounts.done(line)
        bad = amounts.rejected(line) if self.kind.counts else Decimal(0)
        source, target = self._source(line), self._target(line)
        if not bad:
            return [self._input(line, whole, source, target)] if whole else []
        parts = [(whole - bad, target), (bad, self._quarantine())]
        return [self._input(line, quantity, source, place) for quantity, place in parts if quantity]

    def _conversion(self, line: Line) -> list[LineInput]:
        quantity = amounts.done(line)
        if not quantity:
            return []
        middle = self.virtual["conversion"]
        if line.side == Line.Side.INPUT:
            ends = (self._source(line), middle)
        else:
            ends = (middle, self._target(line))
        return [self._input(line, quantity, *ends, cost_object=str(self.document.key)[:36])]

    def _relabel(self, line: Line) -> list[LineInput]:
        quantity = amounts.done(line)
        if not quantity:
            return []
        if not line.target_lot_number:
            raise DocumentRefused(_("Enter the new lot."), code="target_lot")
        middle, place = self.virtual["conversion"], self._source(line)
        group = str(line.key)
        new = self._lot(line, line.target_lot_number)
        return [
            self._input(line, quantity, place, middle, cost_object=group),
            self._input(line, quantity, middle, place, cost_object=group, lot=new),
        ]

    def _value(self, line: Line) -> list[LineInput]:
        if not line.value:
            return []
        if self.kind.code == "revaluation":
            place, other = self._source(line), self.virtual["revaluation"]
        else:
            if line.original is None:
                raise DocumentRefused(_("Choose the movement that this adjusts."), code="original")
            place, other = line.original.target_id, self.virtual[self.kind.source.virtual]
        up = line.value > 0
        source, target = (other, place) if up else (place, other)
        return [
            LineInput(
                type=self.kind.code,
                item=line.item_id,
                source=source,
                target=target,
                quantity=Decimal(0),
                lot=int((line.original.lot_id if line.original else line.lot_id) or NO_LOT),
                value=abs(line.value),
                partner=self.document.partner_id,
                department=self.document.department_id,
                cost_object=line.original.cost_object if line.original else "",
                reason=self._reason(line),
                original=line.original_id,
                line_key=str(line.key),
            )
        ]

    def _input(
        self,
        line: Line,
        quantity: Decimal,
        source: int,
        target: int,
        *,
        cost_object: str | None = None,
        lot: int | None = None,
    ) -> LineInput:
        document = self.document
        return LineInput(
            type=self.kind.code,
            item=line.item_id,
            source=source,
            target=target,
            quantity=amounts.base(line, quantity),
            lot=self._lot(line, line.lot_number) if lot is None else lot,
            owner=line.owner_id or US,
            value=self._given(line, quantity),
            partner=document.partner_id,
            department=document.department_id,
            cost_object=self.cost_object if cost_object is None else cost_object,
            reason=self._reason(line),
            original=line.original_id,
            reservation=line.reservation or self.promised.get(line.pk),
            line_key=str(line.key),
        )

    def _given(self, line: Line, quantity: Decimal) -> Decimal | None:
        """Given costs come from the price without tax; sales prices are not costs."""
        if not self.priced:
            return None
        if line.pk in self.made:
            return self._share(line, quantity)
        if line.value is not None and quantity == line.requested:
            return line.value
        places = self.document.company.currency_places
        return amounts.net_value(line, quantity, self.document.rate, places)

    def _share(self, line: Line, quantity: Decimal) -> Decimal:
        """What part of a line's computed value goes with ``quantity``; the last part takes what is left."""
        left = self.made[line.pk]
        if quantity == amounts.done(line) - amounts.rejected(line) and amounts.rejected(line):
            step = Decimal(1).scaleb(-self.document.company.currency_places)
            left = (left * quantity / amounts.done(line)).quantize(step, ROUND_DOWN)
            self.made[line.pk] -= left
        return left

    def _cost_object(self) -> str:
        """Goods in transit belong to the shipment that sent them."""
        document = self.document
        if self.kind.code == "transfer_in" and document.source is not None:
            return document.source.cost_object or document.source.number or ""
        if self.kind.code == "transfer_out" and not document.cost_object:
            return document.number or str(document.key)
        return document.cost_object

    def _reason(self, line: Line) -> str:
        reason = line.reason if line.reason_id is not None else None
        return reason.code if reason else self.reason

    def arrival(self, line: Line, quantity: Decimal) -> LineInput:
        """The movement of so much of a line between its ends."""
        return self._input(line, quantity, self._source(line), self._target(line))

    def _source(self, line: Line) -> int:
        return self._end(self.kind.source, line.source_id)

    def _target(self, line: Line) -> int:
        return self._end(self.kind.target, line.target_id)

    def _end(self, end: Any, chosen: int | None) -> int:
        if end.virtual:
            return self.virtual[end.virtual]
        return chosen or self._default(end.warehouse, end.kinds[0])

    def _default(self, field: str, kind: str) -> int:
        known = self.defaults.get((field, kind))
        if known is None:
            warehouse = getattr(self.document, field)
            if warehouse is None:
                raise DocumentRefused(_("Choose the warehouse."), code="warehouse")
            known = self.defaults[field, kind] = catalog.default_place(warehouse, kind).pk
        return known

    def _quarantine(self) -> int:
        return self._default("warehouse", "quarantine")

    def _lot(self, line: Line, number: str) -> int:
        """The lot of a line: chosen, found by its number, or (for what arrives) made."""
        chosen = line.lot_id if number == line.lot_number else None
        if (chosen is None and not number) or line.item.tracking == "none":
            return NO_LOT
        if chosen is not None:
            return int(chosen)
        known = Lot.objects.filter(item_id=line.item_id, number=number).first()
        if known is None:
            if not self.make_lots:
                return NO_LOT
            known = catalog.find_or_create_lot(
                line.item,
                number,
                manufactured_on=line.manufactured_on,
                expires_on=line.expires_on,
                supplier=self.document.partner,
            )
        if number == line.lot_number and self.make_lots and line.pk:
            line.lot = known
            line.save(update_fields=["lot"])
        return known.pk
