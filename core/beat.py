"""What runs by the clock unless an administrator changes it: each app adds its own when it starts."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {}
"""The beat schedule as Celery reads it; the scheduler copies it into the database when it starts."""


def every(name: str, task: str, rhythm: timedelta | crontab) -> None:
    """Run a task in a rhythm. A run that nobody has fetched before the next is dropped, not piled up."""
    options = {"expires": rhythm.total_seconds() * 2} if isinstance(rhythm, timedelta) else {}
    SCHEDULE[name] = {"task": task, "schedule": rhythm, "options": options}
