"""Says the texts of the demo in its language: each is written in both, Chinese first, and ``said`` keeps one of them.

A company writes its master data and its notes in one language; screens are translated, what people typed is not.
"""

import re

from django.utils.translation import get_language

CHINESE, ENGLISH = "zh-hans", "en"
LANGUAGES = (CHINESE, ENGLISH)
_BOTH = re.compile(r"(?P<chinese>.*[\u4e00-\u9fff。！？）]) (?P<english>[A-Za-z][^\u4e00-\u9fff]*)")


def in_english() -> bool:
    """Whether the demo that is being built speaks English; else it speaks Chinese."""
    return (get_language() or "").startswith(ENGLISH)


def said(text: str) -> str:
    """The half of ``中文 English`` that belongs to the language that is active; what is written in one stays."""
    both = _BOTH.fullmatch(text)
    if both is None:
        return text
    return both["english" if in_english() else "chinese"]
