"""Which pages there are: every named address is visited by tests, takes no GET, or stands here with the reason."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from alerts.models import Case, Rule
from finance.models import Account, Closing, JournalEntry, PurchaseInvoice, VoucherBatch
from intake.models import Import
from people.models import Company, Department, Role, User
from stock.models import Item, Lot, Partner, Place, Posting, Unit, Warehouse
from workflows import shipped
from workflows.models import Bom, Document

PART = "a part of another page, fetched by its script"
FILE = "a file or picture"
DATA = "read by programs"
LEADS_ON = "leads to another page"
OWN = ("finance:", "alerts:")
"""Apps whose pages of one record are opened by their own tests: the demo company has none of these records."""
ONCE = "needs something that exists for a moment only; its own test walks it"
REASONS = {
    "boards:help_part": PART, "boards:palette": PART, "boards:scan_card": PART, "boards:scan_unknown": PART,
    "boards:scan_camera": PART, "people:bell": PART, "workflows:preview": PART, "workflows:more_rows": PART,
    "workflows:counting_moved": PART, "intake:live": PART, "intake:progress": PART, "intake:rows": PART,
    "workflows:version_list": PART, "workflows:version_step": PART,
    "boards:guide_image": FILE, "boards:labels_pdf": FILE, "boards:manifest": FILE, "boards:worker": FILE,
    "people:two_step_qr": FILE, "people:export": FILE, "stock:master_export": FILE, "workflows:file": FILE,
    "intake:errors": FILE, "alerts:photo": FILE,
    "boards:scan_read": DATA, "workflows:remarks": DATA, "workflows:look_up": DATA, "workflows:people": DATA, "workflows:counting_lines": DATA,
    "core:healthz": DATA, "core:readyz": DATA, "api:schema": DATA, "api:search": DATA,
    "boards:short_item": LEADS_ON, "boards:short_lot": LEADS_ON, "boards:short_place": LEADS_ON,
    "people:open_notice": LEADS_ON,
    "workflows:decide": "visited by whom it waits for", "people:setup": ONCE, "people:code": ONCE, "people:invitation": ONCE, "people:reset_confirm": ONCE,
    "people:backup_codes": ONCE, "stock:import_confirm": ONCE, "workflows:field": ONCE, "workflows:counting_sheet": ONCE,
    "people:login": "tests/browser/test_pages.py", "people:reset": "tests/browser/test_pages.py",
    "people:reset_sent": "tests/browser/test_pages.py",
}  # fmt: skip


def names() -> Iterator[str]:
    """Every named address outside Django's own admin."""

    def below(resolver: URLResolver, space: str) -> Iterator[str]:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                inner = f"{one.namespace}:" if one.namespace else ""
                yield from below(one, space + inner)
            elif isinstance(one, URLPattern) and one.name:
                yield space + one.name

    yield from (name for name in below(get_resolver(), "") if not name.startswith("admin:"))


def _one(state: str = "", **wanted: Any) -> Any:
    rows = Document.objects.filter(**wanted)
    return (rows.filter(state=state) if state else rows).latest("pk").key


