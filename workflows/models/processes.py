"""Processes and their versions: a document stays on the version it was submitted under."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from people.models import Company
from workflows import document_types
from workflows.steps import Options, Step, read


class Process(models.Model):
    """How documents of one type travel; its steps are in its versions."""

    class Usage(models.TextChoices):
        """Which documents of the type go this way."""

        STANDARD = "standard", _("Documents")
        IMPORT = "import", _("Trusted imports")

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    type = models.CharField(_("document type"), max_length=20, choices=document_types.CHOICES)
    usage = models.CharField(
        _("used for"), max_length=10, choices=Usage.choices, default=Usage.STANDARD
    )
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("process keeper"),
        help_text=_("Hears of documents for which nobody is found."),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "type", "usage"], name="process_once_per_type"
            ),
        ]

    def __str__(self) -> str:
        zh = (get_language() or "").startswith("zh")
        return self.name_zh if zh else self.name_en


class ProcessVersion(models.Model):
    """One version: a draft is edited, an active one is used by new documents, a retired one by old ones."""

    class State(models.TextChoices):
        """Where the version is in its life."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    process = models.ForeignKey(
        Process, models.PROTECT, related_name="versions", verbose_name=_("process")
    )
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    steps = models.JSONField(_("steps"), default=list)
    options = models.JSONField(_("options"), default=dict)
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("activated by"),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("version of a process")
        verbose_name_plural = _("versions of processes")
        ordering = ["process", "number"]
        constraints = [
            models.UniqueConstraint(fields=["process", "number"], name="process_version_once"),
            models.UniqueConstraint(
                fields=["process"], condition=Q(state="active"), name="process_one_active_version"
            ),
            models.UniqueConstraint(
                fields=["process"], condition=Q(state="draft"), name="process_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "active", "retired"]),
                name="process_version_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None)
                | Q(activated_by=None)
                | ~Q(activated_by=models.F("proposed_by")),
                name="process_version_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process} v{self.number}"

    def read_steps(self) -> tuple[Step, ...]:
        """The steps as rules."""
        return read(self.steps)

    def read_options(self) -> Options:
        """The options as rules."""
        return Options.from_dict(self.options)
