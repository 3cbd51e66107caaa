"""Periods: no posting into a closed one."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from people.models import Company


class Period(models.Model):
    """A calendar month of a company. A month without a row is open."""

    class State(models.TextChoices):
        """Open or closed."""

        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("changed by")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["company", "month"], name="period_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="period_starts_on_day_1"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
