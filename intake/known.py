"""Looks up the master data that rows name, once per run, and makes what is missing where that is allowed.

Codes that differ only in case or in width are one code (docs/adr/0030); the first spelling is kept, in
ordinary width as every code is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar
from zlib import crc32

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from core import codes
from core.codes import same as same_code
from core.errors import DomainError
from people import setup
from people.models import Company
from stock import catalog, place_kinds, search_keys
from stock.models import Barcode, Category, Item, Lot, Partner, Place, Unit, Warehouse

AT_ONCE = 500
"""So many codes are asked for in one statement."""
CATEGORY = "LOADED"
UNIT = "PCS"
_WAREHOUSE_CODE = re.compile(r"\w[\w.-]{0,15}")
_T = TypeVar("_T")


def chunks(things: Iterable[_T], size: int = AT_ONCE) -> Iterator[list[_T]]:
    """The things in lists of at most ``size``."""
    rest = iter(things)
    while chunk := list(islice(rest, size)):
        yield chunk


def find_warehouse(code: str, *, create: bool) -> Warehouse:
    """The warehouse of this code, made where that is allowed; raises DomainError."""
    code = codes.plain(code)
    found = Warehouse.objects.annotate(upper=Upper("code")).filter(upper=same_code(code)).first()
    if found:
        return found
    if not create:
        raise DomainError(
            _("There is no warehouse %(code)s. Make it first, or say --create-items.")
            % {"code": code},
            code="unknown_warehouse",
        )
    companies = list(Company.objects.all()[:2])
    if len(companies) > 1:
        raise DomainError(
            _("There is no warehouse %(code)s, and several companies: make it first.")
            % {"code": code},
            code="unknown_warehouse",
        )
    if not _WAREHOUSE_CODE.fullmatch(code):
        raise DomainError(
            _("“%(code)s” cannot be the code of a warehouse: at most 16 letters, digits, _ . or -.")
            % {"code": code},
            code="warehouse_code",
        )
    with transaction.atomic():
        company = companies[0] if companies else setup.company_for_loading(code)
        return catalog.create_warehouse(company=company, code=code, name=code)


@dataclass(slots=True)
class ItemWish:
    """An item that rows name: the first spelling of its code, its first name, whether it has lots."""

    code: str
    name: str = ""
    has_lots: bool = False


@dataclass(frozen=True, slots=True)
class LotWish:
    """A lot that rows name."""

    item: str
    number: str
    expires_on: date | None


class Known:
    """Items, places, partners and lots by the codes that sheets use."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.company = warehouse.area.company
        self.items: dict[str, int] = {}
        self.partners: dict[str, int] = {}
        self.lots: dict[tuple[int, str], int] = {}
        self.virtual: dict[str, int] = {}
        self.places: dict[str, int] = {}
        self.defaults: dict[str, int] = {}
        self._read_places()

    def _read_places(self) -> None:
        catalog.create_virtual_places(self.company)
        virtual = Place.objects.filter(company=self.company, warehouse=None)
        self.virtual = dict(virtual.values_list("kind", "pk"))
        own = Place.objects.filter(warehouse=self.warehouse, is_group=False, archived_at=None)
        for code, kind, pk in own.order_by("pk").values_list("code", "kind", "pk"):
            self.places[same_code(code)] = pk
            self.defaults.setdefault(kind, pk)

    def find_items(self, codes: Iterable[str]) -> None:
        """Look up items by code, else by barcode."""
        for chunk in chunks(codes):
            self.items.update(_by_text(Item.objects.all(), "code", "pk", chunk))
            rest = [code for code in chunk if same_code(code) not in self.items]
            self.items.update(_by_text(Barcode.objects.all(), "code", "item", rest))

    def find_partners(self, names: Iterable[str]) -> None:
        """Look up suppliers and customers by code, else by name."""
        real = Partner.objects.exclude(pk=0)
        for chunk in chunks(names):
            self.partners.update(_by_text(real, "name", "pk", chunk))
            self.partners.update(_by_text(real, "code", "pk", chunk))

    def find_lots(self, wishes: Iterable[LotWish]) -> None:
        """Look up lots of items that are known."""
        wanted = {wish.number for wish in wishes}
        for chunk in chunks(sorted(wanted)):
            found = Lot.objects.filter(number__in=chunk).exclude(pk=0)
            for item, number, pk in found.values_list("item", "number", "pk"):
                self.lots[item, number] = pk

    def make_items(self, wishes: Iterable[ItemWish]) -> int:
        """Make the items that are missing, in the category of loaded items, counted in pieces."""
        missing = [wish for wish in wishes if same_code(wish.code) not in self.items]
        if not missing:
            return 0
        category, _made = Category.objects.get_or_create(
            code=CATEGORY, defaults={"name": _("Loaded from a sheet")}
        )
        unit, _made = Unit.objects.get_or_create(code=UNIT, defaults={"name": _("piece")})
        items = [
            Item(
                code=codes.plain(wish.code),
                name=wish.name[:200] or wish.code,
                category=category,
                base_unit=unit,
                tracking=Item.Tracking.LOT if wish.has_lots else Item.Tracking.NONE,
            )
            for wish in missing
        ]
        made = bulk_create_with_history(items, Item, batch_size=AT_ONCE)
        search_keys.refresh_items(made)
        self.items.update((same_code(item.code), item.pk) for item in made)
        return len(made)

    def make_partners(self, names: Iterable[str], *, supplier: bool, customer: bool) -> int:
        """Make the partners that are missing; their code is what the sheet calls them."""
        missing = [name for name in names if same_code(name) not in self.partners]
        partners = [
            Partner(
                code=_short(codes.plain(name), 40),
                name=name[:200],
                is_supplier=supplier,
                is_customer=customer,
            )
            for name in missing
        ]
        made = bulk_create_with_history(partners, Partner, batch_size=AT_ONCE)
        search_keys.refresh_partners(made)
        for partner, name in zip(made, missing, strict=True):
            self.partners[same_code(name)] = partner.pk
        return len(made)

    def make_lots(self, wishes: Sequence[LotWish]) -> int:
        """Make the lots that are missing."""
        missing: dict[tuple[int, str], LotWish] = {}
        for wish in wishes:
            item = self.items.get(same_code(wish.item))
            if item is not None and (item, wish.number) not in self.lots:
                missing.setdefault((item, wish.number), wish)
        lots = [
            Lot(item_id=item, number=number, expires_on=wish.expires_on)
            for (item, number), wish in missing.items()
        ]
        for lot in bulk_create_with_history(lots, Lot, batch_size=AT_ONCE):
            self.lots[lot.item_id or 0, lot.number] = lot.pk
        return len(lots)

    def make_places(self, names: Iterable[str]) -> int:
        """Make the storage places that are missing; a long name becomes a short code with a mark."""
        made = 0
        for name in names:
            if self._place(name) is None:
                place = catalog.create_place(
                    warehouse=self.warehouse, code=_short(codes.plain(name), 60), name=name[:120]
                )
                self.places[same_code(place.code)] = place.pk
                made += 1
        return made

    def place_of(self, name: str, kinds: Iterable[str]) -> int | None:
        """The place called so, or without a name the warehouse's own of the first fitting kind."""
        if name:
            return self._place(name)
        fitting = ("storage", *sorted(set(kinds) - {"storage"}))
        return next(
            (self.defaults[kind] for kind in fitting if kind in kinds and kind in self.defaults),
            None,
        )

    def _place(self, name: str) -> int | None:
        return self.places.get(same_code(_short(codes.plain(name), 60)))

    def virtual_of(self, kinds: Iterable[str]) -> int:
        """The company's place outside the warehouses of one of these kinds."""
        return next(self.virtual[kind] for kind in sorted(kinds) if kind in place_kinds.VIRTUAL)


def _by_text(rows: QuerySet[Any], field: str, result: str, texts: Sequence[str]) -> dict[str, int]:
    """``result`` of the rows whose ``field`` is one of the texts, whatever their case."""
    wanted = Q(upper__in=[same_code(text) for text in texts]) | Q(**{f"{field}__in": texts})
    found = rows.annotate(upper=Upper(field)).filter(wanted).order_by("-pk")
    return {same_code(text): pk for text, pk in found.values_list(field, result)}


def _short(text: str, length: int) -> str:
    """The text, or where it is too long its beginning and a mark that tells it from others."""
    if len(text) <= length:
        return text
    return f"{text[: length - 9]}~{crc32(text.encode()):08x}"
