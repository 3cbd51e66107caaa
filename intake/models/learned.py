"""What was learned: words of headers, mappings and aliases of each sender, and when a company went live."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Company


class HeaderWord(models.Model):
    """A word of the header dictionary beside the shipped ones; ``off`` takes a shipped one away."""

    word = models.CharField(_("word"), max_length=80)
    field = models.CharField(_("field"), max_length=40)
    off = models.BooleanField(_("not meant"), default=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("word of headers")
        verbose_name_plural = _("words of headers")
        ordering = ["field", "word"]
        constraints = [
            models.UniqueConstraint(fields=["word", "field"], name="header_word_once"),
        ]

    def __str__(self) -> str:
        return f"{self.word} → {self.field}"


class RememberedMapping(models.Model):
    """The columns that a person accepted for sheets of one shape from one sender."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    sender = models.CharField(_("sender"), max_length=80, blank=True, default="")
    fingerprint = models.CharField(_("shape of the header"), max_length=64)
    columns = models.JSONField(_("columns"), default=dict)
    """Field → header."""
    purpose = models.CharField(_("becomes"), max_length=12, blank=True, default="")
    used_at = models.DateTimeField(_("last used"))

    class Meta:
        verbose_name = _("remembered mapping")
        verbose_name_plural = _("remembered mappings")
        ordering = ["-used_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "sender", "fingerprint"], name="mapping_once_per_sender"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} {self.fingerprint[:8]}"


class Alias(models.Model):
    """What a sender calls one of our records; learned when an import that says so is written."""

    class Kind(models.TextChoices):
        """Which record is meant."""

        ITEM = "item", _("Item")
        UNIT = "unit", _("Unit")
        WAREHOUSE = "warehouse", _("Warehouse")
        PLACE = "place", _("Place")
        PARTNER = "partner", _("Partner")
        DEPARTMENT = "department", _("Department")
        TYPE = "type", _("Type of movement")

    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    sender = models.CharField(_("sender"), max_length=80, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("what the sheet says"), max_length=200)
    """In its canonical form (intake.resolving.names)."""
    code = models.CharField(_("our code"), max_length=80)
    used_at = models.DateTimeField(_("last used"))

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        ordering = ["kind", "text"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "sender", "kind", "text"], name="alias_once_per_sender"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="alias_means_something"),
        ]

    def __str__(self) -> str:
        return f"{self.text} = {self.code}"


class GoingLive(models.Model):
    """The first day of a company's books here; once locked, opening stock is neither loaded nor undone."""

    company = models.OneToOneField(Company, models.CASCADE, related_name="+")
    start_on = models.DateField(_("first day"))
    locked_at = models.DateTimeField(_("locked"), null=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("going live")
        verbose_name_plural = _("going live")

    def __str__(self) -> str:
        return f"{self.company} {self.start_on}"
