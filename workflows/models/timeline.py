"""The timeline of a document: who did what, when and why; append-only."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.models.documents import Document


class Event(models.Model):
    """One entry. ``verb`` is what was done; ``data`` holds diffs, reasons, names of steps and people."""

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="events", verbose_name=_("document")
    )
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("on behalf of"),
    )
    verb = models.CharField(_("what"), max_length=20)
    old_state = models.CharField(max_length=20, blank=True, default="")
    new_state = models.CharField(max_length=20, blank=True, default="")
    content_version = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    data = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=120, blank=True, default="")
    """The key of the request, so that the same request has one effect."""
    door = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "key"],
                condition=~models.Q(key=""),
                name="event_key_once",
            ),
        ]
        indexes = [models.Index(fields=["document", "id"], name="event_of_document")]

    def __str__(self) -> str:
        return f"{self.document} · {self.verb}"
