"""企业微信: a robot in a group, addressed by a key in its URL. https://developer.work.weixin.qq.com/document/path/91770

Markdown of at most 4,096 bytes; twenty messages a minute; ``errcode`` 0 is success; no signature.
"""

from alerts.channels.base import Gone, Letter, NotDelivered, cut, post_json
from alerts.channels.wording import harmless
from alerts.models import Channel

LONGEST = 4096
_COLOURS = {"critical": "warning", "high": "warning", "medium": "info"}
_UNKNOWN_KEY = 93000


def content(letter: Letter) -> dict[str, object]:
    """The message as the robot takes it."""
    lines = [f"**{harmless(letter.title)}**"]
    for part in letter.parts:
        colour = _COLOURS.get(part.severity, "comment")
        text = harmless(part.text).replace("\n", "\n>")
        lines.append(f'><font color="{colour}">{text}</font>')
        lines.append(f"[{letter.link}]({part.url})")
    return {"msgtype": "markdown", "markdown": {"content": cut("\n".join(lines), LONGEST)}}


def send(channel: Channel, letter: Letter) -> None:
    """Send it; NotDelivered with the robot's words if it was not taken."""
    said = post_json(channel.address, content(letter))
    if said.get("errcode") == _UNKNOWN_KEY:
        raise Gone(f"{said.get('errcode')} {said.get('errmsg', '')}")
    if said.get("errcode") != 0:
        raise NotDelivered(f"{said.get('errcode')} {said.get('errmsg', '')}")
