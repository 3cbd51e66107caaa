"""Accounts and the rules that find them, as data."""

import secrets
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.codes import CodeField
from people.models import Company, Department
from stock import movement_types, place_kinds
from stock.models import Category, Reason, Warehouse


def _any_version() -> int:
    return secrets.randbits(62)


class Books(models.Model):
    """How the money side of a company is kept.

    ``version`` is another number after every change of accounts, rules and categories (triggers see to it), so
    that what a process remembers of them is never other than what it posts with, whatever was rolled back.
    """

    class Chart(models.TextChoices):
        """Which shipped chart the accounts came from."""

        PRC = "prc", _("Chinese accounting standards")
        INTERNATIONAL = "intl", _("International")

    company = models.OneToOneField(Company, models.PROTECT, verbose_name=_("company"))
    chart = models.CharField(_("chart of accounts"), max_length=8, choices=Chart.choices)
    red_reversals = models.BooleanField(
        _("returns and reversals in red"),
        default=False,
        help_text=_("As negative amounts on the sides of the original (红字)."),
    )
    invoices_by_two = models.BooleanField(
        _("invoices by two people"),
        default=False,
        help_text=_("Who entered an invoice does not post it."),
    )
    version = models.BigIntegerField(default=_any_version, editable=False)
    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        verbose_name = _("books of a company")
        verbose_name_plural = _("books of companies")

    def __str__(self) -> str:
        return f"{self.company_id}: {self.chart}"


class Account(models.Model):
    """An account of a company. ``role`` is what the shipped rules and invoices know it by.

    Inventory accounts together are worth what stock is worth; whether an account is one never changes.
    """

    class Kind(models.TextChoices):
        """Where it stands in the statements."""

        ASSET = "asset", _("Assets")
        LIABILITY = "liability", _("Liabilities")
        EQUITY = "equity", _("Equity")
        COST = "cost", _("Costs of production")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expenses")

    class Role(models.TextChoices):
        """What the product itself posts to."""

        INVENTORY = "inventory", _("stock without a rule of its own")
        SUSPENSE = "suspense", _("what has no account yet")
        GRNI = "grni", _("received, not invoiced")
        CHARGES = "charges", _("freight and duty, not invoiced")
        PAYABLE = "payable", _("owed to suppliers")
        INPUT_TAX = "input_tax", _("input tax")
        VARIANCE = "variance", _("differences of cost")

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    code = CodeField(_("code"), max_length=30)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    is_inventory = models.BooleanField(
        _("holds stock"), default=False, help_text=_("Its balance is part of the value of stock.")
    )
    role = models.CharField(
        _("role"), max_length=10, choices=Role.choices, blank=True, default="", editable=False
    )
    auxiliaries = models.JSONField(
        _("auxiliaries"),
        default=list,
        blank=True,
        help_text=_("What vouchers name on each line of it: supplier, department, item …"),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["company", "code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="account_code_once"),
            models.UniqueConstraint(
                fields=["company", "role"], condition=~Q(role=""), name="account_role_once"
            ),
            models.CheckConstraint(
                condition=~Q(name_zh="") | ~Q(name_en=""), name="account_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(is_inventory=True) | ~Q(role="inventory"),
                name="account_inventory_role_holds_stock",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        """Its name in the language of now, or the one it has."""
        chinese = (get_language() or "").startswith("zh")
        first, second = (self.name_zh, self.name_en) if chinese else (self.name_en, self.name_zh)
        return first or second


class AccountRule(models.Model):
    """Which account a kind of place has; what is left empty stands for any. Most conditions win.

    ``category`` stands for the categories below it, too; ``warehouse`` is that of the goods. A rule that is
    used no more is archived, for lines go on naming it.
    """

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    place_kind = models.CharField(_("kind of place"), max_length=12, choices=place_kinds.CHOICES)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    type = models.CharField(
        _("movement type"), max_length=20, choices=movement_types.CHOICES, blank=True, default=""
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("warehouse"),
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="rules", verbose_name=_("account")
    )
    shipped = models.BooleanField(_("shipped"), default=False, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("account rule")
        verbose_name_plural = _("account rules")
        ordering = ["company", "place_kind", "id"]
        constraints = [
            models.UniqueConstraint(
                "company",
                "place_kind",
                Coalesce("category", 0),
                "type",
                "reason",
                Coalesce("warehouse", 0),
                Coalesce("department", 0),
                condition=Q(archived_at__isnull=True),
                name="account_rule_once",
            ),
        ]

    @property
    def reason_name(self) -> str:
        """The reason it asks for, as the list of reasons calls it."""
        found = Reason.objects.filter(code=self.reason).first() if self.reason else None
        return str(found or self.reason)

    def __str__(self) -> str:
        return f"{self.place_kind} → {self.account_id}"

    def conditions(self) -> dict[str, Any]:
        """What it asks for besides the kind of place."""
        given = {
            "category": self.category_id,
            "type": self.type,
            "reason": self.reason,
            "warehouse": self.warehouse_id,
            "department": self.department_id,
        }
        return {name: value for name, value in given.items() if value}
