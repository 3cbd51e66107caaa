"""The journal: entries and their lines, append-only but for how far finance has looked at them.

A line debits one account and credits another with the same amount, so that debits are credits by its shape.
A negative amount is red (红字). ``finance.queries.legs`` shows lines as debits and credits.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from core.fields import QuantityField, ValueField
from finance.models.accounts import Account, AccountRule
from finance.review import states
from people.models import Company, Department
from stock.models import Item, Movement, Partner, Posting


class JournalEntry(FSMModelMixin, models.Model):
    """The money side of one posting, or what finance booked beside it.

    ``lines`` and ``inventory`` (by how much it changes the inventory accounts) are checked by triggers
    against its lines and against the movements of its posting; lines come before or with their entry.
    """

    class Kind(models.TextChoices):
        """Where it comes from."""

        POSTING = "posting", _("Movement of stock")
        RECLASS = "reclass", _("Reclassification")
        INVOICE = "invoice", _("Purchase invoice")

    class Review(models.TextChoices):
        """How far finance has looked at it."""

        NONE = "none", _("Nothing to review")
        UNREVIEWED = "unreviewed", _("Unreviewed")
        QUESTIONED = "questioned", _("Questioned")
        REVIEWED = "reviewed", _("Reviewed")
        HANDED_OVER = "handed_over", _("Handed over to accounting")

    company = models.ForeignKey(
        Company, models.PROTECT, db_index=False, db_constraint=False, verbose_name=_("company")
    )
    posting = models.OneToOneField(
        Posting,
        models.PROTECT,
        null=True,
        db_constraint=False,
        related_name="entry",
        verbose_name=_("posting"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    key = models.CharField(_("key"), max_length=120, blank=True, default="")
    date = models.DateField(_("date"))
    recorded_at = models.DateTimeField(_("recorded"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("booked by"),
    )
    document = models.CharField(_("document"), max_length=80, blank=True)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    lines = models.PositiveIntegerField(_("lines"))
    total = ValueField(_("total"))
    inventory = ValueField(_("change of the value of stock"))
    review: Any = FSMField(
        _("review"), max_length=12, choices=Review.choices, default=Review.NONE, protected=True
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("reviewed by"),
    )

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "key"], condition=~Q(key=""), name="entry_key_once"
            ),
            models.CheckConstraint(
                condition=Q(posting__isnull=False, kind="posting", key="")
                | Q(posting__isnull=True) & ~Q(kind="posting") & ~Q(key=""),
                name="entry_has_a_posting_or_a_key",
            ),
            models.CheckConstraint(
                condition=Q(lines=0, review="none") | Q(lines__gt=0) & ~Q(review="none"),
                name="entry_without_lines_has_nothing_to_review",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "date", "id"], name="entry_by_day"),
            models.Index(
                fields=["company", "review", "date"],
                condition=Q(review__in=["unreviewed", "questioned", "reviewed"]),
                name="entry_to_do",
            ),
        ]

    def __str__(self) -> str:
        return self.document or f"#{self.pk}"

    @transition(review, [states.UNREVIEWED, states.QUESTIONED], states.REVIEWED)
    def accept(self) -> None:
        """Finance agrees with it."""

    @transition(review, states.sources(states.QUESTIONED), states.QUESTIONED)
    def question(self) -> None:
        """Finance asks about it."""

    @transition(review, states.sources(states.UNREVIEWED), states.UNREVIEWED)
    def reopen(self) -> None:
        """It is to be looked at again."""

    @transition(review, states.sources(states.HANDED_OVER), states.HANDED_OVER)
    def hand_over(self) -> None:
        """It is on a voucher."""

    @transition(review, [states.HANDED_OVER], states.REVIEWED)
    def take_back(self) -> None:
        """Its voucher was taken back."""


class JournalLine(models.Model):
    """Debits one account and credits another. Facts of the goods are those of its movement.

    ``waiting``: an account was missing when it was written (the side whose rule is empty), so it went to
    suspense or to the default of stock; ``adjusts`` names the line that a reclassification corrects.
    """

    entry = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        related_name="every_line",
        db_index=False,
        db_constraint=False,
        verbose_name=_("entry"),
    )
    number = models.PositiveIntegerField(_("line"))
    debit_account = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("debit"),
    )
    credit_account = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("credit"),
    )
    amount = ValueField(_("amount"), help_text=_("Below zero: in red."))
    debit_rule = models.ForeignKey(
        AccountRule,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("rule of the debit"),
    )
    credit_rule = models.ForeignKey(
        AccountRule,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("rule of the credit"),
    )
    waiting = models.BooleanField(_("waits for an account"), default=False)
    movement = models.ForeignKey(
        Movement,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("movement"),
    )
    adjusts = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="adjustments",
        verbose_name=_("corrects"),
    )
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+",
        verbose_name=_("item"),
    )  # fmt: skip
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+",
        verbose_name=_("partner"),
    )  # fmt: skip
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+",
        verbose_name=_("department"),
    )  # fmt: skip
    cost_object = models.CharField(_("cost object"), max_length=60, blank=True, default="")
    quantity = QuantityField(_("quantity"), default=0)

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="journal_line_once"),
            models.UniqueConstraint(
                fields=["movement"],
                condition=Q(movement__isnull=False, adjusts__isnull=True),
                name="journal_line_of_movement_once",
            ),
            models.CheckConstraint(
                condition=~Q(debit_account=F("credit_account")), name="journal_line_goes_somewhere"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="journal_line_has_an_amount"),
        ]
        indexes = [
            models.Index(fields=["entry"], condition=Q(waiting=True), name="journal_line_waiting"),
            models.Index(
                fields=["adjusts"],
                condition=Q(adjusts__isnull=False),
                name="journal_line_adjusts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debit_account_id} ← {self.credit_account_id}: {self.amount}"


class EntryNote(models.Model):
    """What was said about an entry while it was reviewed: a question, its answer, a change of state."""

    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="notes", verbose_name=_("entry")
    )
    at = models.DateTimeField(_("time"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    review = models.CharField(
        _("review"), max_length=12, choices=JournalEntry.Review.choices, blank=True
    )
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("note on an entry")
        verbose_name_plural = _("notes on entries")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.text[:40]}"
