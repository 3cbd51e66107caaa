"""Who is locked out now after too many wrong passwords; only reads what axes keeps."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.utils import timezone


def names() -> list[str]:
    """The user names that cannot sign in until the pause is over."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows = AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gte=since
    )
    return list(rows.values_list("username", flat=True).distinct())
