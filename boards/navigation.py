"""The rail: which pages there are, in which order, and who may see them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alerts import queries as alerts
from core.navigation import Entry, Group
from finance.models import JournalEntry
from people.access import access_for
from people.models import User
from workflows import followups, queries

_SEE = ("stock.view",)
_BOOKS = ("finance.review",)

GROUPS: tuple[Group, ...] = (
    Group("documents", _("Documents"), "doc", 20),
    Group("stock", _("Stock"), "shelf", 30),
    Group("counting", _("Counting"), "count", 40, joins="stock", kept="count.enter"),
    Group("reports", _("Reports"), "report", 50),
    Group("finance", _("Finance"), "money", 60, ahead="finance.review"),
    Group("master", _("Master data"), "tag", 70, joins="stock", kept="master.edit"),
    Group("admin", _("Administration"), "gear", 80, ahead="users.manage"),
)


def _tasks(user: int) -> int:
    """How many tasks after postings wait for the department of the user."""
    return followups.to_do(access_for(User.objects.get(pk=user))).count()


def _unreviewed(_user: int) -> int:
    """How many entries wait for the review of finance."""
    return JournalEntry.objects.filter(review__in=["unreviewed", "questioned"]).count()


def _cases(user: int) -> int:
    """How many cases are for the user to look after."""
    return alerts.for_me(User.objects.get(pk=user)).count()


def _costs(label: Promise, icon: str, url_name: str, order: int) -> Entry:
    """A page of finance that is nothing without costs."""
    return Entry(label, icon, url_name, order, "finance", _BOOKS, besides="cost.view")


ENTRIES: tuple[Entry, ...] = (
    Entry(_("Home"), "home", "boards:home", 10, tab=1),
    Entry(_("To do"), "todo", "workflows:inbox", 12, tab=2, count=queries.waiting),
    Entry(_("Alerts"), "warn", "alerts:centre", 14, count=_cases),
    Entry(
        pgettext_lazy("of the phone", "Tasks"),
        "in",
        "boards:phone",
        15,
        rights=("document.execute", "count.enter"),
    ),
    Entry(_("All documents"), "doc", "workflows:documents", 20, "documents"),
    Entry(
        _("Suggested orders"),
        "cart",
        "alerts:reorder",
        23,
        "documents",
        ("document.ask",),
    ),
    Entry(_("Open orders"), "clock", "workflows:orders", 21, "documents", _SEE),
    Entry(
        _("Tasks"),
        "truck",
        "workflows:tasks",
        22,
        "documents",
        ("document.dispatch", "document.execute", "finance.review"),
        count=_tasks,
    ),
    Entry(_("Import"), "upload", "intake:imports", 25, "documents", ("stock.import",)),
    Entry(
        _("On hand"),
        "shelf",
        "stock:on_hand",
        30,
        "stock",
        _SEE,
        tab=4,
        short=_("Stock"),
    ),
    Entry(_("Items"), "stock", "stock:items", 31, "stock", _SEE),
    Entry(_("Lots"), "lot", "stock:lots", 32, "stock", _SEE),
    Entry(_("Places"), "bin", "stock:places", 33, "stock", _SEE),
    Entry(_("Movements"), "move", "stock:movements", 34, "stock", _SEE),
    Entry(_("Look up"), "scan", "boards:scan", 35, "stock", _SEE, tab=3, short=_("Scan")),
    Entry(_("Stocktakes"), "count", "workflows:counting", 40, "counting", _SEE),
    Entry(_("Accuracy"), "report", "workflows:counting_accuracy", 41, "counting", _SEE),
    Entry(_("Period summary"), "report", "stock:summary", 50, "reports", _SEE),
    Entry(_("Stock value"), "money", "stock:worth", 51, "reports", ("cost.view",)),
    Entry(_("To reorder"), "cart", "boards:reorder", 52, "reports", _SEE),
    Entry(_("Handling time"), "clock", "boards:handling", 53, "reports", _SEE),
    Entry(
        _("Financial review"),
        "money",
        "finance:review",
        56,
        "finance",
        ("finance.review",),
        count=_unreviewed,
    ),
    Entry(_("Vouchers"), "dl", "finance:batches", 57, "finance", ("finance.review",)),
    Entry(_("Periods"), "lock", "stock:periods", 60, "finance", ("period.close",)),
    _costs(_("Purchase invoices"), "doc", "finance:invoices", 64),
    _costs(_("Received, not invoiced"), "clock", "finance:grni", 65),
    _costs(_("Landed costs"), "truck", "finance:landed", 66),
    _costs(_("Standard costs"), "tag", "finance:standards", 66),
    Entry(_("Accounts"), "money", "finance:accounts", 67, "finance", _BOOKS),
    Entry(_("Warehouses"), "shelf", "stock:warehouses", 70, "master", _SEE),
    Entry(_("Partners"), "truck", "stock:partners", 71, "master", _SEE),
    Entry(_("Categories"), "tag", "stock:categories", 72, "master", _SEE),
    Entry(_("Units"), "adj", "stock:units", 73, "master", _SEE),
    Entry(_("Reasons"), "chat", "stock:reasons", 74, "master", ("master.edit",)),
    Entry(_("Bills of materials"), "flow", "workflows:boms", 75, "master", _SEE),
    Entry(_("Edit in Excel"), "edit", "stock:import", 76, "master", ("master.import",)),
    Entry(_("Users"), "users", "people:users", 80, "admin", ("users.manage",)),
    Entry(_("Roles"), "lock", "people:roles", 81, "admin", ("users.manage",)),
    Entry(
        _("Who may what"), "check", "people:who_may", 82, "admin", ("users.manage", "audit.view")
    ),
    Entry(_("Departments"), "flow", "people:departments", 83, "admin", ("users.manage",)),
    Entry(
        _("Processes"), "flow", "workflows:processes", 84, "admin", ("process.manage", "audit.view")
    ),
    Entry(_("Alert rules"), "bell", "alerts:rules", 85, "admin", ("process.manage", "audit.view")),
    Entry(
        _("Numbering"), "doc", "workflows:numbering", 86, "admin", ("process.manage", "audit.view")
    ),
    Entry(_("Channels of rooms"), "chat", "alerts:rooms", 87, "admin", ("system.manage",)),
    Entry(_("System"), "gear", "boards:system", 88, "admin", ("system.manage", "audit.view")),
)
