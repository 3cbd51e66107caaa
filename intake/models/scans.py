"""Scans of devices, kept with what came of them, so that each counts once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import QuantityField
from people.models import User
from workflows.models import Document


class DeviceScan(models.Model):
    """A scan that a device sent, and what came of it; written in the transaction of its effect, so that it has one."""

    key = models.UUIDField(_("key"), unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("user"))
    document = models.ForeignKey(
        Document, models.CASCADE, related_name="+", verbose_name=_("document")
    )
    code = models.CharField(_("code"), max_length=400)
    line = models.UUIDField(_("line"), null=True)
    quantity = QuantityField(_("quantity"), null=True)
    """Typed by hand at the line, in its unit, to be added; null for a scan."""
    scanned_at = models.DateTimeField(_("scanned at"))
    taken_at = models.DateTimeField(_("taken at"), auto_now_add=True)
    result = models.JSONField(_("result"))

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.code
