"""What is said of a line while it is written: too little there, expired, no price, twice the same; never in the way.

Apps above register their own checks (an unusual quantity) with ``register``. However many lines are
asked about, the statements are the same few.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import DomainError
from core.fields import plain
from people.access import Access
from stock import catalog
from stock.models import Balance, Item
from stock.models.partners import US
from workflows import amounts, offers
from workflows.models import Document, Line

NEAR = timedelta(days=30)
"""A lot is said to expire soon from here on."""


NAMES = (
    "item", "item__base_unit", "unit", "lot", "source", "target", "reason", "source_line"
)  # fmt: skip
"""The records of lines that are looked at."""


@dataclass(frozen=True, slots=True)
class Check:
    """One remark; ``tone`` is err (it cannot be posted like this), warn or info."""

    tone: str
    code: str
    text: str
    suggestion: tuple[str, str] | None = None
    """A field of the line and the value to take instead, as it would be typed."""
    action: str = ""
    """What the button says that takes it."""
    accept: str = ""
    """Where to post ``line`` and ``code`` to say that it is right; empty where nobody need say so."""
    low: bool = False
    """It says that this is too little: no news while somebody still counts."""
    money: bool = False
    """It tells a price: for those only who may see it."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a line: remarks, and what is available in its warehouse in base units."""

    checks: Sequence[Check] = ()
    available: Decimal | None = None


Rule = Callable[[Document, Sequence[Line], Access], Mapping[int, Sequence[Check]]]
_rules: dict[str, Rule] = {}


def register(code: str, rule: Rule) -> None:
    """Let an app above remark on lines: ``rule`` gives remarks by line id."""
    _rules[code] = rule


def look(document: Document, lines: Sequence[Line], access: Access) -> dict[int, Looked]:
    """Line id → what is to be said of it; lines come with item, unit, lot, source and target."""
    if not lines:
        return {}
    looker = _Looker(document, lines, access)
    found = {line.pk: looker.of(line) for line in lines}
    for pk, more in remarks(document, lines, access).items():
        if pk in found:
            found[pk] = Looked((*found[pk].checks, *more), found[pk].available)
    return found


def remarks(document: Document, lines: Sequence[Line], access: Access) -> dict[int, list[Check]]:
    """Line id → what the apps above say of it, as it is asked for or, once it moves, as it was moved."""
    found: dict[int, list[Check]] = defaultdict(list)
    for rule in _rules.values():
        for pk, more in rule(document, lines, access).items():
            found[pk] += more
    return found


