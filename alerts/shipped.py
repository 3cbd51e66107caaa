"""The rules that every installation starts with; an administrator may change or switch off each, and add others.

They are chosen not to be noisy: what fires by routine (over-stock, dead stock) waits until somebody wants it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from alerts.models import Rule
from alerts.models.rules import Severity
from people.models import Role


@dataclass(frozen=True, slots=True)
class Shipped:
    """One rule; hours are working hours."""

    code: str
    role: str
    severity: str = Severity.MEDIUM
    hours: int = 16
    remind: int = 4
    parameters: Mapping[str, int] = field(default_factory=dict)
    hysteresis: int = 0
    dwell: int = 0
    active: bool = True
    quiet: bool = True
    """Nobody is told at night."""


QUIET = time(20, 0), time(7, 30)
_HEAD, _BUYER, _ADMIN, _FINANCE = "warehouse_head", "procurement", "admin", "finance"
SHIPPED: tuple[Shipped, ...] = (
    Shipped("low-stock", _BUYER, Severity.HIGH, 16, hysteresis=5),
    Shipped("stockout", _BUYER, Severity.MEDIUM, 24, hysteresis=10, dwell=60),
    Shipped("over-stock", _BUYER, hours=40, hysteresis=5, active=False),
    Shipped("near-expiry", _HEAD, hours=24),
    Shipped("expired", _HEAD, Severity.HIGH, 8),
    Shipped("dead-stock", _HEAD, hours=80, active=False),
    Shipped("adjusting", _HEAD, hours=24),
    Shipped("below-zero", _HEAD, Severity.CRITICAL, 4, 1, dwell=10),
    Shipped("override", _HEAD, Severity.HIGH, 8),
    Shipped("attempt", _HEAD, Severity.HIGH, 4, 1),
    Shipped("variance", _HEAD, Severity.HIGH, 16),
    Shipped("late-step", _HEAD, hours=8),
    Shipped("old-rest", _HEAD, hours=24),
    Shipped("transit", _HEAD, hours=16),
    Shipped("unusual", _HEAD, hours=8),
    Shipped("duplicate", _HEAD, Severity.HIGH, 4, 1),
    Shipped("problem", _HEAD, Severity.HIGH, 8, 2, quiet=False),
    Shipped("sync", _FINANCE, Severity.HIGH, 4, 1, dwell=15),
    Shipped("book", _ADMIN, Severity.CRITICAL, 4, 1, quiet=False),
    Shipped("backup", _ADMIN, Severity.HIGH, 8, 2, quiet=False),
)


def ensure_rules(using: str = "default") -> None:
    """Make the shipped rules that are missing; one that exists stays as it is."""
    rules = Rule.objects.using(using)
    known = set(rules.values_list("code", flat=True))
    missing = [one for one in SHIPPED if one.code not in known]
    if not missing:
        return
    roles = dict(Role.objects.using(using).values_list("code", "pk"))
    rules.bulk_create([_rule(one, roles.get(one.role)) for one in missing], ignore_conflicts=True)


def _rule(one: Shipped, role: int | None) -> Rule:
    start, end = QUIET if one.quiet else (None, None)
    return Rule(
        code=one.code,
        kind=one.code,
        severity=one.severity,
        role_id=role,
        parameters=dict(one.parameters),
        deadline_hours=one.hours,
        remind_hours=one.remind,
        hysteresis_percent=one.hysteresis,
        dwell_minutes=one.dwell,
        active=one.active,
        quiet_from=start,
        quiet_until=end,
    )
