"""Shows messages as their apps do: a letter, robots' Markdown and cards in a chat, a program's request as it came.

The few rules of each robot's Markdown are those of its public description; what it does not know stays as typed.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

WIDTH = 760
Came = Mapping[str, Any]
_NAMES = {
    "wecom": ("企业微信", "WeCom"),
    "dingtalk": ("钉钉", "DingTalk"),
    "feishu": ("飞书", "Feishu"),
}
_ROBOT = ("库存提醒 · 机器人", "Inventory · robot")
_HEADERS = ("content-type", "webhook-id", "webhook-timestamp", "webhook-signature")
_STYLE = """
body{margin:0;padding:18px;background:#eceff3;font:15px/1.55 "Noto Sans CJK SC","Noto Sans",sans-serif;color:#1d2129}
h1{margin:0 0 12px;font-size:15px;color:#4e5969}
.say{max-width:520px;margin:0 0 14px;padding:12px 16px;background:#fff;border-radius:8px;overflow-wrap:anywhere}
.say p,.say h3,.say h4{margin:0 0 6px}.say h3,.say h4{font-size:16px}
blockquote{margin:0 0 6px;padding:0 0 0 10px;border-left:3px solid #c9cdd4}
a{color:#165dff;text-decoration:none}
.warning{color:#d25f00}.info{color:#0a7d32}.comment{color:#86909c}
.card{padding:0;overflow:hidden}.card header{padding:10px 16px;color:#fff;font-weight:600}.card div{padding:12px 16px}
.red{background:#d83931}.orange{background:#de7802}.blue{background:#245bdb}.grey{background:#646a73}
.letter{margin:0 0 14px;background:#fff;border-radius:8px;padding:14px 18px}
.letter dl{display:grid;grid-template-columns:auto 1fr;gap:2px 12px;margin:0 0 10px;padding:0 0 10px;border-bottom:1px solid #e5e6eb}
dt{color:#86909c}dd{margin:0}
pre{margin:0;padding:10px;background:#f7f8fa;font:13px/1.5 "DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
"""


def of(found: Mapping[str, Sequence[Came]], language: str) -> dict[str, str]:
    """Kind of channel → the page that shows what it brought, oldest first."""
    zh = language.startswith("zh")
    made = {}
    for kind, (chinese, english) in _NAMES.items():
        head = f"{chinese if zh else english} · {_ROBOT[0 if zh else 1]}"
        made[kind] = _page(head, [_SAYS[kind](one["content"]) for one in found[kind]])
    made["mail"] = _page("", [_mail(one, zh=zh) for one in found["mail"]])
    made["webhook"] = _page("", [_request(one) for one in found["webhook"]])
    return made


def _page(head: str, parts: Sequence[str]) -> str:
    above = f"<h1>{escape(head)}</h1>" if head else ""
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>{above}{"".join(parts)}'


def _inline(text: str) -> str:
    """Bold, links and WeCom's three colours."""
    safe = escape(text)
    safe = re.sub(
        r"&lt;font color=&quot;(warning|info|comment)&quot;&gt;", r'<span class="\1">', safe
    )
    safe = safe.replace("&lt;/font&gt;", "</span>")
    safe = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", safe)
    return re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r'<a href="\2">\1</a>', safe)


def _markdown(text: str) -> str:
    """Line by line: headings, quotations, else a line of its own."""
    made: list[str] = []
    for line in filter(None, text.split("\n")):
        if mark := re.match(r"(#{3,4}) ", line):
            made.append(f"<h{len(mark[1])}>{_inline(line[mark.end() :])}</h{len(mark[1])}>")
        elif line.startswith(">"):
            made.append(f"<blockquote>{_inline(line[1:].strip())}</blockquote>")
        else:
            made.append(f"<p>{_inline(line)}</p>")
    return "".join(made).replace("</blockquote><blockquote>", "<br>")


def _card(content: Came) -> str:
    card = content["card"]
    head, shade = escape(card["header"]["title"]["content"]), card["header"]["template"]
    body = "".join(_markdown(one["content"]) for one in card["elements"])
    return f'<section class="say card"><header class="{shade}">{head}</header><div>{body}</div></section>'


_SAYS: dict[str, Callable[[Came], str]] = {
    "wecom": lambda one: f'<section class="say">{_markdown(one["markdown"]["content"])}</section>',
    "dingtalk": lambda one: f'<section class="say">{_markdown(one["markdown"]["text"])}</section>',
    "feishu": _card,
}


def _mail(one: Came, *, zh: bool) -> str:
    labels = {
        "From": "发件人" if zh else "From",
        "To": "收件人" if zh else "To",
        "Subject": "主题" if zh else "Subject",
    }
    head = "".join(
        f"<dt>{label}</dt><dd>{escape(one[name])}</dd>" for name, label in labels.items()
    )
    body = re.sub(r"(?s)^.*<body>|</body>.*$", "", one["html"])
    plain = escape(one["plain"].strip())
    return (
        f'<section class="letter"><dl>{head}</dl>{body}'
        f"<h1>{'纯文本' if zh else 'As plain text'}</h1><pre>{plain}</pre></section>"
    )


def _request(one: Came) -> str:
    heads = "\n".join(f"{name}: {one['headers'][name]}" for name in _HEADERS)
    body = json.dumps(one["content"], ensure_ascii=False, indent=2)
    return f'<section class="letter"><pre>POST /stock-news\n{escape(heads)}\n\n{escape(body)}</pre></section>'
