"""Finds records that the asker may see: items, lots, documents, partners and places."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import connection
from django.db.models import Q, Sum
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from boards.search import moments
from boards.search.hits import Asked, Hit
from core.templatetags import ui
from stock import search_index, search_keys
from stock.models import Balance, Lot, Partner, Place
from stock.models.lots import NO_LOT
from stock.models.partners import US
from stock.queries.sight import see
from stock.views.book import item_url
from workflows import queries
from workflows.views import lists

_LONGEST = 80
"""No code, number or name that is searched for is longer."""


def items(asked: Asked, limit: int) -> list[Hit]:
    """By code, name, specification, barcode, pinyin or initials; with what is there in warehouses one sees.

    A text that finds nothing and ends with a day finds items as they were then.
    """
    if not asked.access.may("stock.view"):
        return []
    found = search_keys.best(asked.text, limit)
    if not found:
        return _then(asked, limit)
    there = _on_hand(asked, [item.pk for item in found])
    return [
        Hit(
            "item",
            item.code,
            " ".join(filter(None, (item.name, item.specification))),
            f"{ui.quantity(there.get(item.pk, Decimal(0)))} {item.base_unit.code}",
            item_url(item.pk),
            "stock",
            exact=f"|{asked.word}|" in item.search_key or item.code.lower() == asked.word,
        )
        for item in found
    ]


def _then(asked: Asked, limit: int) -> list[Hit]:
    text, day = moments.split(asked.text, timezone.localdate())
    if day is None:
        return []
    return [
        Hit(
            "item",
            item.code,
            " ".join(filter(None, (item.name, item.specification))),
            _("as of %s") % ui.day(day),
            item_url(item.pk, at=day.isoformat(), by="warehouse"),
            "clock",
        )
        for item in search_keys.best(text, limit)
    ]


def _on_hand(asked: Asked, item_ids: Iterable[int]) -> dict[int, Decimal]:
    scopes = asked.access.scopes("stock.view")
    rows = Balance.objects.filter(item__in=list(item_ids), place__kind="storage")
    if scopes is not None:
        rows = rows.filter(place__warehouse__scope__in=scopes)
    return dict(rows.order_by().values_list("item_id").annotate(total=Sum("on_hand")))


def lots(asked: Asked, limit: int) -> list[Hit]:
    """By the beginning of the lot's or serial number, ours or the supplier's."""
    if not asked.access.may("stock.view"):
        return []
    found = RawSQL(  # noqa: S611 - the text is a parameter
        *search_index.lots(connection.vendor, asked.text, limit)
    )
    rows = Lot.objects.filter(pk__in=found).exclude(pk=NO_LOT)
    return [
        Hit(
            "lot",
            lot.number,
            str(lot.item),
            ui.day(lot.expires_on),
            reverse("stock:lot", args=[lot.pk]),
            "lot",
            exact=lot.number.upper() == asked.text.upper(),
        )
        for lot in rows.select_related("item").order_by("number", "pk")[:limit]
    ]


def documents(asked: Asked, limit: int) -> list[Hit]:
    """By number, source document or work order; the newest first."""
    text = asked.text.upper().removeprefix("#").strip()
    if not text or not any(letter.isdigit() for letter in text):
        return []
    named = Q(number__contains=text)
    for form in {asked.text, text}:
        named |= Q(reference__startswith=form) | Q(cost_object__startswith=form)
    rows = queries.listed(asked.user, asked.access).filter(named)
    return [
        Hit(
            "document",
            document.number or "",
            str(document.kind.label),
            str(document.about.label),
            lists.url(document),
            "doc",
            exact=document.number == text,
        )
        for document in queries.with_names(rows).order_by("-id")[:limit]
    ]


def partners(asked: Asked, limit: int) -> list[Hit]:
    """By code, name, pinyin or initials."""
    if not asked.access.may("stock.view"):
        return []
    rows = Partner.objects.filter(archived_at=None, search_key__contains=asked.word)
    return [
        Hit(
            "partner",
            partner.code,
            partner.name,
            partner.contact,
            f"{reverse('stock:partners')}?q={partner.code}",
            "truck",
            exact=f"|{asked.word}|" in partner.search_key,
        )
        for partner in rows.exclude(pk=US).order_by("code")[:limit]
    ]


def places(asked: Asked, limit: int) -> list[Hit]:
    """By code or name, in warehouses one sees."""
    seen = see(asked.access).warehouses if asked.access.may("stock.view") else {}
    rows = Place.objects.filter(warehouse__in=list(seen), archived_at=None)
    rows = rows.filter(Q(code__icontains=asked.text) | Q(name__icontains=asked.text))
    return [
        Hit(
            "place",
            place.code,
            place.name or place.path,
            seen[place.warehouse_id].name,
            reverse("stock:place", args=[place.pk]),
            "bin",
            exact=place.code.lower() == asked.word,
        )
        for place in rows.order_by("path")[: limit * 4]
        if place.warehouse_id is not None
    ][:limit]
