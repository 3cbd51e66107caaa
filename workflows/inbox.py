"""The rows of the inbox: why each came, what it would do to stock, and whether it is within the rules.

However many documents wait, a page of them costs the same number of statements: everything is gathered for
all rows at once. That a row is rule-clean here is a first look; a batch asks the preview of each before it agrees.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.access import Access
from stock.queries.sight import see
from workflows import stock_changes, wording
from workflows.models import Attachment, Document, Line, Task
from workflows.steps import Step
from workflows.stock_changes import Change

PAGE = 50
NEAR = timedelta(hours=1)
"""What is due so soon is looked at one by one."""
MANY = 20
"""Documents with more lines are looked at one by one."""
SHOWN = 2
"""Lines whose stock a row shows."""
_DECIDES = frozenset({"approve", "confirm"})
_FLAGS: dict[str, str | Promise] = {
    "lot_expired": gettext_lazy("a lot has expired"),
    "below_zero": gettext_lazy("stock would go below zero"),
    "late": gettext_lazy("dated in the past"),
    "times_30_days": gettext_lazy("often in 30 days"),
    "without_original": gettext_lazy("a return without its original"),
}
"""Conditions of a process that make a document special, whoever decides."""


@dataclass(frozen=True, slots=True)
class LineChange:
    """One of the first lines with stock before → after, in base units; None where that is not known."""

    line: Line
    stock: Change | None


@dataclass(slots=True)
class Row:
    """One task of the list."""

    task: Task
    document: Document
    lines: int = 0
    amount: Decimal | None = None
    why: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    changes: list[LineChange] = field(default_factory=list)
    photos: list[Attachment] = field(default_factory=list)
    late: bool = False
    near: bool = False
    left: str = ""
    batch: bool = False

    @property
    def clean(self) -> bool:
        """Within the rules: the process allows a batch and nothing asks for a closer look."""
        return self.batch and not self.flags and not self.late and not self.near

    @property
    def decides(self) -> bool:
        """Whether it waits for a verdict; others wait for work."""
        return self.task.kind in _DECIDES


def rows(access: Access, tasks: Sequence[Task]) -> list[Row]:
    """Rows for tasks (with their documents, runs and processes read); a fixed number of statements."""
    now = timezone.now()
    made = [_row(task, access, now) for task in tasks]
    keys = [row.document.pk for row in made]
    counts = dict(
        Line.objects.filter(document__in=keys)
        .order_by()
        .values_list("document")
        .annotate(number=Count("pk"))
    )
    for row in made:
        row.lines = counts.get(row.document.pk, 0)
        if row.lines > MANY:
            row.flags.append(_("many lines"))
    _explain(made)
    _look_at_stock(made, access)
    photos = _photos(keys)
    for row in made:
        row.photos = photos[row.document.pk]
    return made


def _row(task: Task, access: Access, now: datetime) -> Row:
    document = task.document
    row = Row(task, document)
    if access.may("cost.view", document.warehouse.scope_id if document.warehouse else None):
        row.amount = document.amount
    if task.due_at is not None:
        row.late = task.due_at <= now
        row.near = task.due_at - now <= NEAR
        row.left = wording.lasted(abs(task.due_at - now), short=True)
    step = next((one for one in _steps(document) if one.key == task.run.step), None)
    row.batch = task.kind == "approve" and step is not None and "batch" in step.actions
    return row


def _steps(document: Document) -> Sequence[Step]:
    return document.process.read_steps() if document.process else ()


def _explain(made: Sequence[Row]) -> None:
    """Why each came: what its process says, and why to this person."""
    names = wording.code_names([row.task.run.trace for row in made])
    for row in made:
        money = row.amount is not None
        usual = [one for one in row.task.run.trace if one.get("field") not in _FLAGS]
        row.why = wording.because(usual, names, money=money)
        if row.task.on_behalf_of_id is not None:
            row.why.append(_("for %(name)s") % {"name": row.task.on_behalf_of})
        elif row.task.why not in {"role", ""}:
            row.why.append(str(wording.WHY.get(row.task.why, row.task.why)))
        passed = wording.passed_by_rule(row.task.run.trace)
        for asked in row.task.run.trace:
            if asked.get("field") in _FLAGS and wording.spoke(asked, passed=passed):
                _flag(row, str(_FLAGS[asked["field"]]))
        if row.document.override:
            _flag(row, str(_FLAGS["below_zero"]))
        if row.document.accept_expired:
            _flag(row, str(_FLAGS["lot_expired"]))


def _flag(row: Row, words: str) -> None:
    if words not in row.flags:
        row.flags.append(words)


def _look_at_stock(made: Sequence[Row], access: Access) -> None:
    """What the first lines do to stock, and whether any line takes more than is there or an expired lot."""
    looked = {row.document.pk: row for row in made if row.lines <= MANY}
    lines = list(
        Line.objects.filter(document__in=looked)
        .select_related("item", "item__base_unit", "lot", "unit")
        .order_by("document", "position", "id")
    )
    houses = {
        row.document.warehouse_id for row in looked.values() if row.document.warehouse_id
    } & set(see(access).warehouses)
    there = stock_changes.there({line.item_id for line in lines}, houses)
    usual = stock_changes.usual_places(houses)
    for line in lines:
        row = looked[line.document_id]
        document = row.document
        today = timezone.now().astimezone(ZoneInfo(document.company.time_zone)).date()
        leaves = document.kind.source.chosen and line.side != Line.Side.OUTPUT
        if line.lot is not None and line.lot.expires_on and line.lot.expires_on < today and leaves:
            _flag(row, str(_FLAGS["lot_expired"]))
        change = (
            stock_changes.change(line, document, there, usual)
            if document.warehouse_id in houses
            else None
        )
        if change is not None and leaves and change.after < 0:
            _flag(row, str(_FLAGS["below_zero"]))
        if len(row.changes) < SHOWN:
            row.changes.append(LineChange(line, change))


def _photos(keys: Sequence[int]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = defaultdict(list)
    for one in Attachment.objects.filter(
        document__in=keys, removed_at=None, has_thumbnail=True
    ).order_by("id"):
        found[one.document_id].append(one)
    return found
