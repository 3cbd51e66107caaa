"""The Celery application; it only carries work whose record is in the database (see core.outbox)."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

from core.beat import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")

# Root is warned of pickled messages; ours are JSON. And on a lost connection tasks go on: they may run twice.
warnings.filterwarnings("ignore", message="You're running the worker with superuser")
warnings.filterwarnings("ignore", message="\\s*In Celery 5.1 we introduced an optional")

app = Celery("inventory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def _refuse_unsafe(**options: Any) -> None:
    """End a worker or scheduler whose settings are unsafe."""
    from core.checks import refuse_unsafe

    try:
        refuse_unsafe()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
