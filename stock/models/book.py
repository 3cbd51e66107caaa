"""The book: postings and their movements, append-only, and the seals that number them.

A movement is one row with two ends. Nothing here is ever changed or deleted (triggers see to it); a
mistake is corrected by a reversal that names the movement it reverses.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import QuantityField, ValueField
from people.models import Company, Department
from stock import movement_types
from stock.models.items import Item
from stock.models.lots import NO_LOT, Lot
from stock.models.partners import US, Partner
from stock.models.places import Place


class Posting(models.Model):
    """One act of posting: who, when, why, and the key that makes it happen only once."""

    company = models.ForeignKey(Company, models.PROTECT, db_index=False, verbose_name=_("company"))
    document = models.CharField(_("document"), max_length=80, blank=True)
    effective_at = models.DateTimeField(_("happened"))
    business_date = models.DateField(_("business date"))
    recorded_at = models.DateTimeField(_("recorded"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("posted by"),
    )
    door = models.CharField(_("door"), max_length=20)
    why = models.CharField(_("why"), max_length=300, blank=True)
    key = models.CharField(_("key"), max_length=120)
    body_hash = models.CharField(_("body hash"), max_length=64)
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversals",
        db_index=False,
        verbose_name=_("reverses"),
    )

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="posting_key_once"),
            models.CheckConstraint(condition=~Q(key=""), name="posting_has_key"),
        ]
        indexes = [
            models.Index(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="posting_reverses"
            ),
            models.Index(fields=["document"], condition=~Q(document=""), name="posting_document"),
        ]

    def __str__(self) -> str:
        return self.document or f"#{self.pk}"


class Movement(models.Model):
    """Quantity and value went from one place to another.

    The keys to items, lots and places carry no constraint of the database: locking their balance has
    already proved them, and such constraints cost up to half of the speed of posting. A trigger on
    those tables refuses to delete a row that a movement names, and verify_ledger looks for orphans.
    """

    posting = models.ForeignKey(
        Posting,
        models.PROTECT,
        related_name="movements",
        db_index=False,
        verbose_name=_("posting"),
    )
    line = models.PositiveIntegerField(_("line"))
    line_key = models.CharField(_("document line"), max_length=40, blank=True)
    type = models.CharField(_("type"), max_length=20, choices=movement_types.CHOICES)
    item = models.ForeignKey(
        Item, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("item")
    )
    lot = models.ForeignKey(
        Lot,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        default=NO_LOT,
        verbose_name=_("lot"),
    )
    owner = models.ForeignKey(
        Partner,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        default=US,
        related_name="+",
        verbose_name=_("owner"),
    )
    source = models.ForeignKey(
        Place,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="movements_out",
        verbose_name=_("from"),
    )
    target = models.ForeignKey(
        Place,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="movements_in",
        verbose_name=_("to"),
    )
    quantity = QuantityField(_("quantity"))
    value = ValueField(_("value"))
    effective_at = models.DateTimeField(_("happened"))
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="movements",
        verbose_name=_("partner"),
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("department"),
    )
    cost_object = models.CharField(_("cost object"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    original = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="successors",
        verbose_name=_("returns, reverses or adjusts"),
    )
    reversal = models.BooleanField(_("reversal"), default=False)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="movement_goes_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                | Q(quantity=0, type__in=sorted(movement_types.VALUE_ONLY)),
                name="movement_quantity_positive",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="movement_value_not_negative"),
            models.CheckConstraint(
                condition=Q(reversal=False) | Q(original__isnull=False),
                name="movement_reversal_names_original",
            ),
            models.UniqueConstraint(
                fields=["original"],
                condition=Q(reversal=True),
                name="movement_reversed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["posting", "line"], name="movement_posting"),
            models.Index(fields=["item", "effective_at", "id"], name="movement_item"),
            models.Index(fields=["effective_at", "id"], name="movement_effective"),
            models.Index(fields=["lot", "effective_at"], condition=~Q(lot=0), name="movement_lot"),
            models.Index(
                fields=["original"], condition=Q(original__isnull=False), name="movement_original"
            ),
            models.Index(
                fields=["cost_object", "item"],
                condition=~Q(cost_object=""),
                name="movement_cost_object",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.quantity} {self.item_id}"


class Seal(models.Model):
    """A batch of committed postings, numbered in the order of commit."""

    number = models.BigIntegerField(_("number"), primary_key=True)
    sealed_at = models.DateTimeField(_("sealed"))
    postings = models.PositiveIntegerField(_("postings"))

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return str(self.number)


class SealedPosting(models.Model):
    """Which seal a posting got."""

    posting = models.OneToOneField(
        Posting, models.PROTECT, primary_key=True, related_name="sealed", verbose_name=_("posting")
    )
    seal = models.ForeignKey(
        Seal, models.PROTECT, related_name="sealed_postings", verbose_name=_("seal")
    )

    class Meta:
        verbose_name = _("sealed posting")
        verbose_name_plural = _("sealed postings")

    def __str__(self) -> str:
        return f"{self.posting_id} @ {self.seal_id}"
