"""The user guides as pages: reads docs/guides, in the reader's language, and draws the little Markdown that they use.

A section says for which pages it is the help: ``<!-- help: workflows:inbox stock:items -->`` above its heading.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

FOLDER = Path(settings.BASE_DIR) / "docs" / "guides"
IMAGES = FOLDER.parent / "images"
_HELP = re.compile(r"<!-- help: (?P<pages>[\w:. -]+?) -->")
_INLINE = re.compile(
    r"!\[(?P<alt>[^\]]*)\]\((?P<image>[^)]+)\)|\[(?P<words>[^\]]+)\]\((?P<link>[^)]+)\)"
    r"|\*\*(?P<bold>[^*]+)\*\*|\*(?P<em>[^*]+)\*|`(?P<code>[^`]+)`"
)
_NAME = re.compile(r"^[a-z0-9-]+$")


@dataclass(slots=True)
class Section:
    """A heading with what stands under it, and the pages that it helps with."""

    anchor: str
    title: str
    pages: list[str]
    lines: list[str] = field(default_factory=list)

    @property
    def html(self) -> SafeString:
        """Its text, safe to write into a page."""
        return draw(self.lines)


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide: its name in addresses, its title, and its sections."""

    name: str
    title: str
    opening: SafeString
    sections: list[Section]


def _language() -> str:
    return "zh" if (get_language() or "").startswith("zh") else "en"


def names() -> list[str]:
    """The guides there are."""
    found = sorted(path.stem for path in FOLDER.glob("*.md") if "." not in path.stem)
    return [name for name in found if name != "README"]


def guide(name: str) -> Guide | None:
    """A guide in the reader's language (in English where there is no other); None for an unknown name."""
    if not _NAME.match(name):
        return None
    zh = FOLDER / f"{name}.zh.md"
    path = zh if _language() == "zh" and zh.exists() else FOLDER / f"{name}.md"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else None


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> Guide:
    """A file once per change of it."""
    title, opening = "", []
    sections: list[Section] = []
    pages: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := _HELP.match(line):
            pages = match["pages"].split()
        elif line.startswith("# "):
            title = line[2:]
        elif line.startswith("## "):
            sections.append(Section(f"s{len(sections) + 1}", line[3:], pages))
            pages = []
        elif sections:
            sections[-1].lines.append(line)
        elif "](" not in line or "](README" not in line:
            opening.append(line)
    return Guide(path.name.split(".")[0], title, draw(opening), sections)


def help_for(page: str) -> list[tuple[Guide, Section]]:
    """The sections that help with a page (``app:name``), in all guides."""
    found = []
    for name in names():
        one = guide(name)
        if one is not None:
            found += [(one, section) for section in one.sections if page in section.pages]
    return found


# Markdown ------------------------------------------------------------------------------------------


def draw(lines: list[str]) -> SafeString:
    """Paragraphs, lists, tables, code and third-level headings; everything else is text."""
    html: list[SafeString] = []
    for block in _blocks(lines):
        first = block[0]
        if first.startswith("```"):
            html.append(format_html("<pre>{}</pre>", "\n".join(block[1:])))
        elif first.startswith("### "):
            html.append(format_html("<h3>{}</h3>", _inline(first[4:])))
            if block[1:]:
                html.append(format_html("<p>{}</p>", _inline(" ".join(block[1:]))))
        elif first.startswith("|"):
            html.append(_table(block))
        elif re.match(r"(-|\d+\.) ", first):
            html.append(_list(block))
        else:
            html.append(format_html("<p>{}</p>", _inline(" ".join(block))))
    return format_html_join("\n", "{}", ((piece,) for piece in html))


def _blocks(lines: list[str]) -> list[list[str]]:
    """What belongs together: lines without an empty one between, and code up to its end."""
    blocks: list[list[str]] = []
    fresh, code = True, False
    for line in lines:
        if code:
            code = not line.startswith("```")
            if code:
                blocks[-1].append(line)
            continue
        if not line.strip():
            fresh = True
            continue
        code = line.startswith("```")
        if fresh or code or line.startswith("### "):
            blocks.append([])
        blocks[-1].append(line.rstrip())
        fresh = False
    return blocks


def _list(block: list[str]) -> SafeString:
    kind = "ul" if block[0].startswith("-") else "ol"
    items: list[str] = []
    for line in block:
        match = re.match(r"(?:-|\d+\.) (.*)", line)
        if match:
            items.append(match[1])
        else:
            items[-1] += f" {line.strip()}"
    inner = format_html_join("", "<li>{}</li>", ((_inline(item),) for item in items))
    return format_html("<{0}>{1}</{0}>", kind, inner)


def _table(block: list[str]) -> SafeString:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block]
    head, body = rows[0], [row for row in rows[1:] if not set("".join(row)) <= set("-: ")]
    heads = format_html_join("", '<th scope="col">{}</th>', ((_inline(cell),) for cell in head))
    lines = format_html_join(
        "",
        "<tr>{}</tr>",
        (
            (format_html_join("", "<td>{}</td>", ((_inline(cell),) for cell in row)),)
            for row in body
        ),
    )
    return format_html(
        '<div class="tw"><table class="tbl"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        heads,
        lines,
    )


def _inline(text: str) -> SafeString:
    """Links, pictures and emphasis; the rest is escaped."""
    pieces: list[SafeString] = []
    at = 0
    for match in _INLINE.finditer(text):
        pieces += [escape(text[at : match.start()]), _piece(match)]
        at = match.end()
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, escape(text[at:])]))


def _piece(match: re.Match[str]) -> SafeString:
    if match["image"]:
        source = reverse("boards:guide_image", args=[Path(match["image"]).name])
        return format_html('<img src="{}" alt="{}" loading="lazy">', source, match["alt"])
    if match["link"]:
        target = _target(match["link"])
        words = escape(match["words"])
        return format_html('<a href="{}">{}</a>', target, words) if target else words
    if match["bold"] or match["em"]:
        return format_html("<b>{}</b>", match["bold"] or match["em"])
    return format_html('<span class="code">{}</span>', match["code"])


def _target(link: str) -> str:
    """Another guide's page; empty for what is not in the application."""
    path, _mark, anchor = link.partition("#")
    name = Path(path).name.removesuffix(".md").removesuffix(".zh")
    if name in names():
        return reverse("boards:guide", args=[name])
    if name == "README":
        return reverse("boards:guides")
    return link if anchor and not path else ""
