"""钉钉: a robot in a group, by the token in its URL and a signature over the time in milliseconds.

https://open.dingtalk.com/document/robots/customize-robot-security-settings: HMAC-SHA256 of "time\\nsecret" with the
secret, Base64, in the query; Markdown of at most 20,000 bytes; twenty messages a minute; ``errcode`` 0 is success.
"""

import base64
import hashlib
import hmac
import time
from urllib.parse import urlencode

from alerts.channels.base import Letter, NotDelivered, Part, cut, fitting, post_json
from alerts.channels.wording import harmless
from alerts.models import Channel

LONGEST = 18_000
_TEXT = 6_000


def signed(url: str, secret: str, milliseconds: int) -> str:
    """The address with time and signature; as it is where the robot has no secret."""
    if not secret:
        return url
    text = f"{milliseconds}\n{secret}".encode()
    sign = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
    glue = "&" if "?" in url else "?"
    return f"{url}{glue}{urlencode({'timestamp': milliseconds, 'sign': sign})}"


def content(letter: Letter) -> dict[str, object]:
    """The message as the robot takes it."""
    blocks = [_block(part, letter.link) for part in letter.parts]
    if len(blocks) > 1:
        blocks[0] = f"### {harmless(letter.title)}\n\n{blocks[0]}"
    return {
        "msgtype": "markdown",
        "markdown": {"title": letter.title, "text": fitting(letter, blocks, LONGEST, "\n\n")},
    }


def _block(part: Part, link: str) -> str:
    said = [*cut(part.text, _TEXT).splitlines(), *part.lines]
    quoted = "  \n> ".join(harmless(line) for line in said)
    above = [f"#### {harmless(part.head)}"] if part.head else []
    return "\n\n".join([*above, f"> {quoted}", f"[{link}]({part.url})"])


def send(channel: Channel, letter: Letter) -> None:
    """Send it; NotDelivered with the robot's words if it was not taken."""
    url = signed(channel.address, channel.secret, round(time.time() * 1000))
    said = post_json(url, content(letter))
    if said.get("errcode") != 0:
        raise NotDelivered(f"{said.get('errcode')} {said.get('errmsg', '')}")
