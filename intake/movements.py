"""Turns rows of a sheet into lines of the book; *every* thing wrong with a row is said, by row number."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import codes
from core.errors import DomainError
from intake import values
from intake.known import ItemWish, Known, LotWish, same_code
from intake.sheet import Cell, Row, as_text, unreadable
from stock import movement_types, place_kinds
from stock.models.lots import NO_LOT
from stock.movement_types import Cost, MovementType
from stock.plan import LineInput

COLUMNS = (
    "item",
    "quantity",
    "date",
    "type",
    "unit_cost",
    "lot",
    "expiry",
    "place",
    "partner",
    "source",
    "row_key",
    "name",
    "reason",
)
"""What a column of the sheet may mean."""
REQUIRED = ("item", "quantity")
RETURNS = frozenset({"sales_return", "purchase_return", "production_return", "repair_in"})
"""Types that a negative quantity only says a second time: minus one returned is one returned."""
LOADABLE = {
    kind.code: kind
    for kind in movement_types.MOVEMENT_TYPES
    if not kind.value_only and kind.cost is not Cost.SHARED
}
"""Types that one row can state whole; conversions and changes of value cannot be rows of such a sheet."""
_SHORT_HASH = 40
_LIMITS = {"item": 60, "lot": 80}
_CODES = ("item", "place", "partner")
"""What is kept as a code, in which nothing may be invisible."""


@dataclass(frozen=True, slots=True)
class Types:
    """What a row's type is: by the text of its type column, else the default; negative rows apart."""

    by_text: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    negative: str = ""

    def of(self, text: str, quantity: Decimal) -> MovementType:
        """The movement type of a row; raises DomainError.

        A text matches whole, or by the letters before its digits (C536379 by C), or by ``C*``.
        """
        code = self._by_text(text) or self.default
        if not code:
            message = (
                _("The type “%(text)s” is not one of --types.") % {"text": text}
                if text
                else _("The type is missing.")
            )
            raise DomainError(message, code="type")
        if quantity < 0 and code not in RETURNS:
            code = self.negative
        if not code:
            raise DomainError(
                _("The quantity is negative; say with --negative what that means."),
                code="negative",
            )
        return LOADABLE[code]

    def _by_text(self, text: str) -> str:
        if text in self.by_text:
            return self.by_text[text]
        letters = text.rstrip("0123456789")
        if letters and letters != text and letters in self.by_text:
            return self.by_text[letters]
        stars = (key for key in self.by_text if key.endswith("*") and text.startswith(key[:-1]))
        return self.by_text.get(max(stars, key=len, default=""), "")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row."""

    row: int
    code: str
    message: str

    def as_dict(self) -> dict[str, object]:
        """The shape of the command's output."""
        return {"row": self.row, "code": self.code, "message": self.message}


@dataclass(slots=True)
class Change:
    """One row that changes stock, read and not yet looked up."""

    row: int
    key: str
    content: str
    kind: MovementType
    item: str
    quantity: Decimal
    at: datetime
    unit_cost: Decimal | None = None
    lot: str = ""
    expires_on: date | None = None
    place: str = ""
    partner: str = ""
    source: str = ""
    name: str = ""
    reason: str = ""

    @property
    def brings_in(self) -> bool:
        """Whether stock of the place grows."""
        return not self.kind.sources & place_kinds.PHYSICAL

    @property
    def between_own_places(self) -> bool:
        """Whether the goods only go from one of our places to another."""
        return not (self.kind.sources | self.kind.targets) - place_kinds.PHYSICAL

    @property
    def document(self) -> str:
        """The source document's number."""
        return "" if self.between_own_places else self.source[:80]


class Reader:
    """Reads rows into changes; remembers how often each content occurred."""

    def __init__(self, *, types: Types, zone: ZoneInfo, now: datetime, has_row_key: bool) -> None:
        self.types = types
        self.zone = zone
        self.now = now
        self.has_row_key = has_row_key
        self._occurred: dict[bytes, int] = {}

    def read(self, row: Row) -> Change | list[Problem]:
        """The change, with quantity 0 where there is none; or everything that is wrong."""
        problems: list[Problem] = []

        def cell(name: str) -> Cell:
            return row.cells.get(name, "")

        def note(error: DomainError) -> None:
            problems.append(Problem(row.number, error.code, str(error.message)))

        content = hashed("\x1f".join(row.content))
        key = self._key(row, content, note)
        change = Change(
            row=row.number,
            key=key,
            content=content,
            kind=LOADABLE["opening"],
            item=values.code(cell("item")),
            quantity=Decimal(0),
            at=self.now,
            lot=values.code(cell("lot")),
            place=values.code(cell("place")),
            partner=values.code(cell("partner")),
            source=values.code(cell("source")),
            name=values.code(cell("name")),
            reason=values.code(cell("reason"))[:40],
        )
        if any(unreadable(as_text(value)) for value in row.cells.values()):
            message = _("The row holds control characters: nobody can see what is meant.")
            problems.append(Problem(row.number, "control", message))
        if not change.item:
            problems.append(Problem(row.number, "item", _("The item is missing.")))
        problems += _bad_texts(change)
        for read in (self._read_quantity, self._read_moment, self._read_cost, self._read_expiry):
            try:
                read(change, row.cells)
            except DomainError as error:
                note(error)
        return problems or change

    def _read_quantity(self, change: Change, cells: Mapping[str, Cell]) -> None:
        quantity = values.quantity(cells["quantity"])
        if quantity:
            change.kind = self.types.of(values.code(cells.get("type", "")), quantity)
        change.quantity = abs(quantity)

    def _read_moment(self, change: Change, cells: Mapping[str, Cell]) -> None:
        """Now, for sheets without dates; a blank in a date column is a mistake."""
        if "date" in cells:
            moment = values.moment(cells["date"], self.zone)
            if moment is None:
                raise DomainError(_("The date is missing."), code="date")
            change.at = moment

    @staticmethod
    def _read_cost(change: Change, cells: Mapping[str, Cell]) -> None:
        change.unit_cost = values.unit_cost(cells.get("unit_cost", ""))

    @staticmethod
    def _read_expiry(change: Change, cells: Mapping[str, Cell]) -> None:
        change.expires_on = values.day(cells.get("expiry", ""))

    def _key(self, row: Row, content: str, note: Callable[[DomainError], None]) -> str:
        """The row's own key, else its content and how often that occurred above."""
        if self.has_row_key:
            own = values.code(row.cells["row_key"])
            if not own:
                note(DomainError(_("The row key is missing."), code="row_key"))
            return hashed(f"key\x1f{own}")
        short = bytes.fromhex(content)
        occurrence = self._occurred.get(short, 0)
        self._occurred[short] = occurrence + 1
        return hashed(f"row\x1f{content}\x1f{occurrence}")


