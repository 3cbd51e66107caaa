"""What stands on the printed form of a document, as plain text: pages and PDF are drawn from the same.

Costs are left out here, so that neither can show them to somebody who may not see them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.templatetags import ui
from people.access import Access
from stock.models import Lot, Movement, Place
from workflows import amounts, states
from workflows.models import Document, Line, StepRun, Task
from workflows.printing.money import Booked, Money
from workflows.printing.signatures import Box, boxes

IN, OUT, MOVE, SCRAP, OTHER = "in", "out", "move", "scrap", "other"
TITLES: Mapping[str, str | Promise] = {
    IN: gettext_lazy("Receipt note"),
    OUT: gettext_lazy("Issue note"),
    MOVE: gettext_lazy("Transfer note"),
    SCRAP: gettext_lazy("Scrap report"),
    OTHER: gettext_lazy("Stock document"),
}
_MOVES = frozenset({"transfer", "transfer_out", "transfer_in", "bin_move", "hold", "release"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``weight`` is its part of the width."""

    key: str
    label: str
    weight: int
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One document as printed. ``mark`` says that it is no voucher; ``words`` is the amount in words."""

    title: str
    kind: str
    company: str
    number: str
    link: str
    mark: str
    pairs: Sequence[tuple[str, str]]
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    totals: Sequence[Sequence[str]]
    """Rows of sums, one text per column; the first is the label."""
    words: Sequence[tuple[str, str]]
    boxes: Sequence[Box]

    @property
    def label_span(self) -> int:
        """Over how many columns the label of the sums reaches: up to the first column with a sum."""
        return next(
            (
                place
                for place, texts in enumerate(zip(*self.totals, strict=True))
                if place and any(texts)
            ),
            len(self.columns),
        )

    @property
    def shares(self) -> list[float]:
        """The width of each column in percent."""
        whole = sum(column.weight for column in self.columns)
        return [round(100 * column.weight / whole, 2) for column in self.columns]


def ready(rows: QuerySet[Document]) -> QuerySet[Document]:
    """With everything that a form shows, in a fixed number of statements however many are printed."""
    lines = Line.objects.select_related(
        "item", "unit", "lot", "source", "target", "reason", "original__posting"
    ).order_by("position", "id")
    tasks = (
        Task.objects.filter(state=Task.State.DONE, run__valid=True)
        .exclude(verdict__in=["refused", "returned"])
        .select_related("decided_by", "on_behalf_of")
        .order_by("decided_at", "id")
    )
    return rows.select_related(
        "company", "asker", "partner", "department", "warehouse", "target_warehouse", "reason",
        "source",
    ).prefetch_related(
        Prefetch("lines", lines, to_attr="print_lines"),
        Prefetch("tasks", tasks, to_attr="print_tasks"),
        Prefetch("runs", StepRun.objects.filter(valid=True), to_attr="print_runs"),
    )  # fmt: skip


def forms(documents: Sequence[Document], access: Access) -> list[Form]:
    """The forms of documents that came through ``ready``, in the reader's language."""
    from workflows.printing import count_sheet  # which is written on these forms

    booked = _booked(documents)
    made: list[Form] = []
    for document in documents:
        # A stocktake has sheets once its plan is made; until then it prints like any document.
        sheets = count_sheet.forms(document) if document.kind.shape == "count" else []
        made += sheets or [_Writer(document, access, booked).form()]
    return made


def shape(document: Document) -> str:
    """Which of the forms a document is printed on."""
    if document.type == "scrap":
        return SCRAP
    if document.type in _MOVES:
        return MOVE
    return document.kind.group if document.kind.group in (IN, OUT) else OTHER


def link(document: Document) -> str:
    """Where the code on the paper leads: the document's page on this site."""
    return settings.SITE_URL + reverse("workflows:page", args=[document.key])


