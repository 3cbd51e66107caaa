"""Reads rows that move stock: opening balances and movements become entries of the book to be."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from core.numbers import VALUE_PLACES
from intake.importing.found import End, Entry
from intake.importing.kinds import KINDS, Kinds
from intake.importing.negatives import Negatives
from intake.importing.resolver import Resolver, text_of
from intake.resolving.catalogue import to_base
from intake.resolving.records import ItemRef, PartnerRef, WarehouseRef
from intake.understanding.checks import slack
from intake.understanding.result import Row, Table, plain
from stock.movement_types import Cost, MovementType
from stock.place_kinds import PHYSICAL

_LAST = time(23, 59, 59)
_STEPS = [Decimal(1).scaleb(-places) for places in range(VALUE_PLACES + 1)]
_GOODS = ("item", "barcode", "name", "spec", "color", "size", "warehouse", "place", "lot", "serial")


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for the whole import."""

    zone: ZoneInfo
    warehouse: WarehouseRef | None
    start_on: date | None
    """Opening stock is booked at the end of the day before."""
    places: int = 2
    """Decimals of the company's currency."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What the rows of a document share."""

    at: datetime
    ends: tuple[End, End]
    partner: PartnerRef | None
    department: int | None
    cost_object: str
    document: str


_WAYS = ("quantity_in", "quantity_out")
_OF_HEAD = (
    "date", "warehouse", "warehouse_from", "warehouse_to", "place", "place_from", "place_to",
    "supplier", "supplier_code", "customer", "customer_code", "partner", "partner_code",
    "department", "cost_object", "source",
)  # fmt: skip


