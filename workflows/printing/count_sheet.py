"""Count sheets on paper: one form for each sheet, blind, or with the book for those who may know it."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from core.templatetags import ui
from workflows.counting import progress
from workflows.models import CountBin, CountLine, CountSheet, Document
from workflows.printing.form import Column, Form, link
from workflows.printing.signatures import Box


def forms(document: Document, *, book: bool = False, sheet: int | None = None) -> list[Form]:
    """The sheets of a stocktake (or one of them); ``book`` adds the snapshot and is not for counters."""
    sheets = document.sheets.select_related("counter").order_by("number")
    if sheet is not None:
        sheets = sheets.filter(number=sheet)
    lines = (
        CountLine.objects.filter(document=document)
        .select_related("place", "item__base_unit", "lot", "bin__sheet", "counter")
        .order_by("bin__position", "item__code", "pk")
    )
    empties = (
        CountBin.objects.filter(document=document, lines__isnull=True)
        .select_related("place")
        .order_by("position")
    )
    by_sheet: dict[int, list[CountLine]] = {}
    for line in lines:
        by_sheet.setdefault(line.bin.sheet_id, []).append(line)
    bare: dict[int, list[CountBin]] = {}
    for one in empties:
        bare.setdefault(one.sheet_id, []).append(one)
    with timezone.override(ZoneInfo(document.company.time_zone)):
        return [
            _form(document, one, by_sheet.get(one.pk, []), bare.get(one.pk, []), book=book)
            for one in sheets
        ]


def _form(
    document: Document,
    sheet: CountSheet,
    lines: Sequence[CountLine],
    empties: Sequence[CountBin],
    *,
    book: bool,
) -> Form:
    columns = [
        Column("no", _("No."), 10, numeric=True),
        Column("place", _("Place"), 22),
        Column("code", _("Code"), 22),
        Column("name", _("Name"), 40),
        Column("lot", _("Lot / expiry"), 24),
        Column("unit", _("Unit"), 12),
    ]
    if book:
        columns.append(Column("asked", _("Book"), 18, numeric=True))
    columns += [
        Column("actual", _("Counted"), 22, numeric=True),
        Column("rejected", _("Recount"), 22, numeric=True),
        Column("reason", _("Remark"), 24),
    ]
    rows = [_row(number, line, book=book) for number, line in enumerate(lines, 1)]
    for number, one in enumerate(empties, len(rows) + 1):
        blank = [str(number), one.place.code, "", _("nothing listed; look"), "", ""]
        rows.append([*blank, *([""] if book else []), "", "", ""])
    plan = document.stocktake
    pairs = [
        (_("Warehouse"), document.warehouse.name if document.warehouse else ""),
        (_("Sheet"), f"{sheet.number} / {document.sheets.count()}"),
        (_("Counter"), str(sheet.counter or "")),
        (_("Sealed"), ui.moment(plan.sealed_at)),
        (_("Source document"), document.reference),
    ]
    counting = bool(progress.counting_step(document))
    return Form(
        title=_("Count sheet"),
        kind=_("with the book") if book else _("blind"),
        company=document.company.name,
        number=document.number or _("no number yet"),
        link=link(document),
        mark="" if counting else str(document.about.label),
        pairs=[(label, value) for label, value in pairs if value],
        note=document.note,
        columns=columns,
        rows=rows,
        totals=[],
        words=[],
        boxes=[
            Box(_("Counted by")),
            Box(_("Recounted by")),
            Box(_("Checked by")),
            Box(_("Warehouse keeper")),
        ],
    )


def _row(number: int, line: CountLine, *, book: bool) -> list[str]:
    lot = line.lot
    known = [lot.number, ui.day(lot.expires_on)] if line.lot_id else []
    unit = line.item.base_unit
    cells = [
        str(number),
        line.place.code,
        line.item.code,
        f"{line.item.name} {line.item.specification}".strip(),
        "\n".join(text for text in known if text),
        unit.code,
    ]
    if book:
        cells.append(ui.quantity(line.snapshot, unit.decimals))
        counted = line.counted
        cells.append("" if counted is None else ui.quantity(counted, unit.decimals))
    else:
        cells.append("")
    return [*cells, "", str(line.cause or "")]
