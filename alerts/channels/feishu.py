"""飞书: a robot in a group, by the token in its URL and a signature over the time in seconds.

https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: HMAC-SHA256 of nothing with "time\\nsecret" as the
key, Base64, in the body; at most 20 KB; ``code`` 0 is success.
"""

import base64
import hashlib
import hmac
import time

from alerts.channels.base import Letter, NotDelivered, Part, cut, fitting, post_json
from alerts.channels.wording import harmless
from alerts.models import Channel

LONGEST = 12_000
_TEXT = 4_000
_COLOURS = {"critical": "red", "high": "orange", "medium": "blue"}


def signature(secret: str, seconds: int) -> str:
    """What proves that the sender knows the secret."""
    key = f"{seconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def content(letter: Letter) -> dict[str, object]:
    """The card as the robot takes it; its colour is that of the worst part."""
    blocks = [_block(part, letter) for part in letter.parts]
    worst = [colour for level, colour in _COLOURS.items() if level in _levels(letter)]
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {
                "title": {"tag": "plain_text", "content": harmless(letter.title)},
                "template": worst[0] if worst else "grey",
            },
            "elements": [{"tag": "markdown", "content": fitting(letter, blocks, LONGEST, "\n\n")}],
        },
    }


def _block(part: Part, letter: Letter) -> str:
    """One part; what the card's header says is not said again."""
    above = f"**{harmless(part.head)}**" if part.head != letter.title else ""
    text = harmless(cut(part.text, _TEXT)) if part.text != letter.title else ""
    said = [above if part.head else "", text, *(harmless(line) for line in part.lines)]
    return "\n".join([*filter(None, said), f"[{letter.link}]({part.url})"])


def _levels(letter: Letter) -> set[str]:
    return {part.severity for part in letter.parts}


def send(channel: Channel, letter: Letter) -> None:
    """Send it; NotDelivered with the robot's words if it was not taken."""
    body = content(letter)
    if channel.secret:
        seconds = int(time.time())
        body |= {"timestamp": str(seconds), "sign": signature(channel.secret, seconds)}
    said = post_json(channel.address, body)
    if said.get("code", said.get("StatusCode")) != 0:
        raise NotDelivered(f"{said.get('code')} {said.get('msg', '')}")
