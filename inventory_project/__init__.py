"""Composition: settings, URLs, Celery. Imports every app and is imported by none."""

from inventory_project.celery import app as celery_app

__all__ = ["celery_app"]
