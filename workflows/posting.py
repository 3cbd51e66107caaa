"""The only door of documents to the book: turns lines into movements, posts them, reverses them, previews them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Value

from core.errors import LineError
from core.numbers import QUANTITY_PLACES, digits
from core.questions import Question
from core.said import said as _
from people.access import SYSTEM, Access, access_for
from people.models import Company, User
from stock import catalog, ledger
from stock.errors import PostingRefused
from stock.ledger import LineInput, Plan, Posted, PostingInput
from stock.models import Lot, Movement, Place
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.place_kinds import PHYSICAL
from workflows import amounts, feedback, followups, moment, numbering, rests, states
from workflows.counting import differences
from workflows.errors import BookMoved, DocumentRefused
from workflows.models import Document, Line, Task
from workflows.move import Move
from workflows.orders import confirming, costing, delivering

SETTLED_REASON = "lost"
"""The reason that missing goods of a transfer are booked out with."""
_SHOWN = 400
"""Of so many balances at most the timeline keeps what they were; more are in the book alone."""


def post(move: Move) -> None:
    """Post the document once; its state becomes posted. Raises PostingRefused with every bad line.

    ``move.data["stamp"]`` (from a preview) makes it refuse when the figures have moved since.
    """
    document = move.document
    if document.kind.orders:
        confirming.confirm(move)
        return
    _counted(move)
    order = delivering.order_of(document)
    if document.number is None:
        document.number = numbering.give(document)
    last = bool(move.data.get("close_rest"))
    if document.kind.shape == "count":
        inputs = differences.movements(document)
        if not inputs:
            _nothing_differs(move)
            return
    else:
        inputs = movements(document, move.lines, make_lots=True, last=last)
    if settles(move):
        inputs += _settled(document, move.lines)
    posted = ledger.post(
        inputs,
        company=document.company,
        key=f"document:{document.key}",
        actor=move.actor,
        access=rights(move),
        effective_at=document.effective_at or moment.told_at(),
        document=document.number,
        why=why(document),
        door=move.door,
        override=document.override,
        accept_expired=document.accept_expired,
        savepoint=False,
    )
    stamp = str(move.data.get("stamp") or "")
    if stamp and posted.plan is not None and digest(posted.plan) != stamp:
        raise BookMoved(
            _("Stock or cost has changed since this was shown. Look at the new figures, then post.")
        )
    if document.kind.shape == "count":
        differences.check_again(document, posted.posting_id)
    if order is not None:
        delivering.deliver(move, order)
    old = document.state
    document.book()
    document.posting_id = posted.posting_id
    document.posted_at = move.now
    document.posted_amount = posted.plan.total_value if posted.plan else None
    move.log(
        "post",
        old_state=old,
        new_state=states.POSTED,
        data={
            "posting": posted.posting_id,
            "released": list(posted.released),
            "stock": _was_and_is(posted.plan),
        },
    )
    followups.raise_for(move)
    feedback.give(move)
    rests.leave(move)


def _nothing_differs(move: Move) -> None:
    """A stocktake that found the book right is done; there is nothing to write into the book."""
    document = move.document
    old = document.state
    document.book()
    document.posted_at = move.now
    document.posted_amount = Decimal(0)
    move.log("post", old_state=old, new_state=states.POSTED, data={"differences": 0})


def settles(move: Move) -> bool:
    """Whether what did not arrive is booked as lost: only those who carry out may say so."""
    return move.verb in {"complete", "post"} and bool(move.data.get("settle"))


def post_told(postings: Sequence[PostingInput], *, company: Company) -> list[Posted]:
    """Post what a trusted import tells, exactly as told; raises what the ledger raises (``ledger.post_many``)."""
    return ledger.post_many(postings, company=company, access=SYSTEM)


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


def why(document: Document) -> str:
    """What the posting says of why: the reason and the note."""
    parts = [str(document.reason) if document.reason else "", document.reference, document.note]
    return " · ".join(part for part in parts if part)[:300]


def rights(move: Move) -> Access:
    """Who answers for the posting: whoever posts, and everybody who approved."""
    if move.actor is None or moment.told_at() is not None:
        return SYSTEM
    approvers = {
        task.decided_by_id or 0
        for task in move.tasks
        if task.kind == "approve"
        and task.verdict == "approved"
        and task.state == Task.State.DONE
        and task.run.valid
    }
    users = [move.actor] if approvers == {move.actor.pk} else User.objects.filter(pk__in=approvers)
    grants = dict(move.access.grants)
    for approver in users if approvers else ():
        for right, where in access_for(approver).grants.items():
            known = grants.get(right, frozenset())
            both = None if where is None or known is None else known | where
            grants[right] = both
    return Access(move.access.user_id, grants)


def movements(
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


def _counted(move: Move) -> None:
    """Goods that arrive are counted line by line before they are posted; blank is not zero."""
    if not move.document.kind.counts or not counting_step(move):
        return
    refuse_uncounted([line for line in move.lines if line.actual is None])


def refuse_uncounted(blank: Sequence[Line]) -> None:
    """Raise DocumentRefused that names every line that nobody has counted; blank is not zero."""
    if blank:
        message = _("Line %(line)s has not been counted. Enter what came, or 0.")
        raise DocumentRefused(
            message % {"line": blank[0].position},
            code="not_counted",
            lines=[
                LineError(line.position, "not_counted", message % {"line": line.position})
                for line in blank
            ],
        )


def counting_step(move: Move) -> bool:
    """Whether the process has a step in which quantities are entered."""
    return any(step.about.writes == "actual" for step in move.steps)


def _settled(document: Document, lines: Sequence[Line]) -> list[LineInput]:
    """What did not arrive of a shipment: received on paper and booked out as lost, so that transit is empty."""
    if document.type != "transfer_in":
        raise DocumentRefused(_("Only transfers are settled."), code="settle")
    builder = _Builder(document, make_lots=False)
    made: list[LineInput] = []
    for line in lines:
        missing = amounts.planned(line) - amounts.done(line)
        if missing <= 0:
            continue
        arrival = builder._input(line, missing, builder._source(line), builder._target(line))
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


# Reversal --------------------------------------------------------------------------------------------


def reverse(move: Move, *, lines: Sequence[str] | None, key: str) -> bool:
    """Reverse the posting (or the movements of some lines); True if nothing of it is left.

    Stock stays above zero unless ``data.override`` says why not; raises PostingRefused with the document's lines.
    """
    document = move.document
    if document.posting_id is None:
        raise DocumentRefused(_("There is nothing left to reverse here."), code="nothing")
    rows = Movement.objects.filter(posting_id=document.posting_id or 0).exclude(type="settlement")
    if lines is None:
        undone = set(
            Movement.objects.filter(original__in=rows, reversal=True).values_list(
                "original", flat=True
            )
        )
        wanted = None if not undone else [row.line for row in rows if row.pk not in undone]
    else:
        wanted = [row.line for row in rows if row.line_key in set(lines)]
    if wanted is not None and not wanted:
        raise DocumentRefused(_("There is nothing left to reverse here."), code="nothing")
    override = given_override(move)
    said = [part for part in (move.reason, move.text, override) if part]
    try:
        ledger.reverse(
            document.posting_id or 0,
            key=key,
            actor=move.actor,
            access=move.access if moment.told_at() is None else SYSTEM,
            why=" · ".join(said)[:300],
            lines=wanted,
            effective_at=moment.told_at(),
            door=move.door,
            override=override,
        )
    except PostingRefused as error:
        raise _of_lines(error, move, wanted) from error
    left = rows.filter(successors__isnull=True) | rows.exclude(successors__reversal=True)
    return not left.exists()


def given_override(move: Move) -> str:
    """The reason that the person gave for going below zero with a reversal; empty without one."""
    return str(move.data.get("override") or "").strip()[:300]


def _of_lines(refusal: PostingRefused, move: Move, wanted: Sequence[int] | None) -> PostingRefused:
    """The refusal of a reversal, with the document's lines in place of the movements, last first, of the book."""
    rows = Movement.objects.filter(posting_id=move.document.posting_id or 0).exclude(
        type="settlement"
    )
    if wanted is not None:
        rows = rows.filter(line__in=wanted)
    keys = list(rows.order_by("-line").values_list("line_key", flat=True))
    at = {str(line.key): line.position for line in move.lines}
    lines = [
        LineError(at.get(keys[e.line - 1], 0) if e.line else 0, e.code, e.message, e.data)
        for e in refusal.lines
    ]
    return PostingRefused(refusal.message, code=refusal.code, lines=lines)


