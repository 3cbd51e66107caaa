"""Cost of sales by item and customer, and differences of cost by where they come from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from finance.models import Account, JournalLine

SALES = ("sales_out", "sales_return")


@dataclass(slots=True)
class Flow:
    """One item, customer or cause: quantity in base units (None where mixed) and amount of company currency."""

    key: int | str | None
    code: str
    name: str
    unit: str = ""
    quantity: Decimal | None = Decimal(0)
    amount: Decimal = Decimal(0)
    lines: int = 0


def _lines(company: int, start: date, end: date) -> QuerySet[JournalLine]:
    return JournalLine.objects.filter(
        entry__company=company, entry__date__gte=start, entry__date__lte=end
    )


def cost_of_sales(company: int, start: date, end: date, *, by: str = "item") -> list[Flow]:
    """What left to customers less what came back, by ``item`` or ``customer``, the most first."""
    rows = (
        _lines(company, start, end)
        .filter(movement__type__in=SALES, adjusts__isnull=True)
        .values_list(
            "item_id", "item__code", "item__name", "item__base_unit__code",
            "partner_id", "partner__code", "partner__name",
            "quantity", "amount", "debit_account__is_inventory",
        )
    )  # fmt: skip
    found: dict[Any, Flow] = {}
    for row in rows.iterator(chunk_size=2_000):
        sign = -1 if row[9] else 1
        if by == "item":
            flow = found.setdefault(row[0], Flow(row[0], row[1] or "", row[2] or "", row[3] or ""))
            flow.quantity = (flow.quantity or Decimal(0)) + sign * row[7]
        else:
            flow = found.setdefault(row[4], Flow(row[4], row[5] or "", row[6] or ""))
            flow.quantity = None
        flow.amount += sign * row[8]
        flow.lines += 1
    return _sorted(found.values())


def variances(company: int, start: date, end: date) -> list[Flow]:
    """Differences of cost (debits less credits of their account) by movement type and item, the largest first."""
    accounts = set(
        Account.objects.filter(company=company, role=Account.Role.VARIANCE).values_list(
            "pk", flat=True
        )
    )
    rows = (
        _lines(company, start, end)
        .filter(Q(debit_account__in=accounts) | Q(credit_account__in=accounts))
        .values_list(
            "debit_account_id", "amount", "movement__type", "item_id", "item__code", "item__name",
            "entry__kind",
        )
    )  # fmt: skip
    found: dict[Any, Flow] = {}
    for debit, amount, kind, item, code, name, entry in rows.iterator(chunk_size=2_000):
        cause = kind or entry
        flow = found.setdefault((cause, item), Flow(cause, code or "", name or "", quantity=None))
        flow.amount += amount if debit in accounts else -amount
        flow.lines += 1
    return _sorted(found.values())


def _sorted(flows: Iterable[Flow]) -> list[Flow]:
    return sorted(flows, key=lambda one: (-abs(one.amount), one.code))
