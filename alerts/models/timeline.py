"""The timeline of a case, append-only, and its photos."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts.models.cases import Case


class CaseEvent(models.Model):
    """One entry: who did what, when and why. ``key`` is that of the request, so that the same request has one effect."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    verb = models.CharField(_("what"), max_length=20)
    old_state = models.CharField(max_length=14, blank=True, default="")
    new_state = models.CharField(max_length=14, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    data = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=120, blank=True, default="")
    door = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        verbose_name = _("entry of a case")
        verbose_name_plural = _("entries of cases")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "key"], condition=~Q(key=""), name="case_event_key_once"
            ),
        ]
        indexes = [models.Index(fields=["case", "id"], name="case_event_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.verb}"


class CasePhoto(models.Model):
    """A photo or file of a case; its content lies with the attachments of documents, under its hash."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="photos", db_index=False)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    """Made by the device that sent it."""
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

    class Meta:
        verbose_name = _("photo of a case")
        verbose_name_plural = _("photos of cases")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "key"], name="case_photo_key_once"),
            models.CheckConstraint(condition=Q(size__gt=0), name="case_photo_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name
