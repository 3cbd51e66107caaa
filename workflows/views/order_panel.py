"""What an order's page shows beside that of every document: how far its lines are, and what it costs. Only reads."""

from typing import Any

from people.access import Access
from workflows import followups, sight
from workflows.models import Document
from workflows.orders import figures


def of(document: Document, access: Access) -> dict[str, Any]:
    """The progress of an order in force; the tasks that follow what was posted."""
    if not document.kind.orders:
        mine = followups.visible(access).filter(document=document)
        return {"followups": list(mine) if document.posting_id else []}
    lines = figures.lines(document)
    shows_cost = sight.sees_cost(document, access)
    return {
        "order_lines": lines,
        "order_keeps": any(not far.arrives for far in lines),
        "order_closed": any(far.closed for far in lines),
        "production": figures.production(document) if lines and shows_cost else None,
        "materials": document.type == "production_order",
    }
