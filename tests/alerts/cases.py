"""Short ways to a rule and a case, for tests of laws and pages."""

from typing import Any

from django.utils import timezone

from alerts.models import Case, Rule


def rule(code: str = "test-rule", **values: Any) -> Rule:
    """A rule of a kind that finds nothing by itself unless said otherwise."""
    values.setdefault("kind", "problem")
    found, _made = Rule.objects.get_or_create(code=code, defaults=values)
    return found


def case(of: Rule | None = None, subject: str = "1", **values: Any) -> Case:
    """An open case, as a rule's firing leaves it in the database."""
    now = timezone.now()
    values = {"severity": "medium", "opened_at": now, "seen_at": now, "reason": "why", **values}
    return Case.objects.create(
        rule=of or rule(), subject_kind="test", subject_key=subject, **values
    )