def _booked(documents: Sequence[Document]) -> Booked:
    """What the book says of each line of what is posted."""
    postings = [one.posting_id for one in documents if one.posting_id]
    found: Booked = {}
    rows = Movement.objects.filter(posting__in=postings).select_related("source", "target")
    for row in rows.order_by("id"):
        found.setdefault((row.posting_id, row.line_key), []).append(row)
    return found


class _Writer:
    """Writes one form."""

    def __init__(self, document: Document, access: Access, booked: Booked) -> None:
        self.document = document
        self.lines: Sequence[Line] = document.print_lines  # type: ignore[attr-defined]
        self.shape = shape(document)
        scope = document.warehouse.scope_id if document.warehouse else None
        self.costs = access.may("cost.view", scope)
        self.booked = booked
        self.money = Money(document, self.lines, booked)

    def form(self) -> Form:
        document = self.document
        with timezone.override(ZoneInfo(document.company.time_zone)):
            columns, rows = self._table()
            return Form(
                title=str(TITLES[self.shape]),
                kind=str(document.kind.label),
                company=document.company.name,
                number=document.number or _("no number yet"),
                link=link(document),
                mark=self._mark(),
                pairs=self._pairs(),
                note=document.note,
                columns=columns,
                rows=rows,
                totals=self._totals(columns),
                words=self.money.words() if self.costs else [],
                boxes=boxes(document, document.print_tasks, document.print_runs),  # type: ignore[attr-defined]
            )

    def _mark(self) -> str:
        in_force = {states.IN_EXECUTION, states.CLOSED} if self.document.kind.orders else set()
        if self.document.state in {states.POSTED, *in_force}:
            return ""
        return _("%(state)s · not valid as a voucher") % {"state": self.document.about.label}

    def _pairs(self) -> list[tuple[str, str]]:
        """The header as (label, value), empty ones left out."""
        one = self.document
        happened = one.effective_at or one.posted_at or one.submitted_at or one.created_at
        house = one.warehouse.name if one.warehouse else ""
        goal = one.target_warehouse.name if one.target_warehouse else ""
        foreign = self.costs and self.money.currency != one.company.currency
        pairs = [
            (_("Date"), ui.day(happened)),
            (self._partner_label(), str(one.partner or "")),
            (_("From warehouse") if goal else _("Warehouse"), house),
            (_("To warehouse"), goal),
            (_("Department"), one.department.name if one.department else ""),
            (_("Reason"), str(one.reason or "")),
            (_("Work order"), one.cost_object),
            (_("Source document"), one.reference),
            (_("Made from"), str(one.source or "")),
            (_("Wanted on"), ui.day(one.wanted_on)),
            (_("Posted on"), ui.moment(one.posted_at)),
            (_("Currency"), self.money.currency if foreign else ""),
        ]
        return [(label, value) for label, value in pairs if value]

    def _partner_label(self) -> str:
        ends = {self.document.kind.source.virtual, self.document.kind.target.virtual}
        if "supplier" in ends:
            return _("Supplier")
        return _("Customer") if "customer" in ends else _("Partner")

    def _table(self) -> tuple[list[Column], list[list[str]]]:
        """The columns in which some line has something, and their rows."""
        columns, cells = [], []
        for column, write, always in self._all_columns():
            texts = [write(line) for line in self.lines]
            if always or any(texts):
                columns.append(column)
                cells.append(texts)
        return columns, [list(row) for row in zip(*cells, strict=True)]

    def _all_columns(self) -> list[tuple[Column, Callable[[Line], str], bool]]:
        moves = self.document.kind.shape != "value"
        orders = self.document.kind.orders
        wide = [
            (Column("no", _("No."), 12, True), lambda line: str(line.position), True),
            (Column("code", _("Code"), 22), lambda line: line.item.code, True),
            (Column("name", _("Name"), 36), lambda line: line.item.name, True),
            (Column("spec", _("Specification"), 22), lambda line: line.item.specification, False),
            (Column("side", _("Side"), 14), lambda line: str(line.get_side_display()), False),
            (Column("lot", _("Lot / expiry"), 24), _lot, False),
            (Column("place", self._place_label(), 22), self._place, False),
            (Column("original", _("Adjusts"), 22), _original, False),
            (Column("reason", _("Reason"), 20), lambda line: str(line.reason or ""), False),
            (Column("unit", _("Unit"), 12), lambda line: line.unit.code, moves),
            (Column("asked", self._asked_label(), 20, True), self._asked, moves),
            (Column("actual", _("Actual"), 20, True), self._actual, moves and not orders),
            (Column("rejected", _("Rejected"), 15, True), self._rejected, False),
        ]  # fmt: skip
        columns: list[tuple[Column, Callable[[Line], str], bool]] = list(wide)
        if self.costs:
            columns.append((Column("price", _("Price"), 18, True), self.money.price, False))
            columns.append((Column("amount", _("Amount"), 22, True), self.money.amount, False))
        return columns

    def _asked_label(self) -> str:
        return _("Ordered") if self.document.kind.orders else _("Requested")

    def _place_label(self) -> str:
        if self.shape == MOVE or self.document.kind.group == "move":
            return _("From → to")
        return _("Place")

    def _place(self, line: Line) -> str:
        """Places of a warehouse it comes from and goes to: those of the book, else those wished for."""
        rows = self.booked.get((self.document.posting_id or 0, str(line.key)), ())
        ends: list[tuple[Place | None, Place | None]] = [(row.source, row.target) for row in rows]
        ends = ends or [(line.source, line.target)]
        ways = (
            " → ".join(place.code for place in way if place and place.warehouse_id) for way in ends
        )
        return "\n".join(way for way in dict.fromkeys(ways) if way)

    def _asked(self, line: Line) -> str:
        if self.document.kind.shape == "value":
            return ""
        return ui.quantity(amounts.planned(line), line.unit.decimals)

    def _actual(self, line: Line) -> str:
        """Blank until it is known, to be written by hand."""
        moved = self._moved(line)
        return "" if moved is None else ui.quantity(moved, line.unit.decimals)

    def _rejected(self, line: Line) -> str:
        return ui.quantity(line.rejected, line.unit.decimals) if line.rejected else ""

    def _moved(self, line: Line) -> Decimal | None:
        if self.document.kind.shape == "value":
            return None
        return amounts.done(line) if self.document.posting_id else line.actual

    def _totals(self, columns: Sequence[Column]) -> list[list[str]]:
        """One row per unit, the amount in the first; what goes in and comes out is not added up."""
        units = {line.unit.code: line.unit.decimals for line in self.lines}
        if self.document.kind.shape in ("conversion", "value"):
            units = {"": 0}
        figures: dict[str, Callable[[Line], Decimal | None]] = {
            "asked": amounts.planned,
            "actual": self._moved,
            "rejected": lambda line: line.rejected,
        }
        total = self.money.total()
        rows = []
        for row, (code, decimals) in enumerate(units.items()):
            own = [line for line in self.lines if line.unit.code == code]
            texts = {"no": "" if row else _("Total"), "unit": code}
            for key, of in figures.items():
                numbers = [number for line in own if (number := of(line)) is not None]
                texts[key] = ui.quantity(sum(numbers), decimals) if numbers else ""
            if not row and total is not None:
                texts["amount"] = ui.money(total, self.money.places)
            rows.append([texts.get(column.key, "") for column in columns])
        return rows


def _lot(line: Line) -> str:
    lot: Lot | None = line.lot
    number = lot.number if lot and lot.number else line.lot_number
    expires = line.expires_on or (lot.expires_on if lot else None)
    if line.target_lot_number:
        number = f"{number} → {line.target_lot_number}"
    return "\n".join(text for text in (number, ui.day(expires)) if text)


def _original(line: Line) -> str:
    return str(line.original.posting.document) if line.original else ""
