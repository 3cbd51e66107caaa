"""Only turns a told document into rows: header, lines, steps and timeline, as if people had moved it there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from core import bulk
from people.models import Company, User
from stock.models import Item, Lot, Reason, Warehouse
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.plan import LineInput
from workflows import document_types, movements, shipped, states
from workflows.models import Document, Event, Line, Process, ProcessVersion, StepRun
from workflows.steps import Step

_KEPT = 5_000
"""So many items and lots a run remembers at most."""


_document, _line = bulk.maker(Document), bulk.maker(Line)
_run, _event = bulk.maker(StepRun), bulk.maker(Event)


@dataclass(frozen=True, slots=True)
class Told:
    """One document of an import: a type, its lines as movements, and the facts of its header."""

    type: str
    lines: Sequence[LineInput]
    warehouse: Warehouse
    batch: str
    """Documents approved together share it."""
    key: str
    """The same key posts once (see stock.ledger)."""
    effective_at: datetime | None = None
    asker: User | None = None
    number: str = ""
    reference: str = ""
    """The number it had where it comes from; the book calls it so."""
    note: str = ""
    target_warehouse: Warehouse | None = None
    override: str = ""
    accept_expired: str = ""
    door: str = "import"
    """What the book says of the way it came in."""
    origin: str = ""
    """The address of a page that shows where it comes from; its note says so in words."""
    fresh: bool = False
    """Whoever tells it knows that the key was never posted, and takes all back if this raises."""


class Standing:
    """What stays the same for all documents of one run, asked for once.

    Keep it no longer than a run: it does not see processes, reasons or goods that change meanwhile.
    """

    def __init__(self, company: Company) -> None:
        self.company = company
        self._processes: dict[str, ProcessVersion] = {}
        self._steps: dict[int, dict[str, Step]] = {}
        self._items: dict[int, Item] = {}
        self._lots: dict[int, Lot] = {}

    @cached_property
    def reasons(self) -> dict[str, int]:
        """Code → id."""
        return dict(Reason.objects.values_list("code", "pk"))

    @cached_property
    def virtual(self) -> dict[str, int]:
        """Kind → id of the places outside the warehouses."""
        return movements.virtual_places(self.company)

    def process(self, type_code: str) -> ProcessVersion:
        """The import process of a type."""
        if type_code not in self._processes:
            self._processes[type_code] = shipped.active_version(
                self.company, type_code, usage=Process.Usage.IMPORT
            )
        return self._processes[type_code]

    def step(self, process: ProcessVersion, key: str) -> Step:
        """A step of an import process."""
        if process.pk not in self._steps:
            self._steps[process.pk] = {step.key: step for step in process.read_steps()}
        return self._steps[process.pk][key]

    def expect(self, documents: "Sequence[Told]") -> None:
        """Ask once for the goods of all of these."""
        movements = [movement for told in documents for movement in told.lines]
        self.items({movement.item for movement in movements})
        self.lots({movement.lot for movement in movements})

    def items(self, wanted: set[int]) -> dict[int, Item]:
        """Items by id, at least the wanted ones."""
        return _known(Item, self._items, wanted)

    def lots(self, wanted: set[int]) -> dict[int, Lot]:
        """Lots by id, at least the wanted ones."""
        return _known(Lot, self._lots, wanted - {NO_LOT})


_M = TypeVar("_M", Item, Lot)


def _known(model: type[_M], known: dict[int, _M], wanted: set[int]) -> dict[int, _M]:
    missing = {pk for pk in wanted if pk not in known}
    if missing:
        if len(known) > _KEPT:
            known.clear()
            missing = wanted
        known.update(model.objects.in_bulk(missing))
    return known


def header(told: Told, standing: Standing, now: datetime) -> Document:
    """The document as it is submitted, without a number and the hash of its content."""
    first, company = told.lines[0], standing.company
    at = told.effective_at or now
    process, other = standing.process(told.type), told.target_warehouse
    document = _document(
        company_id=company.pk,
        type=told.type,
        asker_id=told.asker.pk if told.asker else None,
        warehouse_id=told.warehouse.pk,
        target_warehouse_id=other.pk if other else None,
        partner_id=first.partner,
        department_id=first.department,
        reason_id=standing.reasons.get(first.reason),
        cost_object=first.cost_object[:60],
        reference=told.reference[:80],
        note=told.note,
        currency=company.currency,
        effective_at=told.effective_at,
        override=told.override[:300],
        accept_expired=told.accept_expired[:300],
        door="import",
        batch=told.batch[:80],
        created_at=at,
        changed_at=at,
        submitted_at=at,
        content_version=1,
        process_id=process.pk,
    )
    bulk.knows(
        document,
        company=company,
        asker=told.asker,
        warehouse=told.warehouse,
        target_warehouse=other,
        process=process,
    )
    return document


def lines_of(told: Told, standing: Standing) -> tuple[list[Line], list[Line]]:
    """The document's lines, and for each movement the line that it belongs to."""
    kind = document_types.BY_CODE[told.type]
    items = standing.items({movement.item for movement in told.lines})
    lots = standing.lots({movement.lot for movement in told.lines})
    lines: list[Line] = []
    owners: list[Line] = []
    for number, movement in enumerate(told.lines):
        if kind.shape == "relabel" and number % 2:
            lines[-1].target_lot_number = lots[movement.lot].number if movement.lot else ""
            owners.append(lines[-1])
            continue
        line = _line(
            position=len(lines) + 1,
            item_id=movement.item,
            unit_id=items[movement.item].base_unit_id,
            requested=movement.quantity,
            actual=movement.quantity,
            lot_id=movement.lot if movement.lot != NO_LOT else None,
            lot_number=lots[movement.lot].number if movement.lot != NO_LOT else "",
            owner_id=movement.owner if movement.owner != US else None,
            price=None if movement.unit_cost is None else round(movement.unit_cost, 6),
            value=movement.value,
            original_id=movement.original,
            reservation=movement.reservation,
            reason_id=standing.reasons.get(movement.reason),
        )
        _set_ends(line, movement, kind, standing.virtual)
        lines.append(line)
        owners.append(line)
    return lines, owners


