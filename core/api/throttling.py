"""Counts requests per token, user or address in the cache, a minute at a time.

The counts live where all processes see them if the cache is Redis; with the embedded default each
process counts on its own. A cache that is away lets everybody pass: counting protects, it may not stop work.
"""

import logging
import time

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

log = logging.getLogger("inventory")
WINDOW = 60
"""Seconds."""


class PerCaller(BaseThrottle):
    """Each token, signed-in user and nameless address has a count of its own (settings.API_RATES)."""

    def allow_request(self, request: Request, view: object) -> bool:
        """Count this request; False once the caller has used up this minute."""
        kind, who = _caller(request)
        key = f"api:{kind}:{who}:{int(time.time() // WINDOW)}"
        try:
            cache.add(key, 0, timeout=2 * WINDOW)
            count = cache.incr(key)
        except ValueError:  # dropped between the two calls
            return True
        except RedisError:
            log.warning("requests are not counted: the cache is away")
            return True
        return bool(count <= settings.API_RATES[kind])

    def wait(self) -> float:
        """Seconds until the next minute."""
        return WINDOW - time.time() % WINDOW + 1


def _caller(request: Request) -> tuple[str, str]:
    """Of which kind the caller is and which one."""
    token = getattr(request.auth, "pk", None)
    if token is not None:
        return "token", str(token)
    if request.user is not None and request.user.is_authenticated:
        return "user", str(request.user.pk)
    return "address", str(request.META.get("REMOTE_ADDR", ""))
