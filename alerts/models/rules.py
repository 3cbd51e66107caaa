"""Rules: what is looked for, where, whose it is and how soon it must be looked after; data that people edit."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from people.models import Role
from stock.models import Category, Item, Warehouse


class Severity(models.TextChoices):
    """How bad it is; the order is that of the centre."""

    CRITICAL = "critical", pgettext_lazy("severity", "Critical")
    HIGH = "high", pgettext_lazy("severity", "High")
    MEDIUM = "medium", pgettext_lazy("severity", "Medium")


class Rule(models.Model):
    """One rule. ``kind`` names its module in alerts.kinds, ``parameters`` are checked by it.

    An empty scope means everything. A case that comes of it belongs to the holders of ``role`` in the warehouse of
    its subject, where nobody holds it to ``fallback``.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    """Shipped rules are known by it."""
    kind = models.SlugField(_("kind"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("warehouse"),
    )
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity.choices, default=Severity.MEDIUM
    )
    active = models.BooleanField(_("active"), default=True)
    role = models.ForeignKey(
        Role,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("whose it is"),
        help_text=_("The role whose people look after it, each in his warehouses."),
    )
    fallback = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("otherwise"),
        help_text=_("Who gets it where nobody has the role, and who is told when it is overdue."),
    )
    deadline_hours = models.PositiveSmallIntegerField(
        _("deadline (working hours)"), null=True, blank=True, default=8
    )
    remind_hours = models.PositiveSmallIntegerField(
        _("reminder before it (working hours)"), null=True, blank=True
    )
    hysteresis_percent = models.PositiveSmallIntegerField(
        _("hysteresis (%)"),
        default=0,
        help_text=_(
            "By how much it must be better before a case ends, so that it does not come and go."
        ),
    )
    dwell_minutes = models.PositiveIntegerField(
        _("dwell (minutes)"),
        default=0,
        help_text=_("How long it must last before a case opens."),
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    """Within these hours of local time cases open, but nobody is told before their end."""
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    history = HistoricalRecords(excluded_fields=["changed_at"])

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="rule_severity_is_known"
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="rule_quiet_has_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(hysteresis_percent__lte=100), name="rule_hysteresis_at_most_100"
            ),
        ]
        indexes = [models.Index(fields=["kind"], condition=Q(active=True), name="rule_active")]

    def __str__(self) -> str:
        from alerts import kinds

        return self.name or kinds.label(self.kind)
