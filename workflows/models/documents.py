"""Documents and their lines: what somebody asks for, what is confirmed, and what was really done.

``state`` is moved by the one door only (workflows.door): the field is protected, its methods have empty
bodies, and a trigger refuses a change that is not in the graph or does not raise ``version``.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from simple_history.models import HistoricalRecords

from core import peers
from core.fields import ExactField, QuantityField, ValueField
from people.models import Company, Department
from stock.models import Item, Lot, Movement, Partner, Place, Posting, Reason, Unit, Warehouse
from workflows import document_types, states
from workflows.models.processes import ProcessVersion


class RateField(ExactField):
    """A rate, a price or a percentage with 6 decimals."""

    places = 6


class NumberSeries(models.Model):
    """The last number given of a series, taken last in a submission.

    ``prefix`` is what stands before the last ``-`` of its numbers: as a rule the type's prefix and the warehouse,
    else what a NumberRule says, with the date of which the series is.
    """

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    prefix = models.CharField(_("prefix"), max_length=60)
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [
            models.UniqueConstraint(fields=["company", "prefix"], name="number_series_once"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.last}"


class Document(FSMModelMixin, models.Model):
    """One change of stock on its way from who asks to the book."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    type = models.CharField(_("type"), max_length=20, choices=document_types.CHOICES)
    number = models.CharField(  # noqa: DJ001 - drafts have none, and "" would not be unique
        _("number"), max_length=60, null=True, editable=False
    )
    state: Any = FSMField(
        _("state"), max_length=20, default=states.DRAFT, protected=True, choices=states.CHOICES
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    """Raised by every write; the lock of those who edit at the same time."""
    content_version = models.PositiveIntegerField(_("content version"), default=0, editable=False)
    """Raised by every submission of changed content; approvals are bound to one."""
    content_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    process = models.ForeignKey(
        ProcessVersion,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="documents",
        verbose_name=_("process"),
    )
    step = models.CharField(_("step"), max_length=40, blank=True, default="", editable=False)
    """Key of the step that is open now."""

    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="documents_asked",
        verbose_name=_("asker"),
    )
    """Empty only for a trusted import made by a command."""
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("partner")
    )
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("warehouse"),
    )
    target_warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents_arriving",
        verbose_name=_("to warehouse"),
    )
    reason = models.ForeignKey(
        Reason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason")
    )
    cost_object = models.CharField(_("work order"), max_length=60, blank=True, default="")
    reference = models.CharField(_("source document"), max_length=80, blank=True, default="")
    wanted_on = models.DateField(_("wanted on"), null=True, blank=True)
    effective_at = models.DateTimeField(_("happened"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    rate = RateField(_("exchange rate"), default=1)
    note = models.TextField(_("note"), blank=True, default="")
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    override = models.CharField(
        _("reason for going below zero"), max_length=300, blank=True, default=""
    )
    accept_expired = models.CharField(
        _("reason for issuing an expired lot"), max_length=300, blank=True, default=""
    )

    source = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="made",
        verbose_name=_("made from"),
    )
    rest_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="rests",
        verbose_name=_("rest of"),
    )
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="replacements",
        verbose_name=_("replaces"),
    )
    amount = ValueField(_("amount"), default=0, editable=False)
    """What it was estimated to be worth when it was submitted, in the company's currency."""
    posted_amount = ValueField(_("posted amount"), null=True, editable=False)
    posting = models.OneToOneField(
        Posting,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="document_row",
        verbose_name=_("posting"),
    )
    door = models.CharField(_("door"), max_length=20, default="form", editable=False)
    batch = models.CharField(_("batch"), max_length=80, blank=True, default="", editable=False)
    """Documents of one trusted import share it."""
    synced_at = models.DateTimeField(_("handed to finance"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    changed_at = models.DateTimeField(_("changed"), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    posted_at = models.DateTimeField(_("posted"), null=True, editable=False)
    history = HistoricalRecords(
        excluded_fields=["version", "changed_at"],
        no_db_index=[
            "key", "company", "process", "asker", "department", "partner", "warehouse",
            "target_warehouse", "reason", "source", "rest_of", "replaces", "posting",
        ],
    )  # fmt: skip
    _history_user: Any  # who is named in the history of the next save, and when
    _history_date: Any

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="document_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(states.BY_CODE)), name="document_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(type__in=sorted(document_types.BY_CODE)), name="document_type_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(type__in=document_types.ORDERS),
                name="document_closed_is_order",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=["posted", "reversed"], posting__isnull=False)
                    | Q(posting__isnull=True) & ~Q(state__in=["posted", "reversed"])
                    | Q(posting__isnull=True, type="stocktake", state="posted")
                ),
                name="document_posted_has_posting",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "void"]) | Q(number__isnull=False),
                name="document_submitted_has_number",
            ),
            models.CheckConstraint(
                condition=Q(asker__isnull=False) | Q(door="import"), name="document_has_asker"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="document_rate_positive"),
            models.CheckConstraint(
                condition=Q(warehouse__isnull=True)
                | Q(target_warehouse__isnull=True)
                | ~Q(warehouse=F("target_warehouse")),
                name="document_goes_to_another_warehouse",
            ),
        ]
        indexes = [
            models.Index(fields=["type", "-id"], name="document_of_type"),
            models.Index(fields=["state", "-id"], name="document_in_state"),
            models.Index(fields=["asker", "-id"], name="document_of_asker"),
            models.Index(fields=["batch"], condition=~Q(batch=""), name="document_batch"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.kind.prefix}…{str(self.key)[:4]}"

    @property
    def kind(self) -> document_types.DocumentType:
        """Its type's row."""
        return document_types.BY_CODE[self.type]

    @property
    def about(self) -> states.State:
        """Its state's row."""
        return states.BY_CODE[self.state]

    # The graph. The bodies are empty: the work is done in workflows.door, under the lock.

    @transition(
        state,
        [states.DRAFT, states.RETURNED, states.APPROVED, states.IN_EXECUTION],
        states.IN_APPROVAL,
    )
    def ask(self) -> None:
        """An approval or confirmation is open."""

    @transition(state, [states.DRAFT, states.IN_APPROVAL, states.RETURNED], states.APPROVED)
    def clear(self) -> None:
        """Nobody need be asked any more; it waits to be carried out."""

    @transition(
        state,
        [
            states.DRAFT,
            states.IN_APPROVAL,
            states.RETURNED,
            states.APPROVED,
            states.CLOSED,
        ],
        states.IN_EXECUTION,
    )
    def begin(self) -> None:
        """It is being carried out; a closed order again, when something delivered was taken back."""

    @transition(state, [states.IN_APPROVAL, states.APPROVED, states.IN_EXECUTION], states.RETURNED)
    def send_back(self) -> None:
        """The asker has to mend it."""

    @transition(state, [states.IN_APPROVAL], states.REJECTED)
    def refuse(self) -> None:
        """It will not be done."""

    @transition(state, [states.IN_APPROVAL, states.RETURNED, states.APPROVED], states.WITHDRAWN)
    def withdraw(self) -> None:
        """The asker takes it back."""

    @transition(state, [states.WITHDRAWN], states.DRAFT)
    def reopen(self) -> None:
        """What was withdrawn is edited again."""

    @transition(
        state,
        [
            states.DRAFT,
            states.IN_APPROVAL,
            states.RETURNED,
            states.APPROVED,
            states.IN_EXECUTION,
            states.WITHDRAWN,
        ],
        states.VOID,
    )
    def void(self) -> None:
        """It will never be posted."""

    @transition(
        state,
        [
            states.DRAFT,
            states.IN_APPROVAL,
            states.RETURNED,
            states.APPROVED,
            states.IN_EXECUTION,
        ],
        states.POSTED,
    )
    def book(self) -> None:
        """The book has it."""

    @transition(state, [states.POSTED], states.REVERSED)
    def undo(self) -> None:
        """All of it was reversed."""

    @transition(
        state,
        [states.IN_APPROVAL, states.RETURNED, states.APPROVED, states.IN_EXECUTION],
        states.CLOSED,
    )
    def close(self) -> None:
        """Nothing of an order is open any more."""


class Line(models.Model):
    """One line: quantities are in ``unit``; the exact ratio to the base unit is kept with the line.

    Requested is asked for, confirmed is promised (both are content: approvals are bound to them); actual
    is what was really moved (accepted + rejected for what arrives).
    """

    class Side(models.TextChoices):
        """What a line of a conversion is."""

        INPUT = "input", _("goes in")
        OUTPUT = "output", _("comes out")

    document = models.ForeignKey(
        Document,
        models.CASCADE,
        db_index=False,
        db_constraint=False,
        related_name="lines",
        verbose_name=_("document"),
    )
    """Kept by triggers, which ask for it once for many lines."""
    key = models.UUIDField(_("key"), default=uuid.uuid4, editable=False)
    position = models.PositiveIntegerField(_("position"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, db_index=False, related_name="+", verbose_name=_("unit")
    )
    numerator = models.BigIntegerField(default=1, editable=False)
    denominator = models.BigIntegerField(default=1, editable=False)
    """1 unit = numerator ÷ denominator base units, as it was when the line was written."""
    requested = QuantityField(_("requested"))
    confirmed = QuantityField(_("confirmed"), null=True, blank=True)
    actual = QuantityField(_("actual"), null=True, blank=True)
    rejected = QuantityField(_("rejected"), null=True, blank=True)
    """The part of actual that was not accepted; it goes to quarantine, or is not taken in."""
    rechecked = QuantityField(_("second check"), null=True, blank=True)
    side = models.CharField(_("side"), max_length=6, choices=Side.choices, blank=True, default="")
    source = models.ForeignKey(
        Place,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("from"),
    )
    target = models.ForeignKey(
        Place,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("to"),
    )
    lot = models.ForeignKey(
        Lot,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("lot"),
    )
    owner = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("owner"),
    )
    """Whose goods they are; empty for our own."""
    lot_number = models.CharField(_("lot number"), max_length=80, blank=True, default="")
    """The lot as typed; it becomes ``lot`` when it is known or, for what arrives, at posting."""
    manufactured_on = models.DateField(_("manufactured on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    target_lot_number = models.CharField(_("new lot"), max_length=80, blank=True, default="")
    price = RateField(_("price"), null=True, blank=True)
    """Per unit, in the document's currency."""
    price_with_tax = models.BooleanField(_("price includes tax"), default=False)
    tax_rate = RateField(_("tax rate %"), null=True, blank=True)
    value = ValueField(_("value"), null=True, blank=True)
    """In the company's currency: for value-only types what is added (or, below zero, taken); else what the
    whole line is worth where that is known better than by a price."""
    original = models.ForeignKey(
        Movement,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("returns or adjusts"),
    )
    source_line = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="made",
        verbose_name=_("made from line"),
    )
    reservation = models.BigIntegerField(null=True, blank=True, editable=False)
    reason = models.ForeignKey(
        Reason,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("reason"),
    )
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    peers: list["Line"]
    """Lines that were read together with this one, if it was read so (see core.peers)."""
    history = HistoricalRecords(
        no_db_index=[
            "item", "unit", "source", "target", "lot", "owner", "original", "source_line", "reason",
        ],
        user_db_constraint=False,
    )  # fmt: skip
    """Asked by line or by document only; more indexes would cost each posting more than its history. That its person
    exists is asked by a trigger once for many rows, where a foreign key would ask for each."""
    _history_user: Any

    class Meta:
        verbose_name = _("document line")
        verbose_name_plural = _("document lines")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="line_key_once"),
            models.CheckConstraint(
                condition=Q(requested__gte=0), name="line_requested_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(confirmed__isnull=True) | Q(confirmed__gte=0),
                name="line_confirmed_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(actual__isnull=True) | Q(actual__gte=0), name="line_actual_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(rejected__isnull=True)
                | Q(rejected__gte=0, actual__isnull=False, rejected__lte=F("actual")),
                name="line_rejected_within_actual",
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="line_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(tax_rate__isnull=True) | Q(tax_rate__gte=0, tax_rate__lt=1000),
                name="line_tax_rate_in_range",
            ),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, denominator__gt=0), name="line_ratio_positive"
            ),
        ]
        indexes = [
            models.Index(fields=["document", "position"], name="line_of_document"),
            models.Index(
                fields=["source_line"],
                condition=Q(source_line__isnull=False),
                name="line_made_from",
            ),
            models.Index(
                fields=["original"],
                condition=Q(original__isnull=False),
                name="line_of_original",
            ),
        ]
        # Asked by document, item, or what a line was made from or returns; more indexes cost each line more than all
        # else that is checked of it.

    def __str__(self) -> str:
        return f"{self.document} · {self.position}"


peers.know(Line, "item", "unit", "source", "target", "lot", "reason", "original", "source_line")


class Editor(models.Model):
    """Somebody wrote content of a document; a trigger keeps editors from approving it."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="editors", verbose_name=_("document")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user")
    )

    class Meta:
        verbose_name = _("editor")
        verbose_name_plural = _("editors")
        constraints = [
            models.UniqueConstraint(fields=["document", "user"], name="editor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document} · {self.user}"
