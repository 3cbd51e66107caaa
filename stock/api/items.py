"""Doors of the API to what is stocked: items and lots, with what is there of each."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import One, Operation, reads
from core.api.paging import Page
from core.api.parameters import text, yes_no
from core.api.shapes import DAY, INTEGER, QUANTITY, TEXT, VALUE, Field
from people.api.doors import Door
from stock import incoming
from stock.api import question as ask
from stock.api.masters import ARCHIVE_MARK, ARCHIVED, SEES, in_use
from stock.api.question import Question
from stock.models import Item
from stock.queries import lists
from stock.queries.sight import see
from stock.search_keys import search

Row = dict[str, Any]

ITEM = (
    Field("item", TEXT, _("Code of the item")),
    Field("name", TEXT, _("Name of the item")),
    Field("other_name", TEXT, _("Name in the other language, or short")),
    Field("specification", TEXT, _("Specification")),
    Field("category", TEXT, _("Code of the category")),
    Field("unit", TEXT, _("The item's base unit")),
    Field(
        "tracking",
        TEXT,
        _("How single goods are told apart"),
        choices=tuple(Item.Tracking.values),
    ),
    Field("shelf_life_days", INTEGER, _("Shelf life in days"), nullable=True),
    Field("reorder_point", QUANTITY, _("Below this it is low"), nullable=True),
    Field("maximum", QUANTITY, _("Above this it is too much"), nullable=True),
    Field("on_hand", QUANTITY, _("What is physically there")),
    Field("reserved", QUANTITY, _("What of it is promised")),
    Field("available", QUANTITY, _("What is free")),
    Field("incoming", QUANTITY, _("What orders bring")),
    Field("value", VALUE, _("Value in the company's currency"), nullable=True, cost=True),
    ARCHIVE_MARK,
)
ITEM_WHOLE = (
    *ITEM,
    Field("barcodes", TEXT, _("Codes on the goods"), many=True),
    Field(
        "units",
        TEXT,
        _("Other units: 1 of it = numerator ÷ denominator base units"),
        many=True,
        fields=(
            Field("unit", TEXT, _("Code of the unit")),
            Field("numerator", INTEGER, _("Numerator")),
            Field("denominator", INTEGER, _("Denominator")),
        ),
    ),
)


def _expected(pks: set[int], houses: Collection[int]) -> dict[int, Decimal]:
    """Item → what orders bring into the warehouses that may be seen."""
    found: dict[int, Decimal] = {}
    for (item, house), quantity in incoming.expected(pks).items():
        if house in houses:
            found[item] = found.get(item, Decimal(0)) + quantity
    return found


def _item_row(item: Any, expected: Mapping[int, Decimal]) -> Row:
    named = ("name", "other_name", "specification", "tracking", "shelf_life_days")
    figures = ("reorder_point", "maximum", "on_hand", "reserved", "available")
    return {name: getattr(item, name) for name in (*named, *figures)} | {
        "item": item.code,
        "incoming": expected.get(item.pk, Decimal(0)),
        "category": item.category.code,
        "unit": item.base_unit.code,
        "value": getattr(item, "value", None),
        "archived": item.archived_at is not None,
    }


class Items(Door):
    """The list of items."""

    @reads(
        Operation(
            "items",
            summary=_("Items with what is there of each"),
            parameters=(
                text("q", _("Search: code, name, pinyin, barcode")),
                ask.CATEGORY,
                ask.WAREHOUSE,
                ARCHIVED,
                yes_no("low", _("true: only those below their reorder point")),
            ),
            answer=ITEM,
            paged=True,
            refusals=(422,),
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Items by code."""
        question = Question(self.access, values)
        rows = in_use(lists.items(question.sight), values)
        if question.categories is not None:
            rows = rows.filter(category__in=question.categories)
        if values["low"]:
            rows = lists.low(rows)
        if values["q"]:
            rows = rows.filter(pk__in=search(Item.objects.order_by(), values["q"]).values("pk"))
        page, following = paging.of_queryset(
            rows, "code", cursor=values["cursor"], limit=values["limit"]
        )
        expected = _expected({item.pk for item in page}, question.sight.warehouses)
        shown = [_item_row(item, expected) for item in page]
        return Page(shown, following, costs=question.sight.shows_cost)


class OneItem(Door):
    """One item."""

    @reads(
        Operation(
            "item",
            summary=_("One item with its barcodes and units"),
            path={"item": ask.ITEM.help},
            answer=ITEM_WHOLE,
            **SEES,
        )
    )
    def get(self, _values: dict[str, Any], item: str) -> One:
        """The item of this code."""
        sight = see(self.access)
        found = lists.items(sight).filter(code__iexact=item).first()
        if found is None:
            raise Http404
        units = found.units.select_related("unit").order_by("unit__code")
        row = _item_row(found, _expected({found.pk}, sight.warehouses)) | {
            "barcodes": list(found.barcodes.order_by("code").values_list("code", flat=True)),
            "units": [
                {"unit": u.unit.code, "numerator": u.numerator, "denominator": u.denominator}
                for u in units
            ],
        }
        return One(row, costs=sight.shows_cost)


class Lots(Door):
    """The list of lots."""

    @reads(
        Operation(
            "lots",
            summary=_("Lots and serial numbers with what is there of each"),
            parameters=(ask.ITEM, ask.LOT, ask.WAREHOUSE),
            answer=(
                Field("item", TEXT, _("Code of the item")),
                Field("lot", TEXT, _("Number of the lot")),
                Field("manufactured_on", DAY, _("When it was made"), nullable=True),
                Field("expires_on", DAY, _("Last day on which it is good"), nullable=True),
                Field("supplier_lot", TEXT, _("The supplier's number")),
                Field("supplier", TEXT, _("Code of the supplier"), nullable=True),
                Field("on_hand", QUANTITY, _("What is physically there")),
                ARCHIVE_MARK,
            ),
            paged=True,
            refusals=(422,),
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Lots by number."""
        question = Question(self.access, values)
        rows = lists.lots(question.sight)
        if question.items is not None:
            rows = rows.filter(item__in=question.items)
        if question.lots is not None:
            rows = rows.filter(pk__in=question.lots)
        page, following = paging.of_queryset(
            rows, "number", cursor=values["cursor"], limit=values["limit"]
        )
        shown = [
            {
                "item": lot.item.code if lot.item else "",
                "lot": lot.number,
                "manufactured_on": lot.manufactured_on,
                "expires_on": lot.expires_on,
                "supplier_lot": lot.supplier_lot,
                "supplier": lot.supplier.code if lot.supplier else None,
                "on_hand": lot.on_hand,  # type: ignore[attr-defined]
                "archived": lot.archived_at is not None,
            }
            for lot in page
        ]
        return Page(shown, following)