def _bad_texts(change: Change) -> Iterator[Problem]:
    """Codes in which something is invisible, and texts that are longer than can be kept."""
    for name in _CODES:
        try:
            codes.read(getattr(change, name))
        except ValidationError as error:
            yield Problem(change.row, name, " ".join(error.messages))
    for name, limit in _LIMITS.items():
        if len(codes.plain(getattr(change, name))) > limit:
            message = _("“%(text)s…” is too long: at most %(limit)d characters.")
            facts = {"text": getattr(change, name)[:20], "limit": limit}
            yield Problem(change.row, name, message % facts)


def hashed(text: str) -> str:
    """A hash that fits the book's line key."""
    return sha256(text.encode()).hexdigest()[:_SHORT_HASH]


def other_dates(changes: Iterable[Change]) -> Iterator[tuple[Change, Change]]:
    """Changes that give a lot another expiry date than a change above, with that one."""
    first: dict[tuple[str, str], Change] = {}
    for change in changes:
        if change.lot and change.expires_on is not None:
            known = first.setdefault((same_code(change.item), change.lot), change)
            if known.expires_on != change.expires_on:
                yield change, known


def make_missing(changes: Sequence[Change], known: Known) -> None:
    """Make the items, partners, places and lots that the changes name and nobody knows."""
    items: dict[str, ItemWish] = {}
    for change in changes:
        wish = items.setdefault(same_code(change.item), ItemWish(change.item))
        wish.name = wish.name or change.name
        wish.has_lots = wish.has_lots or bool(change.lot)
    known.make_items(items.values())
    changes = [change for change in changes if change.quantity]
    for kind, is_supplier in (("supplier", True), ("customer", False)):
        names = {
            same_code(change.partner): change.partner
            for change in reversed(changes)
            if change.partner and (kind == "supplier") == ("supplier" in _ends(change.kind))
        }
        known.make_partners(names.values(), supplier=is_supplier, customer=not is_supplier)
    known.make_places(dict.fromkeys(change.place for change in changes if change.place))
    known.make_lots(_lots(changes))


def look_up(changes: Sequence[Change], known: Known) -> None:
    """Find the items, partners and lots that the changes name."""
    known.find_items({same_code(change.item): change.item for change in changes}.values())
    partners = {same_code(change.partner): change.partner for change in changes if change.partner}
    known.find_partners(partners.values())
    known.find_lots(_lots(changes))


def resolve(change: Change, known: Known) -> LineInput | list[Problem]:
    """The line of the book that a row becomes; or everything that is unknown."""
    problems: list[Problem] = []

    def unknown(code: str, message: str, text: str) -> None:
        problems.append(Problem(change.row, code, message % {"text": text}))

    kind = change.kind
    item = known.items.get(same_code(change.item))
    if item is None:
        unknown("unknown_item", _("There is no item %(text)s."), change.item)
    lot = known.lots.get((item or 0, change.lot)) if change.lot else NO_LOT
    if lot is None and item is not None:
        unknown("unknown_lot", _("There is no lot %(text)s of this item."), change.lot)
    partner = known.partners.get(same_code(change.partner)) if change.partner else None
    if change.partner and partner is None:
        unknown("unknown_partner", _("There is no partner %(text)s."), change.partner)
    own_kinds = (kind.sources if not change.brings_in else kind.targets) & place_kinds.PHYSICAL
    target = source = None
    if change.between_own_places:
        source = known.place_of(change.source, kind.sources)
        target = known.place_of(change.place, kind.targets)
    elif change.brings_in:
        source, target = known.virtual_of(kind.sources), known.place_of(change.place, own_kinds)
    else:
        source, target = known.place_of(change.place, own_kinds), known.virtual_of(kind.targets)
    if source is None or target is None:
        unknown("unknown_place", _("There is no place %(text)s in the warehouse."), change.place)
    if problems or item is None or lot is None or source is None or target is None:
        return problems
    return LineInput(
        type=kind.code,
        item=item,
        source=source,
        target=target,
        quantity=change.quantity,
        lot=lot,
        unit_cost=change.unit_cost if kind.cost is Cost.GIVEN else None,
        partner=partner,
        cost_object=change.source[:60] if "transit" in _ends(kind) else "",
        reason=change.reason or ("other" if kind.reason else ""),
        line_key=change.key,
    )


def _ends(kind: MovementType) -> frozenset[str]:
    return kind.sources | kind.targets


def _lots(changes: Iterable[Change]) -> list[LotWish]:
    return [LotWish(change.item, change.lot, change.expires_on) for change in changes if change.lot]
