"""How the numbers of a type of document look, where an administrator has set it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from people.models import Company
from stock.models import Warehouse
from workflows import document_types


class NumberRule(models.Model):
    """The form of numbers of a type, in one warehouse or (without one) in all that have no rule of their own.

    Only workflows.number_rules writes it. The counter begins anew with each value of the date in the number, never
    otherwise: what stands before the last ``-`` names the series, so no two series can give the same number.
    """

    class Dated(models.TextChoices):
        """The date in the number, and with it when counting begins anew."""

        NEVER = "", _("No date; counted on for ever")
        YEAR = "%Y", _("Year (2026); anew each year")
        MONTH = "%Y%m", _("Year and month (202603); anew each month")
        SHORT_MONTH = "%y%m", _("Short year and month (2603); anew each month")
        DAY = "%Y%m%d", _("Day (20260312); anew each day")

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    type = models.CharField(_("document type"), max_length=20, choices=document_types.CHOICES)
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("warehouse"),
    )
    prefix = models.CharField(_("prefix"), max_length=20)
    names_warehouse = models.BooleanField(_("with the code of the warehouse"), default=True)
    dated = models.CharField(
        _("date"), max_length=10, choices=Dated.choices, blank=True, default=Dated.NEVER
    )
    digits = models.PositiveSmallIntegerField(_("digits"), default=5)
    history = HistoricalRecords()
    _history_user: Any

    class Meta:
        verbose_name = _("number format")
        verbose_name_plural = _("number formats")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "type", "warehouse"],
                condition=Q(warehouse__isnull=False),
                name="number_rule_once",
            ),
            models.UniqueConstraint(
                fields=["company", "type"],
                condition=Q(warehouse__isnull=True),
                name="number_rule_of_all_once",
            ),
            models.CheckConstraint(
                condition=Q(digits__gte=3, digits__lte=9), name="number_rule_digits"
            ),
            models.CheckConstraint(condition=~Q(prefix=""), name="number_rule_has_prefix"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} · {self.warehouse or '*'}"
