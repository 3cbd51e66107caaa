"""The pulse: one cheap address that tells an open page whether anything has changed since it last looked.

Apps register the records whose newest rows are looked at (``register``); a page asks every second while it is looked at and
reads its panels again when the answer changes. The answer is opaque and the same for everybody: what a reader
may see is decided where the panels are read. It comes from the database, so it holds for any number of web
processes, and each process asks the database at most twice a second, however many pages are open.

The newest ids are looked at, not the largest alone: transactions commit in another order than they number.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from hashlib import blake2s

from django.apps import apps
from django.conf import settings
from django.core import signing
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

PATH = "/pulse/"
NEWEST = 32
"""Rows of each kind that are looked at."""
KEPT = 0.5
"""Seconds for which a process answers without asking the database again."""
_SALT = "core.pulse"
_SEEN = "pulse_seen"
_topics: dict[str, tuple[str, ...]] = {}


class _Memory:
    """The last answer of this process, and until when it holds."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.until = 0.0
        self.body = b""
        self.tag = ""


_memory = _Memory()


def register(topic: str, *models: str) -> None:
    """Let new rows of the models (``app.Model``) be news of the topic; called from AppConfig.ready."""
    _topics[topic] = (*_topics.get(topic, ()), *models)


def address(user_id: int) -> str:
    """Where a signed-in user's pages ask; signed, so that strangers do not learn when work is done."""
    return PATH + signing.TimestampSigner(salt=_SALT).sign(str(user_id))


def read() -> tuple[bytes, str]:
    """Topic → a short word that changes with it, as JSON, and its ETag."""
    with _memory.lock:
        if time.monotonic() >= _memory.until:
            words = {topic: _word(models) for topic, models in sorted(_topics.items())}
            _memory.body = json.dumps(words).encode()
            _memory.tag = f'"{blake2s(_memory.body, digest_size=8).hexdigest()}"'
            _memory.until = time.monotonic() + KEPT
        return _memory.body, _memory.tag


def forget() -> None:
    """Ask the database again at once, as another process would."""
    _memory.until = 0.0


def seen(request: HttpRequest) -> str:
    """What was known when the request began, and may be older: whatever differs from it is news for its page.

    A page that took its first answer for what it shows would never learn of what happened in between.
    """
    return getattr(request, _SEEN, "")


def _word(models: Sequence[str]) -> str:
    ids = [
        list(apps.get_model(model).objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST])
        for model in models
    ]
    return blake2s(repr(ids).encode(), digest_size=6).hexdigest()


class Pulse:
    """Answers the pulse before sessions and users are read: it costs next to nothing.

    Every other request takes along what this process last knew (``seen``), before its view reads anything.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """200 with the topics, 304 while nothing has changed, 403 without a good signature."""
        if not request.path.startswith(PATH):
            setattr(request, _SEEN, _memory.body.decode())
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        try:
            signing.TimestampSigner(salt=_SALT).unsign(
                request.path[len(PATH) :], max_age=settings.SESSION_COOKIE_AGE
            )
        except signing.BadSignature:
            return HttpResponse(status=403)
        try:
            body, tag = read()
        except DatabaseError:
            return HttpResponse(status=503)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == tag:
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(body, content_type="application/json", headers=headers)
