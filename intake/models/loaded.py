"""What was loaded: *every* row of a sheet that is in the book, so that it can never be loaded twice."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stock.models import Posting, Warehouse


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
