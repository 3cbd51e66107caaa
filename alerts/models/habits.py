"""What is remembered of posted lines, and what people said was right. Only alerts.anomaly writes these tables.

Everything but the acceptances can be rebuilt from the book (``manage.py rebuild_habits``).
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stock.models import Item
from workflows.models import Document


class Habit(models.Model):
    """The last lines of an item (or of a category) with one type, newest last.

    ``seen`` holds them as alerts.anomaly.lines.Seen, ``total`` says how many there ever were.
    """

    class Level(models.TextChoices):
        """Whose lines they are."""

        ITEM = "item", _("item")
        CATEGORY = "category", _("category")

    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    subject = models.BigIntegerField(_("of which"))
    """Key of the item or of the category."""
    type = models.CharField(_("type"), max_length=20)
    seen = models.JSONField(_("lines"), default=list)
    total = models.IntegerField(_("how many ever"), default=0)

    class Meta:
        verbose_name = _("habit")
        verbose_name_plural = _("habits")
        constraints = [
            models.UniqueConstraint(fields=["level", "subject", "type"], name="habit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.subject} {self.type}: {self.total}"


class Manner(models.Model):
    """How a type is usually written, all items together, and what its limits are.

    ``hours`` counts lines by hour of the week, ``lags`` by how late they were written, ``counts`` by person,
    department and reason. ``limits`` are learned from habits now and then; ``levels`` say how many warnings of each
    kind were accepted lately.
    """

    type = models.CharField(_("type"), max_length=20, unique=True)
    hours = models.JSONField(_("by hour of the week"), default=list)
    lags = models.JSONField(_("by delay"), default=list)
    counts = models.JSONField(_("by person, department and reason"), default=dict)
    limits = models.JSONField(_("limits"), default=dict)
    levels = models.JSONField(_("accepted lately"), default=dict)
    calibrated = models.PositiveIntegerField(_("lines at the last calibration"), default=0)

    class Meta:
        verbose_name = _("manner")
        verbose_name_plural = _("manners")

    def __str__(self) -> str:
        return self.type


class Acceptance(models.Model):
    """Somebody saw a warning on a line and said "it is right".

    ``mark`` or ``amount`` say what it was about; ``said`` is the sentence (core.said.noted).
    """

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="acceptances", verbose_name=_("document")
    )
    line = models.UUIDField(_("line"))
    """The line's key: the line itself may be taken out again."""
    code = models.CharField(_("judgement"), max_length=30)
    mark = models.CharField(_("about which"), max_length=80, blank=True)
    amount = models.FloatField(_("about how much"), null=True)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    type = models.CharField(_("type"), max_length=20)
    said = models.JSONField(_("what was said"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("accepted by")
    )
    at = models.DateTimeField(_("accepted"))

    class Meta:
        verbose_name = _("accepted warning")
        verbose_name_plural = _("accepted warnings")
        constraints = [
            models.UniqueConstraint(fields=["document", "line", "code"], name="acceptance_once"),
        ]
        indexes = [models.Index(fields=["item", "type"], name="acceptance_item")]

    def __str__(self) -> str:
        return f"{self.code} {self.line}"
