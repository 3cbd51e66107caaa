"""Turns the texts of a row into records: mended, known, allowed to be made, or a problem that proposes what may be meant."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar
from zlib import crc32

from django.utils.translation import gettext as _

from intake.importing.found import Prepared, Problem
from intake.importing.mends import Mends
from intake.models import Alias
from intake.resolving.catalogue import Catalogue
from intake.resolving.names import canonical, same_code
from intake.resolving.records import ItemRef, LotRef, PartnerRef, PlaceRef, UnitRef, WarehouseRef
from intake.understanding.result import Row

PIECE = "PCS"
_MISSING = object()
_OF_ITEM = ("name_spec", "spec", "model", "color", "size", "barcode")
_R = TypeVar("_R")


class Resolver:
    """Resolves for one look at a file; equal texts are looked up once."""

    def __init__(self, catalogue: Catalogue, mends: Mends, out: Prepared) -> None:
        self.catalogue = catalogue
        self.mends = mends
        self.out = out
        self._memo: dict[tuple[object, ...], Any] = {}
        self._told: dict[tuple[object, ...], Any] = {}

    # Saying ----------------------------------------------------------------------------------------

    def wrong(  # noqa: PLR0913 - one argument per fact of a problem
        self,
        row: Row,
        name: str,
        code: str,
        message: str,
        *,
        raw: str = "",
        kind: str = "",
        made: bool = False,
        hints: tuple[str, ...] = (),
        proposal: str = "",
    ) -> None:
        """Say that a row cannot be imported as it is."""
        self.out.problems.append(
            Problem(
                self.out.table_of(row).sheet,
                row.number,
                self.out.understanding.cell(row, name) if name else "",
                name,
                code,
                message,
                raw,
                proposal,
                kind,
                made,
                hints,
            )
        )

    def whole(self, code: str, message: str) -> None:
        """Say once that something is missing without which nothing of the file can be imported."""
        found = Problem("", 0, "", "", code, message)
        if found not in self.out.problems[:1]:
            self.out.problems.insert(0, found)

    def note(self, row: Row, name: str, code: str, message: str) -> None:
        """Say what was assumed of a row."""
        cell = self.out.understanding.cell(row, name) if name else ""
        self.out.notes.append(
            Problem(self.out.table_of(row).sheet, row.number, cell, name, code, message)
        )

    def _once(self, key: tuple[object, ...], find: Callable[[], _R]) -> _R:
        found = self._memo.get(key, _MISSING)
        if found is _MISSING:
            found = self._memo[key] = find()
        return found  # type: ignore[no-any-return]

    def _unknown(
        self, row: Row, name: str, kind: str, text: str, message: str, **more: Any
    ) -> None:
        self.wrong(
            row, name, f"unknown_{kind}", message % {"text": text[:60]}, raw=text, kind=kind, **more
        )

    # Items and units -------------------------------------------------------------------------------

    def item(self, row: Row, name: str = "item", named: str = "name") -> ItemRef | None:
        """The item that a row is about."""
        # Equal cells of a column are one value: rows that have the same ones say the same.
        told = (name, named, *map(id, map(row.values.get, (name, named, *_OF_ITEM))))
        known: ItemRef | None = self._told.get(told)
        if known is None:
            known = self._item(row, name, named)
            if known is not None:
                self._told[told] = known
        return known

    def _item(self, row: Row, name: str, named: str) -> ItemRef | None:
        code, title = (
            text_of(row, name),
            text_of(row, named) or text_of(row, "name_spec" if named == "name" else named),
        )
        spec = (
            " ".join(t for t in (text_of(row, "spec"), text_of(row, "model")) if t)
            if named == "name"
            else ""
        )
        size = " ".join(t for t in (text_of(row, "color"), text_of(row, "size")) if t)
        if size and named == "name":
            code, spec = (
                (f"{code}-{size.replace(' ', '-')}" if code else ""),
                f"{spec} {size}".strip(),
            )
        barcode = text_of(row, "barcode") if name == "item" else ""
        key = (name, code, barcode, title, spec)
        found = self._once(key, lambda: self._find_item(code, barcode, title, spec))
        if found is not None:
            return found
        shown = code or barcode or f"{title} {spec}".strip()
        if not shown:
            return None
        if self.mends.makes(Alias.Kind.ITEM, shown):
            made = self._make_item(row, code or barcode, title, spec)
            self._memo[key] = made
            return made
        self._unknown(
            row,
            name if code else "barcode" if barcode else named,
            Alias.Kind.ITEM,
            shown,
            _("There is no item “%(text)s”."),
            made=True,
            hints=tuple(t for t in (f"{title} {spec}".strip(), title) if t and t != shown),
        )
        return None

    def _find_item(self, code: str, barcode: str, name: str, spec: str) -> ItemRef | None:
        shown = code or barcode or f"{name} {spec}".strip()
        given = self.mends.code_for(Alias.Kind.ITEM, shown)
        if given:
            return self.catalogue.items.get(same_code(given))
        found = self.catalogue.find_item(code, barcode, name, spec)
        return found.record if found else None

    def _make_item(self, row: Row, code: str, name: str, spec: str) -> ItemRef:
        """An item to be made, with the unit and category of the first row that names it."""
        code = short(code or f"{name} {spec}".strip(), 60)
        unit = self.unit(row) or self.piece()
        tracking = "lot" if text_of(row, "lot") else "serial" if text_of(row, "serial") else "none"
        item = ItemRef(None, code, (name or code)[:200], spec[:200], tracking, unit)
        item.category = text_of(row, "category")[:120]
        self.catalogue.add_item(item)
        self.out.made["items"].append(item)
        return item

    def piece(self) -> UnitRef:
        """The unit of items whose sheet names none."""
        found = self.catalogue.find_unit(PIECE) or next(iter(self.catalogue.units.values()), None)
        return found or self._make_unit(PIECE)

    def unit(self, row: Row, name: str = "unit") -> UnitRef | None:
        """The unit a row names; None where it names none, or one that is unknown (which is said)."""
        told = (name, id(row.values.get(name)))
        known: UnitRef | None = self._told.get(told)
        if known is None:
            known = self._unit(row, name)
            if known is not None:
                self._told[told] = known
        return known

    def _unit(self, row: Row, name: str) -> UnitRef | None:
        text = text_of(row, name)
        if not text:
            return None
        found = self._once(("unit", text), lambda: self._find_unit(text))
        if found is None:
            if self.mends.makes(Alias.Kind.UNIT, text):
                found = self._memo["unit", text] = self._make_unit(text)
            else:
                self._unknown(
                    row, name, Alias.Kind.UNIT, text, _("There is no unit “%(text)s”."), made=True
                )
        return found

    def _find_unit(self, text: str) -> UnitRef | None:
        given = self.mends.code_for(Alias.Kind.UNIT, text)
        return self.catalogue.find_unit(given or text)

    def _make_unit(self, text: str) -> UnitRef:
        unit = UnitRef(None, short(text, 20), text[:60], 6)
        self.catalogue.unit_names[canonical(text)] = unit
        self.out.made["units"].append(unit)
        return unit

    def ratio(self, row: Row, item: ItemRef, unit: UnitRef | None, factor: Any) -> Fraction | None:
        """Base units in one unit of the row; None if the item is not kept in it (which is said)."""
        if unit is None or unit is item.unit:
            return Fraction(1)
        found = self.catalogue.ratio(item, unit)
        if found is not None:
            return found
        if factor:
            self.note(
                row,
                "pack_factor",
                "factor_of_sheet",
                _("1 %(unit)s of %(item)s was taken as %(factor)s %(base)s, as the sheet says.")
                % {"unit": unit.code, "item": item.code, "factor": factor, "base": item.unit.code},
            )
            return Fraction(factor)
        self.wrong(
            row,
            "unit",
            "unit_of_item",
            _("%(item)s is not kept in %(unit)s. Add the unit to the item, or say which is meant.")
            % {"item": item.code, "unit": unit.code},
            raw=text_of(row, "unit"),
            kind=Alias.Kind.UNIT,
            proposal=item.unit.code,
        )
        return None

    # Places ----------------------------------------------------------------------------------------

    def warehouse(
        self, row: Row, usual: WarehouseRef | None, name: str = "warehouse"
    ) -> WarehouseRef | None:
        """The warehouse a row names, else the usual one; None if neither is known (which is said)."""
        text = text_of(row, name)
        if not text:
            if usual is None:
                said = _("Nothing says the warehouse: choose the one of the rows that name none.")
                self.wrong(row, "", "warehouse_missing", said)
            return usual
        found = self._once(("house", text), lambda: self._find_warehouse(text))
        if found is None:
            if self.mends.makes(Alias.Kind.WAREHOUSE, text):
                found = WarehouseRef(None, short(text, 40), text[:120], None)
                for kind in ("storage", "quarantine", "transit", "repair"):
                    found.defaults[kind] = PlaceRef(None, found.code, kind, found)
                self.catalogue.add_warehouse(found)
                self.out.made["warehouses"].append(found)
                self._memo["house", text] = found
            else:
                message = _("There is no warehouse “%(text)s”.")
                self._unknown(row, name, Alias.Kind.WAREHOUSE, text, message, made=True)
        return found

    def _find_warehouse(self, text: str) -> WarehouseRef | None:
        given = self.mends.code_for(Alias.Kind.WAREHOUSE, text)
        return self.catalogue.find_warehouse(given or text)

    def place(
        self, row: Row, house: WarehouseRef, kind: str = "storage", name: str = "place"
    ) -> PlaceRef | None:
        """The place a row names in the warehouse, else the warehouse's own; None if unknown (which is said)."""
        text = text_of(row, name)
        if not text:
            return house.defaults.get(kind) or house.defaults.get("storage")
        found = self._once(("place", house.code, text), lambda: self._find_place(text, house))
        if found is None:
            if self.mends.makes(Alias.Kind.PLACE, text):
                found = PlaceRef(None, short(text, 60), "storage", house)
                self.catalogue.add_place(found)
                self.out.made["places"].append(found)
                self._memo["place", house.code, text] = found
            else:
                message = _("There is no place “%(text)s” in this warehouse.")
                self._unknown(row, name, Alias.Kind.PLACE, text, message, made=True)
        return found

    def _find_place(self, text: str, house: WarehouseRef) -> PlaceRef | None:
        given = self.mends.code_for(Alias.Kind.PLACE, text)
        return self.catalogue.find_place(given or text, house)

    # Partners and departments ----------------------------------------------------------------------

    def partner(self, row: Row, name: str, *, supplier: bool) -> PartnerRef | None:
        """The partner a row names; None where it names none, or one that is unknown (which is said)."""
        text = text_of(row, name)
        if not text:
            return None
        found = self._once(("partner", text), lambda: self._find_partner(text))
        if found is None:
            if self.mends.makes(Alias.Kind.PARTNER, text):
                found = PartnerRef(None, short(text, 40), text[:200], supplier, not supplier)
                self.catalogue.add_partner(found)
                self.out.made["partners"].append(found)
                self._memo["partner", text] = found
            else:
                message = _("There is no supplier or customer “%(text)s”.")
                self._unknown(row, name, Alias.Kind.PARTNER, text, message, made=True)
        return found

    def _find_partner(self, text: str) -> PartnerRef | None:
        given = self.mends.code_for(Alias.Kind.PARTNER, text)
        return self.catalogue.find_partner(given or text)

    def department(self, row: Row, name: str = "department") -> int | None:
        """The id of the department a row names; None where it names none or an unknown one (which is said)."""
        text = text_of(row, name)
        if not text:
            return None
        given = self.mends.code_for(Alias.Kind.DEPARTMENT, text)
        found = self.catalogue.find_department(given or text)
        if found is None:
            message = _("There is no department “%(text)s”.")
            self._unknown(row, name, Alias.Kind.DEPARTMENT, text, message)
            return None
        return found[0]

    # Lots ------------------------------------------------------------------------------------------

    def lot(self, row: Row, item: ItemRef, *, arrives: bool) -> LotRef | None:
        """The lot or serial number of a row; made where goods arrive, else it must be known."""
        number = text_of(row, "lot") or text_of(row, "serial")
        if item.tracking == "none":
            if number:
                self.note(
                    row,
                    "lot",
                    "lot_ignored",
                    _("%(item)s is not tracked: its lot was left out.") % {"item": item.code},
                )
            return None
        if not number:
            message = _("%(item)s is tracked: its lot is missing.") % {"item": item.code}
            self.wrong(row, "lot", "lot_missing", message)
            return None
        key = (item.pk or id(item), number)
        known = self.catalogue.lots.get(key)
        expires, made_on = row.get("expiry"), row.get("made_on")
        expires = expires if isinstance(expires, date) else None
        if known is None:
            if not arrives:
                message = _("%(item)s has no lot “%(text)s”.") % {"item": item.code, "text": number}
                self.wrong(row, "lot", "unknown_lot", message, raw=number)
                return None
            made = made_on if isinstance(made_on, date) else None
            known = LotRef(None, item, number[:80], expires, made)
            self.catalogue.lots[key] = known
            self.out.made["lots"].append(known)
        elif expires and known.expires_on and known.expires_on != expires:
            message = _("Lot %(lot)s expires on %(day)s; this row says %(other)s.")
            facts = {"lot": number, "day": known.expires_on, "other": expires}
            self.wrong(row, "expiry", "lot_dates", message % facts)
        return known


def text_of(row: Row, name: str) -> str:
    """The text of a field without blanks around; "" where there is none."""
    found = row.values.get(name)
    if found is None or found.value is None:
        return ""
    return str(found.value).strip()


def short(text: str, length: int) -> str:
    """The text, or where it is too long its beginning and a mark that tells it from others."""
    if len(text) <= length:
        return text
    return f"{text[: length - 9]}~{crc32(text.encode()):08x}"
