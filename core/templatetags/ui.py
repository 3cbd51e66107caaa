"""How figures, dates and icons are written on every page."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MINUS = "\u2212"


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite; decoration only, the word stands beside it."""
    return format_html(
        '<svg class="ic {}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        css,
        static("icons.svg"),
        name,
    )


def group(number: Decimal | int, places: int | None = None) -> str:
    """Digits with thousands separators and a true minus; without trailing zeros unless ``places`` says."""
    value = Decimal(number)
    if places is None:
        text = f"{value:,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:,.{places}f}"
    if text.startswith("-"):
        text = "0" if not Decimal(text.replace(",", "")) else MINUS + text[1:]
    return text


@register.filter
def figure(number: int | None) -> str:
    """A count with thousands separators."""
    return "" if number is None else group(number)


@register.filter
def quantity(number: Any, decimals: int | None = None) -> str:
    """A quantity; with at least as many decimals as its unit has."""
    if number is None or number == "":
        return ""
    value = Decimal(number)
    shown = group(value)
    if decimals and value == round(value, decimals):
        return group(value, decimals)
    return shown


@register.filter
def money(number: Any, places: int = 2) -> str:
    """An amount in the company's currency."""
    return "" if number is None or number == "" else group(Decimal(number), places)


@register.filter
def unit_cost(number: Any) -> str:
    """A unit cost: at least two decimals, at most six."""
    if number is None or number == "":
        return ""
    text = group(round(Decimal(number), 6))
    places = len(text.partition(".")[2])
    return text if places >= 2 else group(Decimal(number), 2)


@register.filter
def day(value: date | datetime | None) -> str:
    """A date: 12 Mar 2026, or 2026-03-12 in Chinese."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    if (get_language() or "").startswith("zh"):
        return value.isoformat()
    return formats.date_format(value, "j M Y")


@register.filter
def moment(value: datetime | None) -> str:
    """A date and time in the current time zone."""
    if not value:
        return ""
    local = timezone.localtime(value)
    return f"{day(local)} {local:%H:%M}"


@register.filter
def clock(value: datetime | None) -> str:
    """The time of day; with its date unless that is today, with its year unless that is this one."""
    if not value:
        return ""
    local, today = timezone.localtime(value), timezone.localdate()
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.year != today.year:
        return moment(value)
    zh = (get_language() or "").startswith("zh")
    return f"{local:%m-%d %H:%M}" if zh else f"{formats.date_format(local, 'j M')} {local:%H:%M}"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """``mapping[key]``, for templates."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def index(sequence: Any, place: int) -> Any:
    """``sequence[place]``, for templates."""
    return sequence[place]


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """This page's query string with some parameters changed; an empty value takes one away."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    text = parameters.urlencode()
    return f"?{text}" if text else "?"


SIGNS = {
    "in": ("in", "+"),
    "out": ("out", MINUS),
    "move": ("move", ""),
    "adjust": ("adj", "±"),
    "scrap": ("scrap", MINUS),
}
CLASSES = {"in": "in", "out": "out", "move": "mov", "adjust": "adj", "scrap": "scr"}


@register.simple_tag
def direction(kind: str, label: str = "") -> SafeString:
    """The coloured icon of a direction (in, out, move, adjust, scrap) with its word."""
    name, _sign = SIGNS.get(kind, ("info", ""))
    return format_html(
        '<span class="nw {}">{}</span> {}', CLASSES.get(kind, "muted"), icon(name), label
    )


@register.simple_tag
def moved(kind: str, number: Any, decimals: int | None = None) -> SafeString | str:
    """A quantity with the icon, sign and colour of its direction; empty for nothing."""
    if number is None or number == "":
        return ""
    name, sign = SIGNS.get(kind, ("", ""))
    sign = sign if Decimal(number) else ""
    return format_html(
        '<span class="qty {}">{}{}{}</span>',
        CLASSES.get(kind, ""),
        icon(name) if name else "",
        sign,
        quantity(number, decimals),
    )


@register.simple_tag
def spark(line: Any, words: str = "") -> SafeString | str:
    """A small line through the past of a number (stock.plots.Spark); ``words`` say what it is."""
    if line is None:
        return ""
    return format_html(
        '<svg class="spark" viewBox="0 0 72 18" role="img" aria-label="{}"><title>{}</title>'
        '<path d="{}"/><circle cx="{}" cy="{}" r="2"/></svg>',
        words,
        words,
        line.path,
        f"{line.x:g}",
        f"{line.y:g}",
    )


@register.simple_tag
def show(cell: Any) -> SafeString | str:
    """One cell of a list (core.tables.Cell): link, code, chip, direction or text."""
    drawn = _drawn(cell)
    if not cell.beside:
        return drawn
    return format_html('{} <span class="only-ph muted">{}</span>', drawn, cell.beside)


def _drawn(cell: Any) -> SafeString | str:
    kind, text = cell.column.kind, cell.text
    if not text:
        return ""
    if kind == "direction":
        return direction(cell.value.direction, text)
    if kind in {"stack", "amounts"}:
        return format_html_join("", "{}<br>", ((part,) for part in cell.value))
    if kind in {"chip", "badge"}:
        css = "chip" if kind == "chip" else "bdg"
        return format_html(
            '<span class="{} {}">{}</span>', css, getattr(cell.value, "css", ""), text
        )
    code = " code" if kind in {"code", "tree"} else ""
    if kind == "tree":
        depth = min(cell.value.depth, 4)
        return format_html(
            '<a class="row code tree d{}" href="{}" title="{}">{}</a>',
            depth,
            cell.url,
            text,
            cell.value.label,
        )
    if kind == "link":
        return format_html('<a class="nw" href="{}">{}</a>', cell.url, text)
    if cell.url:
        return format_html('<a class="row{}" href="{}">{}</a>', code, cell.url, text)
    return format_html('<span class="code">{}</span>', text) if code else str(text)
