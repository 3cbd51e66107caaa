"""What the entry form of a type consists of: its header fields and columns, and how a line fills a row.

One form for all types: it is drawn from the type's row in document_types, never from a template of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.templatetags import ui
from people.access import Access
from people.models import Department, User
from stock.models import Item, Partner, Reason, Warehouse
from workflows import checks, document_types, fields, filling, merging, offers
from workflows.checks import Check
from workflows.document_types import DocumentType
from workflows.models import CustomField, Document, Line

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the grid. ``kind``: item, lot, place, original (looked up), select, number, date, text, flag.

    ``stop``: Enter goes from one such cell to the next. ``css`` is the width's class.
    """

    name: str
    label: Text
    kind: str = "text"
    stop: bool = False
    css: str = ""
    options: tuple[tuple[str, Text], ...] = ()

    @property
    def words(self) -> str:
        """What sheets call this column, in both languages, between bars."""
        return "|".join(_SHEET_WORDS.get(self.name, ()))


_SHEET_WORDS = {
    "item": (
        "item", "code", "item code", "sku", "article", "part no", "part number", "barcode",
        "物料", "编码", "编号", "物料编码", "物料编号", "商品编码", "商品", "货号", "品号", "料号", "条码",
    ),
    "lot": ("lot", "lot no", "batch", "batch no", "serial", "批号", "批次", "批次号", "序列号"),
    "expires_on": ("expires", "expiry", "expiry date", "效期", "有效期", "有效期至", "到期日"),
    "target_lot": ("new lot", "新批号"),
    "source": ("from", "place", "bin", "location", "库位", "货位", "仓位", "来源库位"),
    "target": ("to", "target", "to place", "目标库位", "入库库位", "货位", "库位"),
    "quantity": ("quantity", "qty", "amount", "pcs", "数量", "本次", "数目", "需求"),
    "unit": ("unit", "uom", "单位", "计量单位"),
    "price": ("price", "unit price", "cost", "单价", "价格", "含税单价", "不含税单价", "成本"),
    "tax_rate": ("tax", "tax rate", "vat", "税率"),
    "price_with_tax": ("incl tax", "tax included", "含税"),
    "value": ("value", "金额", "价值"),
    "side": ("side", "in or out", "方向", "投入产出"),
    "note": ("note", "remark", "remarks", "comment", "备注", "说明"),
}  # fmt: skip


@dataclass(slots=True)
class Cell:
    """A column in one row: ``raw`` is what is saved, ``shown`` what is read."""

    column: Column
    raw: str = ""
    shown: str = ""
    options: Sequence[tuple[str, Text]] = ()


@dataclass(slots=True)
class RowView:
    """A line as a row; ``key`` is empty for the row that new ones are made of."""

    key: str
    position: int
    cells: list[Cell]
    available: str = ""
    checks: Sequence[Check] = ()
    tracked: bool = False

    @property
    def asks(self) -> list[Check]:
        """Those that want an answer; they are shown below the line."""
        return [check for check in self.checks if check.accept]


@dataclass(slots=True)
class Field:
    """A field of the header."""

    name: str
    label: Text
    kind: str = "text"
    raw: str = ""
    shown: str = ""
    options: Sequence[tuple[str, Text]] = field(default_factory=tuple)
    required: bool = False
    more: bool = False
    """Rarely needed: behind «More»."""


def columns(kind: DocumentType, *, money: bool = True) -> list[Column]:
    """The columns of a type, in their order."""
    found: list[Column] = []
    if "side" in kind.columns:
        sides: tuple[tuple[str, Text], ...] = (
            ("", "–"),
            *((one.value, one.label) for one in Line.Side),
        )
        side = Column("side", gettext_lazy("Goes in or comes out"), "select", True, "w-4", sides)
        found.append(side)
    found.append(Column("item", gettext_lazy("Item"), "item", True, "w-1"))
    if kind.returns or "original" in kind.columns:
        found.append(
            Column(
                "original",
                gettext_lazy("Returns or adjusts"),
                "original",
                "original" in kind.columns,
                "w-2",
            )
        )
    if "lot" in kind.columns:
        found.append(Column("lot", gettext_lazy("Lot"), "lot", True, "w-3"))
        if not kind.source.chosen or kind.shape == "conversion":
            found.append(Column("expires_on", gettext_lazy("Expires"), "date", False, "w-d"))
    if "target_lot" in kind.columns:
        found.append(Column("target_lot", gettext_lazy("New lot"), "text", True, "w-3"))
    found += _ends(kind)
    if kind.shape != "value":
        found.append(Column("quantity", gettext_lazy("Quantity"), "number", True, "w-n"))
        found.append(Column("unit", gettext_lazy("Unit"), "select", False, "w-u"))
    if money:
        found += _money(kind)
    found.append(Column("note", gettext_lazy("Note"), "text", False, "w-4"))
    return found


