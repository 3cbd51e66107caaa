"""What of a document's money somebody sees: amounts are costs, prices may be one's own."""

from collections.abc import Mapping
from typing import Any

from people.access import Access
from people.models import User
from workflows.document_types import DocumentType
from workflows.models import Document

PRICES = frozenset({"price", "tax_rate", "value"})
_COSTS = frozenset({"amount", "trace"})
"""A trace of rules says which amount they looked at."""


def sees_cost(document: Document, access: Access) -> bool:
    """Whether amounts and values are shown: to those who may see costs in the document's warehouse."""
    return access.may("cost.view", document.warehouse.scope_id if document.warehouse else None)


def sees_money(document: Document, access: Access, user: User) -> bool:
    """Whether prices are shown: sales prices to all, costs to those who may, and what one typed alone.

    The prices of an order are those of the documents made from it. What was imported or what somebody else wrote into was not typed by the asker: computed costs and the
    prices of others are for those who may see costs.
    """
    if sees_cost(document, access):
        return True
    if document.door == "import":
        return False
    if sells(document.kind):
        return True
    if document.source is not None and document.source.kind.orders:
        return sees_money(document.source, access, user)
    others = document.editors.exclude(user=user).exists() if document.pk else False
    return document.asker_id == user.pk and not others


def sells(kind: DocumentType) -> bool:
    """Whether the prices of its lines are what customers pay, and not what the goods cost."""
    return kind.direction == "out" and "price" in kind.columns


def require_value(kind: DocumentType, access: Access, scope: int | None) -> None:
    """Refuse (NotAllowed) who may not see costs to ask for a change of nothing but value."""
    if kind.shape == "value":
        access.require("cost.view", scope)


def may_begin(kind: DocumentType, access: Access, scope: int | None = None) -> bool:
    """Whether somebody who may ask in the warehouse may ask for a document of this type."""
    return kind.shape != "value" or access.may("cost.view", scope)


def unseen(*, cost: bool, money: bool) -> frozenset[str]:
    """Names of the amounts (and prices) that are not to be seen."""
    return (frozenset() if cost else _COSTS) | (frozenset() if money else PRICES)


def without(data: Any, names: frozenset[str]) -> Any:
    """What the timeline noted, without what is not to be seen, wherever it stands."""
    if isinstance(data, Mapping):
        return {key: without(value, names) for key, value in data.items() if key not in names}
    if isinstance(data, list):
        return [without(value, names) for value in data]
    return data
