"""What only the pages of the book need in templates."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from people.access import Access
from stock.queries.movements import MovementRow
from stock.views.book import other_end

register = template.Library()


@register.filter
def may(access: Access | str, right: str) -> bool:
    """Whether the signed-in user has a right anywhere."""
    return isinstance(access, Access) and access.may(right)


@register.filter
def below(number: float, distance: int) -> float:
    """A coordinate a little further down (or up), for the words of a plot."""
    return round(float(number) + distance, 1)


@register.filter
def posting_url(row: MovementRow) -> str:
    """The page of a movement's posting."""
    return reverse("stock:posting", args=[row.posting])


@register.filter
def end(row: MovementRow, side: str) -> str:
    """Where goods came from (``source``) or went (``target``), in words."""
    return other_end(row, side)


DOORS: dict[str, str | Promise] = {
    "api": _("program (API)"),
    "demo": _("demo company"),
    "sheet": _("sheet"),
}


@register.filter
def door(code: str) -> str | Promise:
    """The way a posting came in, in words; the code where it has none."""
    return DOORS.get(code, code)


@register.filter
def words(text: str) -> list[str]:
    """A list written as words."""
    return text.split()


@register.simple_tag(takes_context=True)
def periods_link(context: dict[str, Any], code: str) -> SafeString:
    """After the refusal of a closed period: the way to the periods, for those who may open them."""
    access = context.get("access")
    if code != "closed_period" or access is None or not access.may("period.close"):
        return SafeString("")
    return format_html(' <a href="{}">{}</a>', reverse("stock:periods"), _("Periods"))
