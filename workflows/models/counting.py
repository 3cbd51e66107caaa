"""Stocktakes: what is counted by whom, and every count with the book of its moment.

The difference of a line is ``counted − book``, both of the moment when it was counted; posting writes that
difference and nothing else. Counts are append-only; a line keeps the figures of the one that holds.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import ExactField, QuantityField, ValueField
from people.models import Company
from stock.models import Category, Item, Lot, Partner, Place, Reason, Seal
from stock.models.lots import NO_LOT
from stock.models.partners import US
from workflows.models.documents import Document


def new_key() -> str:
    """A key in 32 hexadecimal digits, the same on both engines."""
    return uuid.uuid4().hex


class PercentField(ExactField):
    """A percentage with 6 decimals."""

    places = 6


class Limits(models.Model):
    """How far a count may be from the book without a recount; empty fields set no limit.

    What is beyond any of the limits that are set is beyond; where none is set every difference is.
    """

    tolerance_quantity = QuantityField(_("tolerance in base units"), null=True, blank=True)
    tolerance_percent = PercentField(_("tolerance in percent"), null=True, blank=True)
    tolerance_value = ValueField(_("tolerance in value"), null=True, blank=True)

    class Meta:
        abstract = True


class Stocktake(Limits):
    """The plan of one stocktake: what is counted, by how many, and how far it may be off."""

    document = models.OneToOneField(
        Document, models.CASCADE, related_name="stocktake", verbose_name=_("document")
    )
    zones = models.ManyToManyField(
        Place, blank=True, related_name="+", verbose_name=_("zones and places")
    )
    """Nothing chosen is the whole warehouse; likewise below."""
    categories = models.ManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("categories")
    )
    items = models.ManyToManyField(Item, blank=True, related_name="+", verbose_name=_("items"))
    empty_places = models.BooleanField(_("with places that the book calls empty"), default=True)
    seal = models.ForeignKey(
        Seal, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("seal")
    )
    sealed_at = models.DateTimeField(_("sealed"), null=True, editable=False)

    class Meta:
        verbose_name = _("stocktake")
        verbose_name_plural = _("stocktakes")
        constraints = [
            models.CheckConstraint(
                condition=(Q(tolerance_quantity__isnull=True) | Q(tolerance_quantity__gte=0))
                & (Q(tolerance_percent__isnull=True) | Q(tolerance_percent__gte=0))
                & (Q(tolerance_value__isnull=True) | Q(tolerance_value__gte=0)),
                name="stocktake_tolerance_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return str(self.document)


class CountTolerance(Limits):
    """The company's tolerance for a category and what is below it, or (without one) for everything."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )

    class Meta:
        verbose_name = _("tolerance of counts")
        verbose_name_plural = _("tolerances of counts")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "category"],
                condition=Q(category__isnull=False),
                name="count_tolerance_once",
            ),
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(category__isnull=True),
                name="count_tolerance_of_everything_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.category or _("everything"))


class CountSheet(models.Model):
    """A run of bins in walking order, counted by one person."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="sheets", verbose_name=_("document")
    )
    number = models.PositiveIntegerField(_("sheet"))
    counter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("counter"),
    )

    class Meta:
        verbose_name = _("count sheet")
        verbose_name_plural = _("count sheets")
        ordering = ["document", "number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="count_sheet_once"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class CountBin(models.Model):
    """A place on a sheet; whoever counted says so when there is nothing (more) in it."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="bins", verbose_name=_("document")
    )
    sheet = models.ForeignKey(
        CountSheet, models.CASCADE, related_name="bins", verbose_name=_("sheet")
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("place"))
    position = models.PositiveIntegerField(_("position"))
    emptied_at = models.DateTimeField(_("called empty"), null=True, editable=False)
    emptied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("called empty by"),
    )

    class Meta:
        verbose_name = _("place to count")
        verbose_name_plural = _("places to count")
        ordering = ["document", "position"]
        constraints = [
            models.UniqueConstraint(fields=["document", "place"], name="count_bin_once"),
        ]
        indexes = [models.Index(fields=["sheet", "position"], name="count_bin_of_sheet")]

    def __str__(self) -> str:
        return str(self.place)


