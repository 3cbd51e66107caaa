"""Working hours, holidays and absences: when limits run, and who stands in for whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from people.models import Company
from workflows import document_types


def _usual_hours() -> dict[str, list[list[str]]]:
    """Monday to Friday, 8:30–12:00 and 13:00–17:30."""
    day = [["08:30", "12:00"], ["13:00", "17:30"]]
    return {str(weekday): [list(span) for span in day] for weekday in range(5)}


class Calendar(models.Model):
    """The working week of a company: weekday (0 is Monday) → spans of local time."""

    company = models.OneToOneField(Company, models.CASCADE, verbose_name=_("company"))
    hours = models.JSONField(_("hours"), default=_usual_hours)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")

    def __str__(self) -> str:
        return str(self.company)


class Holiday(models.Model):
    """A day that is not as its weekday: free, or worked (``hours``) although the weekday is free."""

    calendar = models.ForeignKey(
        Calendar, models.CASCADE, related_name="holidays", verbose_name=_("working calendar")
    )
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=80, blank=True)
    hours = models.JSONField(_("hours"), default=list, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="holiday_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Absence(models.Model):
    """Somebody is away and somebody else does his tasks meanwhile."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="absences",
        verbose_name=_("who is away"),
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="stands_in",
        verbose_name=_("stand-in"),
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    type = models.CharField(
        _("only for"), max_length=20, choices=document_types.CHOICES, blank=True, default=""
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(user=F("stand_in")), name="absence_has_another_stand_in"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.stand_in}"
