"""Doors of the API to bills of materials: one per product, written whole."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import text
from core.api.shapes import INTEGER, MOMENT, OBJECT, QUANTITY, TEXT, Field
from people.api.doors import Door
from stock.models import Item
from stock.search_keys import search
from workflows import boms
from workflows.api import found
from workflows.api.shapes import given
from workflows.models import Bom

GROUP = _("Bills of materials")
_PATH = {"item": _("Code of the product")}
_MATERIAL = (
    Field("item", TEXT, _("Code of the material"), longest=80),
    given("unit", TEXT, _("Code of the unit; without it the base unit")),
    Field("quantity", QUANTITY, _("How much goes into the bill's quantity")),
    given("scrap_percent", QUANTITY, _("How many percent more for scrap")),
    given("note", TEXT, _("Note"), longest=300),
)
_SHOWN = (
    Field("item", TEXT, _("Code of the product")),
    Field("name", TEXT, _("Name of the item")),
    Field("quantity", QUANTITY, _("For so many base units of the product")),
    Field("note", TEXT, _("Note")),
    Field("version", INTEGER, _("Raised by every change")),
    Field("changed_at", MOMENT, _("When it was last changed")),
    Field("lines", OBJECT, _("Materials"), many=True, fields=_MATERIAL),
)


class Boms(Door):
    """All bills in use."""

    @reads(
        Operation(
            "boms",
            group=GROUP,
            scope="read",
            right="stock.view",
            summary=_("Bills of materials in use"),
            parameters=(
                text("q", _("Search: code, name, pinyin, barcode")),
                text("material", _("Code of a material that goes in")),
            ),
            answer=_SHOWN,
            paged=True,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Bills in the order in which they were made."""
        rows = Bom.objects.filter(archived_at=None).select_related("item")
        if values["q"]:
            rows = rows.filter(item__in=search(Item.objects.order_by(), values["q"]).values("pk"))
        if values["material"]:
            rows = rows.filter(lines__item__code__iexact=values["material"])
        page, following = paging.by_key(
            rows.prefetch_related("lines__item", "lines__unit"),
            cursor=values["cursor"],
            limit=values["limit"],
            newest_first=False,
        )
        return Page([_row(one) for one in page], following)


class OneBom(Door):
    """The bill of one product."""

    @reads(
        Operation(
            "bom",
            group=GROUP,
            scope="read",
            right="stock.view",
            summary=_("The bill of materials of a product"),
            path=_PATH,
            answer=_SHOWN,
        )
    )
    def get(self, _values: dict[str, Any], item: str) -> One:
        """The bill."""
        return One(_row(boms.find(item)))

    @writes(
        Operation(
            "bom_set",
            group=GROUP,
            scope="masters.write",
            right="master.edit",
            summary=_("Write the whole bill of a product: what is not named is taken out"),
            path=_PATH,
            body=(
                Field("quantity", QUANTITY, _("For so many base units of the product")),
                given("note", TEXT, _("Note"), longest=300),
                given("version", INTEGER, _("The version that you saw; 0 for a new one")),
                Field(
                    "lines",
                    OBJECT,
                    _("Materials"),
                    many=True,
                    fields=_MATERIAL,
                    longest=boms.MOST,
                ),
            ),
            answer=_SHOWN,
        )
    )
    def put(self, body: dict[str, Any], item: str) -> One:
        """The bill after the change."""
        made = boms.save(
            item,
            quantity=body["quantity"],
            lines=body["lines"],
            note=body.get("note") or "",
            actor=found.user_of(self),
            access=self.access,
            version=body.get("version"),
        )
        return One(_row(made))


def _row(bom: Bom) -> dict[str, Any]:
    named = ("quantity", "note", "version", "changed_at")
    return {name: getattr(bom, name) for name in named} | {
        "item": bom.item.code,
        "name": bom.item.name,
        "lines": [
            {
                "item": line.item.code,
                "unit": line.unit.code,
                "quantity": line.quantity,
                "scrap_percent": line.scrap_percent,
                "note": line.note,
            }
            for line in bom.lines.all()
        ],
    }
