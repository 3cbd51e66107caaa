"""The only writer of kept answers: the same key and request twice has one effect and one answer.

The answer is written in the transaction of the effect, so either both are there or neither. Whoever comes
with the same key meanwhile waits for it. A refusal that the request itself earned is kept as well; one that
somebody else caused (a conflict, a busy database, a version that has moved on) is not, and may be tried again
with the same key.
"""

import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import locks
from core.api.shapes import Malformed
from core.errors import DomainError, busy_if_locked
from core.models import IdempotentAnswer

KEPT = timedelta(hours=24)
"""At least so long an answer is kept; pruned daily, so at most twice as long."""
_TRIES = 5
_RETRY_CODES = {"40001", "40P01"}
"""PostgreSQL's serialization failure and deadlock: everything is undone and may be tried again."""
_PASSING = {401, 409, 412, 428, 429, 503}
"""Refusals that may be over a moment later."""
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class KeyReused(DomainError):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    status = 422


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answers: the values of the body, the status and further headers."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


def key_of(header: str | None) -> str:
    """The key of the header; raises Malformed without one."""
    if header is None:
        raise Malformed(
            _("Send the header Idempotency-Key with a text of your own, new for each change."),
            code="idempotency_key_required",
        )
    if not _KEY.fullmatch(header):
        raise Malformed(
            _("An Idempotency-Key has 1 to 200 printable ASCII characters without blanks."),
            code="idempotency_key",
        )
    return header


def fingerprint(*parts: Any) -> str:
    """A hash of what makes a request this request; the order of keys in objects does not count."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()


def once(actor: int, key: str, request_hash: str, work: Callable[[], Answer]) -> Answer:
    """The answer of ``work``, done now or kept from before, in one transaction with its effect.

    ``work`` writes and returns, or raises DomainError, which undoes what it wrote and is raised again
    whenever the key comes back. Raises KeyReused if the key came with another request. Must be the
    outermost transaction, so that it can be tried again after a deadlock.
    """
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return _once(actor, key, request_hash, work)
        except (OperationalError, DomainError) as error:
            if not _may_try_again(error) or attempt == _TRIES - 1:
                raise (busy_if_locked(error) or error) from error
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter
    raise AssertionError("unreachable")


def _may_try_again(error: BaseException) -> bool:
    cause = error if isinstance(error, OperationalError) else error.__cause__
    return getattr(getattr(cause, "__cause__", None), "pgcode", None) in _RETRY_CODES


def _once(actor: int, key: str, request_hash: str, work: Callable[[], Answer]) -> Answer:
    locks.hold(f"idempotency:{actor}:{key}")
    kept = IdempotentAnswer.objects.filter(actor=actor, key=key).first()
    if kept is not None:
        if kept.request_hash != request_hash:
            raise KeyReused(
                _(
                    "This Idempotency-Key was used for another request. Take a new one for each change."
                )
            )
        return Answer(json.loads(kept.body), kept.status, kept.headers, replayed=True)
    try:
        with transaction.atomic():
            answer = work()
    except DomainError as error:
        if error.status in _PASSING:
            raise
        answer = Answer(error.as_dict(), error.status)
    IdempotentAnswer.objects.create(
        actor=actor,
        key=key,
        request_hash=request_hash,
        status=answer.status,
        body=json.dumps(answer.body, ensure_ascii=False),
        headers=dict(answer.headers),
        created_at=timezone.now(),
    )
    return answer


def prune() -> int:
    """Delete answers that have been kept long enough; returns how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
