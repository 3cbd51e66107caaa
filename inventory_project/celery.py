"""The Celery application; it only carries work whose record is in the database (see core.outbox)."""

import os

from celery import Celery

from core.beat import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")

app = Celery("inventory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE
app.autodiscover_tasks()
