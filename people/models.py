"""Companies, departments, users, roles, the memberships that join them, notices and API tokens."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from core.codes import CodeField
from core.words import listed
from people import rights


class Company(models.Model):
    """Whose stock it is: the currency of its values and the time zone of its business days."""

    code = CodeField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    currency_places = models.PositiveSmallIntegerField(_("decimals of the currency"), default=2)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    is_demo = models.BooleanField(_("demo company"), default=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.CheckConstraint(
                condition=Q(currency_places__lte=4), name="company_currency_places_at_most_4"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A part of the company that asks for, approves or uses stock."""

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    code = CodeField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("belongs to")
    )
    manager = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_departments",
        verbose_name=_("manager"),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class User(AbstractUser):
    """A person who signs in."""

    class Theme(models.TextChoices):
        """Light or dark, or what the system says."""

        SYSTEM = "", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        """How close rows stand."""

        COMPACT = "", _("Compact")
        COZY = "cozy", _("Comfortable")

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(pgettext_lazy("person", "name"), max_length=80)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, verbose_name=_("department")
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        default="",
        choices=[("", _("As the browser")), ("en", "English"), ("zh-hans", "简体中文")],
    )
    theme = models.CharField(
        _("theme"), max_length=10, blank=True, default="", choices=Theme.choices
    )
    density = models.CharField(
        _("density"), max_length=10, blank=True, default="", choices=Density.choices
    )
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, default="")
    """Empty: the company's."""
    home = models.CharField(_("home page"), max_length=20, blank=True, default="")
    """The code of a home (people.homes); empty: that of the user's roles."""
    single_keys = models.BooleanField(_("keys without Ctrl work"), default=True)
    first_day = models.JSONField(_("first steps"), default=dict, blank=True, editable=False)
    """Which first steps were left out, and whether the list was put away."""
    history = HistoricalRecords(excluded_fields=["password", "last_login", "first_day"])

    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The name; Chinese names are not split."""
        return str(self)

    def get_short_name(self) -> str:
        """The name; Chinese names are not split."""
        return str(self)


def _known_rights(codes: object) -> None:
    """Refuse a right that does not exist."""
    unknown = sorted(set(codes) - rights.RIGHT_CODES) if isinstance(codes, list) else [str(codes)]
    if unknown:
        raise ValidationError(_("Unknown rights: %(codes)s"), params={"codes": listed(unknown)})


class Role(models.Model):
    """A named set of rights."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    rights = models.JSONField(_("rights"), default=list, validators=[_known_rights])
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["id"]

    def __str__(self) -> str:
        shipped = next((r.label for r in rights.SHIPPED_ROLES if r.code == self.code), "")
        return self.name or str(shipped) or self.code


class Scope(models.Model):
    """Something a membership can be limited to; the app that owns the thing creates its scope."""

    code = CodeField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("scope")
        verbose_name_plural = _("scopes")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user has a role, everywhere or in some scopes (warehouses) only."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    role = models.ForeignKey(
        Role, models.PROTECT, related_name="memberships", verbose_name=_("role")
    )
    everywhere = models.BooleanField(_("in every warehouse"), default=False)
    scopes = models.ManyToManyField(
        Scope, blank=True, related_name="memberships", verbose_name=_("warehouses")
    )
    history = HistoricalRecords(m2m_fields=[scopes])

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="membership_once_per_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class Notice(models.Model):
    """Something a user should see behind the bell; the text is rendered in the reader's language."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name=_("user"))
    kind = models.CharField(_("kind"), max_length=60)
    data = models.JSONField(_("data"), default=dict, blank=True)
    url = models.CharField(_("link"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_of_user"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user}"


class ApiToken(models.Model):
    """Lets a program act for a user, within scopes and for a limited time. Only people.tokens writes it.

    There is no column for the expiry that could be moved: a token is good for ``days`` from ``created_at``.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(_("hash"), max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    days = models.PositiveSmallIntegerField(_("good for (days)"))
    created_at = models.DateTimeField(_("created"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=365), name="token_good_for_a_year_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    @property
    def expires_at(self) -> datetime:
        """The moment from which it is no longer good."""
        return self.created_at + timedelta(days=self.days)

    @property
    def is_over(self) -> bool:
        """Whether it is revoked or expired."""
        return self.revoked_at is not None or self.expires_at <= timezone.now()


class SavedView(models.Model):
    """A list as somebody wants to see it again: its filters, order and columns, as they stand in the address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("user"))
    table = models.CharField(_("list"), max_length=60)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("address"), max_length=2000, blank=True)
    shared = models.BooleanField(_("for everybody"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "table", "name"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ListLayout(models.Model):
    """Which columns of a list somebody sees on one kind of device, in which order and how wide (core.layout)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("user"))
    table = models.CharField(_("list"), max_length=60)
    phone = models.BooleanField(_("on a phone"), default=False)
    columns = models.JSONField(_("columns"), default=list)

    class Meta:
        verbose_name = _("layout of a list")
        verbose_name_plural = _("layouts of lists")
        constraints = [
            models.UniqueConstraint(fields=["user", "table", "phone"], name="list_layout_once"),
        ]

    def __str__(self) -> str:
        return self.table


class Export(models.Model):
    """A large list that is written to a file in the background, for the one who asked for it."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waiting")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("user"))
    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("list"), max_length=120)
    path = models.CharField(_("path"), max_length=300)
    query = models.CharField(_("address"), max_length=4000, blank=True)
    name = models.CharField(_("file"), max_length=200, blank=True)
    rows = models.PositiveIntegerField(_("rows"))
    done = models.PositiveIntegerField(_("rows written"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    message = models.CharField(_("message"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name or self.title
