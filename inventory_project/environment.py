"""Reads single variables of the environment strictly; one that cannot be meant raises ImproperlyConfigured."""

import os
from collections.abc import Collection
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

_YES = frozenset({"true", "1", "yes", "on", "y", "ok"})
_NO = frozenset({"false", "0", "no", "off", "n"})
_DATABASES = frozenset({"postgres", "postgresql", "psql", "pgsql", "sqlite"})


class _Env(environ.Env):
    """The environment in which an empty variable counts as left out, as lines of an .env file mean it."""

    ENVIRON = {name: value for name, value in os.environ.items() if value}

    def bool(self, var: str, default: bool = False) -> bool:  # type: ignore[override]
        """Yes or no; any other word is refused."""
        word = str(self.str(var, default="")).strip().lower()
        if word and word not in _YES | _NO:
            raise ImproperlyConfigured(f"{var} has to be true or false, not “{word[:40]}”.")
        return word in _YES if word else default

    def int(  # type: ignore[override]
        self, var: str, default: int, *, least: int = 0, most: int = 1_000_000
    ) -> int:
        """A whole number between two limits."""
        text = str(self.str(var, default="")).strip()
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10) or not (
            least <= int(text) <= most
        ):
            raise ImproperlyConfigured(
                f"{var} has to be a whole number from {least} to {most}, not “{text[:40]}”."
            )
        return int(text)

    def choice(self, var: str, default: str, choices: Collection[str]) -> str:
        """One of some words."""
        text = str(self.str(var, default=default))
        if text not in choices:
            raise ImproperlyConfigured(
                f"{var} has to be one of {', '.join(choices)}, not “{text[:40]}”."
            )
        return text

    def zone(self, var: str, default: str) -> str:
        """The name of a time zone."""
        name = str(self.str(var, default=default))
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ImproperlyConfigured(
                f"{var}: there is no time zone “{name[:40]}”; write one such as Asia/Shanghai."
            ) from error
        return name

    def networks(self, var: str) -> list[str]:
        """Networks such as 10.0.0.0/8, separated by commas."""
        found = [text.strip() for text in self.list(var, default=[])]
        for text in found:
            try:
                ip_network(text)
            except ValueError as error:
                raise ImproperlyConfigured(
                    f"{var}: “{text[:40]}” is no network; write one such as 10.0.0.0/8."
                ) from error
        return found

    def folder(self, var: str, default: Path) -> Path:
        """A folder, made where it is missing."""
        return made(Path(self.str(var, default=str(default))), var)

    def database(self, var: str, default: str) -> dict[str, Any]:
        """A database by its address; only PostgreSQL and SQLite are known."""
        url = str(self.str(var, default=default))
        try:
            if urlsplit(url).scheme not in _DATABASES:
                raise ValueError
            found: dict[str, Any] = self.db_url_config(url)
        except ValueError as error:
            raise _bad_address(var) from error
        if found["ENGINE"].endswith("postgresql") and not found["NAME"]:
            raise _bad_address(var)
        return found

    def mail(self, var: str, default: str) -> dict[str, Any]:
        """How mail is sent, by an address."""
        try:
            return dict(self.email_url_config(str(self.str(var, default=default))))
        except (KeyError, ValueError, ImproperlyConfigured) as error:
            raise ImproperlyConfigured(
                f"{var} has to look like smtp+tls://user:password@mail.example.com:587."
            ) from error


def made(path: Path, var: str) -> Path:
    """The folder, made where it is missing; ``var`` says which variable leads to it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{var}: the folder {path} cannot be made: {error.strerror}."
        ) from error
    return path


def _bad_address(var: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{var} has to look like postgres://user:password@host:5432/name.")


env = _Env()
