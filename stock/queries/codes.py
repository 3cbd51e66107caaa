"""The only translation of codes that people type into ids; what may not be seen is unknown."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import DomainError
from people.access import Access
from stock.models import Category, Item, Lot, Place
from stock.models.lots import NO_LOT
from stock.queries.sight import see


class UnknownCode(DomainError):
    """There is nothing with this code, or it may not be seen."""

    code = "unknown_code"


def item_id(code: str) -> int:
    """The item with this code; upper and lower case are the same. Raises UnknownCode."""
    found = Item.objects.filter(code__iexact=code).values_list("id", flat=True).first()
    if found is None:
        raise UnknownCode(_("There is no item with the code “%(code)s”.") % {"code": code})
    return found


def lot_ids(number: str, items: Sequence[int] | None = None) -> list[int]:
    """The lots with this number, of one item or of any. Raises UnknownCode."""
    lots = Lot.objects.filter(number=number).exclude(pk=NO_LOT)
    if items is not None:
        lots = lots.filter(item__in=items)
    found = list(lots.values_list("id", flat=True))
    if not found:
        raise UnknownCode(_("There is no lot with the number “%(code)s”.") % {"code": number})
    return found


def warehouse_id(access: Access, code: str) -> int:
    """The warehouse with this code that may be seen. Raises UnknownCode."""
    for facts in see(access).warehouses.values():
        if facts.code.lower() == code.lower():
            return facts.id
    raise UnknownCode(_("There is no warehouse with the code “%(code)s”.") % {"code": code})


def place_ids(access: Access, code: str, warehouses: Sequence[int] | None = None) -> list[int]:
    """The places with this code or path that may be seen, with what belongs to a zone. Raises UnknownCode."""
    places = Place.objects.filter(warehouse__in=see(access, warehouses).warehouses)
    found = list(
        places.filter(Q(code__iexact=code) | Q(path__iexact=code)).values_list(
            "id", "path", "is_group"
        )
    )
    if not found:
        raise UnknownCode(_("There is no place with the code “%(code)s”.") % {"code": code})
    inner = Q(pk__in=[pk for pk, _path, _group in found])
    for _pk, path, group in found:
        if group:
            inner |= Q(path__startswith=f"{path}/")
    return list(places.filter(inner).values_list("id", flat=True))


def with_children(category: int) -> list[int]:
    """A category and all below it."""
    children: dict[int | None, list[int]] = {}
    for pk, parent in Category.objects.values_list("id", "parent_id"):
        children.setdefault(parent, []).append(pk)
    found, waiting = [], [category]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting += children.get(current, [])
    return found


def category_ids(code: str) -> list[int]:
    """The category with this code and all below it. Raises UnknownCode."""
    found = Category.objects.filter(code__iexact=code).values_list("id", flat=True).first()
    if found is None:
        raise UnknownCode(_("There is no category with the code “%(code)s”.") % {"code": code})
    return with_children(found)
