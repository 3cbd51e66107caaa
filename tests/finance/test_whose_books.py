"""Pages of finance where there are several companies: what is chosen holds, and a form stays with its own."""

import pytest
from django.test import Client

from finance import settings
from finance.models import Account, AccountRule
from people.models import Company
from tests.finance.test_pages import PAGES, client_with
from tests.laws.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def fay() -> Client:
    return client_with("stock.view", "cost.view", "finance.review", settings.RIGHT)


@pytest.fixture
def companies() -> tuple[Company, Company]:
    first = World().company
    return first, Company.objects.create(code="ZZ", name="Second works")


def chosen(page: str) -> str:
    return page.partition(" selected>")[2].partition("<")[0]


def test_the_company_is_chosen_once_for_all_pages(
    fay: Client,
    companies: tuple[Company, Company],
) -> None:
    first, second = companies
    listed = "/finance/accounts/"
    assert chosen(fay.get(listed).content.decode()) == first.name
    assert chosen(fay.get(f"{listed}?company={second.pk}").content.decode()) == second.name
    for page in ("/finance/", "/finance/vouchers/", "/finance/settings/", listed):
        assert chosen(fay.get(page).content.decode()) == second.name, page
    made = {"code": "6499", "name_zh": "样品", "name_en": "", "kind": "expense"}
    assert fay.post("/finance/accounts/new/", made).status_code == 302
    assert Account.objects.get(code="6499").company == second
    fay.post("/finance/settings/", {"company": first.pk, "invoices_by_two": "on"})
    assert chosen(fay.get(listed).content.decode()) == second.name
    assert list(Company.objects.filter(books__invoices_by_two=True)) == [first]
    assert fay.get(f"{listed}?company=9999").status_code == 404
    assert chosen(fay.get(f"{listed}?company={first.pk}").content.decode()) == first.name


def test_one_company_is_no_choice(fay: Client) -> None:
    World()
    for page in PAGES:
        assert "books-of" not in fay.get(page).content.decode(), page


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "gone"},
        {"reason": "gone"},
        {"warehouse": "999999"},
        {"category": "①"},
        {"department": "999999"},
    ],
)
def test_a_rule_is_not_made_wider_than_it_was_meant(
    fay: Client,
    odd: dict[str, str],
) -> None:
    World()
    fay.get("/finance/accounts/")
    account = Account.objects.filter(is_inventory=False, archived_at=None).first()
    before = AccountRule.objects.count()
    form = {"place_kind": "customer", "account": account.pk if account else 0, **odd}
    page = fay.post("/finance/rules/new/", form)
    assert page.status_code == 422
    assert "is not there any more" in page.content.decode()
    assert AccountRule.objects.count() == before
