"""Many clients at once on one PostgreSQL: forked processes with connections of their own, started together."""

import multiprocessing
import os
import traceback
from collections import Counter
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from django.db import connections

from core.errors import DomainError
from tests.laws import crowd_acts

PATIENCE = 150
"""Seconds until a client that does not answer counts as hung."""
Job = tuple[str, dict[str, Any]]


def rush(jobs: list[Job], *, rounds: int = 1) -> Counter[tuple[str, str]]:
    """Let one process per job do its act ``rounds`` times, all starting at once; counts (act, outcome).

    An outcome is what the act returned, or the code of the error that refused it. Raises
    AssertionError with the traceback of a client that broke, or if one hangs.
    """
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(len(jobs))
    clients = []
    for number, job in enumerate(jobs):
        mine, theirs = fork.Pipe(duplex=False)
        process = fork.Process(target=_client, args=(theirs, start, number, job, rounds))
        process.start()
        theirs.close()
        clients.append((process, mine))
    outcomes: Counter[tuple[str, str]] = Counter()
    broken = []
    for (process, mine), (name, _facts) in zip(clients, jobs, strict=True):
        answer = mine.recv() if mine.poll(PATIENCE) else "no answer"
        if isinstance(answer, list):
            outcomes.update((name, outcome) for outcome in answer)
        else:
            broken.append(answer)
            process.kill()
        process.join()
    assert not broken, broken[0]
    return outcomes


def _client(answer: Connection, start: Barrier, number: int, job: Job, rounds: int) -> None:
    """In a process of its own: connect, wait for all others, act, and leave without the parent's exit."""
    try:
        connections["default"].ensure_connection()
        start.wait(PATIENCE)
        answer.send([_act(number, job) for _round in range(rounds)])
    except BaseException:
        answer.send(traceback.format_exc())
    finally:
        connections.close_all()
        os._exit(0)


def _act(number: int, job: Job) -> str:
    name, facts = job
    try:
        return str(getattr(crowd_acts, name)(number, **facts))
    except DomainError as error:
        lines = getattr(error, "lines", ())
        return lines[0].code if lines else error.code