def _ends(kind: DocumentType) -> list[Column]:
    found = []
    by_original = "original" in kind.columns
    if kind.source.chosen and not by_original:
        label = gettext_lazy("Place") if kind.shape in {"relabel", "value"} else _FROM
        found.append(Column("source", label, "place", False, "w-4"))
    if kind.target.chosen and kind.shape not in {"relabel", "value"}:
        found.append(Column("target", _TO, "place", kind.code == "bin_move", "w-4"))
    return found


_FROM = pgettext_lazy("a place", "From")
_TO = pgettext_lazy("a place", "To")


def _money(kind: DocumentType) -> list[Column]:
    found = []
    if "price" in kind.columns:
        asked = kind.group in {"in", "order"} and not kind.returns
        found.append(Column("price", gettext_lazy("Price"), "number", asked, "w-n"))
    if "tax_rate" in kind.columns:
        found.append(Column("tax_rate", gettext_lazy("Tax %"), "number", False, "w-t"))
        found.append(Column("price_with_tax", gettext_lazy("Incl. tax"), "flag", False, "w-t"))
    if "value" in kind.columns:
        found.append(Column("value", gettext_lazy("Value"), "number", True, "w-n"))
    return found


def rows(
    document: Document, lines: Sequence[Line], shape: Sequence[Column], access: Access
) -> list[RowView]:
    """The lines as rows, with what is available and what is to be said of them; few statements for all."""
    known = offers.units([line.item_id for line in lines])
    looked = checks.look(document, lines, access)
    found = []
    for line in lines:
        about = looked[line.pk]
        values = merging.line_values(line)
        cells = [_cell(column, line, values, known) for column in shape]
        found.append(
            RowView(
                str(line.key),
                line.position,
                cells,
                "" if about.available is None else ui.quantity(about.available),
                about.checks,
                line.item.tracking != Item.Tracking.NONE,
            )
        )
    return found


def _cell(column: Column, line: Line, values: dict[str, str], known: dict[int, list[str]]) -> Cell:
    raw = values[column.name]
    shown = raw
    options: Sequence[tuple[str, Text]] = column.options
    if column.name == "item":
        shown = str(line.item)
    elif column.name == "unit":
        options = [(code, code) for code in known.get(line.item_id, [raw])]
        if raw not in {code for code, _label in options}:
            options = [*options, (raw, raw)]
    elif column.name == "original" and line.original is not None:
        shown = original_words(line.original.posting.document or "", line.original.quantity)
    return Cell(column, raw, shown, options)


def original_words(document: str, quantity: Decimal) -> str:
    """A movement as a cell shows it."""
    return f"{document} · {ui.quantity(quantity)}"


def blank(shape: Sequence[Column]) -> RowView:
    """The row that new ones are made of."""
    return RowView("", 0, [Cell(column, options=column.options) for column in shape])


# The header ------------------------------------------------------------------------------------------


def header(document: Document, access: Access) -> list[Field]:
    """The fields of the header with their values and choices."""
    kind = document.kind
    values = merging.header_values(document)
    names = ["warehouse", *kind.header]
    found = [_field(name, document, values, access) for name in names if name != "currency"]
    found += [_custom(one, values) for one in fields.of_type(kind.code)]
    found.append(Field("note", document_types.HEADER_FIELDS["note"], "text", values["note"]))
    more = ["currency", "rate"] if "currency" in kind.header else []
    scope = document.warehouse.scope_id if document.warehouse else None
    for name, right in _RIGHTS.items():
        if access.may(right, scope):
            more.append(name)
    for name in more:
        one = _field(name, document, values, access)
        one.more = True
        found.append(one)
    for one in found:
        one.shown = one.shown or one.raw
    return found


