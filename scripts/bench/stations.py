"""Client processes, each with a connection of its own to one database, that work on command.

They stay for a whole comparison, so that starting and connecting is never part of a measurement and short
slices of different things can alternate.
"""

import contextlib
import multiprocessing
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection, connections

from inventory_project import gunicorn_conf


class Failed(Exception):
    """A client's work ended with an error; the message is its traceback."""


def use(database: str) -> None:
    """Let this process's default connection go to another database of the same server."""
    connections.close_all()
    connection.settings_dict["NAME"] = database


def _serve(database: str, pipe: Connection) -> None:
    gunicorn_conf.post_worker_init(None)
    use(database)
    while (job := pipe.recv()) is not None:
        work, arguments = job
        try:
            pipe.send((True, work(*arguments)))
        except Exception:
            pipe.send((False, traceback.format_exc()))
    connections.close_all()


class Station:
    """One client process."""

    def __init__(self, database: str) -> None:
        connections.close_all()
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(database, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def start(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Begin; ``result`` waits for the end."""
        self._pipe.send((work, arguments))

    def result(self) -> Any:
        """What the work returned; raises Failed if it raised."""
        good, answer = self._pipe.recv()
        if not good:
            raise Failed(answer)
        return answer

    def do(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Begin and wait."""
        self.start(work, *arguments)
        return self.result()

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()


@contextlib.contextmanager
def stations(*databases: str) -> Iterator[list[Station]]:
    """A client per name; all end with the block."""
    made: list[Station] = []
    try:
        made.extend(map(Station, databases))
        yield made
    finally:
        for station in made:
            station.close()


def together(clients: list[Station], work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """All clients do the same at the same time."""
    for client in clients:
        client.start(work, *arguments)
    return [client.result() for client in clients]
