"""News of master data and promises for whoever follows them through the outbox; the book has its own (``stock.posted``).

``stock.item`` says that something about an item is different: the item itself, a unit or barcode of it, a lot, or how much
of it is promised. What is loaded in bulk announces nothing: those who follow sweep.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save

from core import outbox

ITEM, PLACE, PARTNER, CATEGORY = "stock.item", "stock.place", "stock.partner", "stock.category"


def follow() -> None:
    """Hear of every saved and deleted record; called when the app starts."""
    from stock import models

    for model, topic, field in (
        (models.Item, ITEM, "pk"),
        (models.ItemUnit, ITEM, "item_id"),
        (models.Barcode, ITEM, "item_id"),
        (models.Lot, ITEM, "item_id"),
        (models.Place, PLACE, "pk"),
        (models.Partner, PARTNER, "pk"),
        (models.Category, CATEGORY, "pk"),
    ):
        heard = _Heard(topic, field)
        for signal in (post_save, post_delete):
            signal.connect(
                heard, sender=model, weak=False, dispatch_uid=f"{topic}:{model.__name__}"
            )


def items(ids: Iterable[int]) -> None:
    """Announce items of which something else is different, in the transaction of the change."""
    if outbox.consumers_of(ITEM):
        outbox.announce_many(ITEM, sorted(set(ids)))


class _Heard:
    """Announces one record; in a transaction of its own where the change had none."""

    def __init__(self, topic: str, field: str) -> None:
        self.topic = topic
        self.field = field

    def __call__(self, *, instance: Any, raw: bool = False, **_signal: Any) -> None:
        key = getattr(instance, self.field)
        if raw or key is None or not outbox.consumers_of(self.topic):
            return
        if connection.in_atomic_block:
            outbox.announce(self.topic, subject=key)
            return
        with transaction.atomic():
            outbox.announce(self.topic, subject=key)
