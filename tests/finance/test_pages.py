"""The pages of finance: only who reviews postings gets in; what they do is done, what they refuse is said."""

import uuid
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from finance.models import Account, AccountRule, Closing, LandedCost, PurchaseInvoice
from people.access import SYSTEM
from people.models import Membership, Role, User
from stock import periods
from stock.models import Partner
from tests.finance.test_journal import balance
from tests.laws.world import World

pytestmark = pytest.mark.django_db
PAGES = (
    "/finance/accounts/",
    "/finance/accounts/new/",
    "/finance/rules/new/",
    "/finance/rules/why/",
    "/finance/missing/",
    "/finance/reports/not-invoiced/",
    "/finance/invoices/",
    "/finance/invoices/new/",
    "/finance/landed/",
    "/finance/landed/new/",
    "/finance/invoices/import/",
    "/finance/settings/",
    "/finance/standard-costs/",
    "/finance/standard-costs/new/",
)


def client_with(*rights: str) -> Client:
    user = User.objects.create_user("-".join(rights) or "nobody", password="x", name="Fay")
    role = Role.objects.create(code=f"r{user.pk}", name="Finance", rights=list(rights))
    Membership.objects.create(user=user, role=role, everywhere=True)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def fay() -> Client:
    return client_with("stock.view", "cost.view", "finance.review", "period.close")


def test_only_finance_gets_in(fay: Client) -> None:
    World()
    stranger = client_with("stock.view")
    for page in PAGES:
        assert fay.get(page).status_code == 200, page
        assert stranger.get(page).status_code == 403, page


def test_who_may_not_see_costs_gets_none_from_finance() -> None:
    world = World()
    month = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
    earlier = timezone.now().replace(day=1, hour=0) - timedelta(days=5)
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=Decimal("2.37"), effective_at=earlier)
    AccountRule.objects.filter(place_kind="customer").update(archived_at=timezone.now())
    world.move("sales_out", item, 4, reason="damaged")
    periods.close(world.company, month, actor=None, access=SYSTEM)
    closing = f"/finance/closings/{Closing.objects.get().pk}/"
    auditor = client_with("stock.view", "audit.view", "system.manage")
    assert auditor.get(closing).status_code == 403
    blind = client_with("stock.view", "finance.review", "period.close")
    seeing = client_with("stock.view", "cost.view", "finance.review", "period.close")
    amounts = ("reports/not-invoiced", "invoices", "invoices/new", "landed", "landed/new")
    for page in (closing, *(f"/finance/{name}/" for name in amounts)):
        assert blind.get(page).status_code == 403, page
        assert seeing.get(page).status_code == 200, page
    file = f"/finance/vouchers/{uuid.uuid4()}/file/"
    assert (blind.post(file).status_code, seeing.post(file).status_code) == (403, 404)
    reply = f"/finance/replies/{2**40}/"
    assert (blind.get(reply).status_code, seeing.get(reply).status_code) == (403, 404)
    of_month = f"/periods/{world.company.pk}/{month:%Y-%m}/"
    assert closing not in blind.get(of_month).content.decode()
    assert closing in seeing.get(of_month).content.decode()
    why = "/finance/rules/why/?place_kind=customer"
    assert seeing.get(why).status_code == 422
    rail = blind.get("/finance/").content.decode()
    assert "/finance/invoices/" not in rail
    assert "/finance/invoices/" in seeing.get("/finance/").content.decode()
    missing = "/finance/missing/"
    seen = seeing.get(missing).content.decode()
    assert "9.48" in seen
    assert "Damaged" in seen
    shown = blind.get(missing).content.decode()
    assert "Use for all like it" in shown
    assert "9.48" not in shown
    assert blind.get("/finance/?least=1000000").context["page"]["count"] == 2
    assert seeing.get("/finance/?least=1000000").context["page"]["count"] == 0


def test_a_missing_account_is_named_once(fay: Client) -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=2)
    AccountRule.objects.filter(place_kind="customer").update(archived_at=timezone.now())
    world.move("sales_out", item, 4)
    assert "Use for all like it" in fay.get("/finance/missing/").content.decode()
    stock = Account.objects.get(code="1405")
    form = {"place_kind": "customer", "account": stock.pk}
    refused = fay.post("/finance/missing/", form)
    assert refused.status_code == 422
    assert "account that holds stock" in refused.content.decode()
    form["account"] = Account.objects.get(code="6401").pk
    done = fay.post("/finance/missing/", form, follow=True).content.decode()
    assert "1 booking was corrected" in done
    assert "Every booking has its accounts" in done
    assert (balance("6401"), balance("1999")) == (8, 0)


