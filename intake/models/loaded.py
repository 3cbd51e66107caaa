"""What came in: *every* row of a sheet that is in the book and every scan of a device, so that each counts once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import User
from stock.models import Posting, Warehouse
from workflows.models import Document


class LoadedRow(models.Model):
    """One row of a sheet and the line of the book it became; written in the same transaction.

    ``key`` is the hash of the row's own key, or of its content and how often that occurred before.
    ``content`` is the hash of its content: a known key with other content is a changed row.
    """

    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, db_index=False, verbose_name=_("warehouse")
    )
    key = models.CharField(_("key"), max_length=40)
    content = models.CharField(_("content"), max_length=40)
    posting = models.ForeignKey(Posting, models.PROTECT, verbose_name=_("posting"))
    line = models.PositiveIntegerField(_("line"))

    class Meta:
        verbose_name = _("loaded row")
        verbose_name_plural = _("loaded rows")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "key"], name="loaded_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.posting_id}/{self.line}"


class DeviceScan(models.Model):
    """A scan that a device sent, and what came of it; written in the transaction of its effect, so that it has one."""

    key = models.UUIDField(_("key"), unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("user"))
    document = models.ForeignKey(
        Document, models.CASCADE, related_name="+", verbose_name=_("document")
    )
    code = models.CharField(_("code"), max_length=400)
    line = models.UUIDField(_("line"), null=True)
    scanned_at = models.DateTimeField(_("scanned at"))
    taken_at = models.DateTimeField(_("taken at"), auto_now_add=True)
    result = models.JSONField(_("result"))

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.code
