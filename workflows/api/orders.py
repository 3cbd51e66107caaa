"""Doors of the API to what is open of orders, and to the materials of a production order."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import choice, text, yes_no
from core.api.shapes import DAY, INTEGER, OBJECT, QUANTITY, TEXT, VALUE, YES_NO, Field
from people.api.doors import Door
from stock.queries import codes
from workflows import boms, document_types, sight
from workflows.api import found, rows
from workflows.api.documents import PATH, READ, WRITE
from workflows.api.shapes import MOVED, UUID, WHOLE
from workflows.models import Document, OrderLine
from workflows.orders import figures, progress, promises
from workflows.orders.promises import Promise

_FAR = (
    Field("line", UUID, _("Key of the line")),
    Field("position", INTEGER, _("Place of the line in the document, from 1")),
    Field("item", TEXT, _("Code of the item")),
    Field("unit", TEXT, _("Code of the unit; all quantities are in it")),
    Field("arrives", YES_NO, _("The goods come into stock")),
    Field("ordered", QUANTITY, _("Ordered")),
    Field("delivered", QUANTITY, _("Delivered")),
    Field("closed", QUANTITY, _("Closed short")),
    Field("open", QUANTITY, _("Open: ordered − delivered − closed short")),
    Field("reserved", QUANTITY, _("What of it is kept in stock")),
    Field("short", QUANTITY, _("What of it is not there")),
)
_SHOWN = (
    *_FAR,
    Field("incoming", QUANTITY, _("What orders bring into its warehouse")),
    Field("returned", QUANTITY, _("What of the delivered came back")),
)
_MONEY = (
    Field("put_in", VALUE, _("What went into production"), cost=True),
    Field("returned", VALUE, _("What came back from it"), cost=True),
    Field("received", VALUE, _("What finished goods took"), cost=True),
    Field("open", VALUE, _("What is still in production"), cost=True),
    Field("unit_cost", QUANTITY, _("Cost of one of them"), nullable=True, cost=True),
)
_PROGRESS = (
    *MOVED,
    Field("lines", OBJECT, _("Lines"), many=True, fields=_SHOWN),
    Field(
        "production",
        OBJECT,
        _("A production order in money"),
        nullable=True,
        fields=_MONEY,
        cost=True,
    ),
)


class Progress(Door):
    """How far an order is."""

    @reads(
        Operation(
            "document_progress",
            summary=_("An order: ordered, delivered, closed short, open, reserved, short per line"),
            path=PATH,
            answer=_PROGRESS,
            versioned=True,
            **READ,
        )
    )
    def get(self, _values: dict[str, Any], document: str) -> One:
        """Every line; none before the order is in force."""
        one = found.find(self, document)
        row = rows.moved(one) | {"lines": [_shown(far) for far in figures.lines(one)]}
        if sight.sees_cost(one, self.access):
            made = figures.production(one)
            row["production"] = None if made is None else _money(made)
        return One(row, costs=True, headers=found.tagged(one.version))


def _money(made: figures.Production) -> dict[str, Any]:
    cost = made.unit_cost
    named = ("put_in", "returned", "received", "open")
    return {name: getattr(made, name) for name in named} | {
        "unit_cost": None if cost is None else round(cost, 6)
    }


def _shown(far: figures.Far) -> dict[str, Any]:
    named = (
        "arrives", "ordered", "delivered", "closed", "open", "reserved", "short", "incoming", "returned",
    )  # fmt: skip
    return {name: getattr(far, name) for name in named} | {
        "line": far.line.key,
        "position": far.line.position,
        "item": far.line.item.code,
        "unit": far.line.unit.code,
    }


class Explode(Door):
    """The materials of a production order from the bills of what it makes."""

    @writes(
        Operation(
            "document_explode",
            summary=_("Write the materials of what is made into the draft of a production order"),
            path=PATH,
            answer=WHOLE,
            versioned=True,
            **WRITE,
        )
    )
    def post(self, _body: dict[str, Any], document: str) -> One:
        """The draft with its materials."""
        pk, version = found.match(self, document)
        one = found.find(self, document)
        user = found.user_of(self)
        with found.on_version():
            boms.explode(one, actor=user, access=self.access, version=version)
        made = Document.objects.get(pk=pk)
        row = rows.whole(made, user, self.access)
        return One(row, costs=True, headers=found.tagged(made.version))


class OpenOrders(Door):
    """What is open of all orders."""

    @reads(
        Operation(
            "open_orders",
            summary=_("Lines of orders of which something is open, the oldest first"),
            parameters=(
                choice(
                    "type", _("Type of order; may be repeated"), document_types.ORDERS, many=True
                ),
                text("warehouse", _("Code of a warehouse")),
                text("partner", _("Code of the supplier or customer")),
                text("item", _("Code of the item")),
                yes_no("late", _("true: only those that were wanted before today")),
            ),
            answer=(
                Field("document", UUID, _("Key of the order")),
                Field("number", TEXT, _("Number of the order")),
                Field("type", TEXT, _("Type of document")),
                Field("partner", TEXT, _("Code of the supplier or customer"), nullable=True),
                Field("warehouse", TEXT, _("Code of the warehouse")),
                Field("wanted_on", DAY, _("Day on which it is wanted"), nullable=True),
                *_FAR,
            ),
            paged=True,
            refusals=(422,),
            **READ,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Rows by line."""
        asked = figures.open_lines(found.user_of(self), self.access).filter(_limits(self, values))
        if values["late"]:
            asked = figures.late(asked, timezone.localdate())
        page, following = paging.by_key(
            asked, cursor=values["cursor"], limit=values["limit"], newest_first=False
        )
        kept = promises.of({row.line_id: row for row in page})
        return Page([_open(row, kept.get(row.line_id, Promise())) for row in page], following)


def _limits(door: Door, values: dict[str, Any]) -> Q:
    where = Q()
    asked = {
        "type": "document__type__in",
        "partner": "document__partner__code",
        "item": "item__code",
    }
    for name, lookup in asked.items():
        if values[name]:
            where &= Q(**{lookup: values[name]})
    if values["warehouse"]:
        where &= Q(warehouse=codes.warehouse_id(door.access, values["warehouse"]))
    return where


def _open(row: OrderLine, kept: Promise) -> dict[str, Any]:
    named = ("ordered", "delivered", "closed", "open")
    own = {name: progress.in_unit(row.line, getattr(row, name)) for name in named}
    own |= {name: progress.in_unit(row.line, getattr(kept, name)) for name in ("reserved", "short")}
    order = row.document
    return own | {
        "document": order.key,
        "number": str(order),
        "type": order.type,
        "partner": order.partner.code if order.partner else None,
        "warehouse": order.warehouse.code if order.warehouse else "",
        "wanted_on": order.wanted_on,
        "line": row.line.key,
        "position": row.line.position,
        "item": row.item.code,
        "unit": row.line.unit.code,
        "arrives": row.arrives,
    }
