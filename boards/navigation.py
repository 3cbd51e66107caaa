"""The rail: which pages there are, in which order, and who may see them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.navigation import Entry
from people.access import access_for
from people.models import User
from workflows import followups, queries

_SEE = ("stock.view",)
_MASTER = _("Master data")
_ADMIN = _("Administration")


def _tasks(user: int) -> int:
    """How many tasks after postings wait for the department of the user."""
    return followups.to_do(access_for(User.objects.get(pk=user))).count()


ENTRIES: tuple[Entry, ...] = (
    Entry(_("Home"), "home", "boards:home", 10, tab=1),
    Entry(_("To do"), "todo", "workflows:inbox", 12, tab=2, count=queries.waiting),
    Entry(_("Look up"), "scan", "boards:scan", 13, rights=_SEE, tab=3, short=_("Scan")),
    Entry(
        pgettext_lazy("of the phone", "Tasks"),
        "in",
        "boards:phone",
        13,
        rights=("document.execute", "count.enter"),
    ),
    Entry(_("Documents"), "doc", "workflows:documents", 14),
    Entry(_("Open orders"), "clock", "workflows:orders", 16, rights=_SEE),
    Entry(
        _("Tasks"),
        "truck",
        "workflows:tasks",
        17,
        rights=("document.dispatch", "document.execute", "finance.review"),
        count=_tasks,
    ),
    Entry(_("Stocktakes"), "count", "workflows:counting", 18, rights=_SEE),
    Entry(_("Items"), "stock", "stock:items", 20, rights=_SEE),
    Entry(_("On hand"), "shelf", "stock:on_hand", 30, rights=_SEE, tab=4, short=_("Stock")),
    Entry(_("Movements"), "move", "stock:movements", 40, rights=_SEE),
    Entry(_("Lots"), "lot", "stock:lots", 50, rights=_SEE),
    Entry(_("Period summary"), "report", "stock:summary", 60, rights=_SEE),
    Entry(_("Stock value"), "money", "stock:worth", 61, rights=("cost.view",)),
    Entry(_("Periods"), "lock", "stock:periods", 62, rights=("period.close",)),
    Entry(_("Import"), "upload", "intake:imports", 66, rights=("stock.import",)),
    Entry(_("Places"), "bin", "stock:places", 110, _MASTER, _SEE),
    Entry(_("Warehouses"), "shelf", "stock:warehouses", 120, _MASTER, _SEE),
    Entry(_("Partners"), "truck", "stock:partners", 130, _MASTER, _SEE),
    Entry(_("Categories"), "tag", "stock:categories", 140, _MASTER, _SEE),
    Entry(_("Units"), "adj", "stock:units", 150, _MASTER, _SEE),
    Entry(_("Reasons"), "chat", "stock:reasons", 160, _MASTER, ("master.edit",)),
    Entry(_("Bills of materials"), "flow", "workflows:boms", 165, _MASTER, _SEE),
    Entry(_("Edit in Excel"), "edit", "stock:import", 170, _MASTER, ("master.import",)),
    Entry(_("Users"), "users", "people:users", 210, _ADMIN, ("users.manage",)),
    Entry(_("Roles"), "lock", "people:roles", 220, _ADMIN, ("users.manage",)),
    Entry(
        _("Who may what"), "check", "people:who_may", 225, _ADMIN, ("users.manage", "audit.view")
    ),
    Entry(_("Departments"), "flow", "people:departments", 230, _ADMIN, ("users.manage",)),
    Entry(
        _("Processes"),
        "flow",
        "workflows:processes",
        235,
        _ADMIN,
        ("process.manage", "audit.view"),
    ),
    Entry(
        _("Numbering"), "doc", "workflows:numbering", 238, _ADMIN, ("process.manage", "audit.view")
    ),
    Entry(_("System"), "gear", "boards:system", 240, _ADMIN, ("system.manage", "audit.view")),
)
