"""Refuses to start with settings that are unsafe for production."""

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import OperationalError, connections


def _on_loopback() -> bool:
    """Whether the site is meant for this machine only."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@register(Tags.security)
def production_settings(app_configs: Any, **options: Any) -> list[Error | Warning]:
    """Errors for a site that others can reach and that is not safe."""
    found: list[Error | Warning] = []
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS must name the hosts, not '*'.", id="inventory.E001"))
    if len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 10:
        found.append(
            Error(
                "SECRET_KEY is too weak.",
                hint="Use 50 random characters or more, or leave it out to have one made.",
                id="inventory.E002",
            )
        )
    if _on_loopback():
        return found
    if settings.DEBUG:
        found.append(Error("DEBUG is on for a site that others reach.", id="inventory.E003"))
    if not settings.SECURE:
        found.append(
            Error(
                "SITE_URL is not https.",
                hint="Put a TLS proxy in front and set SITE_URL=https://…; or keep to localhost.",
                id="inventory.E004",
            )
        )
    if settings.EMBEDDED:
        found.append(
            Warning(
                "SQLite serves one machine and a few people.",
                hint="Set DATABASE_URL to PostgreSQL for a company.",
                id="inventory.W005",
            )
        )
    return found


@register(Tags.database)
def durable_database(
    app_configs: Any,
    databases: Sequence[str] | None = None,
    **options: Any,
) -> list[Error]:
    """A PostgreSQL that may lose committed postings is refused."""
    found = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql" or _on_loopback():
            continue
        try:
            with connection.cursor() as cursor:
                for name in ("fsync", "full_page_writes", "synchronous_commit"):
                    cursor.execute("SELECT current_setting(%s)", [name])
                    if cursor.fetchone()[0] == "off":
                        found.append(
                            Error(f"PostgreSQL runs with {name}=off.", id="inventory.E006")
                        )
        except OperationalError:
            continue
    return found