def visited() -> dict[str, list[str]]:
    """Name → addresses in the demo company, of everything that has a page of its own."""
    item = Item.objects.get(code="10044")
    company, house = Company.objects.get(), Warehouse.objects.get(code="MAIN")
    posted, count = _one("posted", type="purchase_in"), _one(type="stocktake")
    draft = _one(state="draft")
    waits = _one(state="in_approval")
    process = shipped.active_version(company, "scrap").process
    at = Posting.objects.latest("effective_at").effective_at.date()

    def url(name: str, *args: Any, query: str = "") -> str:
        return reverse(name, args=args) + query

    plain = (
        "boards:home", "boards:search", "boards:guides", "boards:reorder", "boards:handling", "boards:phone",
        "boards:phone_queue", "boards:problem", "boards:scan", "boards:system", "people:profile", "people:password",
        "people:two_step", "people:two_step_off", "people:tokens", "people:exports", "people:notices", "people:users", "people:who_may",
        "people:user_new", "people:roles", "people:role_new", "people:departments", "people:department_new",
        "stock:items", "stock:on_hand", "stock:lots", "stock:places", "stock:movements", "stock:summary", "stock:worth",
        "stock:periods", "stock:categories", "stock:units", "stock:partners", "stock:warehouses", "stock:reasons",
        "stock:import", "stock:bins", "workflows:documents", "workflows:orders", "workflows:tasks", "workflows:boms",
        "workflows:bom_new", "workflows:inbox", "workflows:batch", "workflows:away", "workflows:processes",
        "workflows:calendar", "workflows:numbering", "workflows:number_formats", "workflows:counting", "workflows:counting_new",
        "workflows:counting_tolerances", "workflows:counting_accuracy", "intake:imports", "intake:words",
        "intake:learned", "api:reference", "finance:review", "finance:batches", "finance:trial", "finance:reconcile",
        "finance:grni", "finance:sales", "finance:variances", "finance:accounts", "finance:new_account",
        "finance:missing", "finance:invoices", "finance:new_invoice", "finance:landed",
        "finance:new_landed", "finance:settings", "intake:invoices", "finance:standards", "finance:new_standards", "alerts:rules", "alerts:channels",
        "alerts:rooms", "alerts:week", "alerts:reorder", "alerts:measured", "finance:new_way", "finance:rule", "boards:for_real",
    )  # fmt: skip
    return {name: [url(name)] for name in plain} | {
        "boards:home_of": [url("boards:home_of", home) for home in (
            "warehouse", "manager", "procurement", "sales", "production", "finance", "admin", "work")],
        "boards:guide": [url("boards:guide", "warehouse")],
        "boards:labels": [url("boards:labels", "items", query=f"?id={item.pk}"), url("boards:labels", "commands")],
        "boards:phone_job": [url("boards:phone_job", "receive")],
        "boards:phone_task": [url("boards:phone_task", draft)],
        "people:user": [url("people:user", User.objects.get(username="wangmin").pk)],
        "people:role": [url("people:role", Role.objects.get(code="clerk").pk)],
        "people:department": [url("people:department", Department.objects.get(code="WH").pk)],
        "stock:items": [url("stock:items"), url("stock:items", query="?state=low"),
                        url("stock:items", query="?q=there-is-no-such-thing")],
        "stock:on_hand": [url("stock:on_hand"), url("stock:on_hand", query="?by=item")],
        "stock:summary": [url("stock:summary"), url("stock:summary", query="?types=1")],
        "stock:item": [url("stock:item", item.pk, query=query)
                       for query in ("", "?tab=facts", "?tab=history", "?view=table", f"?at={at}")],
        "stock:explain": [url("stock:explain", query=f"?item={item.pk}")],
        "stock:lot": [url("stock:lot", Lot.objects.filter(item=item)[0].pk)],
        "stock:place": [url("stock:place", Place.objects.filter(kind="storage")[0].pk)],
        "stock:map": [url("stock:map", house.pk), url("stock:map", house.pk, query="?by=rest")],
        "stock:posting": [url("stock:posting", Posting.objects.earliest("pk").pk)],
        "stock:period": [url("stock:period", company.pk, f"{at:%Y-%m}")],
        "stock:master_new": [url("stock:master_new", "items")],
        "stock:master_edit": [url("stock:master_edit", "items", item.pk),
                              url("stock:master_edit", "warehouses", house.pk),
                              url("stock:master_edit", "partners", Partner.objects.latest("pk").pk),
                              url("stock:master_edit", "units", Unit.objects.earliest("pk").pk)],
        "stock:cost_method": [url("stock:cost_method", item.category_id)],
        "workflows:new": [url("workflows:new", "purchase_in")],
        "workflows:edit": [url("workflows:edit", draft)],
        "workflows:page": [url("workflows:page", key) for key in (draft, waits, posted, count)],
        "workflows:do": [url("workflows:do", posted, "reverse"), url("workflows:do", waits, "refuse")],
        "workflows:print": [url("workflows:print", posted)],
        "workflows:print_many": [url("workflows:print_many", query=f"?key={posted}")],
        "workflows:bom": [url("workflows:bom", one) for one in Bom.objects.values_list("item", flat=True)[:1]],
        "workflows:fields": [url("workflows:fields", "scrap")],
        "workflows:field_new": [url("workflows:field_new", "scrap")],
        "workflows:process": [url("workflows:process", company.pk, process.type)],
        "workflows:version": [url("workflows:version", company.pk, process.type, 1)],
        "workflows:version_compare": [url("workflows:version_compare", company.pk, process.type, 1)],
        "workflows:version_simulate": [url("workflows:version_simulate", company.pk, process.type, 1)],
        "workflows:counting_board": [url("workflows:counting_board", count)],
        "workflows:counting_plan": [url("workflows:counting_plan", count)],
        "workflows:counting_count": [url("workflows:counting_count", count)],
        "workflows:counting_print": [url("workflows:counting_print", count)],
        "workflows:counting_variance": [url("workflows:counting_variance", count)],
        "workflows:number_format": [url("workflows:number_format", company.pk, "scrap")],
        "alerts:centre": [url("alerts:centre", query=query) for query in ("", "?tab=all", "?tab=over")],
        "alerts:case": [url("alerts:case", case.key) for case in Case.objects.order_by("pk")[:2]],
        "alerts:rule": [url("alerts:rule", Rule.objects.get(code="stockout").pk)],
        "alerts:rule_new": [url("alerts:rule_new", "near-expiry")],
        "alerts:channel_new": [url("alerts:channel_new", "wecom")],
        "alerts:room_new": [url("alerts:room_new", "webhook")],
        "finance:review": [url("finance:review"), url("finance:review", query="?is=red")],
        "finance:entry": [url("finance:entry", JournalEntry.objects.filter(lines__gt=0).latest("pk").pk)],
        "finance:account": [url("finance:account", Account.objects.earliest("pk").pk)],
        "finance:invoice": [url("finance:invoice", one.key) for one in PurchaseInvoice.objects.order_by("pk")[:1]],
        "finance:batch": [url("finance:batch", one.key) for one in VoucherBatch.objects.order_by("pk")[:1]],
        "finance:closing": [url("finance:closing", one.pk) for one in Closing.objects.order_by("pk")[:1]],
        "intake:import": [url("intake:import", one.key) for one in Import.objects.order_by("pk")[:1]],
    }  # fmt: skip
