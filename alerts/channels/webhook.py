"""A program of one's own, by Standard Webhooks 1.0.0: signed, with an id that stays the same in every try.

https://github.com/standard-webhooks/standard-webhooks: the body names ``type``, ``timestamp`` and ``data``.
"""

import json
from typing import Any

from alerts.channels.base import Letter, post
from alerts.models import Channel
from core import outgoing


def content(letter: Letter) -> dict[str, Any]:
    """One part is told as it is; several are told as ``messages``."""
    parts: list[dict[str, Any]] = [
        {
            "type": part.kind,
            "timestamp": part.at.isoformat(),
            "data": {
                "title": part.head,
                "text": part.text,
                "url": part.url,
                "severity": part.severity,
                **{name: value for name, value in part.data.items() if name in _FACTS},
            },
        }
        for part in letter.parts
    ]
    if len(parts) == 1:
        return parts[0]
    return {
        "type": "messages",
        "timestamp": letter.parts[-1].at.isoformat(),
        "data": {"messages": parts},
    }


_FACTS = frozenset(
    {
        "case", "kind", "rule", "times", "number", "type", "count", "item", "warehouse", "owner", "due",
        "opened", "ended", "open", "overdue",
    }
)  # fmt: skip
"""What programs are told besides; each by the names of the API, none by our own row numbers."""


def send(channel: Channel, letter: Letter) -> None:
    """Send it; NotDelivered unless it was taken, Gone if the address is closed for good."""
    body = json.dumps(content(letter), ensure_ascii=False).encode()
    headers = outgoing.headers(channel.secret, letter.key, body)
    post(channel.address, body, {"content-type": "application/json; charset=utf-8", **headers})
