"""The only door of trusted imports: whole documents, written and posted at once, approved as one batch.

Sheets that were checked as a whole (legacy movements, the demo's history) come in here. They are documents
like all others, on the import process of their type; what the book refuses leaves nothing behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from django.db import transaction

from core import bulk
from people.access import SYSTEM
from people.models import Company, User
from stock.models import Item, Lot, Posting, Reason, Warehouse
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.plan import LineInput
from workflows import document_types, moment, numbering, posting, saving, shipped
from workflows.models import Document, Line, Process, ProcessVersion, StepRun
from workflows.move import Move, content
from workflows.posting import Posted

_KEPT = 5_000
"""So many items and lots a run remembers at most."""


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


@dataclass(frozen=True, slots=True)
class Written:
    """The document and what posting did; ``created`` is False if the key had been posted before."""

    document: Document | None
    posted: Posted
    line_keys: Sequence[str] = ()
    """The key of the line of each told movement."""


class Standing:
    """What stays the same for all documents of one run, asked for once.

    Keep it no longer than a run: it does not see processes, reasons or goods that change meanwhile.
    """

    def __init__(self, company: Company) -> None:
        self.company = company
        self._processes: dict[str, ProcessVersion] = {}
        self._items: dict[int, Item] = {}
        self._lots: dict[int, Lot] = {}

    @cached_property
    def reasons(self) -> dict[str, int]:
        """Code → id."""
        return dict(Reason.objects.values_list("code", "pk"))

    @cached_property
    def virtual(self) -> dict[str, int]:
        """Kind → id of the places outside the warehouses."""
        return posting.virtual_places(self.company)

    def process(self, type_code: str) -> ProcessVersion:
        """The import process of a type."""
        if type_code not in self._processes:
            self._processes[type_code] = shipped.active_version(
                self.company, type_code, usage=Process.Usage.IMPORT
            )
        return self._processes[type_code]

    def items(self, wanted: set[int]) -> dict[int, Item]:
        """Items by id, at least the wanted ones."""
        return _known(Item, self._items, wanted)

    def lots(self, wanted: set[int]) -> dict[int, Lot]:
        """Lots by id, at least the wanted ones."""
        return _known(Lot, self._lots, wanted - {NO_LOT})


_M = TypeVar("_M", Item, Lot)


def _known(model: type[_M], known: dict[int, _M], wanted: set[int]) -> dict[int, _M]:
    missing = wanted - known.keys()
    if missing:
        if len(known) > _KEPT:
            known.clear()
            missing = wanted
        known.update(model.objects.in_bulk(missing))
    return known


def post(told: Told, *, company: Company, standing: Standing | None = None) -> Written:
    """Write and post one document; a run of many gives all of them one ``standing``. Raises what the ledger raises, with the numbers of the told lines.

    Nothing is written for a key that was posted before; at once with another run it raises KeyReused.
    """
    known = () if told.fresh else _posted(told, company)
    if known:
        return Written(None, Posted(known[0], created=False, movement_ids=()))
    standing = standing or Standing(company)
    with transaction.atomic(savepoint=not told.fresh):
        at = told.effective_at or moment.now()
        document = _header(told, standing, at)
        # It is made and posted in one transaction: one row of its history says it all.
        document.skip_history_when_saving = True  # type: ignore[attr-defined]
        document.save()
        lines, owners = _lines(told, document, standing)
        bulk.insert(lines)
        bulk.write_history(
            Line, "document_id", document.pk, at=at, user=told.asker.pk if told.asker else None
        )
        move = Move(document, told.asker, SYSTEM, "import", at, door=told.door)
        document.process = standing.process(told.type)
        document.content_version = 1
        document.content_hash = content(document, lines)
        document.submitted_at = at
        document.number = told.number or numbering.give(document)
        posted = posting.post_told(
            [
                replace(movement, line_key=str(line.key))
                for movement, line in zip(told.lines, owners, strict=True)
            ],
            document=document,
            key=told.key,
            actor=told.asker,
            door=told.door,
            effective_at=told.effective_at,
            why=told.note,
            name=told.reference or document.number,
        )
        _close(move, posted, len(lines), told)
        del document.skip_history_when_saving  # type: ignore[attr-defined]
        bulk.write_history(
            Document, "id", document.pk, at=at, user=told.asker.pk if told.asker else None
        )
    return Written(document, posted, [str(line.key) for line in owners])


def _posted(told: Told, company: Company) -> list[int]:
    """The posting of this key, if there is one."""
    rows = Posting.objects.filter(company=company, key=told.key)
    return list(rows.values_list("pk", flat=True))


def _header(told: Told, standing: Standing, at: datetime) -> Document:
    first, company = told.lines[0], standing.company
    document = Document(
        company=company,
        type=told.type,
        asker=told.asker,
        warehouse=told.warehouse,
        target_warehouse=told.target_warehouse,
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
    )
    document._history_date = at
    return document


def _lines(told: Told, document: Document, standing: Standing) -> tuple[list[Line], list[Line]]:
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
        line = Line(
            document=document,
            position=len(lines) + 1,
            item=items[movement.item],
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


def _close(move: Move, posted: Posted, lines: int, told: Told) -> None:
    """The document is posted: its steps, its timeline and its state say so."""
    document = move.document
    if posted.plan is not None:
        document.amount = document.posted_amount = posted.plan.total_value
    runs = []
    for key, kind, outcome in (
        ("batch", "approve", StepRun.Outcome.AUTO),
        ("post", "post", StepRun.Outcome.DONE),
    ):
        step = next(step for step in move.steps if step.key == key)
        run = StepRun(
            document=document,
            content_version=1,
            step=key,
            name_en=step.name_en,
            name_zh=step.name_zh,
            kind=kind,
            entered_at=move.now,
            left_at=move.now,
            outcome=outcome,
            input_hash=document.content_hash,
            trace=[{"batch": document.batch}] if key == "batch" else [],
        )
        runs.append(run)
    bulk.insert(runs)
    said = {"lines": lines, "batch": document.batch}
    move.log("create", data=said | ({"origin": told.origin} if told.origin else {}))
    document.book()
    document.posting_id = posted.posting_id
    document.posted_at = move.now
    move.log("post", old_state="draft", new_state="posted", data={"posting": posted.posting_id})
    saving.save(move)
