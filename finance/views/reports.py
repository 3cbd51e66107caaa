"""Reports on the journal: trial balance, stock against books, what is not invoiced, cost of sales, differences of cost."""

from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import asked, tables
from core.numbers import VALUE_PLACES, from_scaled
from core.tables import Column, Filter, Table
from finance import receipts
from finance.models import JournalEntry
from finance.receipts import AGES, Ageing, Receipt
from finance.reports import balances, flows, reconciling
from finance.reports.balances import AccountBalance
from finance.reports.flows import Flow
from finance.reports.reconciling import Difference
from finance.views.books import Desk
from people.doors import needs
from stock import movement_types
from stock.models import Item, Partner, Posting

RIGHTS = ("finance.review", "audit.view")


def _days() -> list[Filter]:
    """The days of a report; the query itself applies them."""
    return [
        Filter("from", _("From"), lambda rows, _v: rows, kind="date"),
        Filter("to", _("To"), lambda rows, _v: rows, kind="date"),
    ]


def _entries_url(desk: Desk, **more: Any) -> str:
    start, end = desk.stretch()
    return f"{reverse('finance:review')}?{urlencode({'from': start, 'to': end, **more})}"


def _answer(
    request: HttpRequest, desk: Desk, table: Table, tab: str, note: str = "", **context: Any
) -> HttpResponseBase:
    start, end = desk.stretch()
    shown = {**desk.context(), "tab": tab, "note": note, "start": start, "end": end, **context}
    return tables.respond(request, table, template="finance/report.html", context=shown)


@require_safe
@needs("cost.view")
def trial(request: HttpRequest) -> HttpResponseBase:
    """Opening, debits, credits and closing of every account that was touched."""
    desk = Desk(request)
    _guard(desk)
    start, end = desk.stretch()

    def url(row: AccountBalance) -> str:
        return _entries_url(desk, account=row.account.pk)

    def money(key: str, label: str, **more: Any) -> Column:
        return Column(key, label, key, kind="money", total=True, sort=key, **more)

    table = Table(
        "trial-balance",
        _("Trial balance"),
        [
            Column(
                "code", _("Account"), "account.code", kind="code", sort="code", card="m", url=url
            ),
            Column("name", _("Name"), "account.name", card="s", beside=_side),
            Column("kind", _("Kind"), lambda row: row.account.get_kind_display()),
            money("opening_debit", _("Opening debit")),
            money("opening_credit", _("Opening credit")),
            money("debit", _("Debit")),
            money("credit", _("Credit")),
            money("closing_debit", _("Closing debit"), card="n"),
            money("closing_credit", _("Closing credit"), card="t"),
        ],
        balances.balances(desk.company.pk, start, end),
        filters=_days(),
        order="code",
        empty=_("No account was touched in these days."),
        file=f"trial-balance-{start}-{end}",
        may=desk.access.may,
    )
    return _answer(
        request,
        desk,
        table,
        "trial",
        _(
            "Every balance stands on its side; debits and credits are equal, before, during and after."
        ),
    )


def _side(row: AccountBalance) -> str:
    """Where its balance stands, for a phone, which has no headings."""
    return _("Dr") if row.closing > 0 else _("Cr") if row.closing < 0 else ""


def _guard(desk: Desk) -> None:
    if not any(desk.access.may(right) for right in RIGHTS):
        desk.access.require(RIGHTS[0])


@require_safe
@needs("cost.view")
def reconcile(request: HttpRequest) -> HttpResponseBase:
    """Whether inventory accounts are worth what stock is, and if not, which rows differ."""
    desk = Desk(request)
    _guard(desk)
    rows = reconciling.differences()
    table = Table(
        "stock-and-books",
        _("Stock and books"),
        [
            Column("law", _("What is wrong"), "law", card="s"),
            Column("name", _("Row"), "name", kind="code", card="m", url=_row_url),
            Column("expected", _("Should be"), "expected", kind="money"),
            Column("found", _("Is"), "found", kind="money"),
            Column("difference", _("Difference"), "difference", kind="money", total=True, card="n"),
        ],
        rows,
        empty=_("No row differs."),
        may=desk.access.may,
    )
    return _answer(
        request,
        desk,
        table,
        "reconcile",
        standing=balances.standing(desk.company.pk),
        wrong=len(rows),
    )


