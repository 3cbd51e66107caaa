"""What follows a posting and is done by people afterwards: goods handed to a carrier, an account settled."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from people.models import Company
from stock.models import Posting, Warehouse
from workflows.models.documents import Document


class FollowUp(models.Model):
    """One task of a department about one posting. Only workflows.followups writes it."""

    class Kind(models.TextChoices):
        """What is to be done."""

        DISPATCH = "dispatch", _("Dispatch")
        SETTLEMENT = "settlement", _("Settlement")

    class State(models.TextChoices):
        """A dispatch is packed, handed over and delivered; a settlement is open, then done."""

        OPEN = "open", _("To do")
        HANDED_OVER = "handed_over", _("Handed over")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="followups", verbose_name=_("document")
    )
    posting = models.ForeignKey(
        Posting, models.PROTECT, related_name="+", verbose_name=_("posting")
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    role = models.CharField(_("role"), max_length=40)
    """Whose people are told of it; whoever has the right for its kind may do it."""
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    carrier = models.CharField(_("carrier"), max_length=80, blank=True, default="")
    tracking = models.CharField(_("tracking number"), max_length=80, blank=True, default="")
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(_("created"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    history = HistoricalRecords(excluded_fields=["version"])
    _history_user: Any

    class Meta:
        verbose_name = _("follow-up task")
        verbose_name_plural = _("follow-up tasks")
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["posting", "kind"], name="followup_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False), name="followup_done_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="handed_over") | Q(kind="dispatch"),
                name="followup_handed_over_is_dispatch",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "due_at"],
                condition=Q(state__in=["open", "handed_over"]),
                name="followup_to_do",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.document}"
