"""What the entry form looks up while somebody types: items, lots, places, movements, partners; as small JSON."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from core.templatetags import ui
from people.access import access_for
from people.doors import signed_in
from people.models import Company
from stock.models import Item, Lot, Warehouse
from workflows import document_types, offers
from workflows.document_types import DocumentType, End
from workflows.models import Document
from workflows.views import entry_form

Option = dict[str, Any]


class Asked:
    """One question: what was typed, for which type, in which warehouses, for which item."""

    def __init__(self, request: HttpRequest) -> None:
        parameters = request.GET
        self.text = parameters.get("q", "")[:80]
        self.user = signed_in(request)
        self.access = access_for(self.user)
        kind = document_types.BY_CODE.get(parameters.get("type", ""))
        if kind is None:
            raise Http404
        self.kind: DocumentType = kind
        self.column = parameters.get("column", "")
        self.document = Document(type=kind.code, company=Company.objects.earliest("pk"))
        for name in ("warehouse", "target_warehouse"):
            code = parameters.get(name, "")
            found = Warehouse.objects.filter(code=code).first() if code else None
            setattr(self.document, name, found)
        partner = parameters.get("partner", "")
        if partner:
            self.document.partner = offers.find_partner(partner)
        code = parameters.get("item", "")
        item = Item.objects.filter(code__iexact=code).first() if code else None
        self.item: Item | None = item

    @property
    def end(self) -> End:
        """The end whose places are asked for."""
        return self.kind.target if self.column == "target" else self.kind.source


@require_safe
@login_required
def look_up(request: HttpRequest, what: str) -> JsonResponse:
    """At most eight options, best first: ``raw`` is saved, ``shown`` goes into the cell, the rest is read."""
    asked = Asked(request)
    asked.access.require("document.ask")
    readers = {
        "item": _items,
        "lot": _lots,
        "place": _places,
        "original": _originals,
        "partner": _partners,
    }
    if what not in readers:
        raise Http404
    return JsonResponse({"options": readers[what](asked)})


def _items(asked: Asked) -> list[Option]:
    if not asked.text.strip():
        return []
    house = offers.warehouse_of(asked.document, asked.kind.source) or asked.document.warehouse
    return [
        {
            "raw": offer.item.code,
            "shown": str(offer.item),
            "code": offer.item.code,
            "name": " ".join(filter(None, (offer.item.name, offer.item.specification))),
            "unit": offer.item.base_unit.code,
            "tracked": offer.item.tracking != Item.Tracking.NONE,
            "figure": "" if offer.available is None else ui.quantity(offer.available),
            "place": offer.place,
        }
        for offer in offers.items(asked.text, house, asked.access)
    ]


def _lots(asked: Asked) -> list[Option]:
    """What can be taken, the lot that expires first at the top; for what arrives, the lots there are."""
    item = asked.item
    if item is None or item.tracking == Item.Tracking.NONE:
        return []
    end = asked.kind.source
    house = offers.warehouse_of(asked.document, end)
    word = asked.text.strip().lower()
    if end.chosen and house is not None and offers.sees(asked.access, house):
        picks = offers.picks([item.pk], house, end.kinds).get(item.pk, [])
        return [
            {
                "raw": pick.lot,
                "shown": pick.lot,
                "code": pick.lot,
                "name": ui.day(pick.expires_on),
                "figure": ui.quantity(pick.quantity),
                "place": pick.place,
                "fill": {"source": pick.place},
            }
            for pick in picks
            if word in pick.lot.lower()
        ][: offers.MOST]
    rows = Lot.objects.filter(item=item, archived_at=None, number__icontains=word)
    return [
        {
            "raw": lot.number,
            "shown": lot.number,
            "code": lot.number,
            "name": ui.day(lot.expires_on),
            "fill": {"expires_on": lot.expires_on.isoformat() if lot.expires_on else ""},
        }
        for lot in rows.order_by("-id")[: offers.MOST]
    ]


def _places(asked: Asked) -> list[Option]:
    house = offers.warehouse_of(asked.document, asked.end)
    seen = offers.sees(asked.access, house)
    item = asked.item if seen else None
    return [
        {
            "raw": place.code,
            "shown": place.code,
            "code": place.code,
            "name": place.name if place.name != place.code else "",
            "figure": ui.quantity(there) if there is not None else "",
        }
        for place, there in offers.places(asked.text, house, asked.end.kinds, item)
    ]


def _originals(asked: Asked) -> list[Option]:
    if asked.item is None or not offers.sees(asked.access, asked.document.warehouse):
        return []
    word = asked.text.strip().lower()
    return [
        {
            "raw": str(one.movement.pk),
            "shown": entry_form.original_words(one.document, one.movement.quantity),
            "code": one.document,
            "name": ui.day(one.at),
            "figure": ui.quantity(one.movement.quantity),
            "fill": {"lot": one.movement.lot.number} if one.movement.lot_id else {},
        }
        for one in offers.originals(asked.kind, asked.item, asked.document)
        if word in one.document.lower()
    ]


def _partners(asked: Asked) -> list[Option]:
    return [
        {
            "raw": partner.code,
            "shown": entry_form.partner_words(partner),
            "code": partner.code,
            "name": partner.name,
        }
        for partner in entry_form.partners(asked.text, asked.kind)
    ]
