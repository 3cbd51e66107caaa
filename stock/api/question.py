"""What is asked about the book: the query parameters of the API as ids, moments and seals.

Names and meanings are those of the ``stock`` command.
"""

from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import asked
from core.api import parameters
from core.api.parameters import Parameter, choice, text, when
from core.api.shapes import Malformed
from core.errors import LineError
from people.access import Access
from stock import movement_types, sealing
from stock.queries import codes
from stock.queries.as_of import seal_at
from stock.queries.on_hand import StockFilter
from stock.queries.sight import Sight, see

ITEM = text("item", _("Code of an item"))
LOT = text("lot", _("Number of a lot or serial"))
PLACE = text("place", _("Code or path of a place, with all that belongs to it"))
WAREHOUSE = text("warehouse", _("Code of a warehouse; may be repeated"), many=True)
CATEGORY = text("category", _("Code of a category, with all below it"))
TYPE = choice(
    "type",
    _("Movement type; may be repeated"),
    sorted(movement_types.BY_CODE),
    many=True,
)
DOCUMENT = text("document", _("Document of a posting"))
AS_OF = when(
    "as-of", _("As it was at this moment, or at the end of this day of the company's time zone")
)
FROM = when("from", _("From this moment, or from the beginning of this day"))
TO = when("to", _("Up to this moment, or to the end of this day"))


def _read_known(value: str) -> Any:
    """A seal number, a day or a moment."""
    seal = asked.whole(value)
    return seal if seal is not None else parameters.read_when(value)


KNOWN_AT = Parameter(
    "known-at",
    _(
        "As it was known at this moment or at this number of a seal; what is committed is sealed first"
    ),
    {
        "anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "format": "date"},
            {"type": "string", "format": "date-time"},
        ]
    },
    _read_known,
)


class Question:
    """One request about the book: who asks, what may be seen, and the limits as ids."""

    def __init__(self, access: Access, values: dict[str, Any]) -> None:
        self.access = access
        self.values = values
        names = values.get("warehouse")
        self.warehouses = [codes.warehouse_id(access, name) for name in names] if names else None
        self.sight: Sight = see(access, self.warehouses)
        self.zone = self.sight.zone()
        item = values.get("item")
        self.item = codes.item_id(item) if item else None
        self.items = (self.item,) if self.item is not None else None
        lot, place, category = (values.get(name) for name in ("lot", "place", "category"))
        self.lots = codes.lot_ids(lot, self.items) if lot else None
        self.places = codes.place_ids(access, place, self.warehouses) if place else None
        self.categories = codes.category_ids(category) if category else None
        self.as_of = self.moment("as-of", end=True)
        self.start = self.moment("from", end=False)
        self.end = self.moment("to", end=True)
        self.seal = self._seal()

    @property
    def stock(self) -> StockFilter:
        """What stock is asked about."""
        return StockFilter(self.items, self.lots, self.places, self.warehouses, self.categories)

    @property
    def upto(self) -> datetime | None:
        """The last moment asked about: as-of or to, the earlier of both."""
        ends = [moment for moment in (self.end, self.as_of) if moment is not None]
        return min(ends) if ends else None

    def moment(self, name: str, *, end: bool) -> datetime | None:
        """A moment; a day stands for its last moment (``end``) or its first."""
        return self._moment(self.values.get(name), end=end)

    def day(self, name: str) -> date | None:
        """A day; a moment stands for its day in the company's time zone."""
        found = self._moment(self.values.get(name), end=False)
        return found.astimezone(self.zone).date() if found else None

    def _moment(self, value: Any, *, end: bool) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=self.zone)
        return datetime.combine(value, time.max if end else time.min, tzinfo=self.zone)

    def _seal(self) -> int | None:
        asked = self.values.get("known-at")
        if asked is None:
            return None
        newest = sealing.seal() or 0
        if not isinstance(asked, int):
            moment = self._moment(asked, end=True)
            return None if moment is None else seal_at(moment)
        if asked > newest:
            message = _("There is no seal %(asked)d yet; the newest is %(newest)d.") % {
                "asked": asked,
                "newest": newest,
            }
            raise Malformed(
                message, lines=[LineError(0, "invalid", message, {"parameter": "known-at"})]
            )
        return asked
