"""What a client of the crowd does to cases; called in a process of its own."""

from django.db import transaction

from alerts import door, evaluating, opening
from alerts.kinds.base import Finding
from alerts.models import Rule
from people.models import User


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
