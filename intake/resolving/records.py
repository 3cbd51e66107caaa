"""Records as a look at a sheet knows them: those of the books, and those that are to be made, whose ``pk`` is None."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction


@dataclass(slots=True, eq=False)
class UnitRef:
    """A unit; ``pk`` is None while it is to be made."""

    pk: int | None
    code: str
    name: str
    decimals: int = 6
    reference: int | None = None
    ratio: Fraction = Fraction(1)


@dataclass(slots=True, eq=False)
class ItemRef:
    """An item; ``pk`` is None while it is to be made. ``units``: unit id → base units in one of it."""

    pk: int | None
    code: str
    name: str
    spec: str
    tracking: str
    unit: UnitRef
    units: dict[int, Fraction] = field(default_factory=dict)
    category: str = ""


@dataclass(slots=True, eq=False)
class PlaceRef:
    """A place of a warehouse; ``pk`` is None while it is to be made."""

    pk: int | None
    code: str
    kind: str
    warehouse: "WarehouseRef"


@dataclass(slots=True, eq=False)
class WarehouseRef:
    """A warehouse and its places by code."""

    pk: int | None
    code: str
    name: str
    scope: int | None
    places: dict[str, PlaceRef] = field(default_factory=dict)
    defaults: dict[str, PlaceRef] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class PartnerRef:
    """A partner; ``pk`` is None while it is to be made."""

    pk: int | None
    code: str
    name: str
    is_supplier: bool
    is_customer: bool


@dataclass(slots=True, eq=False)
class LotRef:
    """A lot of an item; ``pk`` is None while it is to be made."""

    pk: int | None
    item: ItemRef
    number: str
    expires_on: date | None
    manufactured_on: date | None = None
