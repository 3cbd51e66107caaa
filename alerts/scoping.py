"""What a rule covers: its item, its category with all below, its warehouse; a more particular rule of the same kind takes
its share away from a more general one, so that nothing is found twice.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from alerts.kinds.base import Touched
from alerts.models import Rule
from stock.models import Category


def items(rule: Rule, touched: Touched, path: str = "") -> Q:
    """A condition over items (``path``: where they hang, as ``item__``): those that the rule covers and that may have changed."""
    wanted = _covers(rule, path)
    if touched.items is not None:
        wanted &= _among(path, touched.items)
    for other in narrower(rule):
        wanted &= ~_covers(other, path)
    return wanted


def narrower(rule: Rule) -> list[Rule]:
    """The active rules of the same kind that take their share away: about one item or a category (below it)."""
    if rule.item_id is not None:
        return []
    others = Rule.objects.filter(kind=rule.kind, active=True, warehouse=rule.warehouse_id).exclude(
        pk=rule.pk
    )
    below = _below(rule.category_id) - {rule.category_id} if rule.category_id else set()
    return [
        other
        for other in others.filter(Q(item__isnull=False) | Q(category__isnull=False))
        if other.item_id is not None or rule.category_id is None or other.category_id in below
    ]


def warehouse(rule: Rule, path: str) -> Q:
    """A condition over something with a warehouse (its id at ``path``): that of the rule, or any."""
    return Q(**{path: rule.warehouse_id}) if rule.warehouse_id is not None else Q()


def documents(touched: Touched, path: str = "pk") -> Q:
    """A condition over documents: those that may have changed."""
    return Q() if touched.documents is None else Q(**{f"{path}__in": touched.documents})


def _covers(rule: Rule, path: str) -> Q:
    if rule.item_id is not None:
        return Q(**{f"{path}pk": rule.item_id})
    if rule.category_id is not None:
        return Q(**{f"{path}category__in": sorted(_below(rule.category_id))})
    return Q()


def _among(path: str, ids: Iterable[int]) -> Q:
    return Q(**{f"{path}pk__in": list(ids)})


def _below(category: int) -> set[int]:
    """A category and all that belong to it."""
    parents: dict[Any, list[int]] = {}
    for key, parent in Category.objects.values_list("pk", "parent_id"):
        parents.setdefault(parent, []).append(key)
    found, todo = set(), [category]
    while todo:
        key = todo.pop()
        if key not in found:
            found.add(key)
            todo += parents.get(key, [])
    return found
