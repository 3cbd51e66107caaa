"""Every right there is and the roles we ship, as data; the only place that names them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Right:
    """Something a role may allow. ``scoped`` rights hold for the warehouses of the membership."""

    code: str
    label: str | Promise
    scoped: bool = True


RIGHTS: tuple[Right, ...] = (
    Right("stock.view", _("see stock and movements")),
    Right("cost.view", _("see costs and values")),
    Right("document.ask", _("ask for changes of stock")),
    Right("document.approve", _("approve changes of stock")),
    Right("document.execute", _("carry out and post changes of stock")),
    Right("document.dispatch", _("hand goods over to carriers")),
    Right("stock.reserve", _("reserve stock")),
    Right("stock.override", _("take stock below zero, with a reason")),
    Right("stock.expired", _("issue an expired lot, with a reason")),
    Right("stock.backdate", _("post at an earlier moment of an open period")),
    Right("stock.reverse", _("reverse what is posted")),
    Right("count.enter", _("count stock")),
    Right("master.edit", _("edit items, places and partners"), scoped=False),
    Right("master.import", _("import and export master data"), scoped=False),
    Right("stock.import", _("import sheets as documents, and undo that")),
    Right("period.close", _("close and reopen periods"), scoped=False),
    Right("finance.review", _("review postings and vouchers"), scoped=False),
    Right("process.manage", _("set processes, fields and calendars"), scoped=False),
    Right("users.manage", _("manage users, roles and departments"), scoped=False),
    Right("system.manage", _("manage settings, jobs and backups"), scoped=False),
    Right("audit.view", _("see every history and log"), scoped=False),
)
RIGHT_CODES = frozenset(right.code for right in RIGHTS)


@dataclass(frozen=True, slots=True)
class ShippedRole:
    """A role every installation starts with; an admin may change its rights or add others."""

    code: str
    label: str | Promise
    rights: tuple[str, ...]


_SEE = ("stock.view",)
_ASK = (*_SEE, "document.ask")
SHIPPED_ROLES: tuple[ShippedRole, ...] = (
    ShippedRole("asker", _("Asker"), _ASK),
    ShippedRole("clerk", _("Warehouse clerk"), (*_ASK, "document.execute", "count.enter")),
    ShippedRole("approver", _("Approver"), (*_SEE, "cost.view", "document.approve")),
    ShippedRole(
        "warehouse_head",
        _("Warehouse head"),
        (
            *_ASK,
            "cost.view",
            "document.approve",
            "document.execute",
            "stock.reserve",
            "stock.override",
            "stock.expired",
            "stock.backdate",
            "stock.reverse",
            "count.enter",
            "master.edit",
            "stock.import",
        ),
    ),
    ShippedRole("procurement", _("Procurement"), (*_ASK, "cost.view", "master.edit")),
    ShippedRole("production", _("Production"), (*_ASK, "stock.reserve")),
    ShippedRole("sales", _("Sales"), (*_ASK, "stock.reserve")),
    ShippedRole("logistics", _("Logistics"), (*_SEE, "document.dispatch")),
    ShippedRole("after_sales", _("After-sales"), (*_ASK, "document.approve")),
    ShippedRole(
        "finance",
        _("Finance"),
        (*_SEE, "cost.view", "document.approve", "period.close", "finance.review", "audit.view"),
    ),
    ShippedRole("auditor", _("Auditor (read only)"), (*_SEE, "cost.view", "audit.view")),
    ShippedRole(
        "admin",
        _("Administrator"),
        (
            *_SEE,
            "master.edit",
            "master.import",
            "stock.import",
            "process.manage",
            "users.manage",
            "system.manage",
            "audit.view",
        ),
    ),
)


def right_label(code: str) -> str:
    """What a right is called on screen."""
    return str(next((r.label for r in RIGHTS if r.code == code), format_lazy("{}", code)))
