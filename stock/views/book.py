"""What the pages of the book share: the parameters of a question and how rows become links and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import asked
from people.access import Access, access_for
from stock import movement_types, place_kinds
from stock.models import Category
from stock.queries.movements import MovementRow
from stock.queries.sight import Sight, local_midnight, see

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Chip:
    """A word with a colour, for a cell."""

    text: Text
    css: str = ""

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class Branch:
    """A place in the tree: its path (also its text in files), its own code, and how deep it is."""

    path: str
    label: str

    @property
    def depth(self) -> int:
        """Below a warehouse: 1."""
        return self.path.count("/")

    def __str__(self) -> str:
        return self.path


class Question:
    """A request as a question: who asks, what may be seen, which moment and which warehouses."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.parameters = request.GET
        self.access: Access = access_for(request.user)
        self.whole: Sight = see(self.access)
        chosen = self.numbers("warehouse")
        self.warehouses = [pk for pk in chosen if pk in self.whole.warehouses] if chosen else None
        self.sight = self.whole.narrowed(self.warehouses)
        self.zone = self.whole.zone()

    def numbers(self, name: str) -> list[int]:
        """The ids of a parameter; whatever else it holds is ignored."""
        return asked.wholes(self.parameters.getlist(name))

    def number(self, name: str) -> int | None:
        """The one id of a parameter."""
        found = self.numbers(name)
        return found[0] if found else None

    def ids(self, name: str) -> list[int] | None:
        """As ``numbers``; None where nothing is asked."""
        return self.numbers(name) or None

    def day(self, name: str) -> date | None:
        """A day; None for anything else."""
        return asked.day(self.parameters.get(name))

    def start(self, name: str = "from") -> datetime | None:
        """The first moment of a day."""
        found = self.day(name)
        return local_midnight(found, self.zone) if found else None

    def after(self, name: str = "to") -> datetime | None:
        """The first moment after a day."""
        found = self.day(name)
        return local_midnight(found + timedelta(days=1), self.zone) if found else None

    def at(self) -> datetime | None:
        """The moment of ``?at=``: a day stands for its end."""
        text = self.parameters.get("at", "")
        if len(text) > 10 and (found := asked.moment(text)) is not None:
            return found if found.tzinfo else found.replace(tzinfo=self.zone)
        day = self.day("at")
        return datetime.combine(day, time.max, tzinfo=self.zone) if day else None

    def warehouse_choices(self) -> list[tuple[str, str]]:
        """The warehouses that may be chosen."""
        return [
            (str(facts.id), f"{facts.code} {facts.name}")
            for facts in self.whole.warehouses.values()
        ]

    @staticmethod
    def category_choices() -> list[tuple[str, str]]:
        """The categories that may be chosen."""
        return [(str(one.pk), str(one)) for one in Category.objects.filter(archived_at=None)]

    def may(self, right: str) -> bool:
        """For columns of lists: costs need an area in which they may be seen."""
        return self.sight.shows_cost if right == "cost.view" else self.access.may(right)


def explain_url(**limits: Any) -> str:
    """The page that explains a number."""
    return f"{reverse('stock:explain')}?{urlencode({k: v for k, v in limits.items() if v is not None})}"


def item_url(pk: int, **parameters: Any) -> str:
    """The page of an item."""
    shown = urlencode({k: v for k, v in parameters.items() if v is not None})
    return reverse("stock:item", args=[pk]) + (f"?{shown}" if shown else "")


def labels_below(kind: str) -> Callable[[Sequence[Any]], list[tuple[str, str, str]]]:
    """Below a list of ``kind`` (items, lots, places): the labels of the rows that are shown."""

    def link(rows: Sequence[Any]) -> list[tuple[str, str, str]]:
        words = ngettext("Label for this row", "Labels for these %(n)d rows", len(rows))
        ids = urlencode([("id", row.pk) for row in rows])
        return [(words % {"n": len(rows)}, "tag", f"{reverse('boards:labels', args=[kind])}?{ids}")]

    return link


def kind_of(row: MovementRow) -> movement_types.MovementType:
    """The type of a movement, with its word and direction."""
    return movement_types.BY_CODE[row.type]


def other_end(row: MovementRow, end: str) -> str:
    """Where goods came from or went: a place, a partner instead of «suppliers», or a hidden warehouse."""
    place = getattr(row, end)
    if place is None:
        return _("another warehouse")
    if place.warehouse is not None:
        return str(place.code)
    if row.partner and place.kind in {"supplier", "customer"}:
        return row.partner
    if row.department and place.kind == "department":
        return row.department
    if row.cost_object and place.kind == "production":
        return row.cost_object
    return kind_label(place.kind)


def kind_label(kind: str) -> str:
    """What a kind of place is called."""
    return str(place_kinds.BY_CODE[kind].label)
