"""The only writer of the books of a company that has none: its chart of accounts and the shipped rules."""

from django.db import transaction

from finance.chart_rows import CHARTS, INTERNATIONAL, PRC, Chart
from finance.models import Account, AccountRule, Books
from people.models import Company


@transaction.atomic
def ensure(company: Company, chart: str = "") -> Books:
    """The books of the company; made from a shipped chart (for CNY the Chinese one) if there are none.

    Whatever comes at the same time makes the same rows once.
    """
    found = Books.objects.filter(company=company).first()
    if found is not None:
        return found
    rows = CHARTS[chart] if chart else PRC if company.currency == "CNY" else INTERNATIONAL
    _make(company, rows)
    books = Books(company=company, chart=rows.code, red_reversals=rows.red_reversals)
    Books.objects.bulk_create([books], ignore_conflicts=True)
    return Books.objects.get(company=company)


def ensure_all() -> None:
    """Make the books of every company that has none."""
    for company in Company.objects.filter(books__isnull=True).order_by("pk"):
        ensure(company)


def for_new_company(company: Company, _code: str, _name: str) -> None:
    """What the first set-up calls."""
    ensure(company)


def _make(company: Company, chart: Chart) -> None:
    Account.objects.bulk_create(
        [
            Account(
                company=company,
                code=row.code,
                name_zh=row.zh,
                name_en=row.en,
                kind=row.kind,
                role=row.role,
                is_inventory=row.is_inventory,
            )
            for row in chart.accounts
        ],
        ignore_conflicts=True,
    )
    accounts = dict(Account.objects.filter(company=company).values_list("code", "pk"))
    AccountRule.objects.bulk_create(
        [
            AccountRule(
                company=company,
                place_kind=rule.place_kind,
                type=rule.type,
                account_id=accounts[rule.account],
                shipped=True,
            )
            for rule in chart.rules
        ],
        ignore_conflicts=True,
    )
