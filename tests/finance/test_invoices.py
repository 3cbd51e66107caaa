"""Invoices settle what was received to the cent; landed costs are spread without losing one."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from finance import invoicing, landing, receipts, settled, voiding
from finance.invoice_matching import InvoiceRefused
from finance.invoicing import LineGiven
from finance.models import LandedShare, PurchaseInvoice
from people.access import SYSTEM
from stock import verify
from stock.models import CostPool, Movement, Partner
from tests.finance.test_journal import balance, holds
from tests.laws.world import World

D = Decimal
pytestmark = pytest.mark.django_db
ME = {"actor": None, "access": SYSTEM}


def supplier() -> Partner:
    return Partner.objects.create(code="SUP", name="Supplier", is_supplier=True)


def invoice(world: World, partner: Partner, *lines: LineGiven, number: str = "F-1", tax: str = "0"):
    made = invoicing.save(
        world.company,
        partner=partner,
        number=number,
        day=timezone.localdate(),
        tax=D(tax),
        lines=lines,
        **ME,
    )
    return invoicing.post(made, **ME)


def bought(world: World, item, quantity, cost, partner: Partner) -> int:
    posted = world.move("purchase_in", item, quantity, unit_cost=cost, partner=partner.pk)
    return posted.movement_ids[0]


def open_value(world: World) -> Decimal:
    return sum((one.number("open_value") for one in receipts.open_receipts(world.company.pk)), D(0))


def test_an_invoice_at_the_estimated_price_settles_the_receipt() -> None:
    world, partner = World(), supplier()
    told: list[int] = []
    settled.register(lambda postings, _actor: told.extend(postings))
    receipt = bought(world, world.item(), 10, 2, partner)
    assert (open_value(world), balance("220202")) == (20, -20)
    invoice(world, partner, LineGiven(D(8), receipt, D(4)), tax="1.04")
    assert (open_value(world), balance("220202"), balance("220201")) == (12, -12, D("-9.04"))
    assert balance("22210101") == D("1.04")
    assert told == []
    invoice(world, partner, LineGiven(D(12), receipt, D(6)), number="F-2")
    assert receipts.open_receipts(world.company.pk) == []
    assert balance("220202") == 0
    assert told == [Movement.objects.get(pk=receipt).posting_id]
    holds()


@pytest.mark.parametrize("method", ["average", "fifo", "specific", "monthly"])
def test_a_price_difference_follows_the_goods_and_what_left_is_a_variance(method: str) -> None:
    world, partner = World(), supplier()
    world.categories.setdefault("monthly", world.categories["average"])
    if method == "monthly":
        world.categories["average"].cost_method = "monthly"
        world.categories["average"].save()
    lots = method == "specific"
    item = world.item(method, "lot" if lots else "none")
    facts = {"lot": world.lot(item, "L").pk} if lots else {}
    posted = world.move("purchase_in", item, 10, unit_cost=2, partner=partner.pk, **facts)
    receipt = posted.movement_ids[0]
    world.move("sales_out", item, 4, **facts)
    done = invoice(world, partner, LineGiven(D(25), receipt, D(10)))
    line = done.lines.get()
    assert (line.estimated, line.difference, line.variance) == (20, 5, 2)
    assert CostPool.objects.get(item=item, quantity__gt=0).value == 15
    assert (balance("1404"), balance("220202"), balance("220201")) == (2, 0, -25)
    holds()
    assert verify.verify().ok
    voiding.void(done, reason="wrong supplier", **ME)
    assert (balance("1404"), balance("220202"), balance("220201")) == (0, -20, 0)
    assert open_value(world) == 20
    holds()
    invoice(world, partner, LineGiven(D(15), receipt, D(10)), number="F-3")
    assert (balance("1404"), balance("220202"), balance("220201")) == (-2, 0, -15)
    holds()
    assert verify.verify().ok


@pytest.mark.parametrize("method", ["average", "monthly", "fifo"])
def test_no_two_invoices_find_the_same_goods(method: str) -> None:
    """What is left of a pool are its newest receipts; an invoice of a part has its share of what is left."""
    world, partner = World(), supplier()
    if method == "monthly":
        world.categories["average"].cost_method = method
        world.categories["average"].save()
    item = world.item("fifo" if method == "fifo" else "average")
    first, second = (bought(world, item, 10, 2, partner) for _n in range(2))
    sold = world.move("sales_out", item, 14).movement_ids[0]
    older = invoice(world, partner, LineGiven(D(30), first, D(10)))
    parts = [
        invoice(world, partner, LineGiven(D(2 * quantity + 10), second, D(quantity)), number=number)
        for number, quantity in (("F-2", 6), ("F-3", 4))
    ]
    assert [one.lines.get().variance for one in (older, *parts)] == [10, 4, 4]
    assert CostPool.objects.get(item=item).value == 12 + 12
    holds()
    world.move("sales_return", item, 10, original=sold)
    bought(world, item, 3, 2, partner)
    fourth = bought(world, item, 2, 2, partner)
    world.move("purchase_return", item, 1, original=fourth, partner=partner.pk)
    late = invoice(world, partner, LineGiven(D(12), fourth, D(1)), number="F-4")
    assert late.lines.get().variance == 0
    assert verify.verify().ok


def test_a_return_after_the_invoice_asks_for_a_credit() -> None:
    world, partner = World(), supplier()
    item = world.item()
    receipt = bought(world, item, 10, 2, partner)
    invoice(world, partner, LineGiven(D(20), receipt, D(10)))
    world.move("purchase_return", item, 3, original=receipt, partner=partner.pk)
    assert (open_value(world), balance("220202")) == (-6, 6)
    invoice(world, partner, LineGiven(D(-6), receipt, D(-3)), number="C-1")
    assert (open_value(world), balance("220202"), balance("220201")) == (0, 0, -14)
    holds()


def test_every_bad_line_of_an_invoice_is_named() -> None:
    world, partner = World(), supplier()
    receipt = bought(world, world.item(), 10, 2, partner)
    other = Partner.objects.create(code="O", name="Other", is_supplier=True)
    theirs = bought(world, world.item(), 10, 2, other)
    with pytest.raises(InvoiceRefused) as caught:
        invoice(
            world,
            partner,
            LineGiven(D(8), receipt, D(11)),
            LineGiven(D(8), theirs, D(1)),
            LineGiven(D(8), 0, D(1)),
        )
    assert [error.line for error in caught.value.lines] == [1, 2, 3]
    PurchaseInvoice.objects.all().delete()
    invoice(world, partner, LineGiven(D(8), receipt, D(4)))
    with pytest.raises(InvoiceRefused, match="F-1"):
        invoice(world, partner, LineGiven(D(8), receipt, D(4)))


@pytest.mark.parametrize("number", ["F-1", "f-1", " Ｆ－１ "])
def test_an_invoice_is_entered_once_however_its_number_is_typed(number: str) -> None:
    world, partner = World(), supplier()
    receipt = bought(world, world.item(), 10, 2, partner)
    invoice(world, partner, LineGiven(D(8), receipt, D(4)))
    with pytest.raises(InvoiceRefused, match="already") as caught:
        invoice(world, partner, LineGiven(D(8), receipt, D(4)), number=number)
    assert (caught.value.status, balance("220201")) == (409, -8)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"number": "9" * 61}, "number"),
        ({"number": "1\u200b"}, "number"),
        ({"tax": D("-1.04")}, "tax"),
        ({"day": timezone.localdate() + timedelta(days=2)}, "date"),
    ],
)
def test_what_no_invoice_says_is_refused_before_it_is_kept(given: dict, code: str) -> None:
    """A year mistyped would book what is owed in a month that nobody looks at."""
    world, partner = World(), supplier()
    receipt = bought(world, world.item(), 10, 2, partner)
    fine = {"number": "F-1", "tax": D("1.04"), "day": timezone.localdate()}
    lines = [LineGiven(D(8), receipt, D(4))]
    with pytest.raises(InvoiceRefused) as caught:
        invoicing.save(world.company, partner=partner, lines=lines, **{**fine, **given}, **ME)
    assert caught.value.code == code
    assert not PurchaseInvoice.objects.exists()


def test_a_form_of_landed_costs_sent_again_with_other_figures_says_so() -> None:
    """Back, another amount, post: nobody is told that it is posted when it is not."""
    world, partner = World(), supplier()
    receipt = bought(world, world.item(), 10, 2, partner)
    given = {"number": "FR-1", "amount": D(10), "basis": "value", "key": str(uuid.uuid4())}

    def post(**other):
        return landing.post(world.company, movements=[receipt], **{**given, **other}, **ME)

    first = post()
    assert post() == first
    for other in ({"number": "FR-2"}, {"amount": D(99)}, {"basis": "quantity"}):
        with pytest.raises(landing.LandingRefused, match="before as FR-1") as caught:
            post(**other)
        assert caught.value.status == 409
    with pytest.raises(landing.LandingRefused, match="too long"):
        post(number="9" * 61, key=str(uuid.uuid4()))
    assert balance("220203") == -10


@pytest.mark.parametrize("basis", ["value", "quantity", "weight"])
def test_landed_costs_lose_no_cent_and_gone_goods_are_a_variance(basis: str) -> None:
    world, partner = World(), supplier()
    items = [world.item() for _n in range(3)]
    movements = [bought(world, item, n, 3, partner) for n, item in enumerate(items, 1)]
    world.move("sales_out", items[2], 3)
    cost = landing.post(
        world.company,
        number="FR-1",
        amount=D("100.00"),
        basis=basis,
        movements=movements,
        weights=dict(zip(movements, (D(1), D(2), D(3)), strict=True)),
        key=str(uuid.uuid4()),
        **ME,
    )
    shares = list(LandedShare.objects.filter(cost=cost).order_by("movement"))
    assert [share.amount for share in shares] == [D("16.67"), D("33.33"), D("50.00")]
    assert [share.variance for share in shares] == [0, 0, D("50.00")]
    assert (balance("220203"), balance("1404")) == (-100, 50)
    assert open_value(world) == 18
    holds()
    invoice(world, partner, LineGiven(D(110), landed=cost.pk), number="FREIGHT")
    assert (balance("220203"), balance("1404"), balance("220201")) == (0, 60, -110)
    assert verify.verify().ok


def test_the_age_of_what_is_open() -> None:
    world, partner = World(), supplier()
    item = world.item()
    for days in (1, 40, 100):
        world.move(
            "purchase_in",
            item,
            1,
            unit_cost=days,
            partner=partner.pk,
            effective_at=timezone.now() - timedelta(days=days),
        )
    (row,) = receipts.ageing(world.company.pk, timezone.localdate())
    assert (row.partner, row.total) == (partner.pk, 141)
    assert row.spans == (1, 40, 0, 100)
