"""Channels by which people and rooms hear of things outside of the application, and what went out by them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from alerts.models.rules import Severity
from people.models import Notice, Role


class Channel(models.Model):
    """One way to one person, or to a room of several people (no ``user``: a robot in a group, a program).

    A person's channel carries that person's notices; a room's carries cases, of ``role`` or of everybody.
    ``address`` is secret too: the address of a robot holds its key.
    """

    class Kind(models.TextChoices):
        """How it travels."""

        MAIL = "mail", _("E-mail")
        WECOM = "wecom", _("WeCom robot")
        DINGTALK = "dingtalk", _("DingTalk robot")
        FEISHU = "feishu", _("Feishu robot")
        WEBHOOK = "webhook", _("Webhook")

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("channel"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="channels",
        verbose_name=pgettext_lazy("whose channel", "person"),
    )
    role = models.ForeignKey(
        Role, models.PROTECT, null=True, related_name="+", verbose_name=_("cases of")
    )
    address = models.CharField(_("address"), max_length=500, blank=True, default="")
    secret = models.CharField(max_length=120, blank=True, default="", editable=False)
    language = models.CharField(
        _("language"), max_length=10, blank=True, default="", choices=settings.LANGUAGES
    )
    """Of a room; a person's own language stands for theirs."""

    tasks = models.BooleanField(_("what waits for me"), default=True)
    late = models.BooleanField(_("what is late"), default=True)
    cases = models.BooleanField(_("cases"), default=True)
    digest = models.BooleanField(_("the weekly digest"), default=True)
    rest = models.BooleanField(_("everything else"), default=False)
    severity = models.CharField(
        _("cases from"), max_length=10, choices=Severity.choices, default=Severity.MEDIUM
    )
    daily_at = models.TimeField(_("once a day at"), null=True, blank=True)
    """Empty: at once. Otherwise what came is gathered into one message a day."""
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    created_at = models.DateTimeField(_("created"))
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_why = models.JSONField(_("why it stopped"), default=str, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("last arrival"), null=True, blank=True)
    history = HistoricalRecords(
        excluded_fields=["address", "secret", "failing_since", "arrived_at"]
    )

    class Meta:
        verbose_name = pgettext_lazy("alerts", "channel")
        verbose_name_plural = pgettext_lazy("alerts", "channels")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["mail", "wecom", "dingtalk", "feishu", "webhook"]),
                name="channel_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="mail") | ~Q(address=""), name="channel_has_address"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True) | Q(role__isnull=True),
                name="channel_of_person_has_no_role",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="channel_quiet_has_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One thing that one channel carries, once: a notice of a person, or (``mark``) something about a case."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", pgettext_lazy("message", "Waiting")
        LEAVING = "leaving", pgettext_lazy("message", "On its way")
        SENT = "sent", pgettext_lazy("message", "Arrived")
        SKIPPED = "skipped", pgettext_lazy("message", "Not wanted")

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    """Stays the same however often it is sent: a receiver takes it once."""
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="messages")
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="+")
    mark = models.CharField(max_length=120, blank=True, default="")
    kind = models.CharField(max_length=60)
    data = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=300, blank=True, default="")
    within = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="gathered", verbose_name=_("sent within")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("created"))
    due_at = models.DateTimeField(_("due"))
    sent_at = models.DateTimeField(_("arrived"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("alerts", "message")
        verbose_name_plural = pgettext_lazy("alerts", "messages")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "notice"],
                condition=Q(notice__isnull=False),
                name="message_once_per_notice",
            ),
            models.UniqueConstraint(
                fields=["channel", "mark"],
                condition=Q(notice__isnull=True),
                name="message_once_per_mark",
            ),
            models.CheckConstraint(
                condition=Q(notice__isnull=False) | ~Q(mark=""), name="message_is_about_something"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="message_due"),
            models.Index(fields=["channel", "-id"], name="message_of_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.channel}"
