"""Lets cases follow what happens: postings, promises, documents and master data, through the outbox.

A posting, a promise or a change of an item touches items; a moved document touches itself and the items that it brings.
Each batch is one evaluation of every rule concerned, over all that the batch touches. The same news twice changes
nothing: what is evaluated is what is so now.
"""

from alerts import evaluating, ruling
from core import outbox
from stock import changes, sealing
from stock.models import Movement
from workflows import saving
from workflows.models import Document, Line

CONSUMER = "alerts"


def follow() -> None:
    """Register with the outbox; called when the app starts."""
    for topic, handler in (
        (sealing.TOPIC, _posted),
        (changes.ITEM, _items),
        (saving.TOPIC, _moved),
        (ruling.TOPIC, ruling.changed),
    ):
        outbox.register(consumer=CONSUMER, topic=topic, handler=handler, batch=500, alone=True)


def _posted(postings: list[int]) -> None:
    moved = Movement.objects.filter(posting__in=postings).order_by()
    evaluating.touched("items", moved.values_list("item", flat=True).distinct())


def _items(items: list[int]) -> None:
    evaluating.touched("items", items)


def _moved(documents: list[int]) -> None:
    evaluating.touched("documents", documents)
    brings = Document.objects.filter(pk__in=documents, type="purchase_order")
    lines = Line.objects.filter(document__in=brings).order_by()
    evaluating.touched("items", lines.values_list("item", flat=True).distinct())