def test_an_account_and_a_rule_are_made_and_explained(fay: Client) -> None:
    world = World()
    fay.get("/finance/accounts/")
    form = {"code": "6499", "name_zh": "样品费用", "name_en": "Samples", "kind": "expense"}
    assert fay.post("/finance/accounts/new/", form).status_code == 302
    assert fay.post("/finance/accounts/new/", form).status_code == 422
    made = Account.objects.get(code="6499")
    category = world.categories["average"]
    rule = {"place_kind": "customer", "category": category.pk, "account": made.pk}
    assert fay.post("/finance/rules/new/", rule).status_code == 302
    page = fay.get(f"/finance/rules/why/?place_kind=customer&category={category.pk}")
    assert "Samples" in page.content.decode()
    kept = AccountRule.objects.get(account=made)
    assert fay.post("/finance/rules/new/", {"drop": kept.pk}).status_code == 302
    assert not AccountRule.objects.filter(account=made, archived_at=None).exists()
    assert fay.post("/finance/rules/new/", {"place_kind": "x"}).status_code == 422


def test_an_invoice_is_entered_compared_posted_and_voided(fay: Client) -> None:
    world = World()
    partner = Partner.objects.create(code="SUP", name="Supplier", is_supplier=True)
    posted = world.move("purchase_in", world.item(), 10, unit_cost=2, partner=partner.pk)
    receipt = posted.movement_ids[0]
    assert "Supplier" in fay.get("/finance/invoices/new/").content.decode()
    form = {
        "partner": partner.pk,
        "number": "F-1",
        "date": "2026-01-05",
        "tax": "2.73",
        f"quantity.{receipt}": "10",
        f"amount.{receipt}": "x",
    }
    assert fay.post("/finance/invoices/new/", form).status_code == 422
    form[f"amount.{receipt}"] = "21"
    assert fay.post("/finance/invoices/new/", form).status_code == 302
    made = PurchaseInvoice.objects.get()
    url = f"/finance/invoices/{made.key}/"
    assert "23.73" in fay.get(url).content.decode()
    assert fay.post(url, {"do": "post", "version": "9"}).status_code == 409
    assert fay.post(url, {"do": "post", "version": made.version}).status_code == 302
    assert balance("220201") == Decimal("-23.73")
    assert fay.post(url, {"do": "void", "reason": ""}).status_code == 422
    assert fay.post(url, {"do": "void", "reason": "twice"}).status_code == 302
    assert balance("220201") == 0
    assert fay.get("/finance/invoices/?state=void").status_code == 200


def test_a_landed_cost_is_shown_before_it_is_posted(fay: Client) -> None:
    world = World()
    receipt = world.move("purchase_in", world.item(), 10, unit_cost=2).movement_ids[0]
    form = {
        "number": "FR-1",
        "amount": "5",
        "basis": "weight",
        "movement": receipt,
        "key": str(uuid.uuid4()),
        "do": "look",
    }
    refused = fay.post("/finance/landed/new/", form)
    assert refused.status_code == 422
    form["basis"] = "value"
    assert "Post the cost" in fay.post("/finance/landed/new/", form).content.decode()
    assert not LandedCost.objects.exists()
    for _twice in range(2):
        assert fay.post("/finance/landed/new/", {**form, "do": "post"}).status_code == 302
    assert LandedCost.objects.get().amount == 5
    assert "FR-1" in fay.get("/finance/landed/").content.decode()


def test_the_page_of_a_month_lists_what_is_open_and_what_was_kept(fay: Client) -> None:
    world = World()
    month = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)
    earlier = timezone.now().replace(day=1, hour=0) - timedelta(days=5)
    world.move("purchase_in", world.item(), 10, unit_cost=2, effective_at=earlier)
    url = f"/periods/{world.company.pk}/{month:%Y-%m}/"
    page = fay.get(url).content.decode()
    assert "1 entry is not reviewed" in page
    assert "1 receipt has no invoice" in page
    periods.close(world.company, month, actor=None, access=SYSTEM)
    closing = Closing.objects.get()
    assert f"/finance/closings/{closing.pk}/" in fay.get(url).content.decode()
    shown = fay.get(f"/finance/closings/{closing.pk}/").content.decode()
    assert "1405" in shown
    assert "Nothing was booked" in shown


def test_an_invoice_begins_with_the_day_of_the_company(fay: Client) -> None:
    """Whose own clock is a day ahead is not offered a day that is refused."""
    world = World()
    partner = Partner.objects.create(code="S", name="S", is_supplier=True)
    world.company.time_zone = "Etc/GMT+12"
    world.company.save()
    User.objects.update(time_zone="Pacific/Kiritimati")
    page = fay.get(f"/finance/invoices/new/?partner={partner.pk}")
    day = timezone.localdate(timezone=ZoneInfo("Etc/GMT+12")).isoformat()
    assert page.context["today"] == day
