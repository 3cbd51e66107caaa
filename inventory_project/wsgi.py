"""The WSGI entry point for gunicorn; raises ImproperlyConfigured instead of serving unsafe settings."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")

application = get_wsgi_application()

from core.checks import refuse_unsafe  # noqa: E402 - needs the apps that the line above loads

refuse_unsafe()
