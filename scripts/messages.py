"""Brings the translations up to the source strings; with --check, fails where one is missing.

Strings are found in Python by its syntax tree and in templates by Django's own parser, so neither this
nor a fresh machine needs GNU gettext.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
APPS = (
    "core",
    "people",
    "stock",
    "finance",
    "workflows",
    "alerts",
    "intake",
    "boards",
    "inventory_project",
)
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")
TEMPLATE_CALL = re.compile(
    r"\b(?P<name>n?p?gettext)\((?P<arguments>(?:u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?\s*)+)"
)
SAME = re.compile(r"^[\W\d_]*$|^[A-Z0-9 ./·%()-]{1,12}$")
"""Texts that may be the same in both languages: symbols, figures, acronyms."""

Found = tuple[str | None, str | tuple[str, str], str]
"""Context, message (with its plural), place."""


def in_python(path: Path) -> Iterator[Found]:
    """The strings that a module marks for translation."""
    tree = ast.parse(path.read_text(), filename=str(path))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [
            a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        yield from _messages(name, texts, f"{path.relative_to(ROOT)}:{node.lineno}")


def in_template(path: Path) -> Iterator[Found]:
    """The strings that a template marks for translation."""
    from django.utils.translation.template import templatize

    code = templatize(path.read_text(), origin=str(path))
    for match in TEMPLATE_CALL.finditer(code):
        texts = list(ast.literal_eval(f"({match['arguments'].rstrip().rstrip(',')},)"))
        place = f"{path.relative_to(ROOT)}:{code.count(chr(10), 0, match.start()) + 1}"
        yield from _messages(match["name"], texts, place)


def _messages(name: str, texts: list[str], place: str) -> Iterator[Found]:
    if name in SINGLE and texts:
        yield None, texts[0], place
    elif name in PLURAL and len(texts) >= 2:
        yield None, (texts[0], texts[1]), place
    elif name in CONTEXT and len(texts) >= 2:
        yield texts[0], texts[1], place


def extract() -> Catalog:
    """Every string of the product, as a template for translations."""
    catalog = Catalog(project="inventory", charset="utf-8")
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    for path in files:
        if "migrations" not in path.parts:
            for context, text, place in in_python(path):
                catalog.add(text, context=context, locations=[(place.split(":")[0], 0)])
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            for context, text, place in in_template(path):
                catalog.add(text, context=context, locations=[(place.split(":")[0], 0)])
    return catalog


def problems(source: Catalog, translated: Catalog) -> list[str]:
    """What is missing, unsure or does not fit, one line each."""
    found = []
    for message in source:
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        other = translated.get(key, message.context)
        if other is None or not any(
            [other.string] if isinstance(other.string, str) else other.string
        ):
            found.append(f"not translated: {key!r} ({message.locations[0][0]})")
            continue
        if other.fuzzy:
            found.append(f"unsure (fuzzy): {key!r}")
        texts = [other.string] if isinstance(other.string, str) else list(other.string)
        plural = message.id[1] if isinstance(message.id, tuple) else key
        wanted = set(PLACEHOLDER.findall(plural))
        found += [
            f"placeholders differ: {key!r} → {text!r}"
            for text in texts
            if set(PLACEHOLDER.findall(text)) != wanted
        ]
    return found


def main() -> int:
    """Update the catalogue, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    source = extract()
    with LOCALE.open("rb") as file:
        translated = read_po(file, locale="zh_Hans")
    if options.check:
        found = problems(source, translated)
        print("\n".join(found[:40]))
        print(f"translations: {len(source)} strings, {len(found)} problems")
        return 1 if found else 0
    translated.update(source, no_fuzzy_matching=True)
    translated.obsolete.clear()
    with LOCALE.open("wb") as file:
        write_po(file, translated, width=110, sort_output=True, omit_header=False)
    left = sum(1 for message in translated if message.id and not message.string)
    print(f"{len(source)} strings, {left} without translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
