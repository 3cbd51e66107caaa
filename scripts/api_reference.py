"""Writes docs/api.md (and its Chinese sister) from the declared operations; with --check, fails if they are old."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")

if TYPE_CHECKING:
    from core.api.reference import Described, Entry

TARGETS = {"en": ROOT / "docs" / "api.md", "zh-hans": ROOT / "docs" / "api.zh.md"}


def text() -> str:
    """The whole reference in the language active now."""
    from django.utils.translation import gettext as _

    from core.api.reference import groups
    from core.api.schema import REFUSALS, openapi

    schema = openapi()
    lines = [
        f"# {_('REST API')}",
        "",
        f"<!-- {_('Made by scripts/api_reference.py from the code; do not edit.')} -->",
        "",
        _(
            "Send a token in the header “Authorization: Bearer …”. You make tokens on your profile page."
        ),
        "",
        _(
            "Numbers are texts, moments ISO 8601 with an offset. Every change needs the header Idempotency-Key: the same key again has no second effect."
        ),
        "",
        "```sh",
        'curl -H "Authorization: Bearer $TOKEN" "$SITE/api/v1/on-hand/?item=10021"',
        "```",
        "",
    ]
    for name, operations in groups(schema).items():
        lines += [f"## {name}", ""]
        for one in operations:
            lines += _operation(one)
    lines += [
        f"## {_('Refusals')}",
        "",
        _(
            "Every refusal is an object with code, message, lines and data; lines names every bad line, 0 is the whole request."
        ),
        "",
        *(f"- {status}: {words}" for status, words in REFUSALS.items()),
        "",
    ]
    return "\n".join(lines)


def _operation(one: "Described") -> list[str]:
    from django.utils.translation import gettext as _

    right = f" · {_('Right')}: `{one.right}`" if one.right else ""
    lines = [f"### `{one.method} {one.path}`", "", one.summary, ""]
    if one.help:
        lines += [one.help, ""]
    lines += [
        f"{_('Scope')}: `{one.scope}`{right} · {_('Answers')}: {', '.join([one.status, *one.refusals])}",
        "",
    ]
    for title, entries in (
        (_("Parameters"), one.parameters),
        (_("Body"), one.body),
        (_("Answer"), one.answer),
    ):
        if entries:
            lines += _table(title, entries)
    return lines


def _table(title: str, entries: "list[Entry]") -> list[str]:
    from django.utils.translation import gettext as _

    rows = [
        f"| `{entry.name}`{' *' if entry.required else ''} | {entry.kind} | {entry.help} |"
        for entry in entries
    ]
    return [
        f"{title}:",
        "",
        f"| {_('Name')} | {_('Kind')} | {_('Meaning')} |",
        "|---|---|---|",
        *rows,
        "",
    ]


def main() -> int:
    """Write or compare; 1 if something is old."""
    import django
    from django.utils.translation import override

    from scripts import compile_messages

    compile_messages.main()
    django.setup()
    old = []
    for language, target in TARGETS.items():
        with override(language):
            made = text()
        if "--check" not in sys.argv:
            target.write_text(made)
        elif not target.exists() or target.read_text() != made:
            old.append(str(target.relative_to(ROOT)))
    if old:
        print(f"old: {', '.join(old)}; run scripts/api_reference.py")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