class _Looker:
    """Knows what lies where for the items of some lines, and what all lines of the document take."""

    def __init__(self, document: Document, lines: Sequence[Line], access: Access) -> None:
        self.document = document
        self.kind = document.kind
        zone = ZoneInfo(document.company.time_zone)
        self.today = timezone.now().astimezone(zone).date()
        items = sorted({line.item_id for line in lines})
        self.house = offers.warehouse_of(document, self.kind.source)
        self.seen = offers.sees(access, document.warehouse)
        house = document.warehouse
        self.free = offers.available(items, house) if self.seen and house else {}
        siblings = document.lines.filter(item__in=items).select_related("item", "unit", "source")
        self.siblings = list(siblings)
        self.there: dict[tuple[int, int, int], Decimal] = {}
        self.default: int | None = None
        if self.kind.source.chosen and self.house is not None and self.seen:
            self.default = catalog.default_place(self.house, self.kind.source.kinds[0]).pk
            rows = Balance.objects.filter(item__in=items, owner=US, place__warehouse=self.house)
            self.there = {(r.item_id, r.lot_id or 0, r.place_id): r.on_hand for r in rows}
        self.wanted: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
        self.twice: dict[tuple[object, ...], int] = defaultdict(int)
        for line in self.siblings:
            self.wanted[self._place(line)] += _base(line)
            self.twice[self._same(line)] += 1

    def of(self, line: Line) -> Looked:
        """The remarks on one line, the worst first."""
        found: list[Check] = []
        if self.kind.shape != "value" and not line.requested:
            found.append(Check("info", "quantity", _("Enter a quantity.")))
        if self.kind.orders:
            found += self._scarce(line)
        elif self._takes(line):
            found += self._short(line)
            found += self._expiry(line)
        found += self._lot(line)
        found += self._money(line)
        if self.kind.returns and line.original_id is None:
            text = _("Names no movement: it comes back at today's cost.")
            found.append(Check("warn", "no_original", text))
        if self.twice[self._same(line)] > 1:
            found.append(Check("warn", "twice", _("The same is on another line.")))
        order = {"err": 0, "warn": 1, "info": 2}
        found.sort(key=lambda check: order[check.tone])
        available = self.free.get(line.item_id, Decimal(0)) if self.seen else None
        return Looked(found, available)

    def _takes(self, line: Line) -> bool:
        return (
            self.kind.source.chosen and self.kind.shape != "value" and line.side != Line.Side.OUTPUT
        )

    def _place(self, line: Line) -> tuple[int, int, int]:
        return (line.item_id, line.lot_id or 0, line.source_id or self.default or 0)

    def _same(self, line: Line) -> tuple[object, ...]:
        return (
            line.item_id,
            line.lot_number,
            line.source_id,
            line.target_id,
            line.side,
            line.original_id,
        )

    def _short(self, line: Line) -> list[Check]:
        if not self.seen or self.house is None or not line.requested:
            return []
        if line.item.tracking != Item.Tracking.NONE and line.lot_id is None:
            return []
        key = self._place(line)
        there = self.there.get(key, Decimal(0))
        if self.wanted[key] <= there:
            return []
        text = _("%(place)s holds %(there)s %(unit)s of it; the lines take %(wanted)s.") % {
            "place": line.source.code if line.source else _("The usual place"),
            "there": plain(there),
            "unit": line.item.base_unit.code,
            "wanted": plain(self.wanted[key]),
        }
        return [Check("err", "short", text)]

    def _scarce(self, line: Line) -> list[Check]:
        """What an order could not be promised now, of the goods that leave; it may come until then."""
        leaves = self.kind.direction == "out" or line.side == Line.Side.INPUT
        if not leaves or not self.seen or self.document.warehouse is None:
            return []
        wanted = sum(
            (
                _base(one)
                for one in self.siblings
                if one.item_id == line.item_id and one.side == line.side
            ),
            Decimal(0),
        )
        free = max(self.free.get(line.item_id, Decimal(0)), Decimal(0))
        if not line.requested or wanted <= free:
            return []
        text = _("%(free)s %(unit)s are available; the rest would be short.") % {
            "free": plain(free),
            "unit": line.item.base_unit.code,
        }
        return [Check("warn", "scarce", text)]

    def _expiry(self, line: Line) -> list[Check]:
        expires: date | None = line.lot.expires_on if line.lot else None
        if expires is None or expires > self.today + NEAR:
            return []
        if expires < self.today:
            return [Check("err", "expired", _("Lot %s has expired.") % line.lot_number)]
        days = (expires - self.today).days
        text = ngettext("Expires in %d day.", "Expires in %d days.", days) % days
        return [Check("warn", "expires_soon", text)]

    def _lot(self, line: Line) -> list[Check]:
        if line.item.tracking == Item.Tracking.NONE or "lot" not in self.kind.columns:
            return []
        if not line.lot_number:
            if self.kind.orders:  # it is known when the goods move
                return []
            return [Check("warn", "lot_missing", _("It is tracked: enter the lot."))]
        if self._takes(line) and line.lot_id is None:
            return [Check("err", "unknown_lot", _("There is no lot “%s”.") % line.lot_number)]
        return []

    def _money(self, line: Line) -> list[Check]:
        if self.kind.shape == "value":
            if not line.value:
                return [Check("info", "value", _("Enter a value."))]
            return []
        needs = "price" in self.kind.columns and self.kind.group == "in" and not self.kind.returns
        if needs and line.price is None and self.kind.code != "production_receipt":
            return [Check("warn", "no_price", _("Without a price."))]
        return []


def _base(line: Line) -> Decimal:
    try:
        return amounts.base(line, line.requested)
    except DomainError:
        return Decimal(0)
