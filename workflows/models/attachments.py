"""Photos and files of a document; the content lies under its own hash, away from the web."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflows.models.documents import Document, Line


class Attachment(models.Model):
    """One file: ``sha256`` names its content in storage; ``key`` is made by the device that sent it."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="attachments", verbose_name=_("document")
    )
    line = models.ForeignKey(
        Line,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("line"),
    )
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    field = models.CharField(_("field"), max_length=40, blank=True, default="")
    """The custom field of kind photo that it fills."""
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=80)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    has_thumbnail = models.BooleanField(default=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    created_at = models.DateTimeField(_("added"))
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="attachment_key_once"),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name
