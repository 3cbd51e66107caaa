"""What every kind of channel takes and answers."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from alerts.models import Channel
from core import outgoing


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is told, in the reader's language(s): ``head`` (may be empty), ``text``, then ``lines``.

    ``url`` is whole, ``data`` is for programs.
    """

    kind: str
    head: str
    text: str
    lines: Sequence[str]
    url: str
    severity: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent at once: a title, its parts, the words of the link. ``key`` is the same in every try.

    ``more`` says that so many parts did not find room, ``url`` is where all can be read.
    """

    key: str
    title: str
    parts: Sequence[Part]
    link: str
    url: str
    more: Callable[[int], str]


class NotDelivered(Exception):
    """It did not arrive; trying again later may help."""


class Gone(NotDelivered):
    """The other side has closed this address for good."""


class Carrier(Protocol):
    """A module that knows one format."""

    def send(self, channel: Channel, letter: Letter) -> None:
        """Send it; NotDelivered or DomainError if it did not arrive."""


def post_json(url: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Send JSON to a robot and return what it answered; NotDelivered unless that is JSON with a 2xx."""
    body = json.dumps(content, ensure_ascii=False).encode()
    answer = post(url, body, {"content-type": "application/json; charset=utf-8"})
    try:
        said = json.loads(answer.text)
    except ValueError as error:
        raise NotDelivered(f"no JSON came back: {answer.text[:200]}") from error
    if not isinstance(said, dict):
        raise NotDelivered(f"unknown answer: {answer.text[:200]}")
    return said


def post(url: str, body: bytes, headers: Mapping[str, str]) -> outgoing.Answer:
    """Send by HTTP; Gone for 410, NotDelivered for whatever else is no 2xx."""
    try:
        answer = outgoing.post(url, body, {"user-agent": "inventory-change-management", **headers})
    except outgoing.SendingFailed as error:
        raise NotDelivered(str(error)) from error
    said = f"HTTP {answer.status} {answer.text[:200]}".strip()
    if answer.status == 410:
        raise Gone(said)
    if not answer.accepted:
        raise NotDelivered(said)
    return answer


def fitting(letter: Letter, blocks: Sequence[str], size: int, glue: str) -> str:
    """As many whole blocks (one per part) as ``size`` bytes hold, so that no link is cut, and how many are left out."""
    kept: list[str] = []
    for number, block in enumerate(blocks):
        rest = len(blocks) - number - 1
        tail = [f"[{letter.more(rest)}]({letter.url})"] if rest else []
        if len(glue.join([*kept, block, *tail]).encode()) > size:
            left = len(blocks) - number
            return glue.join([*kept, f"[{letter.more(left)}]({letter.url})"])
        kept.append(block)
    return glue.join(kept)


def cut(text: str, size: int) -> str:
    """The text within ``size`` bytes of UTF-8, with an ellipsis where something is left out."""
    raw = text.encode()
    if len(raw) <= size:
        return text
    return raw[: size - 3].decode(errors="ignore") + "…"