def _set_ends(
    line: Line, movement: LineInput, kind: document_types.DocumentType, virtual: dict[str, int]
) -> None:
    """Chosen places, the side of a conversion, and the sign of a change of value."""
    if kind.shape == "conversion":
        goes_in = movement.target == virtual["conversion"]
        line.side = Line.Side.INPUT if goes_in else Line.Side.OUTPUT
        line.source_id = movement.source if goes_in else None
        line.target_id = None if goes_in else movement.target
        return
    if kind.shape == "value":
        up = movement.source in virtual.values()
        line.value = movement.value if up or movement.value is None else -movement.value
        line.source_id = None if up else movement.source
        line.target_id = movement.target if up else None
        return
    line.source_id = movement.source if kind.source.chosen else None
    line.target_id = movement.target if kind.target.chosen else None


def runs(document: Document, standing: Standing) -> list[StepRun]:
    """The steps that it took: approved with its batch, then posted."""
    process = standing.process(document.type)
    made = []
    for key, kind, outcome in (
        ("batch", "approve", StepRun.Outcome.AUTO),
        ("post", "post", StepRun.Outcome.DONE),
    ):
        step = standing.step(process, key)
        made.append(
            _run(
                document_id=document.pk,
                content_version=1,
                step=key,
                name_en=step.name_en,
                name_zh=step.name_zh,
                kind=kind,
                entered_at=document.created_at,
                left_at=document.created_at,
                outcome=outcome,
                input_hash=document.content_hash,
                trace=[{"batch": document.batch}] if key == "batch" else [],
            )
        )
    return made


def events(document: Document, told: Told, lines: int) -> list[Event]:
    """Its timeline once it is posted: where it came from, and the posting."""
    said = {"lines": lines, "batch": document.batch}
    made = said | ({"origin": told.origin} if told.origin else {})
    return [
        _event(
            document_id=document.pk,
            at=document.created_at,
            actor_id=document.asker_id,
            verb=verb,
            old_state=states.DRAFT,
            new_state=new_state,
            content_version=1,
            data=data,
            door=told.door,
        )
        for verb, new_state, data in (
            ("create", states.DRAFT, made),
            ("post", states.POSTED, {"posting": document.posting_id}),
        )
    ]
