"""Refuses what the content security policy forbids, what would leak unescaped text, and bare English."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES: list[tuple[str, re.Pattern[str]]] = [
    ("inline style", re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE)),
    ("inline handler", re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)),
    ("inline script", re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE)),
    ("style element", re.compile(r"<style\b", re.IGNORECASE)),
    ("unescaped text", re.compile(r"\|\s*safe\b|autoescape\s+off")),
    ("another origin", re.compile(r"""(?:src|href)\s*=\s*["']https?://""", re.IGNORECASE)),
]

NOT_TEXT = re.compile(
    r"\{#.*?#\}"
    r"|\{%\s*blocktrans.*?endblocktrans\w*\s*%\}"
    r"|\{%\s*block \w*class\s*%\}.*?\{%\s*endblock\s*%\}"
    r"|\{%.*?%\}|\{\{.*?\}\}|<kbd>.*?</kbd>",
    re.DOTALL,
)
BARE = re.compile(
    r"""(?:^|>)[^<>]*?\b(?!English\b)(?P<text>[A-Z]?[a-z]{2,})\b"""
    r"""|\s(?:title|aria-label|placeholder|alt)="(?!English")[^"]*[A-Za-z]{2}"""
)
"""A word between tags, or in an attribute that is read, which no translation reaches."""


def problems(text: str) -> list[tuple[int, str]]:
    """(line, rule) of everything a template must not contain."""
    found = [
        (text.count("\n", 0, match.start()) + 1, name)
        for name, pattern in RULES
        for match in pattern.finditer(text)
    ]
    shown = NOT_TEXT.sub(lambda match: "\n" * match[0].count("\n"), text)
    return found + [
        (shown.count("\n", 0, max(match.start("text"), match.start())) + 1, "untranslated text")
        for match in BARE.finditer(shown)
    ]


def main() -> int:
    """Check every template; prints file:line: rule."""
    found = 0
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            for line, name in problems(path.read_text()):
                print(f"{path.relative_to(ROOT)}:{line}: {name}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
