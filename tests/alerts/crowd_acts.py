"""What a client of the crowd does to cases; called in a process of its own."""

import uuid
from decimal import Decimal

from django.db import transaction

from alerts import door, evaluating, opening
from alerts.anomaly import learning
from alerts.channels import sending
from alerts.kinds.base import Finding
from alerts.models import Rule
from core import outbox
from people.access import SYSTEM
from people.models import Company, User
from stock import ledger
from stock.ledger import LineInput


def fire(_number: int, *, rule: int) -> str:
    """Open a case past the lock of its rule; says how many were opened."""
    with transaction.atomic():
        return str(len(opening.fire(Rule.objects.get(pk=rule), [Finding("test", "1", "why")])))


def evaluate(_number: int, *, items: list[int]) -> str:
    """What the consumer of the outbox does; says how many were opened and ended."""
    done = evaluating.touched("items", items)
    return f"{len(done.opened)} {done.ended}"


def sweep(_number: int) -> str:
    """What beat does."""
    done = evaluating.sweep()
    return f"{len(done.opened)} {done.ended}"


def take(_number: int, *, case: str, user: int) -> str:
    """Take a case that was seen at its first version."""
    door.act(case, "acknowledge", actor=User.objects.get(pk=user), version=1)
    return "taken"


def issue(number: int, *, item: int, source: int, target: int) -> str:
    """Post an issue of the item and learn of it at once, as its consumer of the outbox does."""
    line = LineInput(
        type="other_out",
        item=item,
        source=source,
        target=target,
        quantity=Decimal(number + 1),
        reason="sample",
    )
    company = Company.objects.get()
    posted = ledger.post([line], company=company, key=uuid.uuid4().hex, actor=None, access=SYSTEM)
    learning.learn([posted.posting_id])
    return "learnt"


def send(_number: int) -> str:
    """What the clock and a worker do: let go what is due, send what has left; says how many letters it let go."""
    left = sending.run()
    outbox.deliver(sending.CONSUMER)
    return str(left)
