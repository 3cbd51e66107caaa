"""企业微信: a robot in a group, addressed by a key in its URL. https://developer.work.weixin.qq.com/document/path/91770

Markdown of at most 4,096 bytes; twenty messages a minute; ``errcode`` 0 is success; no signature.
"""

from alerts.channels.base import Gone, Letter, NotDelivered, Part, cut, fitting, post_json
from alerts.channels.wording import harmless
from alerts.models import Channel

LONGEST = 4096
_TEXT = 1500
_COLOURS = {"critical": "warning", "high": "warning", "medium": "info"}
_UNKNOWN_KEY = 93000


def content(letter: Letter) -> dict[str, object]:
    """The message as the robot takes it."""
    blocks = [_block(part, letter.link) for part in letter.parts]
    if len(blocks) > 1:
        blocks[0] = f"**{harmless(letter.title)}**\n{blocks[0]}"
    return {
        "msgtype": "markdown",
        "markdown": {"content": fitting(letter, blocks, LONGEST, "\n")},
    }


def _block(part: Part, link: str) -> str:
    """One part; whatever people typed is short enough for the robot's limit."""
    colour = _COLOURS.get(part.severity)
    said = [f"**{harmless(part.head)}**"] if part.head else []
    text = harmless(cut(part.text, _TEXT)).replace("\n", "\n>")
    said.append(f'><font color="{colour}">{text}</font>' if colour else f">{text}")
    said += [f'><font color="comment">{harmless(line)}</font>' for line in part.lines]
    return "\n".join([*said, f"[{link}]({part.url})"])


def send(channel: Channel, letter: Letter) -> None:
    """Send it; NotDelivered with the robot's words if it was not taken."""
    said = post_json(channel.address, content(letter))
    if said.get("errcode") == _UNKNOWN_KEY:
        raise Gone(f"{said.get('errcode')} {said.get('errmsg', '')}")
    if said.get("errcode") != 0:
        raise NotDelivered(f"{said.get('errcode')} {said.get('errmsg', '')}")
