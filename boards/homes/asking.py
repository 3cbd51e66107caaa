"""What the tiles of one page share: sight, zone, days, and the documents that the reader may see."""

from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from core.templatetags import ui
from people.homes import Asked
from people.models import Company
from stock.queries.sight import Sight, see
from workflows import finding, queries
from workflows.models import Document


def sight(asked: Asked) -> Sight:
    """What the reader may see; read once per page."""
    found: Sight = asked.once("sight", lambda: see(asked.access))
    return found


def zone(asked: Asked) -> ZoneInfo:
    """The company's zone, in which days are meant."""
    found: ZoneInfo = asked.once(
        "zone",
        lambda: ZoneInfo(Company.objects.values_list("time_zone", flat=True).first() or "UTC"),
    )
    return found


def moment(asked: Asked) -> finding.Moment:
    """Now, for the questions about documents."""
    return finding.Moment(asked.now, zone(asked))


def documents(asked: Asked) -> QuerySet[Document]:
    """The documents that lists show the reader."""
    return queries.listed(asked.user, asked.access)


def today(asked: Asked) -> str:
    """The company's day, as in addresses."""
    return asked.now.astimezone(zone(asked)).date().isoformat()


def midnight(asked: Asked) -> datetime:
    """When the company's day began."""
    return asked.now.astimezone(zone(asked)).replace(hour=0, minute=0, second=0, microsecond=0)


def address(name: str, **parameters: str) -> str:
    """A list with its filters."""
    shown = urlencode({key: value for key, value in parameters.items() if value})
    return reverse(name) + (f"?{shown}" if shown else "")


def short_money(value: Decimal) -> str:
    """An amount for a tile: 万 and 亿 in Chinese, K and M in English; whole below ten thousand."""
    zh = (get_language() or "").startswith("zh")
    for unit, word in ((10**8, " 亿"), (10**4, " 万")) if zh else ((10**6, "M"), (10**3, "K")):
        if abs(value) >= max(unit, 10**4):
            return f"{ui.group(value / unit, 2)}{word}"
    return ui.money(value, 0)
