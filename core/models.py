"""What every app may lean on: the outbox, the runs of jobs and the kept answers of the API."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxRow(models.Model):
    """Something that happened and that one consumer must still follow.

    Written in the transaction of the change, one row per consumer; the database is the queue of
    record, Celery only carries it.
    """

    class State(models.TextChoices):
        """Where the row is on its way."""

        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        DEAD = "dead", _("Given up")

    consumer = models.CharField(_("consumer"), max_length=60)
    topic = models.CharField(_("topic"), max_length=60)
    subject = models.BigIntegerField(_("subject"))
    data = models.JSONField(_("data"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(_("created"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True, default="")

    class Meta:
        verbose_name = _("outbox row")
        verbose_name_plural = _("outbox")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "dead"]), name="outbox_state_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["consumer", "due_at", "id"],
                condition=Q(state="waiting"),
                name="outbox_waiting",
            ),
            models.Index(fields=["-id"], condition=Q(state="dead"), name="outbox_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject} → {self.consumer} ({self.state})"


class JobRun(models.Model):
    """One run of a job that must not run twice at a time, and what came of it. Only core.jobs writes it."""

    name = models.CharField(_("job"), max_length=60)
    started_at = models.DateTimeField(_("started"))
    lease_until = models.DateTimeField(_("holds until"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    ok = models.BooleanField(_("succeeded"), default=False)
    detail = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(finished_at__isnull=True), name="job_runs_alone"
            ),
        ]
        indexes = [models.Index(fields=["name", "-id"], name="job_run_newest")]

    def __str__(self) -> str:
        return f"{self.name} {self.started_at:%Y-%m-%d %H:%M}"


class IdempotentAnswer(models.Model):
    """What a write of the API answered, for the day in which it may be asked again. Only core.api.idempotency writes it."""

    actor = models.BigIntegerField(_("actor"))
    key = models.CharField(_("key"), max_length=200)
    request_hash = models.CharField(_("hash of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    body = models.TextField(
        _("answer"), help_text="JSON; as text, so that it comes back as it went"
    )
    headers = models.JSONField(_("headers"), default=dict)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="idempotency_key_once_per_actor"),
        ]
        indexes = [models.Index(fields=["created_at"], name="kept_answer_oldest")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key} → {self.status}"
