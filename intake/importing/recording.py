"""Writes rows that are no movements: items, partners, orders, bills of materials and counts; each whole or not at all.

Masters remember what a record was before, so that undoing an import gives it back.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.fields import plain
from intake.importing.found import Record
from intake.importing.making import categories_of
from intake.importing.writing import Beat, NotWritten
from intake.models import Import, ImportedRow
from intake.resolving.names import canonical
from people.access import access_for
from people.models import User
from stock import search_keys
from stock.models import Barcode, Item, Partner, Unit
from workflows import boms, drafting
from workflows.counting import entering, planning
from workflows.models import Bom, CountLine, Document
from workflows.models.documents import Line

_BATCH = 200
Group = tuple[Any, list[Record]]


class Recorder:
    """Writes the records of one import."""

    def __init__(self, job: Import, actor: User) -> None:
        self.job = job
        self.actor = actor

    def write(self, records: Sequence[Record], beat: Beat) -> int:
        """Write what is not written yet, group by group; returns the rows written in all."""
        there = set(
            ImportedRow.objects.filter(job=self.job, undone_at=None).values_list("key", flat=True)
        )
        done = len(there)
        for key, group in _groups(records):
            left = [record for record in group if record.key not in there]
            if not left:
                continue
            try:
                with transaction.atomic():
                    _WRITERS[left[0].kind](self, key, left)
            except IntegrityError as error:
                message = _(
                    "Another import has written some of these rows meanwhile. Check the file again."
                )
                raise NotWritten(message, code="taken") from error
            done += len(left)
            if not beat(done):
                break
        return done

    def note(
        self,
        record: Record,
        *,
        document: Document | None = None,
        line: str = "",
        was: dict[str, Any] | None = None,
    ) -> None:
        """The record of a row, in the transaction of what it became."""
        ImportedRow.objects.create(
            job=self.job,
            company_id=self.job.company_id,
            sheet=record.sheet[:120],
            row=record.row.number,
            at=record.row.at,
            key=record.key,
            document=document,
            line_key=line,
            record=was,
            raw={n: v.raw[:200] for n, v in record.row.values.items() if v.raw},
        )

    # Masters -----------------------------------------------------------------------------------------

    def items(self, _key: Any, records: list[Record]) -> None:
        """Items: known codes are changed where the sheet says something, others are made."""
        names = {r.values["category"] or "" for r in records}
        categories = categories_of(names)
        units = {unit.code: unit for unit in Unit.objects.all()}
        known = {
            i.code: i for i in Item.objects.filter(code__in=[r.values["code"] for r in records])
        }
        touched = []
        for record in records:
            values = dict(record.values)
            barcode, category, unit = (values.pop(n) for n in ("barcode", "category", "unit"))
            item = known.get(values["code"])
            made = item is None
            if item is None:
                item = Item(code=values["code"], name=values["code"], base_unit=self._piece(units))
                item.category = categories[canonical(category or "")]
            was = {n: _kept(getattr(item, n)) for n, v in values.items() if v is not None}
            for name, value in values.items():
                if value is not None:
                    setattr(item, name, value)
            if category:
                was["category_id"] = item.category_id
                item.category = categories[canonical(category)]
            if unit and made:
                item.base_unit = units[unit]
            self._save(item)
            if barcode:
                Barcode.objects.get_or_create(code=barcode, defaults={"item": item})
            self.note(record, was={"model": "item", "id": item.pk, "made": made, "was": was})
            touched.append(item)
        search_keys.refresh_items(touched)

    def partners(self, _key: Any, records: list[Record]) -> None:
        """Partners, likewise."""
        touched = []
        for record in records:
            values = record.values
            partner = Partner.objects.filter(code=values["code"]).first()
            made = partner is None
            partner = partner or Partner(code=values["code"])
            was = {n: _kept(getattr(partner, n)) for n, v in values.items() if v is not None}
            for name, value in values.items():
                if value is not None:
                    setattr(partner, name, value)
            self._save(partner)
            self.note(record, was={"model": "partner", "id": partner.pk, "made": made, "was": was})
            touched.append(partner)
        search_keys.refresh_partners(touched)

    def _piece(self, units: dict[str, Unit]) -> Unit:
        if "PCS" not in units:
            units["PCS"] = Unit.objects.create(code="PCS", name=_("piece"))
        return units["PCS"]

    def _save(self, record: Any) -> None:
        record._history_user = self.actor
        record._change_reason = f"import {self.job.key}"
        record.full_clean(validate_unique=False, validate_constraints=False)
        record.save()

    # Documents ---------------------------------------------------------------------------------------

    def orders(self, key: Any, records: list[Record]) -> None:
        """An order as a draft that goes its normal way."""
        first = records[0].values
        header = {
            "warehouse": first["warehouse"],
            "partner": first["partner"],
            "reference": first["document"],
            "note": _("From %(file)s") % {"file": self.job.name},
        }
        if first["wanted_on"]:
            header["wanted_on"] = first["wanted_on"]
        if first["type"] == "production_order":
            header.pop("partner")
        keys = [str(uuid.uuid5(self.job.key, record.key)) for record in records]
        document = drafting.create(
            first["type"],
            actor=self.actor,
            access=access_for(self.actor),
            company=self.job.company,
            header={name: value for name, value in header.items() if value},
            lines=[self._line(r, one) for r, one in zip(records, keys, strict=True)],
            key=str(uuid.uuid5(self.job.key, repr(key))),
            door_name="sheet",
        )
        for record, one in zip(records, keys, strict=True):
            self.note(record, document=document, line=one)

    @staticmethod
    def _line(record: Record, key: str) -> dict[str, Any]:
        values = record.values
        line = {n: values[n] for n in ("item", "unit", "quantity")} | {"key": key}
        if values["type"] == "production_order":
            return line | {"side": Line.Side.OUTPUT}
        return line | {n: values[n] for n in ("price", "tax_rate") if values[n]}

    def boms(self, _key: Any, records: list[Record]) -> None:
        """A bill of materials: materials of the sheet are set, others stay."""
        code = records[0].values["parent"]
        bom = Bom.objects.filter(item__code=code, archived_at=None).first()
        before = bill(bom) if bom else None
        lines = {line["item"]: line for line in before["lines"]} if before else {}
        for record in records:
            values = record.values
            lines[values["component"]] = {
                "item": values["component"],
                "unit": values["unit"],
                "quantity": values["quantity"],
                "scrap_percent": values["scrap"],
                "note": values["note"],
            }
        boms.save(
            code,
            quantity=before["quantity"] if before else "1",
            lines=list(lines.values()),
            note=before["note"] if before else "",
            actor=self.actor,
            access=access_for(self.actor),
        )
        for at, record in enumerate(records):
            was = {"model": "bom" if at == 0 else "", "code": code, "made": before is None}
            self.note(record, was=was | {"was": before or {}})

    def counts(self, key: Any, records: list[Record]) -> None:
        """A stocktake of the counted goods: planned, sealed, and every count entered; it is approved as any other."""
        access = access_for(self.actor)
        house = records[0].values["warehouse"]
        codes = list(dict.fromkeys(r.values["item"] for r in records))
        items = codes if len(codes) <= planning.MOST_CODES else []
        document = planning.create(
            house,
            planning.Plan(items=items, empty_places=True),
            actor=self.actor,
            access=access,
            note=_("From %(file)s") % {"file": self.job.name},
            key=str(uuid.uuid5(self.job.key, repr(key))),
            door_name="sheet",
        )
        planning.seal(document.pk, actor=self.actor, access=access, counters=[self.actor.pk])
        lines = _count_lines(document)
        given = []
        for record in records:
            values = record.values
            place = (values["place"], values["item"], values["lot"])
            if place not in lines:
                lines[place] = entering.find(
                    document.pk,
                    place=values["place"],
                    item=values["item"],
                    lot=values["lot"],
                    actor=self.actor,
                    access=access,
                    door="sheet",
                ).key
            given.append(entering.Given(lines[place], values["counted"], key=record.key[:32]))
        for at in range(0, len(given), entering.MOST):
            part = given[at : at + entering.MOST]
            entering.count(document.pk, part, actor=self.actor, access=access, door="sheet")
        for record, one in zip(records, given, strict=True):
            self.note(record, document=document, line=one.line)


def bill(bom: Bom) -> dict[str, Any]:
    """A bill of materials as boms.save takes it."""
    lines = bom.lines.select_related("item", "unit").order_by("position")
    return {
        "quantity": plain(bom.quantity),
        "note": bom.note,
        "lines": [
            {
                "item": line.item.code,
                "unit": line.unit.code,
                "quantity": plain(line.quantity),
                "scrap_percent": plain(line.scrap_percent),
                "note": line.note,
            }
            for line in lines
        ],
    }


def _count_lines(document: Document) -> dict[tuple[str, str, str], str]:
    """(place, item, lot) → key of the count line."""
    rows = CountLine.objects.filter(document=document)
    names = ("place__code", "item__code", "lot__number", "key")
    return {(place, item, lot): key for place, item, lot, key in rows.values_list(*names)}


def _kept(value: Any) -> Any:
    """A value as it is kept beside the row."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


def _groups(records: Sequence[Record]) -> list[Group]:
    """Rows that are written together: those of one order, bill or warehouse; masters in batches."""
    found: dict[Any, list[Record]] = {}
    for at, record in enumerate(records):
        values = record.values
        if record.kind == "order":
            names = ("type", "document", "partner", "warehouse", "wanted_on")
            key: Any = tuple(values[name] for name in names)
        elif record.kind == "bom":
            key = values["parent"]
        elif record.kind == "count":
            key = values["warehouse"]
        else:
            key = at // _BATCH
        found.setdefault(key, []).append(record)
    return list(found.items())


_WRITERS: dict[str, Callable[[Recorder, Any, list[Record]], None]] = {
    "item": Recorder.items,
    "partner": Recorder.partners,
    "order": Recorder.orders,
    "bom": Recorder.boms,
    "count": Recorder.counts,
}
