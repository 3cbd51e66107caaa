"""All master data that sheets can name, read once: one statement for each kind, however many rows there are.

``find_*`` answer with a record only for the same code, barcode, name or a learned alias; what is only similar is
proposed by ``like`` and taken by a person.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, cast

from django.db.models import F

from intake.models import Alias
from intake.resolving.names import Candidate, Likeness, canonical, same_code
from intake.resolving.records import ItemRef, LotRef, PartnerRef, PlaceRef, UnitRef, WarehouseRef
from people.models import Company, Department
from stock import catalog
from stock.models import Barcode, Item, ItemUnit, Lot, Partner, Place, Unit, Warehouse
from workflows import movements


@dataclass(frozen=True, slots=True)
class Found:
    """A record and how it was found: code, barcode, name, alias, only (there is no other)."""

    record: Any
    how: str


class Catalogue:
    """The master data of a company as one run sees it; records to be made are added to it."""

    def __init__(self, company: Company, sender: str = "") -> None:
        self.company = company
        self.sender = sender
        catalog.create_virtual_places(company)
        self.virtual = movements.virtual_places(company)
        self.aliases = self._aliases()
        self._read_units()
        self._read_items()
        self._read_places()
        self._read_partners()
        rows = Department.objects.filter(company=company).values_list("pk", "code", "name")
        self.departments: dict[str, tuple[int, str]] = {}
        for pk, code, name in rows:
            self.departments.setdefault(canonical(name), (pk, code))
            self.departments[canonical(code)] = (pk, code)
        self.lots: dict[tuple[int, str], LotRef] = {}

    def _aliases(self) -> dict[tuple[str, str], str]:
        """(kind, text) → code; the sender's own win over everybody's."""
        rows = Alias.objects.filter(company=self.company, sender__in=["", self.sender])
        return {
            (kind, text): code
            for kind, text, code in rows.order_by("sender").values_list("kind", "text", "code")
        }

    # Units ---------------------------------------------------------------------------------------

    def _read_units(self) -> None:
        self.units: dict[int, UnitRef] = {}
        self.unit_names: dict[str, UnitRef] = {}
        rows = Unit.objects.filter(archived_at=None).values_list(
            "pk", "code", "name", "decimals", "reference", "numerator", "denominator"
        )
        for pk, code, name, decimals, reference, numerator, denominator in rows:
            unit = UnitRef(pk, code, name, decimals, reference, Fraction(numerator, denominator))
            self.units[pk] = unit
        for unit in self.units.values():
            # A unit may be called in two languages: 个 piece.
            for name in (unit.name, *unit.name.split()):
                self.unit_names.setdefault(canonical(name), unit)
        for unit in self.units.values():
            self.unit_names[canonical(unit.code)] = unit

    def find_unit(self, text: str) -> UnitRef | None:
        """The unit of this code, name or alias."""
        key = canonical(text)
        alias = self.aliases.get((Alias.Kind.UNIT, key))
        return self.unit_names.get(canonical(alias) if alias else key)

    def ratio(self, item: ItemRef, unit: UnitRef) -> Fraction | None:
        """Base units in one ``unit``; None if the item is not kept in it."""
        if unit is item.unit:
            return Fraction(1)
        own = item.units.get(unit.pk or 0)
        if own is not None:
            return own
        base = item.unit
        if unit.pk and base.pk and (unit.reference or unit.pk) == (base.reference or base.pk):
            return unit.ratio / base.ratio
        return None

    # Items ---------------------------------------------------------------------------------------

    def _read_items(self) -> None:
        self.items: dict[str, ItemRef] = {}
        self.item_ids: dict[int, ItemRef] = {}
        self.item_names: dict[str, ItemRef | None] = {}
        rows = Item.objects.filter(archived_at=None).values_list(
            "pk", "code", "name", "specification", "tracking", "base_unit", "category__code"
        )
        for pk, code, name, spec, tracking, unit, category in rows:
            item = ItemRef(pk, code, name, spec, tracking, self._unit(unit), {}, category)
            self.add_item(item)
        for item_id, unit, numerator, denominator in ItemUnit.objects.values_list(
            "item", "unit", "numerator", "denominator"
        ):
            if item_id in self.item_ids:
                self.item_ids[item_id].units[unit] = Fraction(numerator, denominator)
        self.barcodes = {
            same_code(code): self.item_ids[item_id]
            for code, item_id in Barcode.objects.values_list("code", "item")
            if item_id in self.item_ids
        }

    def _unit(self, pk: int) -> UnitRef:
        return self.units.get(pk) or UnitRef(pk, "", "")

    def add_item(self, item: ItemRef) -> None:
        """Know an item from now on, also one that is to be made."""
        self.items[same_code(item.code)] = item
        if item.pk:
            self.item_ids[item.pk] = item
        for key in {canonical(item.name + item.spec), canonical(item.name)}:
            if key:
                # Two items of one name are told apart by nothing here: the name alone is none of them.
                known = self.item_names.get(key, item)
                self.item_names[key] = item if known is item else None

    def find_item(self, code: str, barcode: str, name: str, spec: str) -> Found | None:
        """The item of this code, barcode, alias, or name with specification."""
        if code:
            alias = self.aliases.get((Alias.Kind.ITEM, canonical(code)))
            found = self.items.get(same_code(alias or code)) or self.barcodes.get(same_code(code))
            if found:
                return Found(found, "alias" if alias else "code")
        if barcode and same_code(barcode) in self.barcodes:
            return Found(self.barcodes[same_code(barcode)], "barcode")
        if code or not name:
            return None
        alias = self.aliases.get((Alias.Kind.ITEM, canonical(name + spec)))
        if alias and same_code(alias) in self.items:
            return Found(self.items[same_code(alias)], "alias")
        found = self.item_names.get(canonical(name + spec))
        if found is not None and (
            spec or not found.spec or canonical(found.name) != canonical(name)
        ):
            return Found(found, "name")
        by_code = self.items.get(same_code(name))
        return Found(by_code, "code") if by_code else None

    # Places --------------------------------------------------------------------------------------

    def _read_places(self) -> None:
        self.warehouses: dict[int, WarehouseRef] = {}
        self.warehouse_names: dict[str, WarehouseRef] = {}
        rows = Warehouse.objects.filter(area__company=self.company, archived_at=None)
        for pk, code, name, scope in rows.order_by("pk").values_list("pk", "code", "name", "scope"):
            self.add_warehouse(WarehouseRef(pk, code, name, scope))
        places = Place.objects.filter(
            company=self.company, warehouse__isnull=False, is_group=False, archived_at=None
        )
        self.place_codes: dict[str, list[PlaceRef]] = defaultdict(list)
        for pk, code, kind, name, house in places.order_by("pk").values_list(
            "pk", "code", "kind", "name", "warehouse"
        ):
            if house in self.warehouses:
                self.add_place(PlaceRef(pk, code, kind, self.warehouses[house]), name)

    def add_warehouse(self, house: WarehouseRef) -> None:
        """Know a warehouse from now on."""
        if house.pk:
            self.warehouses[house.pk] = house
        self.warehouse_names.setdefault(canonical(house.name), house)
        self.warehouse_names[canonical(house.code)] = house

    def add_place(self, place: PlaceRef, name: str = "") -> None:
        """Know a place from now on."""
        house = place.warehouse
        house.places[canonical(place.code)] = place
        if name:
            house.places.setdefault(canonical(name), place)
        house.defaults.setdefault(place.kind, place)
        self.place_codes[canonical(place.code)].append(place)

    def find_warehouse(self, text: str) -> WarehouseRef | None:
        """The warehouse of this code, name or alias."""
        key = canonical(text)
        alias = self.aliases.get((Alias.Kind.WAREHOUSE, key))
        return self.warehouse_names.get(canonical(alias) if alias else key)

    def find_place(self, text: str, house: WarehouseRef) -> PlaceRef | None:
        """The place of this code, name or alias in the warehouse."""
        key = canonical(text)
        alias = self.aliases.get((Alias.Kind.PLACE, key))
        return house.places.get(canonical(alias) if alias else key)

    # Partners and departments --------------------------------------------------------------------

    def _read_partners(self) -> None:
        self.partner_names: dict[str, PartnerRef] = {}
        self.partners: dict[str, PartnerRef] = {}
        rows = Partner.objects.exclude(pk=0).filter(archived_at=None)
        for values in rows.values_list("pk", "code", "name", "is_supplier", "is_customer"):
            self.add_partner(PartnerRef(*values))

    def add_partner(self, partner: PartnerRef) -> None:
        """Know a partner from now on."""
        self.partners[same_code(partner.code)] = partner
        self.partner_names.setdefault(canonical(partner.name), partner)

    def find_partner(self, text: str) -> PartnerRef | None:
        """The partner of this code, name or alias."""
        alias = self.aliases.get((Alias.Kind.PARTNER, canonical(text)))
        if alias:
            return self.partners.get(same_code(alias))
        return self.partners.get(same_code(text)) or self.partner_names.get(canonical(text))

    def find_department(self, text: str) -> tuple[int, str] | None:
        """Id and code of the department of this code, name or alias."""
        key = canonical(text)
        alias = self.aliases.get((Alias.Kind.DEPARTMENT, key))
        return self.departments.get(canonical(alias) if alias else key)

    # Lots ----------------------------------------------------------------------------------------

    def read_lots(self, items: set[int]) -> None:
        """Read the lots of these items."""
        for chunk in _chunks(sorted(items)):
            rows = Lot.objects.filter(item__in=chunk).annotate(of=F("item"))
            for pk, item, number, expires, made in rows.values_list(
                "pk", "of", "number", "expires_on", "manufactured_on"
            ):
                ref = LotRef(pk, self.item_ids[item], number, expires, made)
                self.lots[item, number] = ref

    # What is only similar ------------------------------------------------------------------------

    @cached_property
    def _like_items(self) -> Likeness:
        return Likeness({i.code: f"{i.name} {i.spec}".strip() for i in self.items.values()})

    @cached_property
    def _like_partners(self) -> Likeness:
        return Likeness({p.code: p.name for p in self.partners.values()})

    @cached_property
    def _like_units(self) -> Likeness:
        return Likeness({u.code: u.name for u in self.units.values()})

    @cached_property
    def _like_places(self) -> Likeness:
        return Likeness({place[0].code: "" for place in self.place_codes.values()})

    @cached_property
    def _like_warehouses(self) -> Likeness:
        return Likeness({w.code: w.name for w in self.warehouses.values()})

    def like(self, kind: str, *texts: str) -> list[Candidate]:
        """Records of a kind that may be meant, best first; nobody takes one but a person."""
        index = {
            Alias.Kind.ITEM: lambda: self._like_items,
            Alias.Kind.PARTNER: lambda: self._like_partners,
            Alias.Kind.UNIT: lambda: self._like_units,
            Alias.Kind.PLACE: lambda: self._like_places,
            Alias.Kind.WAREHOUSE: lambda: self._like_warehouses,
        }.get(cast(Alias.Kind, kind))
        return index().near([text for text in texts if text]) if index else []


def _chunks(keys: list[int], size: int = 10_000) -> list[list[int]]:
    return [keys[at : at + size] for at in range(0, len(keys), size)]


def to_base(quantity: Decimal, ratio: Fraction) -> Decimal | None:
    """The quantity in base units; None if that has more than 6 decimals."""
    scaled = Fraction(quantity) * ratio * 1_000_000
    if scaled.denominator != 1:
        return None
    return Decimal(scaled.numerator).scaleb(-6)
