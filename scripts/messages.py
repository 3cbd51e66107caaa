"""Brings the translations up to the source strings; with --check, fails where one is missing.

Each app keeps its own catalogue (<app>/locale/zh_Hans/LC_MESSAGES/django.po). A string stands once, in the
lowest app that uses it: all catalogues are merged when the product runs. Strings are found in Python by its
syntax tree and in templates by Django's own parser, so neither this nor a fresh machine needs GNU gettext.
"""

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
APPS = ("core", "people", "stock", "finance", "workflows", "intake", "alerts", "boards")
"""Lowest first."""
LANGUAGE = "zh_Hans"
HEADER = """# 简体中文
msgid ""
msgstr ""
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
"""Nothing in it changes from one run to the next, so two people never meet in it."""
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
CONTEXT_PLURAL = {"npgettext", "npgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")
TEMPLATE_CALL = re.compile(
    r"\b(?P<name>n?p?gettext|_)\((?P<arguments>(?:u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?\s*)+)"
)
SAME = re.compile(r"^[\W\d_]*$|^[A-Z0-9 ./·%()-]{1,12}$")
"""Texts that may be the same in both languages: symbols, figures, acronyms."""

Key = tuple[str | None, str]
"""Context and singular: what Django looks a translation up by."""
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
    elif name in CONTEXT_PLURAL and len(texts) >= 3:
        yield texts[0], (texts[1], texts[2]), place


def files_of(app: str) -> list[Path]:
    """Where an app's strings are; the lowest app also has those of the frame around all apps."""
    code, pages = [ROOT / app], [ROOT / "templates" / app]
    if app == APPS[0]:
        code.append(ROOT / "inventory_project")
        pages += [ROOT / "templates" / "components"]
    found = [path for folder in code for path in folder.rglob("*.py")]
    found += [path for folder in pages for path in folder.rglob("*")]
    if app == APPS[0]:
        found += (ROOT / "templates").glob("*")
    return sorted(path for path in found if path.is_file() and "migrations" not in path.parts)


def key_of(message: Message) -> Key:
    """What a message is looked up by."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def extract() -> dict[str, Catalog]:
    """Every string of the product, in the lowest app that uses it, as templates for translations."""
    made = {app: Catalog(charset="utf-8") for app in APPS}
    home: dict[Key, str] = {}
    for app in APPS:
        for path in files_of(app):
            reader = {".py": in_python, ".html": in_template, ".txt": in_template}.get(path.suffix)
            for context, text, place in reader(path) if reader else ():
                key = context, text if isinstance(text, str) else text[0]
                owner = home.setdefault(key, app)
                made[owner].add(text, context=context, locations=[(place.split(":")[0], 0)])
    return made


def path_of(app: str) -> Path:
    """Where an app's catalogue is."""
    return ROOT / app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def read(app: str) -> Catalog:
    """An app's catalogue; an empty one where it has none."""
    path = path_of(app)
    if not path.exists():
        return Catalog(locale=LANGUAGE, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def texts_of(message: Message | None) -> list[str]:
    """The translations of a message, without empty ones."""
    if message is None:
        return []
    texts = [message.string] if isinstance(message.string, str) else message.string
    return [text for text in texts or () if text]


def update(source: Mapping[str, Catalog], translated: Mapping[str, Catalog]) -> None:
    """Rewrite each catalogue with its app's strings; a string that moved takes its translation along."""
    known: dict[Key, Message] = {}
    for app in reversed(APPS):
        known.update({key_of(m): m for m in translated[app] if m.id and texts_of(m)})
    for app, catalog in source.items():
        messages = [message for message in catalog if message.id]
        own = {key_of(m): m for m in translated[app] if m.id and texts_of(m)}
        new = Catalog(locale=LANGUAGE, charset="utf-8")
        for message in messages:
            old = own.get(key_of(message)) or known.get(key_of(message))
            new.add(
                message.id,
                _fitting(message, old),
                context=message.context,
                locations=message.locations,
                flags=old.flags & {"fuzzy"} if old else (),
            )
        path = path_of(app)
        if messages:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = io.BytesIO()
            write_po(file, new, width=110, sort_output=True, omit_header=True)
            path.write_text(HEADER + file.getvalue().decode())
        else:
            path.unlink(missing_ok=True)


def _fitting(message: Message, old: Message | None) -> str | tuple[str, ...]:
    texts = texts_of(old)
    if isinstance(message.id, str):
        return texts[0] if texts else ""
    return (texts[0] if texts else "",)


def strays(source: Mapping[str, Catalog], translated: Mapping[str, Catalog]) -> list[str]:
    """Entries that no longer belong where they stand, and those translated in two ways, one line each."""
    found = []
    first: dict[Key, tuple[str, list[str]]] = {}
    for app in APPS:
        wanted = {key_of(message) for message in source[app] if message.id}
        found += [f"unused: {text!r} ({app})" for text in map(str, translated[app].obsolete)]
        for message in translated[app]:
            if not message.id:
                continue
            key, texts = key_of(message), texts_of(message)
            if key not in wanted:
                found.append(f"unused: {key[1]!r} ({app})")
            other = first.setdefault(key, (app, texts))
            if other[1] != texts:
                found.append(f"two translations: {key[1]!r} ({other[0]}, {app})")
    return found


def problems(source: Catalog, translated: Catalog) -> list[str]:
    """What is missing, unsure or does not fit, one line each."""
    found = []
    for message in source:
        if not message.id:
            continue
        key = key_of(message)[1]
        other = translated.get(key, message.context)
        texts = texts_of(other)
        if other is None or not texts:
            found.append(f"not translated: {key!r} ({message.locations[0][0]})")
            continue
        if other.fuzzy:
            found.append(f"unsure (fuzzy): {key!r}")
        plural = key if isinstance(message.id, str) else message.id[1]
        wanted = set(PLACEHOLDER.findall(plural))
        for text in texts:
            if set(PLACEHOLDER.findall(text)) != wanted:
                found.append(f"placeholders differ: {key!r} → {text!r}")
            if text == key and not SAME.match(PLACEHOLDER.sub("", text)):
                found.append(f"still English: {key!r}")
    return found


def main() -> int:
    """Update the catalogues, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    source = extract()
    translated = {app: read(app) for app in APPS}
    count = sum(len(catalog) for catalog in source.values())
    if options.check:
        found = strays(source, translated)
        found += [line for app in APPS for line in problems(source[app], translated[app])]
        print("\n".join(found[:40]))
        print(f"translations: {count} strings, {len(found)} problems")
        return 1 if found else 0
    update(source, translated)
    left = sum(not texts_of(m) for app in APPS for m in read(app) if m.id)
    print(f"{count} strings, {left} without translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
