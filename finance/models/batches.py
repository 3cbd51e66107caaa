"""Vouchers that are handed over: how a company wants them, the batches, what became of each."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from simple_history.models import HistoricalRecords

from core.fields import ValueField
from finance.models.journal import JournalEntry
from people.models import Company


class HandoverProfile(models.Model):
    """How vouchers go to one accounting system: format, grouping, word, and where they are pushed."""

    class Grouping(models.TextChoices):
        """What one voucher is made of."""

        DOCUMENT = "document", _("one voucher per document")
        DAY = "day", _("one voucher per day")
        TYPE = "type", _("one voucher per day and movement type")

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    name = models.CharField(_("name"), max_length=80)
    format = models.CharField(_("format"), max_length=20)
    encoding = models.CharField(_("encoding"), max_length=12, blank=True, default="")
    grouping = models.CharField(
        _("grouping"), max_length=10, choices=Grouping.choices, default=Grouping.DOCUMENT
    )
    word = models.CharField(_("voucher word"), max_length=8, default="记")
    first_number = models.PositiveIntegerField(
        _("first number of a month"),
        default=1,
        help_text=_("Where the accounting system numbers vouchers of its own, begin beyond them."),
    )
    template = models.JSONField(_("template"), null=True, blank=True)
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    words = models.JSONField(_("codes of voucher words"), default=dict, blank=True)
    push_url = models.CharField(_("address"), max_length=500, blank=True, default="")
    push_secret = models.CharField(max_length=80, blank=True, default="", editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=["push_secret"])

    class Meta:
        verbose_name = _("way of handing over")
        verbose_name_plural = _("ways of handing over")
        ordering = ["company", "name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="handover_profile_once"),
            models.CheckConstraint(
                condition=Q(first_number__gte=1), name="handover_profile_numbers_from_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VoucherBatch(FSMModelMixin, models.Model):
    """Vouchers that were made together, with the settings they were made by. ``digest`` is that of their content."""

    class State(models.TextChoices):
        """What became of it."""

        MADE = "made", _("Not confirmed yet")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Received, not confirmed")
        FAILED = "failed", _("Sending failed")
        CONFIRMED = "confirmed", _("Confirmed")
        WITHDRAWN = "withdrawn", _("Taken back")

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    profile = models.ForeignKey(
        HandoverProfile,
        models.PROTECT,
        related_name="batches",
        verbose_name=_("way of handing over"),
    )
    number = models.PositiveIntegerField(_("number"))
    month = models.DateField(_("month"))
    options = models.JSONField(_("settings"), default=dict)
    state: Any = FSMField(
        _("state"), max_length=10, default=State.MADE, protected=True, choices=State.choices
    )
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    entries = models.PositiveIntegerField(_("entries"))
    vouchers = models.PositiveIntegerField(_("vouchers"))
    total = ValueField(_("total"))
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("batch of vouchers")
        verbose_name_plural = _("batches of vouchers")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="voucher_batch_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="voucher_batch_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"HO-{self.month:%Y%m}-{self.number:04d}"

    @transition(state, [State.MADE, State.FAILED, State.SENT], State.SENDING)
    def send(self) -> None:
        """It is on its way to the address of its profile."""

    @transition(state, [State.SENDING, State.FAILED], State.SENT)
    def arrive(self) -> None:
        """The other side has it."""

    @transition(state, [State.SENDING, State.FAILED], State.FAILED)
    def fail(self) -> None:
        """It did not arrive; it may be tried again."""

    @transition(state, [State.MADE, State.SENT, State.FAILED, State.SENDING], State.CONFIRMED)
    def confirm(self) -> None:
        """The accounting system has booked it."""

    @transition(state, [State.MADE, State.FAILED, State.SENT], State.WITHDRAWN)
    def withdraw(self) -> None:
        """It was not booked; its entries are to be handed over again."""


class Voucher(models.Model):
    """A voucher as it was made, kept whole. Its number is the next of its month and word (trigger)."""

    batch = models.ForeignKey(
        VoucherBatch, models.PROTECT, related_name="kept", verbose_name=_("batch")
    )
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    month = models.DateField(_("month"))
    word = models.CharField(_("voucher word"), max_length=8)
    number = models.PositiveIntegerField(_("number"))
    date = models.DateField(_("date"))
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    total = ValueField(_("total"))
    content = models.JSONField(_("content"))
    withdrawn = models.BooleanField(_("taken back"), default=False)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "month", "word", "number"],
                condition=Q(withdrawn=False),
                name="voucher_number_once",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="voucher_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.word}-{self.number:04d}"


class HandedEntry(models.Model):
    """That an entry is on a voucher (a long one: on several, this is the first); once, unless taken back."""

    batch = models.ForeignKey(
        VoucherBatch, models.PROTECT, related_name="handed", verbose_name=_("batch")
    )
    voucher = models.ForeignKey(
        Voucher, models.PROTECT, related_name="handed", verbose_name=_("voucher")
    )
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="handed", verbose_name=_("entry")
    )
    withdrawn = models.BooleanField(_("taken back"), default=False)

    class Meta:
        verbose_name = _("entry handed over")
        verbose_name_plural = _("entries handed over")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(withdrawn=False), name="entry_handed_over_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} → {self.voucher_id}"


class BatchEvent(models.Model):
    """What happened to a batch, with a reply that was uploaded or came back; nothing is taken away."""

    class Kind(models.TextChoices):
        """What happened."""

        MADE = "made", _("made")
        TAKEN = "taken", _("file taken")
        QUEUED = "queued", _("sending asked for")
        SENT = "sent", _("received by the other side")
        FAILED = "failed", _("sending failed")
        CONFIRMED = "confirmed", _("confirmed")
        WITHDRAWN = "withdrawn", _("taken back")

    batch = models.ForeignKey(
        VoucherBatch, models.PROTECT, related_name="events", verbose_name=_("batch")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    at = models.DateTimeField(_("time"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    text = models.TextField(_("text"), blank=True)
    reply_name = models.CharField(_("name of the reply"), max_length=200, blank=True, default="")
    reply = models.BinaryField(_("reply"), null=True)

    class Meta:
        verbose_name = _("event of a batch")
        verbose_name_plural = _("events of batches")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.kind}"