def _row_url(row: Difference) -> str:
    """Where the row that differs can be looked at."""
    if row.table == "finance_journalentry" and row.row:
        return reverse("finance:entry", args=[row.row])
    if row.table in {"stock_posting", "stock_movement"} and row.row:
        if Posting.objects.filter(pk=row.row).exists():
            return reverse("stock:posting", args=[row.row])
        return ""
    item = Item.objects.filter(code=row.name).values_list("pk", flat=True).first()
    return reverse("stock:item", args=[item]) + "?view=table" if item else ""


@require_safe
@needs("cost.view")
def grni(request: HttpRequest) -> HttpResponseBase:
    """What was received and not invoiced, by supplier and age; with ``?supplier=`` its receipts."""
    desk = Desk(request)
    _guard(desk)
    supplier = asked.whole(request.GET.get("supplier"))
    partners = {one.pk: one for one in Partner.objects.filter(is_supplier=True)}
    table = _receipts(desk, supplier) if supplier in partners else _ageing(desk, partners)
    chosen = partners.get(supplier) if supplier else None
    return _answer(
        request,
        desk,
        table,
        "grni",
        _("Receipts less returns less what was invoiced, at the cost they were received at."),
        chosen=chosen,
        dateless=True,
    )


def _ageing(desk: Desk, partners: dict[int, Partner]) -> Table:
    def name(row: Ageing) -> str:
        found = partners.get(row.partner or 0)
        return f"{found.code} {found.name}" if found else _("no supplier named")

    def url(row: Ageing) -> str:
        return f"?supplier={row.partner}" if row.partner else ""

    spans = [
        Column(
            f"span{place}",
            _("%(first)d–%(last)d days") % {"first": first, "last": last}
            if last
            else _("over %(days)d days") % {"days": first - 1},
            partial(_span, place=place),
            kind="money",
            total=True,
            sort=f"span{place}",
        )
        for place, (first, last) in enumerate(AGES)
    ]
    return Table(
        "not-invoiced",
        _("Received, not invoiced"),
        [
            Column("supplier", _("Supplier"), name, sort="supplier", card="m", url=url),
            *spans,
            Column("total", _("Total"), "total", kind="money", total=True, sort="total", card="n"),
        ],
        receipts.ageing(desk.company.pk, desk.today),
        order="-total",
        empty=_("Everything that was received is invoiced."),
        may=desk.access.may,
    )


def _span(row: Ageing, *, place: int) -> Decimal:
    return row.spans[place]


def _receipts(desk: Desk, supplier: int | None) -> Table:
    rows = receipts.open_receipts(desk.company.pk, supplier)
    items = Item.objects.select_related("base_unit").in_bulk({row.item for row in rows})
    entries = dict(
        JournalEntry.objects.filter(
            document__in={row.document for row in rows if row.document}
        ).values_list("document", "pk")
    )

    def url(row: Receipt) -> str:
        found = entries.get(row.document)
        return reverse("finance:entry", args=[found]) if found else ""

    return Table(
        "open-receipts",
        _("Received, not invoiced"),
        [
            Column("document", _("Document"), "document", kind="code", card="m", url=url),
            Column("day", _("Date"), "day", kind="date", sort="day"),
            Column("age", _("Days"), lambda row: row.age(desk.today), kind="number", sort="age"),
            Column("item", _("Item"), lambda row: items[row.item].code, kind="code", card="s"),
            Column("name", _("Name"), lambda row: items[row.item].name),
            Column(
                "open_quantity",
                _("Open quantity"),
                lambda row: row.number("open_quantity"),
                kind="quantity",
            ),
            Column("unit", _("Unit"), lambda row: items[row.item].base_unit.code),
            Column(
                "open_value",
                _("Open value"),
                lambda row: from_scaled(row.open_value, VALUE_PLACES),
                kind="money",
                total=True,
                sort="open_value",
                card="n",
            ),
        ],
        rows,
        order="day",
        may=desk.access.may,
    )