class Mover:
    """Reads the rows of all tables."""

    def __init__(self, resolver: Resolver, frame: Frame) -> None:
        self.at_hand = resolver
        self.frame = frame
        self.now = timezone.now()
        self.kinds = Kinds(resolver)
        self.negatives = Negatives(resolver, self.kinds)
        self._heads: dict[tuple[object, ...], _Head] = {}
        self._begun: set[tuple[object, ...]] = set()
        """Goods of ledgers that a row was about already."""

    def opening(self, row: Row) -> list[Entry]:
        """The opening balance that a row states."""
        name = next(
            (
                n
                for n in ("quantity", "balance", "opening", "book", "counted")
                if number(row, n) is not None
            ),
            "",
        )
        amount = number(row, name) if name else None
        if not amount:
            if amount is not None:
                message = _("0 is there: nothing is booked for it.")
                self.at_hand.note(row, name, "nothing_there", message)
            return []
        return self._move(row, KINDS["opening"], name, amount)

    def movements(self, row: Row, table: Table) -> list[Entry]:
        """The movements of a row: one, or one for what came in and one for what went out."""
        found: list[Entry] = []
        if table.shape in {"in_out_list", "card"} and (
            "opening" in row.values or table.column_of("opening")
        ):
            carried = number(row, "opening")
            if self._first_of_item(row) and carried:
                found += self._move(row, KINDS["opening"], "opening", carried)
        for full, value in row.values.items():
            if not full.startswith(_WAYS):
                continue
            plain = full.partition("[")[0]
            if plain in {"quantity_in", "quantity_out"} and isinstance(value.value, Decimal):
                kind = self.kinds.of(row, "in" if plain == "quantity_in" else "out", full)
                if kind is not None and value.value:
                    found += self._move(row, kind, full, value.value)
        amount = number(row, "quantity")
        if amount is not None and not found:
            direction = table.direction
            if direction == "signed":
                direction, amount = ("out", -amount) if amount < 0 else ("in", amount)
            kind = self.kinds.of(row, direction, "quantity")
            if kind is not None and amount:
                found += self._move(row, kind, "quantity", amount)
        return found

    def _first_of_item(self, row: Row) -> bool:
        """Whether a row is the first of its goods in its table: the stock before any later one is no opening."""
        key = (row.table, *(text_of(row, name) for name in _GOODS))
        if key in self._begun:
            return False
        self._begun.add(key)
        return True

    # The entry ---------------------------------------------------------------------------------------

    def _move(self, row: Row, kind: MovementType, name: str, amount: Decimal) -> list[Entry]:
        """The entry of one quantity, or none where something is wrong (which is said)."""
        resolver = self.at_hand
        before = len(resolver.out.problems)
        item = resolver.item(row)
        if item is None and len(resolver.out.problems) == before:
            message = _("Which item is the row about? Nothing says it.")
            resolver.wrong(row, "", "item_missing", message)
        if amount < 0:
            turned = self.negatives.kind(row, kind, name, amount)
            if turned is None:
                return []
            kind, amount = turned, -amount
        resolver.unit(row)
        head = self._head(row, kind)
        if item is None or head is None or len(resolver.out.problems) > before:
            return []
        quantity = self._base(row, item, name, amount)
        lot = resolver.lot(row, item, arrives=isinstance(head.ends[0], str))
        if quantity is None or len(resolver.out.problems) > before:
            return []
        entry = Entry(
            row, resolver.out.table_of(row).sheet, kind.code, item, quantity, *head.ends, head.at, lot,
            partner=head.partner, department=head.department,
            cost_object=head.cost_object,
            reason="opening" if kind.code == "opening" else "other" if kind.reason else "",
            document=head.document,
        )  # fmt: skip
        if kind.cost is Cost.GIVEN:
            self._cost(entry, name, amount)
        return [entry]

    def _head(self, row: Row, kind: MovementType) -> "_Head | None":
        """What a row shares with others of its document; None where something of it is wrong or missing (which is said)."""
        # Equal cells of a column are one value: rows that have the same ones say the same.
        told = (kind.code, *map(id, map(row.values.get, _OF_HEAD)))
        known = self._heads.get(told)
        if known is not None:
            return known
        out = self.at_hand.out
        before, noted = len(out.problems), len(out.notes)
        at = self._moment(row, kind)
        ends = self._ends(row, kind)
        partner = self._partner(row, kind)
        department = (
            self.at_hand.department(row) if "department" in kind.targets | kind.sources else None
        )
        if at is None or ends is None or len(out.problems) > before:
            return None
        cost_object, document = self._cost_object(row, kind), text_of(row, "source")[:80]
        found = _Head(at, ends, partner, department, cost_object, document)
        if len(out.notes) == noted:
            self._heads[told] = found
        return found

    def _base(self, row: Row, item: ItemRef, name: str, amount: Decimal) -> Decimal | None:
        resolver = self.at_hand
        unit = resolver.unit(row)
        ratio = resolver.ratio(row, item, unit, row.get("pack_factor"))
        if ratio is None:
            return None
        if ratio == 1:
            scaled = amount
        else:
            found = to_base(amount, ratio)
            if found is None:
                message = _("%(quantity)s %(unit)s is not an exact number of %(base)s.")
                facts = {
                    "quantity": amount,
                    "unit": unit.code if unit else "",
                    "base": item.unit.code,
                }
                resolver.wrong(row, name, "inexact", message % facts)
                return None
            scaled = found
        if scaled != round(scaled, item.unit.decimals):
            message = _("%(quantity)s has too many decimals: %(unit)s has %(decimals)d.")
            facts = {"quantity": scaled, "unit": item.unit.code, "decimals": item.unit.decimals}
            resolver.wrong(row, name, "decimals", message % facts)
            return None
        return scaled

    def _moment(self, row: Row, kind: MovementType) -> datetime | None:
        """When it happened, in the company's time; opening stock at the end of the day before the start."""
        found = row.get("date")
        zone = self.frame.zone
        if kind.code == "opening" and not (isinstance(found, date) and self.frame.start_on is None):
            if self.frame.start_on is None:
                message = _("Say the first day: opening stock is booked before it.")
                self.at_hand.whole("start_missing", message)
                return None
            return datetime.combine(self.frame.start_on - timedelta(days=1), _LAST, zone)
        if isinstance(found, datetime):
            moment = found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)
        elif isinstance(found, date):
            # Midnight is never in the future, whenever the file is looked at; of one moment goods come before they go.
            moment = datetime.combine(found, _LAST if kind.code == "opening" else time.min, zone)
        else:
            if row.values.get("date") is None or found is None:
                self.at_hand.wrong(row, "date", "date_missing", _("The date is missing."))
            return None
        if moment > self.now:
            message = _("%(day)s is in the future.") % {"day": moment.date()}
            self.at_hand.wrong(row, "date", "future", message)
            return None
        return moment

    def _ends(self, row: Row, kind: MovementType) -> tuple[End, End] | None:
        """Where goods come from and where they go."""
        resolver, usual = self.at_hand, self.frame.warehouse
        own_from, own_to = kind.sources & PHYSICAL, kind.targets & PHYSICAL
        outside_from = next(iter(sorted(kind.sources - PHYSICAL)), "")
        outside_to = next(iter(sorted(kind.targets - PHYSICAL)), "")
        if own_from and own_to:
            return self._between(row, kind)
        house = resolver.warehouse(row, usual)
        if house is None:
            return None
        kinds = own_from or own_to
        place = resolver.place(row, house, "storage" if "storage" in kinds else min(kinds))
        if place is None:
            return None
        return (place, outside_to) if own_from else (outside_from, place)

    def _between(self, row: Row, kind: MovementType) -> tuple[End, End] | None:
        resolver, usual = self.at_hand, self.frame.warehouse
        first = "warehouse_from" if text_of(row, "warehouse_from") else "warehouse"
        source_house = resolver.warehouse(row, usual, first)
        second = "warehouse_to" if text_of(row, "warehouse_to") else "warehouse"
        target_house = resolver.warehouse(row, usual, second)
        if source_house is None or target_house is None:
            return None
        from_name = "place_from" if text_of(row, "place_from") else "place"
        kinds = ("storage" if "storage" in kind.sources else min(kind.sources & PHYSICAL),
                 "storage" if "storage" in kind.targets else min(kind.targets & PHYSICAL))  # fmt: skip
        source = resolver.place(row, source_house, kinds[0], from_name)
        target = resolver.place(row, target_house, kinds[1], "place_to")
        if source is None or target is None:
            return None
        if source is target:
            message = _("The goods go from a place to the same place.")
            resolver.wrong(row, second, "same_place", message)
            return None
        return source, target

    def _partner(self, row: Row, kind: MovementType) -> PartnerRef | None:
        ends = kind.sources | kind.targets
        own = "supplier" if "supplier" in ends else "customer"
        names = (own, "partner", f"{own}_code", "partner_code")
        if not ends & {"supplier", "customer"}:
            return None
        name = next((n for n in names if text_of(row, n)), "")
        return self.at_hand.partner(row, name, supplier="supplier" in ends) if name else None

    @staticmethod
    def _cost_object(row: Row, kind: MovementType) -> str:
        if "production" in kind.sources | kind.targets:
            return text_of(row, "cost_object")[:60] or text_of(row, "source")[:60] or "-"
        if "transit" in kind.sources | kind.targets:
            return text_of(row, "source")[:60]
        return text_of(row, "cost_object")[:60]

    def _cost(self, entry: Entry, name: str, amount: Decimal) -> None:
        """What the goods cost: the amount, or quantity × price without tax; both must agree or one be chosen."""
        row, resolver = entry.row, self.at_hand
        price, value = _told(row, name)
        if price is not None and price < 0:
            resolver.wrong(row, "unit_price", "price_negative", _("The price is below zero."))
            return
        if price is None and value is None:
            value = self._without_tax(row, amount)
        if value is not None:
            value = abs(value)
        if price is not None and value is not None and not _agree(amount, price, value):
            choice = resolver.mends.choices.get("amount_differs", "")
            if not choice:
                message = _("%(quantity)s × %(price)s is %(right)s, not %(amount)s.")
                facts = {
                    "quantity": amount,
                    "price": price,
                    "right": amount * price,
                    "amount": value,
                }
                resolver.wrong(row, "amount", "amount_differs", message % facts)
                return
            value = None if choice == "price" else value
        if value is not None:
            entry.value = money(value, self.frame.places)
            if entry.value != value:
                message = _("%(amount)s has more decimals than the currency; %(value)s is booked.")
                shown = {"amount": plain(value), "value": plain(entry.value)}
                resolver.note(row, "amount", "amount_rounded", message % shown)
        elif price is not None:
            entry.value = money(amount * price, self.frame.places)
        elif entry.type == "opening":
            resolver.note(row, "", "cost_missing", _("No cost is given: it is booked at 0."))

    def _without_tax(self, row: Row, amount: Decimal) -> Decimal | None:
        """What the goods cost by a price with tax; None where nothing says the price or the tax (which is said)."""
        taxed, rate = number(row, "price_taxed"), number(row, "tax_rate")
        if taxed is None:
            return None
        if rate is None:
            message = _("The price holds tax, and nothing says how much: it is not used as cost.")
            self.at_hand.note(row, "price_taxed", "tax_rate_missing", message)
            return None
        return (amount * taxed / (1 + rate / 100)).quantize(Decimal("0.0001"))


def _told(row: Row, name: str) -> tuple[Decimal | None, Decimal | None]:
    """Price and amount that belong to a quantity: those of its group of columns, else those of the row."""
    group = {"quantity_in": "in", "opening": "opening", "balance": "balance"}.get(name, "")
    if group:
        price, value = number(row, f"{group}_price"), number(row, f"{group}_amount")
        if price is not None or value is not None:
            return price, value
    return number(row, "unit_price"), number(row, "amount")


def money(amount: Decimal, places: int) -> Decimal:
    """An amount in the decimals of the currency, half away from zero."""
    return amount.quantize(_STEPS[places], ROUND_HALF_UP)


def number(row: Row, name: str) -> Decimal | None:
    """The number of a field."""
    found = row.values.get(name)
    return found.value if found is not None and isinstance(found.value, Decimal) else None


def _agree(quantity: Decimal, price: Decimal, amount: Decimal) -> bool:
    """Whether price and amount say the same, but for what a price lost when it was rounded."""
    return abs(quantity * price - amount) <= slack(quantity, price)
