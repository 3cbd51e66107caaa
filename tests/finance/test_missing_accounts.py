"""A missing account is found once and applied to everything like it; stock value and books stay equal."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from finance import journal, reclassifying, ruling
from finance.models import Account, AccountRule, JournalLine
from finance.moved import Moved
from people.access import SYSTEM, Access
from stock import verify
from tests.finance.test_journal import balance, holds
from tests.laws.world import World

D = Decimal
pytestmark = pytest.mark.django_db


def without(kind: str) -> None:
    """Take the rules of a kind of place away."""
    AccountRule.objects.filter(place_kind=kind).update(archived_at=timezone.now())


def test_one_rule_answers_everything_like_it() -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 100, unit_cost=2)
    journal.fresh(world.company.pk)
    without("customer")
    without("storage")
    sold = [world.move("sales_out", item, 4), world.move("sales_out", item, 6)]
    world.move("scrap", item, 1)
    assert balance("1999") == 20
    gaps = reclassifying.gaps(world.company.pk)
    assert [(gap.asked.place_kind, gap.asked.type, gap.count) for gap in gaps] == [
        ("customer", "sales_out", 2),
        ("storage", "sales_out", 2),
        ("storage", "scrap", 1),
    ]
    apply = {"actor": None, "access": SYSTEM}
    assert reclassifying.apply(world.company, **apply) == 0
    ruling.set_rule(world.company, "customer", Account.objects.get(code="6401"), **apply)
    raw = Account.objects.get(code="1403")
    ruling.set_rule(world.company, "storage", raw, conditions={"type": "sales_out"}, **apply)
    assert reclassifying.apply(world.company, **apply) == 2
    assert (balance("1999"), balance("6401"), balance("1403")) == (0, 20, -20)
    assert reclassifying.apply(world.company, **apply) == 0
    corrections = JournalLine.objects.filter(adjusts__isnull=False)
    assert {line.adjusts.movement_id for line in corrections} == {
        posted.movement_ids[0] for posted in sold
    }
    holds()
    world.reverse(sold[0])
    assert (balance("1999"), balance("6401"), balance("1403")) == (0, 12, -12)
    holds()
    assert verify.verify().ok


def test_a_reversal_touches_the_accounts_of_its_original() -> None:
    world = World()
    item = world.item()
    bought = world.move("purchase_in", item, 10, unit_cost=2)
    sold = world.move("sales_out", item, 4)
    changed = {"actor": None, "access": SYSTEM}
    ruling.set_rule(world.company, "customer", Account.objects.get(code="6601"), **changed)
    ruling.set_rule(world.company, "supplier", Account.objects.get(code="6602"), **changed)
    world.move("sales_return", item, 1, original=sold.movement_ids[0])
    world.move("purchase_return", item, 2, original=bought.movement_ids[0])
    assert (balance("6401"), balance("6601")) == (6, 0)
    assert (balance("220202"), balance("6602")) == (-16, 0)
    holds()


def test_a_rule_needs_the_right_and_a_fitting_account() -> None:
    world = World()
    world.move("purchase_in", world.item(), 1, unit_cost=2)
    cost, goods = Account.objects.get(code="6401"), Account.objects.get(code="1405")
    with pytest.raises(NotAllowed):
        ruling.set_rule(world.company, "customer", cost, actor=None, access=Access(None, {}))
    for kind, account in (("storage", cost), ("customer", goods)):
        with pytest.raises(DomainError, match="account that holds stock"):
            ruling.set_rule(world.company, kind, account, actor=None, access=SYSTEM)


def test_why_an_account_was_chosen() -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 1, unit_cost=2)
    general = AccountRule.objects.get(place_kind="storage", company=world.company)
    rule = ruling.set_rule(
        world.company,
        "storage",
        Account.objects.get(code="1403"),
        actor=None,
        access=SYSTEM,
        conditions={"category": world.categories["average"], "warehouse": world.main},
    )
    asked, _other = journal.ends(
        Moved(
            None,
            "purchase_in",
            item.pk,
            item.category_id,
            "supplier",
            None,
            "storage",
            world.main.pk,
            1,
            1,
            None,
            None,
            "",
            "",
            None,
            False,
        )
    )
    reason = ruling.explain(world.company, asked)
    assert (reason.rule, reason.others) == (rule, [general])


def test_corrections_of_a_closed_month_go_to_the_next() -> None:
    from stock import periods

    world = World()
    item = world.item()
    first = timezone.localdate().replace(day=1)
    earlier = timezone.now().replace(day=1, hour=0) - timedelta(days=10)
    world.move("purchase_in", item, 100, unit_cost=2, effective_at=earlier)
    journal.fresh(world.company.pk)
    without("customer")
    world.move("sales_out", item, 4, effective_at=earlier)
    changed = {"actor": None, "access": SYSTEM}
    ruling.set_rule(world.company, "customer", Account.objects.get(code="6401"), **changed)
    periods.close(world.company, earlier.date(), **changed)
    assert reclassifying.apply(world.company, **changed) == 1
    assert JournalLine.objects.latest("pk").entry.date == first
