"""Cases: what a rule found, whose it is, by when and what became of it. Only alerts.opening and alerts.door write them.

``state`` is moved by those two only: the field is protected, its methods have empty bodies, and a trigger refuses a
change that is not in the graph or does not raise ``version``.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from simple_history.models import HistoricalRecords

from alerts import states
from alerts.models.rules import Rule, Severity
from people.models import Role
from stock.models import Item, Lot, Partner, Warehouse
from workflows.models import Document

SHIPPED_CAUSES = {
    "gone": _("It went away by itself"),
    "late": _("Delivered late"),
    "demand": _("More was used than expected"),
    "setting": _("The rule or the master data was wrong"),
    "typing": _("Typing mistake"),
    "unit": _("Wrong unit or pack"),
    "item": _("Wrong item or lot"),
    "place": _("Wrong place"),
    "count": _("Counting mistake"),
    "damage": _("Damaged or spoilt"),
    "loss": _("Lost or stolen"),
    "paper": _("Document missing or late"),
    "system": _("Technical fault"),
    "other": _("Something else"),
}
GONE = "gone"


class Cause(models.Model):
    """One entry of the list of causes; shipped ones are translated, own ones say their name."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("cause")
        verbose_name_plural = _("causes")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name or str(SHIPPED_CAUSES.get(self.code, gettext(self.code)))


class Case(FSMModelMixin, models.Model):
    """One thing that somebody has to look after. ``subject_kind`` and ``subject_key`` say what it is about; the keys to
    items, warehouses and documents repeat that for lists and links.

    ``reason`` is the sentence that says why (core.said.noted), ``figures`` are the numbers behind it.
    """

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    rule = models.ForeignKey(
        Rule, models.PROTECT, related_name="cases", verbose_name=_("rule"), db_index=False
    )
    subject_kind = models.CharField(_("about"), max_length=20)
    subject_key = models.CharField(_("about which"), max_length=120)
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, related_name="cases", verbose_name=_("item")
    )
    lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, related_name="+", verbose_name=_("lot"), db_index=False
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, null=True, related_name="+", verbose_name=_("warehouse")
    )
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("partner"),
        db_index=False,
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="cases", verbose_name=_("document")
    )
    state: Any = FSMField(
        _("state"), max_length=14, default=states.OPEN, protected=True, choices=states.CHOICES
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    reason = models.JSONField(_("why"), default=str)
    figures = models.JSONField(_("figures"), default=dict, blank=True)

    role = models.ForeignKey(
        Role, models.PROTECT, null=True, related_name="+", verbose_name=_("whose it is")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="cases",
        verbose_name=_("owner"),
    )
    """Empty until one of several holders of the role takes it."""
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("reported by"),
    )
    times = models.PositiveIntegerField(_("times"), default=1)
    """How often it came: 1, and one more for each time it was opened again."""
    opened_at = models.DateTimeField(_("opened"))
    seen_at = models.DateTimeField(_("last seen"))
    """When its figures were found last."""
    due_at = models.DateTimeField(_("due"), null=True)
    remind_at = models.DateTimeField(_("reminder"), null=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    cleared_at = models.DateTimeField(_("cause gone"), null=True)
    """When the cause was seen to be gone; while it stands, a case that is over does not come again by itself
    before ``silent_until``."""
    silent_until = models.DateTimeField(pgettext_lazy("case", "silent until"), null=True)
    cause = models.ForeignKey(
        Cause, models.PROTECT, null=True, related_name="+", verbose_name=_("cause")
    )
    closing = models.CharField(_("what was done"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = pgettext_lazy("alerts", "case")
        verbose_name_plural = pgettext_lazy("alerts", "cases")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_kind", "subject_key"],
                condition=Q(state__in=states.LIVE),
                name="case_open_once_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(states.BY_CODE)), name="case_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="case_severity_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=states.LIVE, ended_at__isnull=True)
                | Q(state__in=states.OVER, ended_at__isnull=False),
                name="case_over_has_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=states.SOLVED) | Q(cause__isnull=False),
                name="case_solved_has_cause",
            ),
            models.CheckConstraint(
                condition=~Q(state=states.DISMISSED) | ~Q(closing=""),
                name="case_dismissed_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.ACKNOWLEDGED, states.IN_WORK])
                | Q(owner__isnull=False, acknowledged_at__isnull=False),
                name="case_taken_has_owner",
            ),
            models.CheckConstraint(condition=Q(times__gte=1), name="case_came_once"),
        ]
        indexes = [
            models.Index(
                fields=["rule", "subject_kind", "subject_key", "-id"], name="case_of_subject"
            ),
            models.Index(
                fields=["owner", "due_at"], condition=Q(state__in=states.LIVE), name="case_to_do"
            ),
            models.Index(fields=["due_at"], condition=Q(state__in=states.LIVE), name="case_due"),
            models.Index(fields=["state", "-id"], name="case_in_state"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.rule}"

    @property
    def about(self) -> states.State:
        """Its state's row."""
        return states.BY_CODE[self.state]

    # The graph. The bodies are empty: the work is done in alerts.door and alerts.opening, under the lock.

    @transition(state, [states.OPEN], states.ACKNOWLEDGED)
    def acknowledge(self) -> None:
        """Somebody looks after it."""

    @transition(state, [states.OPEN, states.ACKNOWLEDGED], states.IN_WORK)
    def start(self) -> None:
        """Somebody works on it."""

    @transition(state, [states.ACKNOWLEDGED, states.IN_WORK], states.OPEN)
    def release(self) -> None:
        """Whoever had it gave it back."""

    @transition(state, list(states.LIVE), states.SOLVED)
    def solve(self) -> None:
        """It is mended, and why it came is known."""

    @transition(state, list(states.LIVE), states.DISMISSED)
    def dismiss(self) -> None:
        """There is nothing to mend."""

    @transition(state, list(states.OVER), states.OPEN)
    def reopen(self) -> None:
        """It came again, or was not mended."""


class Sighting(models.Model):
    """Something that a rule with a dwell has found and that has not lasted long enough to be a case."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="sightings", verbose_name=_("rule"))
    subject_kind = models.CharField(_("about"), max_length=20)
    subject_key = models.CharField(_("about which"), max_length=120)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(_("first seen"))

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_kind", "subject_key"], name="sighting_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.subject_kind} {self.subject_key}"
