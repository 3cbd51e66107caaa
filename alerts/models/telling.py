"""Who is to be told what of a case, and when; the channels follow it (topic ``alerts.telling``)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts.models.cases import Case


class Telling(models.Model):
    """One person is told one thing; within quiet hours ``due_at`` is their end. Only alerts.telling writes it."""

    class What(models.TextChoices):
        """What it is about."""

        OPENED = "opened", _("a new case")
        AGAIN = "again", _("a case came again")
        ASSIGNED = "assigned", _("a case was handed over")
        REMINDER = "reminder", _("a case is soon due")
        OVERDUE = "overdue", _("a case is overdue")
        COMMENT = "comment", _("a comment on a case")
        ENDED = "ended", _("a case ended")
        MANY = "many", _("many new cases at once")
        DIGEST = "digest", _("the weekly digest")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="tellings")
    """Empty for a digest."""
    what = models.CharField(_("what"), max_length=10, choices=What.choices)
    mark = models.CharField(max_length=60, blank=True, default="")
    """Which time it is told: the same is told once to the same person."""
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("created"))
    due_at = models.DateTimeField(_("due"))
    sent_at = models.DateTimeField(_("told"), null=True, blank=True)

    class Meta:
        verbose_name = _("telling")
        verbose_name_plural = _("tellings")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user", "what", "mark"],
                condition=Q(case__isnull=False),
                name="telling_once",
            ),
            models.UniqueConstraint(
                fields=["user", "what", "mark"],
                condition=Q(case__isnull=True),
                name="telling_without_case_once",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at__isnull=True), name="telling_due"),
        ]

    def __str__(self) -> str:
        return f"{self.what} → {self.user_id}"
