"""Fields that an administrator adds to a type of document, without code."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from workflows import document_types


class CustomField(models.Model):
    """One field; its values are kept in the document's (or line's) ``custom`` under ``key``."""

    class Kind(models.TextChoices):
        """What it holds."""

        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        FLAG = "flag", _("Yes or no")
        USER = "user", _("User")
        PHOTO = "photo", _("Photo")

    type = models.CharField(_("document type"), max_length=20, choices=document_types.CHOICES)
    key = models.SlugField(_("key"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    required = models.BooleanField(_("required when submitting"), default=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ["type", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["type", "key"], name="custom_field_key_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["text", "number", "date", "choice", "flag", "user", "photo"]),
                name="custom_field_kind_is_known",
            ),
        ]

    def __str__(self) -> str:
        zh = (get_language() or "").startswith("zh")
        return (self.name_zh if zh else self.name_en) or self.key
