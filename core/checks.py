"""Refuses to start with settings that are unsafe for a site that others reach."""

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

UNSAFE_POSTGRESQL = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings of the server that must not be off: without them a crash loses acknowledged postings."""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_private() -> bool:
    """Whether only this machine can reach the site, by its own address and by every allowed host."""
    hosts = {urlsplit(settings.SITE_URL).hostname or "", *settings.ALLOWED_HOSTS}
    return all(_is_loopback(host) for host in hosts)


@register(Tags.security)
def production_settings(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Everything wrong with the settings themselves, all at once."""
    found: list[checks.CheckMessage] = []
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
    engine = settings.DATABASES["default"]["ENGINE"]
    if engine.endswith("sqlite3") and settings.WEB_WORKERS > 1:
        found.append(
            Error(
                "SQLite is served by one web process; WEB_WORKERS asks for more.",
                hint="Leave WEB_WORKERS out, or set DATABASE_URL to PostgreSQL.",
                id="inventory.E007",
            )
        )
    return found if is_private() else found + _when_others_reach_it()


def _when_others_reach_it() -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG is on for a site that others reach.", id="inventory.E003"))
    if not settings.SITE_URL.startswith("https://"):
        found.append(
            Error(
                "SITE_URL is not https.",
                hint="Put a TLS proxy in front and set SITE_URL=https://…; or keep to localhost.",
                id="inventory.E004",
            )
        )
    elif not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        found.append(Error("Cookies would travel without TLS.", id="inventory.E008"))
    if settings.EMBEDDED:
        found.append(
            checks.Warning(
                "SQLite serves one machine and a few people.",
                hint="Set DATABASE_URL to PostgreSQL for a company.",
                id="inventory.W005",
            )
        )
    if settings.EMAIL_BACKEND.endswith(("filebased.EmailBackend", "console.EmailBackend")):
        found.append(
            checks.Warning(
                "Invitations and password resets are not mailed.",
                hint="Set EMAIL_URL, for example smtp+tls://user:password@mail.example.com:587.",
                id="inventory.W009",
            )
        )
    return found


@register(Tags.database)
def durable_database(
    app_configs: Any,
    databases: Sequence[str] | None = None,
    **options: Any,
) -> list[checks.CheckMessage]:
    """A PostgreSQL that may lose committed postings is refused; one that is away is not judged."""
    if is_private():
        return []
    found: list[checks.CheckMessage] = []
    for connection in (connections[alias] for alias in databases or []):
        if connection.vendor != "postgresql":
            continue
        try:
            with connection.cursor() as cursor:
                for name in UNSAFE_POSTGRESQL:
                    cursor.execute("SELECT current_setting(%s)", [name])
                    if cursor.fetchone()[0] == "off":
                        found.append(
                            Error(f"PostgreSQL runs with {name}=off.", id="inventory.E006")
                        )
        except OperationalError:
            continue
    return found


def refuse_unsafe() -> None:
    """Raise ImproperlyConfigured with every error; called by whatever starts without manage.py."""
    found = [
        *checks.run_checks(tags=[Tags.security, Tags.database], databases=["default"]),
    ]
    connections["default"].close()
    errors = [message for message in found if message.is_serious()]
    if errors:
        raise ImproperlyConfigured("Unsafe settings:\n" + "\n".join(str(error) for error in errors))