_RIGHTS = {
    "effective_at": "stock.backdate",
    "override": "stock.override",
    "accept_expired": "stock.expired",
}
_KINDS = {
    "wanted_on": "date",
    "effective_at": "datetime-local",
    "rate": "number",
    "partner": "partner",
}
_WORDS: dict[str, Text] = {
    "effective_at": gettext_lazy("Happened at"),
    "rate": gettext_lazy("Exchange rate"),
    "override": gettext_lazy("Reason for going below zero"),
    "accept_expired": gettext_lazy("Reason for issuing an expired lot"),
}


def _word(name: str, document: Document) -> Text:
    return document.kind.word_of(name) if name in document_types.HEADER_FIELDS else _WORDS[name]


def _field(name: str, document: Document, values: dict[str, str], access: Access) -> Field:
    made = Field(name, _word(name, document), _KINDS.get(name, "text"), values[name])
    made.required = name == "warehouse" or name in document.kind.required
    if name == "warehouse":
        made.kind, made.options = "select", _warehouses(access.scopes("document.ask"))
    elif name == "target_warehouse":
        made.kind, made.options = "select", _warehouses(None)
    elif name == "department":
        made.kind = "select"
        rows = Department.objects.filter(archived_at=None, company=document.company)
        made.options = [(one.code, one.name) for one in rows.order_by("code")]
    elif name == "reason":
        made.kind = "select"
        made.options = [(one.code, str(one)) for one in Reason.objects.filter(archived_at=None)]
    elif name == "partner" and document.partner is not None:
        made.shown = partner_words(document.partner)
    record = getattr(document, name, None)
    if made.kind == "select" and record and made.raw not in {code for code, _label in made.options}:
        made.options = [*made.options, (made.raw, str(record))]
    return made


def asked_fields(document: Document, user: User, typed: Mapping[str, str]) -> list[Field]:
    """What the step waiting for the person asks for, with what was typed (or is there already)."""
    values = merging.header_values(document)
    custom = {f"custom:{one.key}": one for one in fields.of_type(document.type)}
    found = []
    for name in filling.asked_of(document, user):
        if name in custom:
            made = _custom(custom[name], values)
        elif name == "photo":
            made = Field(name, document_types.HEADER_FIELDS[name], "photo", "")
        else:
            made = Field(name, _word(name, document), _KINDS.get(name, "text"), values[name])
        made.name = name
        made.raw = typed.get(f"field.{name}", made.raw)
        found.append(made)
    return found


def partner_words(partner: Partner) -> str:
    """A partner as a cell shows it."""
    return f"{partner.code} {partner.name}"


def partners(text: str, kind: DocumentType) -> list[Partner]:
    """Partners that match; for purchases suppliers only, for sales customers."""
    rows = Partner.objects.filter(archived_at=None).exclude(pk=0)
    virtual = {kind.source.virtual, kind.target.virtual}
    if "supplier" in virtual:
        rows = rows.filter(is_supplier=True)
    if "customer" in virtual:
        rows = rows.filter(is_customer=True)
    word = text.strip().lower()
    if word:
        rows = rows.filter(Q(search_key__contains=word) | Q(code__icontains=word))
    return list(rows.order_by("code")[: offers.MOST])


def _warehouses(scopes: frozenset[int] | None) -> list[tuple[str, str]]:
    rows = Warehouse.objects.filter(archived_at=None)
    if scopes is not None:
        rows = rows.filter(scope__in=scopes)
    return list(rows.order_by("code").values_list("code", "name"))


_CUSTOM: dict[str, str] = {
    CustomField.Kind.NUMBER: "number",
    CustomField.Kind.DATE: "date",
    CustomField.Kind.CHOICE: "select",
    CustomField.Kind.FLAG: "select",
    CustomField.Kind.USER: "select",
    CustomField.Kind.PHOTO: "photo",
}


def _custom(one: CustomField, values: dict[str, Any]) -> Field:
    name = f"custom.{one.key}"
    made = Field(name, str(one), _CUSTOM.get(one.kind, "text"), values.get(name, ""))
    made.required = one.required
    if one.kind == CustomField.Kind.CHOICE:
        made.options = [(str(choice), str(choice)) for choice in one.choices]
    elif one.kind == CustomField.Kind.FLAG:
        made.raw = {"True": "true", "False": "false"}.get(made.raw, "")
        made.options = [("true", _("yes")), ("false", _("no"))]
    elif one.kind == CustomField.Kind.USER:
        people = User.objects.filter(is_active=True).order_by("name", "username")[:500]
        made.options = [(str(person.pk), str(person)) for person in people]
    return made