class CountLine(models.Model):
    """An item and lot in a bin: the book at the seal, and the count that holds now.

    ``counted`` is empty until somebody counts: blank is not zero. ``book`` is the book quantity at the
    moment of that count, ``mark`` the last movement the book knew then; what is beyond ``mark`` and says
    that it happened before ``until`` cannot be told from the count: the line is stale.
    """

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="count_lines", verbose_name=_("document")
    )
    bin = models.ForeignKey(
        CountBin, models.CASCADE, related_name="lines", verbose_name=_("place to count")
    )
    key = models.CharField(_("key"), max_length=32, unique=True, default=new_key, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("place"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    lot = models.ForeignKey(
        Lot, models.PROTECT, default=NO_LOT, related_name="+", verbose_name=_("lot")
    )
    owner = models.ForeignKey(
        Partner, models.PROTECT, default=US, related_name="+", verbose_name=_("owner")
    )
    snapshot = QuantityField(_("book at the seal"), default=0)
    added = models.BooleanField(_("found, not on the sheet"), default=False)

    counted = QuantityField(_("counted"), null=True, editable=False)
    book = QuantityField(_("book when counted"), null=True, editable=False)
    mark = models.BigIntegerField(_("last movement known when counted"), default=0, editable=False)
    until = models.DateTimeField(_("counted until"), null=True, editable=False)
    counted_at = models.DateTimeField(_("counted at"), null=True, editable=False)
    counter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("counter"),
    )
    round = models.PositiveSmallIntegerField(_("round"), default=0, editable=False)
    wanted = models.PositiveSmallIntegerField(_("wanted round"), default=1, editable=False)
    """Above ``round`` (and above 1): somebody else has to count it again."""
    stale = models.BooleanField(_("stale"), default=False, editable=False)
    asks = models.PositiveSmallIntegerField(_("times sent back"), default=0, editable=False)
    cause = models.ForeignKey(
        Reason, models.PROTECT, null=True, related_name="+", verbose_name=_("cause")
    )
    cause_note = models.CharField(_("note on the cause"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("count line")
        verbose_name_plural = _("count lines")
        ordering = ["bin", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "place", "item", "lot", "owner"], name="count_line_once"
            ),
            models.CheckConstraint(
                condition=Q(counted__isnull=True, book__isnull=True, round=0)
                | Q(counted__gte=0, book__isnull=False, round__gt=0, counter__isnull=False),
                name="count_line_counted_with_its_book",
            ),
            models.CheckConstraint(
                condition=Q(wanted__gte=F("round")), name="count_line_round_was_wanted"
            ),
        ]
        indexes = [
            models.Index(fields=["bin", "id"], name="count_line_of_bin"),
            models.Index(fields=["item", "place"], name="count_line_of_item"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} · {self.place_id} · {self.item_id}"

    @property
    def difference(self) -> Any:
        """Counted − book of that moment; None while nobody has counted."""
        if self.counted is None or self.book is None:
            return None
        return self.counted - self.book

    @property
    def again(self) -> bool:
        """Whether it waits for another count."""
        return self.stale or (self.wanted > 1 and self.wanted > self.round)


class CountEntry(models.Model):
    """One count of a line; the same ``key`` (made by the device) counts once. Append-only."""

    key = models.CharField(_("key"), max_length=36, unique=True)
    document = models.ForeignKey(
        Document, models.CASCADE, related_name="counts", verbose_name=_("document")
    )
    line = models.ForeignKey(
        CountLine, models.CASCADE, related_name="entries", verbose_name=_("line")
    )
    round = models.PositiveSmallIntegerField(_("round"))
    counter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("counter")
    )
    counted = QuantityField(_("counted"))
    book = QuantityField(_("book when counted"))
    mark = models.BigIntegerField(_("last movement known when counted"))
    began_at = models.DateTimeField(_("began"))
    counted_at = models.DateTimeField(_("counted at"))
    until = models.DateTimeField(_("counted until"))
    received_at = models.DateTimeField(_("received"))
    doubtful = models.BooleanField(_("overlapped by a movement"), default=False)
    typed = models.CharField(_("as typed"), max_length=60, blank=True, default="")
    door = models.CharField(_("door"), max_length=20, default="form")

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("counts")
        constraints = [
            models.CheckConstraint(condition=Q(counted__gte=0), name="count_not_negative"),
            models.CheckConstraint(
                condition=Q(began_at__lte=F("counted_at"), counted_at__lte=F("until")),
                name="count_begins_before_it_ends",
            ),
        ]
        indexes = [models.Index(fields=["document", "-id"], name="count_of_document")]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.counted}"
