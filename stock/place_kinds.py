"""Every kind of place, physical or virtual, as data."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """Physical places keep balances that may not go below zero and carry stock value."""

    code: str
    label: str | Promise
    physical: bool


PLACE_KINDS: tuple[PlaceKind, ...] = (
    PlaceKind("storage", _("Storage"), physical=True),
    PlaceKind("quarantine", _("Quarantine"), physical=True),
    PlaceKind("transit", _("In transit"), physical=True),
    PlaceKind("repair", _("Repair"), physical=True),
    PlaceKind("supplier", _("Suppliers"), physical=False),
    PlaceKind("customer", _("Customers"), physical=False),
    PlaceKind("production", _("Production"), physical=False),
    PlaceKind("department", _("Departments"), physical=False),
    PlaceKind("scrap", _("Scrap"), physical=False),
    PlaceKind("adjustment", _("Adjustments"), physical=False),
    PlaceKind("opening", _("Opening"), physical=False),
    PlaceKind("revaluation", _("Revaluation"), physical=False),
    PlaceKind("conversion", _("Conversion"), physical=False),
)
BY_CODE = {kind.code: kind for kind in PLACE_KINDS}
PHYSICAL = frozenset(kind.code for kind in PLACE_KINDS if kind.physical)
VIRTUAL = frozenset(kind.code for kind in PLACE_KINDS if not kind.physical)
CHOICES = [(kind.code, kind.label) for kind in PLACE_KINDS]
PHYSICAL_CHOICES = [(kind.code, kind.label) for kind in PLACE_KINDS if kind.physical]


def words(kind: str, code: str) -> str:
    """What a place is called in a sentence: its code, or what kind of virtual place it is."""
    return str(BY_CODE[kind].label) if kind in VIRTUAL else code
