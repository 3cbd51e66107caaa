"""Only data: the homes, who begins on which, and what their buttons begin."""

from django.utils.translation import gettext_lazy as _

from people.homes import Home

WAREHOUSE, MANAGER, PROCUREMENT, SALES = "warehouse", "manager", "procurement", "sales"
PRODUCTION, FINANCE, ADMIN, WORK = "production", "finance", "admin", "work"
_SEE = ("stock.view",)

HOMES: tuple[Home, ...] = (
    Home(
        ADMIN,
        _("Administration"),
        80,
        roles=("admin",),
        rights=("users.manage", "system.manage", "process.manage"),
    ),
    Home(
        FINANCE,
        _("Finance"),
        60,
        roles=("finance", "auditor"),
        rights=("finance.review", "period.close", "audit.view"),
        makes=("revaluation", "landed_cost"),
    ),
    Home(
        WAREHOUSE,
        _("Warehouse"),
        10,
        roles=("warehouse_head", "clerk", "logistics"),
        rights=("document.execute", "count.enter", "document.dispatch"),
        makes=("bin_move", "purchase_in"),
    ),
    Home(
        PROCUREMENT,
        _("Procurement"),
        30,
        roles=("procurement",),
        rights=_SEE,
        makes=("purchase_in", "purchase_order"),
    ),
    Home(
        PRODUCTION,
        _("Production"),
        50,
        roles=("production",),
        rights=_SEE,
        makes=("production_order", "production_issue", "production_receipt"),
    ),
    Home(
        SALES,
        _("Sales"),
        40,
        roles=("sales", "after_sales"),
        rights=_SEE,
        makes=("sales_return", "sales_out", "sales_order"),
    ),
    Home(MANAGER, _("Manager"), 20, roles=("approver",), rights=("document.approve",)),
    Home(WORK, _("My work"), 90, roles=("asker",), makes=("department_issue",)),
)