# Preview ---------------------------------------------------------------------------------------------


def look(
    lines: Sequence[LineInput],
    *,
    company: Company,
    effective_at: datetime | None,
    override: str = "",
) -> Plan:
    """What these movements would do, for trusted imports that mend shortages beforehand; writes nothing."""
    return ledger.preview(
        lines,
        company=company,
        actor=None,
        access=SYSTEM,
        effective_at=effective_at,
        override=override,
    )


def plan(document: Document, lines: Sequence[Line], *, actor: User | None, access: Access) -> Plan:
    """What posting would write now, or what is wrong with it; nothing of it stays.

    Lots that arrive and are not known yet are made for the look and taken back with it.
    """
    with transaction.atomic():
        if document.kind.shape == "count":
            _counting_is_over(document)
            inputs = differences.movements(document)
        else:
            inputs = movements(document, lines, make_lots=True)
        made = ledger.preview(
            inputs,
            company=document.company,
            actor=actor,
            access=access,
            effective_at=document.effective_at,
            override=document.override,
            accept_expired=document.accept_expired,
        )
        transaction.set_rollback(True)
    for line in lines:
        if line.lot_id is not None and line.lot_number:
            line.refresh_from_db(fields=["lot"])
    return made


def _counting_is_over(document: Document) -> None:
    """Whoever counts must not know the book: no figures are shown before everything is counted."""
    if document.posting_id is None and document.state != states.IN_APPROVAL:
        raise DocumentRefused(
            _("The differences are shown when counting is over."), code="counting"
        )


def digest(made: Plan) -> str:
    """A stamp of the figures: what moves, what it is worth, and what was there before."""
    rows = [(m.type, m.item, m.source, m.target, m.quantity, m.value) for m in made.movements]
    there = sorted(
        (key[0], key[2], key[3], facts.was)
        for key, facts in made.state.balances.items()
        if key[3] and made.state.places[key[3]].kind in PHYSICAL
    )
    return sha256(repr((rows, there)).encode()).hexdigest()[:32]


def _was_and_is(plan: Plan | None) -> list[list[Any]]:
    """Stock before and after, as the document's page shows it: item, lot, place, was, is (base units)."""
    if plan is None:
        return []
    places = plan.state.places
    shown = [
        (key, facts)
        for key, facts in plan.state.balances.items()
        if key[3] in places and places[key[3]].kind in PHYSICAL
    ]
    if len(shown) > _SHOWN:
        return []
    return [
        [key[0], key[1], key[3], *(digits(n, QUANTITY_PLACES) for n in (facts.was, facts.on_hand))]
        for key, facts in shown
    ]