@require_safe
@needs("cost.view")
def sales(request: HttpRequest) -> HttpResponseBase:
    """Cost of what was sold less what came back and what was earned with it, by item or customer."""
    desk = Desk(request)
    _guard(desk)
    start, end = desk.stretch()
    by = "customer" if request.GET.get("by") == "customer" else "item"
    first = _("Customer") if by == "customer" else _("Item")

    def url(row: Flow) -> str:
        if by == "item" and row.key:
            return reverse("stock:item", args=[row.key]) + f"?view=table&from={start}&to={end}"
        return _entries_url(desk, type="sales_out", q=row.name) if row.name else ""

    quantity = [
        Column("quantity", _("Quantity"), "quantity", kind="quantity", total=True, unit="unit"),
        Column("unit", _("Unit"), "unit"),
    ]
    table = Table(
        "cost-of-sales",
        _("Cost of sales"),
        [
            Column("code", first, "code", kind="code", sort="code", card="m", url=url),
            Column("name", _("Name"), "name", card="s"),
            *(quantity if by == "item" else []),
            Column("lines", _("Lines"), "lines", kind="number", sort="lines", total=True),
            Column(
                "amount", _("Cost"), "amount", kind="money", sort="amount", total=True, card="n"
            ),
            Column("revenue", _("Revenue"), "revenue", kind="money", sort="revenue", total=True),
            Column("profit", _("Profit"), "profit", kind="money", sort="profit"),
            Column("margin", _("Margin %"), "margin", kind="number", sort="margin"),
        ],
        flows.cost_of_sales(
            desk.company, start, end, by=by, lost=request.GET.get("lost") == "with"
        ),
        filters=[
            *_days(),
            Filter(
                "lost",
                _("Losses"),
                lambda rows, _v: rows,
                lambda: [("with", _("with what was lost"))],
                unset=_("sales only"),
            ),
            Filter(
                "by",
                _("Grouped by"),
                lambda rows, _v: rows,
                lambda: [("customer", _("customers"))],
                unset=_("items"),
            ),
        ],
        order="-amount",
        empty=_("Nothing was sold in these days."),
        file=f"cost-of-sales-{start}-{end}",
        may=desk.access.may,
    )
    note = _(
        "Revenue is without tax; without a price for everything sold there is no profit to show."
    )
    return _answer(request, desk, table, "sales", note)


@require_safe
@needs("cost.view")
def variances(request: HttpRequest) -> HttpResponseBase:
    """What went to differences of cost, by where it comes from and item."""
    desk = Desk(request)
    _guard(desk)
    start, end = desk.stretch()

    def cause(row: Flow) -> str:
        known = movement_types.BY_CODE.get(str(row.key))
        return str(known.label if known else dict(JournalEntry.Kind.choices).get(str(row.key), ""))

    table = Table(
        "differences-of-cost",
        _("Differences of cost"),
        [
            Column("cause", _("Where from"), cause, card="m", sort="cause",
                   url=lambda row: _entries_url(desk, type=row.key)),
            Column("code", _("Item"), "code", kind="code", sort="code", card="s"),
            Column("name", _("Name"), "name"),
            Column("lines", _("Lines"), "lines", kind="number", sort="lines", total=True),
            Column("amount", _("Amount"), "amount", kind="money", sort="amount", total=True, card="n"),
        ],
        flows.variances(desk.company.pk, start, end),
        filters=_days(),
        order="-amount",
        empty=_("There were no differences of cost in these days."),
        file=f"differences-of-cost-{start}-{end}",
        may=desk.access.may,
    )  # fmt: skip
    return _answer(request, desk, table, "variances")
