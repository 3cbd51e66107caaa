"""A consumer for the tests of the worker: its effect is a row, and it can be slow or poisoned."""

import os
import time
from pathlib import Path

from django.utils import timezone

from core import outbox
from core.models import OutboxRow

TOPIC = "test.effect"
CONSUMER = "test.effect"


def effect(subjects: list[int]) -> None:
    """Write one row per subject, then perhaps wait; negative subjects are poison."""
    now = timezone.now()
    OutboxRow.objects.bulk_create(
        OutboxRow(
            consumer="effect",
            topic="-",
            subject=subject,
            state="done",
            due_at=now,
            created_at=now,
            done_at=now,
        )
        for subject in subjects
    )
    if any(subject < 0 for subject in subjects):
        raise ValueError("poison")
    time.sleep(float(os.environ.get("EFFECT_SECONDS", "0")))
    gate = os.environ.get("EFFECT_GATE")
    while gate and not Path(gate).exists():
        time.sleep(0.05)


def effects() -> list[int]:
    """The subjects that took effect, in order."""
    rows = OutboxRow.objects.filter(consumer="effect").order_by("subject")
    return list(rows.values_list("subject", flat=True))


outbox.register(consumer=CONSUMER, topic=TOPIC, handler=effect)
