"""Suppliers and customers, and the owner of goods that are not ours."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.codes import CodeField

US = 0
"""The owner of our own goods: a row that always exists, so that keys are never null."""


class Partner(models.Model):
    """A supplier, a customer or both."""

    code = CodeField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    is_supplier = models.BooleanField(_("supplier"), default=False)
    is_customer = models.BooleanField(_("customer"), default=False)
    contact = models.CharField(_("contact"), max_length=120, blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)
    search_key = models.TextField(editable=False, default="", blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=["search_key"])

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name if self.pk else str(_("our own"))
