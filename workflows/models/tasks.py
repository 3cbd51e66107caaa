"""Steps as they are run and the tasks of people in them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflows import steps
from workflows.models.documents import Document


class StepRun(models.Model):
    """A document was at a step: when it came, when it left, how, and how long people worked on it."""

    class Outcome(models.TextChoices):
        """How it left the step."""

        OPEN = "", _("open")
        DONE = "done", _("done")
        AUTO = "auto", _("passed by rule")
        SKIPPED = "skipped", _("not needed")
        RETURNED = "returned", _("returned")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="runs", verbose_name=_("document")
    )
    content_version = models.PositiveIntegerField(_("content version"))
    step = models.CharField(_("step"), max_length=40)
    name_en = models.CharField(max_length=80, blank=True, default="")
    name_zh = models.CharField(max_length=80, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=10)
    entered_at = models.DateTimeField(_("began"))
    left_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, blank=True, default=""
    )
    touch_seconds = models.PositiveIntegerField(_("worked on (seconds)"), default=0)
    valid = models.BooleanField(_("counts"), default=True)
    """False once the document was returned to this step or one before it."""
    input_hash = models.CharField(max_length=64, blank=True, default="")
    """What the step saw; after a return only steps whose input changed run again."""
    trace = models.JSONField(_("why"), default=list, blank=True)

    class Meta:
        verbose_name = _("step of a document")
        verbose_name_plural = _("steps of documents")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(
                    left_at__isnull=True,
                    kind__in=["approve", "confirm", "inspect", "execute", "post"],
                ),
                name="step_one_open_per_document",
            ),
        ]
        indexes = [models.Index(fields=["document", "id"], name="step_run_of_document")]

    def __str__(self) -> str:
        return f"{self.document} · {self.step}"


class Task(models.Model):
    """One person is asked in one step."""

    class State(models.TextChoices):
        """WAITING tasks come later in turn; HELD ones have a verdict that can still be undone."""

        WAITING = "waiting", _("Waits for its turn")
        OPEN = "open", _("To do")
        HELD = "held", _("Decided, can be undone")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("No longer needed")

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="tasks", verbose_name=_("document")
    )
    run = models.ForeignKey(StepRun, models.CASCADE, related_name="tasks", verbose_name=_("step"))
    kind = models.CharField(_("kind"), max_length=10, choices=steps.KIND_CHOICES)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="tasks", verbose_name=_("who")
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("on behalf of"),
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added by"),
    )
    turn = models.PositiveIntegerField(_("turn"), default=0)
    must = models.BooleanField(_("must agree whatever the mode"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    verdict = models.CharField(_("verdict"), max_length=10, blank=True, default="")
    """approved, refused, returned, done."""
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    comment = models.TextField(_("comment"), blank=True, default="")
    why = models.CharField(_("why it came to me"), max_length=40, blank=True, default="")
    """role, user, manager, asker, fallback, forwarded, added, stand_in, escalated."""
    created_at = models.DateTimeField(_("asked"))
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    remind_at = models.DateTimeField(_("reminder"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    held_until = models.DateTimeField(_("can be undone until"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    urged = models.PositiveIntegerField(_("urged"), default=0)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "user"],
                condition=Q(state__in=["waiting", "open", "held"]),
                name="task_once_per_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["held", "done"])
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(verdict=""),
                name="task_done_is_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "due_at"], condition=Q(state="open"), name="task_to_do"),
            models.Index(fields=["user", "-decided_at"], name="task_decided"),
            models.Index(
                fields=["due_at"], condition=Q(state="open", due_at__isnull=False), name="task_due"
            ),
            models.Index(fields=["held_until"], condition=Q(state="held"), name="task_held"),
        ]

    def __str__(self) -> str:
        return f"{self.document} · {self.kind} · {self.user}"


class Copy(models.Model):
    """Somebody gets a copy of a document: he sees it and decides nothing."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="copies", verbose_name=_("document")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="copies", verbose_name=_("user")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("copied by"),
    )
    created_at = models.DateTimeField(_("copied"))
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("copy")
        verbose_name_plural = _("copies")
        constraints = [models.UniqueConstraint(fields=["document", "user"], name="copy_once")]
        indexes = [models.Index(fields=["user", "-id"], name="copy_of_user")]

    def __str__(self) -> str:
        return f"{self.document} · {self.user}"
