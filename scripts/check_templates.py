"""Refuses what the content security policy forbids and what would leak unescaped text."""

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


def problems(text: str) -> list[tuple[int, str]]:
    """(line, rule) of everything a template must not contain."""
    return [
        (text.count("\n", 0, match.start()) + 1, name)
        for name, pattern in RULES
        for match in pattern.finditer(text)
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
