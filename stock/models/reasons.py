"""Reasons: why stock was changed outside the routine."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

SHIPPED = {
    "correction": _("Correction of a mistake"),
    "damaged": _("Damaged"),
    "expired": _("Expired"),
    "lost": _("Lost or stolen"),
    "found": _("Found"),
    "sample": _("Sample or gift"),
    "own_use": _("Own use"),
    "opening": _("Opening difference"),
    "urgent": _("Urgent need, receipt follows"),
    "other": _("Other"),
}


class Reason(models.Model):
    """One entry of the list of reasons; shipped ones are translated, own ones say their name."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ["id"]

    @property
    def is_shipped(self) -> bool:
        """Whether it came with the program, which knows it by its code."""
        return self.code in SHIPPED

    def __str__(self) -> str:
        return self.name or str(SHIPPED.get(self.code, gettext(self.code)))
