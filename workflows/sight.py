"""What of a document's money somebody sees: amounts are costs, prices may be one's own."""

from collections.abc import Mapping
from typing import Any

from people.access import Access
from people.models import User
from workflows.models import Document

_PRICES = frozenset({"price", "tax_rate", "value"})
_COSTS = frozenset({"amount", "trace"})
"""A trace of rules says which amount they looked at."""


def sees_cost(document: Document, access: Access) -> bool:
    """Whether amounts and values are shown: to those who may see costs in the document's warehouse."""
    return access.may("cost.view", document.warehouse.scope_id if document.warehouse else None)


def sees_money(document: Document, access: Access, user: User) -> bool:
    """Whether prices are shown: sales prices to all, costs to those who may, and what one types oneself."""
    if document.kind.group == "out" or document.asker_id == user.pk:
        return True
    return sees_cost(document, access)


def without_money(data: Any, *, cost: bool, money: bool) -> Any:
    """What the timeline noted, without the amounts (and prices) that are not to be seen."""
    hidden = (frozenset() if cost else _COSTS) | (frozenset() if money else _PRICES)
    if isinstance(data, Mapping):
        return {
            key: without_money(value, cost=cost, money=money)
            for key, value in data.items()
            if key not in hidden
        }
    if isinstance(data, list):
        return [without_money(value, cost=cost, money=money) for value in data]
    return data
