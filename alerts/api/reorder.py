"""Doors of the API to what is to be ordered again, and to the requests made of it."""

from typing import Any, cast

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from alerts.models import Suggestion
from alerts.reorder import requesting
from alerts.views import reorder
from core.api import paging
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import text
from core.api.shapes import INTEGER, OBJECT, QUANTITY, TEXT, Field
from people.api.doors import Door
from people.models import User
from workflows.api import rows
from workflows.api.shapes import MOVED
from workflows.errors import DocumentRefused

_GROUP = _("Alerts")
_SUGGESTION = (
    Field("id", INTEGER, _("What it is requested by; new whenever all is reckoned anew")),
    Field("item", TEXT, _("Code of the item")),
    Field("warehouse", TEXT, _("Code of the warehouse")),
    Field("supplier", TEXT, _("Code of who delivered it last; empty if nobody did")),
    Field("pattern", TEXT, _("How it is asked for: smooth, erratic, intermittent, lumpy, none")),
    Field("per_day", QUANTITY, _("Expected demand a day, in base units")),
    Field("lead_days", INTEGER, _("Days of delivery")),
    Field("safety", QUANTITY, _("Safety stock")),
    Field("point", QUANTITY, _("Reorder point")),
    Field("available", QUANTITY, _("Available: on hand and not promised")),
    Field("incoming", QUANTITY, _("On order")),
    Field("asked", QUANTITY, _("Requested and not on order yet")),
    Field("quantity", QUANTITY, _("To order, in base units")),
    Field("unit", TEXT, _("Code of the pack in which it is ordered")),
    Field("packs", QUANTITY, _("To order, in packs")),
)
_WANTED = (Field("ids", INTEGER, _("Suggestions to make requests of"), many=True),)
_MADE = (Field("documents", OBJECT, _("The drafts made"), many=True, fields=MOVED),)


def _row(row: Suggestion) -> dict[str, Any]:
    return {
        "id": row.pk,
        "item": row.item.code,
        "warehouse": row.warehouse.code,
        "supplier": row.supplier.code if row.supplier else "",
        "unit": row.unit.code,
        **{
            name: getattr(row, name)
            for name in (
                "pattern", "per_day", "lead_days", "safety", "point", "available", "incoming",
                "asked", "quantity", "packs",
            )
        },
    }  # fmt: skip


class Suggestions(Door):
    """What to order again."""

    @reads(
        Operation(
            "reorder_suggestions",
            summary=_("What to order again, and why"),
            parameters=(
                text("warehouse", _("Code of a warehouse")),
                text("item", _("Code of an item")),
            ),
            answer=_SUGGESTION,
            paged=True,
            group=_GROUP,
            scope="read",
            right="stock.view",
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """By key; only what asks for something."""
        found = reorder.visible(self.access).filter(quantity__gt=0)
        if values["warehouse"]:
            found = found.filter(warehouse__code__iexact=values["warehouse"])
        if values["item"]:
            found = found.filter(item__code__iexact=values["item"])
        page, following = paging.by_key(found, cursor=values["cursor"], limit=values["limit"])
        return Page([_row(one) for one in page], following)

    @writes(
        Operation(
            "reorder_request",
            summary=_("Make purchase requests of suggestions, one per supplier and warehouse"),
            body=_WANTED,
            answer=_MADE,
            group=_GROUP,
            scope="documents.write",
            right="document.ask",
        )
    )
    def post(self, body: dict[str, Any]) -> One:
        """All or none; suggestions that are gone are refused."""
        ids = list(dict.fromkeys(body.get("ids") or []))
        found = list(reorder.visible(self.access).filter(pk__in=ids, quantity__gt=0))
        if not ids or len(found) < len(ids):
            raise DocumentRefused(_t("These suggestions are out of date."), code="suggestions")
        user = cast(User, self.request.user)
        made = requesting.request(found, actor=user, access=self.access, door_name="api")
        return One({"documents": [rows.moved(one) for one in made]})
