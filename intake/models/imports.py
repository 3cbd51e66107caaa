"""Imports and their rows: a file, what was said about it, how far it is, and every row that was written."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from people.models import Company
from stock.models import Warehouse
from workflows.models import Document


class Purpose(models.TextChoices):
    """What the rows of a sheet become."""

    OPENING = "opening", _("Opening stock")
    MOVEMENTS = "movements", _("Movements")
    STOCKTAKE = "stocktake", _("Stocktake")
    ITEMS = "items", _("Items")
    PARTNERS = "partners", _("Suppliers and customers")
    ORDERS = "orders", _("Orders")
    BOMS = "boms", _("Bills of materials")


class Import(FSMModelMixin, models.Model):
    """One file on its way: checked and mended as often as wanted, approved as a whole, written, undone as a whole."""

    class State(models.TextChoices):
        """Where it is."""

        DRAFT = "draft", _("Being checked")
        WAITING = "waiting", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        WRITING = "writing", _("Being written")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Written")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        CANCELLED = "cancelled", _("Cancelled")

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("warehouse"),
        help_text=_("For rows that name none."),
    )
    purpose = models.CharField(
        _("becomes"), max_length=12, choices=Purpose.choices, blank=True, default=""
    )
    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    sender = models.CharField(_("sender"), max_length=80, blank=True, default="")
    """Whose sheets these are: mappings and aliases are remembered for each sender."""
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    state = FSMField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, protected=True
    )
    wish = models.JSONField(_("said about the file"), default=dict)
    mends = models.JSONField(_("mends"), default=dict)
    start_on = models.DateField(_("first day"), null=True, blank=True)
    """Opening stock is booked at the end of the day before."""
    summary = models.JSONField(_("what was found"), default=dict)
    content_hash = models.CharField(_("content"), max_length=64, blank=True, default="")
    total = models.PositiveIntegerField(_("rows to write"), default=0)
    written = models.PositiveIntegerField(_("written"), default=0)
    step = models.CharField(_("step"), max_length=12, blank=True, default="")
    """What a worker does now: read, understand, check, write, undo."""
    progress = models.JSONField(_("how far"), null=True, editable=False)
    """Of a look: rows read, understood and checked, cells wrong, and when it began."""
    worker = models.CharField(max_length=36, blank=True, default="", editable=False)
    beat_at = models.DateTimeField(_("last sign"), null=True, editable=False)
    stop_asked = models.BooleanField(_("asked to stop"), default=False, editable=False)
    problem = models.TextField(_("problem"), blank=True, default="")
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"))
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    approved_at = models.DateTimeField(_("approved"), null=True)
    began_at = models.DateTimeField(_("begun"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approver__isnull=True)
                | Q(asker__isnull=True)
                | ~Q(approver=F("asker")),
                name="import_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | ~Q(content_hash=""),
                name="import_bound_to_content",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # The graph. The bodies are empty: intake.importing.door does the work, under the lock.

    @transition(state, [State.DRAFT], State.WAITING)
    def ask(self) -> None:
        """A second person has to look."""

    @transition(state, [State.WAITING, State.APPROVED, State.STOPPED], State.DRAFT)
    def send_back(self) -> None:
        """It is mended again; an approval is void. One that was stopped only while nothing of it is written."""

    @transition(state, [State.DRAFT, State.WAITING], State.APPROVED)
    def clear(self) -> None:
        """Nobody need be asked any more."""

    @transition(state, [State.APPROVED, State.STOPPED], State.WRITING)
    def begin(self) -> None:
        """A worker writes it."""

    @transition(state, [State.WRITING], State.STOPPED)
    def stop(self) -> None:
        """Somebody or something stopped it: what is written stays, and it can go on or be undone."""

    @transition(state, [State.WRITING], State.DONE)
    def finish(self) -> None:
        """All of it is written."""

    @transition(state, [State.DONE, State.STOPPED], State.UNDOING)
    def undo(self) -> None:
        """A worker reverses it."""

    @transition(state, [State.UNDOING], State.STOPPED)
    def stop_undoing(self) -> None:
        """Something could not be reversed."""

    @transition(state, [State.UNDOING], State.UNDONE)
    def undone(self) -> None:
        """Nothing of it is left in the book."""

    @transition(state, [State.DRAFT, State.WAITING, State.APPROVED], State.CANCELLED)
    def cancel(self) -> None:
        """It will never be written."""


class ImportedRow(models.Model):
    """One row of a sheet and what it became; written in the transaction of its document, never changed but undone.

    ``key`` is the hash of what the row says and how often that occurred above: it is in the books of a company
    once. ``at`` is the column of a cell of a matrix, from 0; -1 for whole rows.
    """

    job = models.ForeignKey(
        Import,
        models.PROTECT,
        related_name="rows",
        db_index=False,
        db_constraint=False,
        verbose_name=_("import"),
    )
    company = models.ForeignKey(
        Company, models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )
    """That of the import. Triggers keep import, company and document: asked once for many rows, where foreign keys would
    ask for each."""
    sheet = models.CharField(_("sheet"), max_length=120)
    row = models.PositiveIntegerField(_("row"))
    at = models.SmallIntegerField(_("column"), default=-1)
    key = models.CharField(_("key"), max_length=40)
    mark = models.CharField(_("mark"), max_length=40, blank=True, default="")
    """The hash of source number, item and place alone: the same mark with another key is a changed row."""
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        db_constraint=False,
        related_name="imported_rows",
        verbose_name=_("document"),
    )
    line_key = models.CharField(_("line"), max_length=36, blank=True, default="")
    record = models.JSONField(_("record"), null=True)
    """Of master data: which record it made or changed, and what that was before."""
    raw = models.JSONField(_("as in the file"), default=dict)
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "key"],
                condition=Q(undone_at__isnull=True),
                name="imported_row_once",
            ),
        ]
        indexes = [
            models.Index(fields=["job", "sheet", "row"], name="imported_row_place"),
            models.Index(
                fields=["company", "mark"],
                condition=Q(undone_at__isnull=True) & ~Q(mark=""),
                name="imported_row_mark",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.row}"
