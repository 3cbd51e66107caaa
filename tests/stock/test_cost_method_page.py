"""The page that changes a category's cost method: it shows what stays the same, keeps the reason, and asks for the right."""

from decimal import Decimal

import pytest
from django.db.models import Sum
from django.test import Client

from people.models import Membership, Role, User
from stock.models import Category, CostMethodChange, CostPool
from tests.stock.queries.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    made = make_world()
    made.buy(made.items[0], 50, "W1", unit_cost="12.34")
    return made


def client_with(*rights: str) -> Client:
    user = User.objects.create_user("-".join(rights), password="x", name="Keeper")
    role = Role.objects.create(code=f"r{user.pk}", name="R", rights=list(rights))
    Membership.objects.create(user=user, role=role, everywhere=True)
    client = Client()
    client.force_login(user)
    return client


def _worth(category: Category) -> Decimal:
    total = CostPool.objects.filter(item__category=category).aggregate(total=Sum("value"))["total"]
    return Decimal(total)


def test_a_method_is_looked_at_and_then_changed_with_its_reason(world: World) -> None:
    category = world.items[0].category
    client = client_with("master.edit", "cost.view")
    url = f"/categories/{category.pk}/method/"
    edit = client.get(f"/master/categories/{category.pk}/edit/").content.decode()
    assert f'href="{url}"' in edit
    before = _worth(category)
    typed = {"method": "fifo", "reason": "auditor asked"}
    looked = client.post(url, {**typed, "do": "look"})
    assert looked.status_code == 200
    assert looked.content.decode().count("617.00") == 2
    category.refresh_from_db()
    assert category.cost_method == "average"
    assert not CostMethodChange.objects.exists()
    assert client.post(url, {**typed, "do": "change"}).status_code == 302
    category.refresh_from_db()
    assert category.cost_method == "fifo"
    assert _worth(category) == before
    history = client.get(f"/master/categories/{category.pk}/edit/").content.decode()
    for word in ("auditor asked", "Keeper", "First in, first out"):
        assert word in history


def test_without_a_reason_or_a_right_nothing_changes(world: World) -> None:
    category = world.items[0].category
    url = f"/categories/{category.pk}/method/"
    keeper = client_with("master.edit")
    assert keeper.post(url, {"method": "fifo", "do": "change"}).status_code == 422
    assert keeper.post(url, {"method": "x", "reason": "why", "do": "change"}).status_code == 422
    looked = keeper.post(url, {"method": "fifo", "reason": "why"})
    assert looked.status_code == 200
    assert "617.00" not in looked.content.decode()
    reader = client_with("stock.view")
    assert reader.get(url).status_code == 403
    assert reader.post(url, {"method": "fifo", "reason": "w", "do": "change"}).status_code == 403
    category.refresh_from_db()
    assert category.cost_method == "average"
