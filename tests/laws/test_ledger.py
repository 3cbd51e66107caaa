"""Every rule of one posting: what is refused, with which code, and what each type is worth."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.errors import DomainError
from people.access import combine
from stock import cost_methods, ledger, movement_types, periods, place_kinds, reservations
from stock.errors import KeyReused, PeriodRefused, PostingRefused
from stock.models import Balance, CostLayer, CostPool, Lot, Movement, Partner, Place, Posting
from tests.laws.world import D, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def codes(error: pytest.ExceptionInfo[PostingRefused]) -> list[tuple[int, str]]:
    return [(line.line, line.code) for line in error.value.lines]


def pool(item, **where) -> tuple[Decimal, Decimal]:
    row = CostPool.objects.get(item=item, **where)
    return row.quantity, row.value


def test_every_bad_line_is_named_at_once(world):
    item, lotted = world.item(), world.item(tracking="lot")
    world.move("purchase_in", item, 5, unit_cost=2)
    with pytest.raises(PostingRefused) as error:
        world.post(
            world.line("sales_out", item, 6),
            world.line("sales_out", item, 1),
            world.line("sales_out", lotted, 1),
            world.line("sales_out", item, 1, target=world.virtual["supplier"]),
            world.line(
                "other_out", item, 1, source=world.place(), target=world.virtual["adjustment"]
            ),
            world.line("sales_out", item, 0),
        )
    assert codes(error) == [
        (1, "short"),
        (3, "lot_required"),
        (4, "route"),
        (5, "reason_required"),
        (6, "quantity"),
    ]
    short = error.value.lines[0].data
    assert (short["item"], short["wanted"], short["available"]) == (item.code, "6", "5")
    assert Posting.objects.count() == 1


def test_a_line_that_cannot_be_read_does_not_shift_the_others(world):
    item = world.item()
    with pytest.raises(PostingRefused) as error:
        world.post(
            world.line("teleport", item, 1),
            world.line("sales_out", item, "0.0000001"),
            world.line("sales_out", item, 3),
        )
    assert codes(error) == [(1, "unknown_type"), (2, "number"), (3, "short")]


def test_one_lot_twice_in_one_document_is_counted_together(world):
    item = world.item(tracking="lot")
    lot = world.lot(item, "L1").pk
    world.move("purchase_in", item, 100, lot=lot)
    with pytest.raises(PostingRefused) as error:
        world.post(
            world.line("sales_out", item, 100, lot=lot), world.line("sales_out", item, 20, lot=lot)
        )
    assert codes(error) == [(2, "short")]


def test_every_type_joins_only_its_kinds_of_place(world):
    item = world.item()
    places = {p.kind: p.pk for p in Place.objects.filter(company=world.company, warehouse=None)}
    places |= {
        kind: world.place(kind=kind) for kind in ("storage", "quarantine", "transit", "repair")
    }
    checked = 0
    for kind in movement_types.MOVEMENT_TYPES:
        wrong = [
            ends
            for ends in product(place_kinds.BY_CODE, repeat=2)
            if not kind.allows(*ends) and ends[0] != ends[1]
        ]
        lines = [
            world.line(
                kind.code,
                item,
                0 if kind.value_only else 1,
                source=places[source],
                target=places[target],
                reason="other",
                cost_object="X",
                value=1 if kind.value_only else None,
            )
            for source, target in wrong
        ]
        plan = ledger.preview(lines, company=world.company, actor=None, access=world_access())
        refused = {error.line for error in plan.errors if error.code == "route"}
        assert refused == set(range(1, len(lines) + 1)), kind.code
        checked += len(lines)
    assert checked > 3_000


def world_access():
    from people.access import SYSTEM

    return SYSTEM


def test_average_takes_the_rest_when_the_pool_is_emptied(world):
    item = world.item()
    for cost in ("1.00", "1.00", "1.01"):
        world.move("purchase_in", item, 1, unit_cost=cost)
    world.move("sales_out", item, 1)
    world.move("sales_out", item, 1)
    world.move("sales_out", item, 1)
    values = Movement.objects.filter(item=item, type="sales_out").values_list("value", flat=True)
    assert sum(values) == D("3.01")
    assert pool(item) == (0, 0)


def test_fifo_takes_the_oldest_layers(world):
    item = world.item("fifo")
    world.move("purchase_in", item, 10, unit_cost=1)
    world.move("purchase_in", item, 10, unit_cost=2)
    posted = world.move("sales_out", item, 15)
    assert Movement.objects.get(posting=posted.posting_id).value == 20
    assert pool(item) == (5, 10)


def test_specific_cost_is_kept_per_lot(world):
    item = world.item("specific", "lot")
    cheap, dear = world.lot(item, "C").pk, world.lot(item, "D").pk
    world.move("purchase_in", item, 5, lot=cheap, unit_cost=1)
    world.move("purchase_in", item, 5, lot=dear, unit_cost=9)
    posted = world.move("sales_out", item, 2, lot=dear)
    assert Movement.objects.get(posting=posted.posting_id).value == 18


def test_a_return_takes_the_cost_of_what_it_returns(world):
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=1)
    sold = world.move("sales_out", item, 4)
    world.move("purchase_in", item, 10, unit_cost=5)
    back = world.move("sales_return", item, 4, original=sold.movement_ids[0])
    assert Movement.objects.get(posting=back.posting_id).value == 4
    with pytest.raises(PostingRefused) as error:
        world.move("sales_return", item, 1, original=sold.movement_ids[0])
    assert codes(error) == [(1, "returned_too_much")]


def test_the_last_return_takes_the_last_cent(world):
    item = world.item()
    world.move("purchase_in", item, 3, value="10.00")
    sold = world.move("sales_out", item, 3)
    values = [
        Movement.objects.get(
            posting=world.move("sales_return", item, 1, original=sold.movement_ids[0]).posting_id
        ).value
        for _ in range(3)
    ]
    assert sum(values) == 10


def test_a_return_that_would_leave_value_behind_settles_it(world):
    item = world.item()
    first = world.move("purchase_in", item, 1, unit_cost=100)
    world.move("purchase_in", item, 1, unit_cost=200)
    world.move("sales_out", item, 1)
    posted = world.move("purchase_return", item, 1, original=first.movement_ids[0])
    rows = Movement.objects.filter(posting=posted.posting_id).order_by("line")
    assert [(row.type, row.value) for row in rows] == [("purchase_return", 100), ("settlement", 50)]
    assert rows[1].original_id == rows[0].pk
    assert pool(item) == (0, 0)


def test_below_zero_needs_the_right_and_a_reason_and_is_settled(world):
    item = world.item()
    world.move("purchase_in", item, 5, unit_cost=2)
    nobody = combine(1, [(["stock.view"], True, [])])
    for access, override in ((nobody, "urgent"), (world_access(), "")):
        with pytest.raises(PostingRefused) as error:
            world.move("sales_out", item, 8, access=access, override=override)
        assert codes(error) == [(1, "short")]
    world.move("sales_out", item, 8, override="urgent")
    assert pool(item) == (-3, -6)
    posted = world.move("purchase_in", item, 5, unit_cost=4)
    assert pool(item) == (2, 8)
    settled = Movement.objects.get(posting=posted.posting_id, type="settlement")
    assert settled.value == 6


def test_expired_lots_stay_without_right_and_reason(world):
    item = world.item(tracking="lot")
    lot = world.lot(item, "OLD", expires_on=timezone.localdate() - timedelta(days=1)).pk
    world.move("purchase_in", item, 5, lot=lot)
    with pytest.raises(PostingRefused) as error:
        world.move("sales_out", item, 1, lot=lot)
    assert codes(error) == [(1, "lot_expired")]
    nobody = combine(1, [(["stock.view"], True, [])])
    with pytest.raises(PostingRefused):
        world.move("sales_out", item, 1, lot=lot, access=nobody, accept_expired="sample")
    world.move("scrap", item, 1, lot=lot)
    world.move("sales_out", item, 1, lot=lot, accept_expired="sample")


def test_a_serial_number_is_in_one_place_at_most(world):
    item = world.item(tracking="serial")
    one = world.lot(item, "S1").pk
    world.move("purchase_in", item, 1, lot=one)
    with pytest.raises(PostingRefused) as error:
        world.move("purchase_in", item, 1, lot=one)
    assert codes(error) == [(1, "serial")]
    with pytest.raises(PostingRefused) as error:
        world.move("purchase_in", item, 2, lot=world.lot(item, "S2").pk)
    assert codes(error) == [(1, "serial_quantity")]
    world.move("bin_move", item, 1, lot=one)
    world.move("transfer", item, 1, lot=one, source=world.bin)
    assert Balance.objects.get(lot=one, on_hand=1).place_id == world.place(world.other)
    with pytest.raises(DatabaseError), transaction.atomic():
        Balance.objects.filter(lot=one, place_id=world.place()).update(on_hand=D(1))


def test_a_late_issue_is_checked_against_every_later_moment(world):
    item = world.item()
    now = timezone.now()
    world.move("purchase_in", item, 10, effective_at=now - timedelta(hours=9))
    world.move("sales_out", item, 8, effective_at=now - timedelta(hours=5))
    world.move("purchase_in", item, 8, effective_at=now - timedelta(hours=1))
    with pytest.raises(PostingRefused) as error:
        world.move("sales_out", item, 3, effective_at=now - timedelta(hours=7))
    assert codes(error) == [(1, "short")]
    assert error.value.lines[0].data["available"] == "2"
    world.move("sales_out", item, 2, effective_at=now - timedelta(hours=7))


def test_nothing_is_posted_in_the_future_or_without_the_right_in_the_past(world):
    item = world.item()
    with pytest.raises(PostingRefused) as error:
        world.move("purchase_in", item, 1, effective_at=timezone.now() + timedelta(hours=1))
    assert codes(error) == [(0, "future")]
    clerk = combine(1, [(["stock.view", "document.execute"], True, [])])
    with pytest.raises(PostingRefused) as error:
        world.move(
            "purchase_in", item, 1, effective_at=timezone.now() - timedelta(days=2), access=clerk
        )
    assert codes(error) == [(0, "backdate_not_allowed")]


def test_a_closed_period_refuses_and_so_does_every_month_before_it(world):
    item = world.item()
    today = timezone.localdate()
    last = today.replace(day=1) - timedelta(days=1)
    before = last.replace(day=1) - timedelta(days=1)
    with pytest.raises(PeriodRefused):
        periods.close(world.company, today, actor=None, access=world_access())
    periods.close(world.company, last, actor=None, access=world_access())
    for day in (last, before):
        at = datetime(day.year, day.month, 15, 12, tzinfo=timezone.get_current_timezone())
        with pytest.raises(PostingRefused) as error:
            world.move("purchase_in", item, 1, effective_at=at)
        assert codes(error) == [(0, "closed_period")]
    with pytest.raises(PeriodRefused):
        periods.reopen(world.company, last, actor=None, access=world_access(), reason=" ")
    periods.reopen(world.company, last, actor=None, access=world_access(), reason="late invoice")
    at = datetime(last.year, last.month, 15, 12, tzinfo=timezone.get_current_timezone())
    world.move("purchase_in", item, 1, effective_at=at)


def test_the_same_key_posts_once_and_another_body_is_refused(world):
    item = world.item()
    first = world.move("purchase_in", item, 3, unit_cost=1, key="k")
    again = world.move("purchase_in", item, 3, unit_cost=1, key="k")
    assert (again.created, again.posting_id, again.movement_ids) == (
        False,
        first.posting_id,
        first.movement_ids,
    )
    with pytest.raises(KeyReused):
        world.move("purchase_in", item, 4, unit_cost=1, key="k")
    assert Balance.objects.get(item=item).on_hand == 3


def test_a_reversal_is_the_mirror_and_happens_once(world):
    item = world.item("fifo")
    first = world.post(
        world.line("purchase_in", item, 3, unit_cost=1),
        world.line("purchase_in", item, 4, unit_cost=2),
    )
    with pytest.raises(PostingRefused) as error:
        world.reverse(first, why=" ")
    assert error.value.code == "reason_required"
    world.reverse(first, lines=[2])
    assert pool(item) == (3, 3)
    with pytest.raises(PostingRefused) as error:
        world.reverse(first)
    assert "reversed_already" in {code for _line, code in codes(error)}
    reversal = world.reverse(first, lines=[1])
    assert pool(item) == (0, 0)
    assert not CostLayer.objects.filter(pool__item=item, quantity__gt=0).exists()
    with pytest.raises(PostingRefused) as error:
        world.reverse(reversal)
    assert codes(error) == [(1, "is_reversal")]


def test_what_was_returned_cannot_be_reversed_under_the_return(world):
    item = world.item()
    world.move("purchase_in", item, 5, unit_cost=1)
    sold = world.move("sales_out", item, 2)
    back = world.move("sales_return", item, 1, original=sold.movement_ids[0])
    with pytest.raises(PostingRefused) as error:
        world.reverse(sold)
    assert codes(error) == [(1, "has_successors")]
    world.reverse(back)
    world.reverse(sold)
    assert pool(item) == (5, 5)


def test_goods_in_transit_keep_their_value_per_shipment(world):
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=1)
    with pytest.raises(PostingRefused) as error:
        world.move("transfer_out", item, 2)
    assert codes(error) == [(1, "shipment_required")]
    world.move("transfer_out", item, 2, cost_object="S1")
    world.move("purchase_in", item, 8, unit_cost=3)
    world.move("transfer_out", item, 2, cost_object="S2")
    assert pool(item, shipment="S1") == (2, 2)
    assert pool(item, shipment="S2") == (2, 4)
    world.move("transfer_in", item, 2, cost_object="S1")
    assert pool(item, area=world.other.area, shipment="") == (2, 2)


def test_outputs_of_an_assembly_share_exactly_the_value_of_its_inputs(world):
    wheel, frame, cart, rest = (world.item() for _ in range(4))
    world.move("purchase_in", wheel, 10, value="33.33")
    world.move("purchase_in", frame, 1, value="10.00")
    here, there = world.place(), world.virtual["conversion"]
    posted = world.post(
        world.line("assembly", wheel, 10, source=here, target=there),
        world.line("assembly", frame, 1, source=here, target=there),
        world.line("assembly", cart, 2, source=there, target=here, unit_cost=20),
        world.line("assembly", rest, 1, source=there, target=here, unit_cost=1),
    )
    values = Movement.objects.filter(posting=posted.posting_id).order_by("line")
    assert (
        sum(row.value for row in values[:2]) == sum(row.value for row in values[2:]) == D("43.33")
    )
    with pytest.raises(PostingRefused) as error:
        world.move("assembly", cart, 1, source=here, target=there)
    assert codes(error) == [(1, "conversion_incomplete")]


def test_what_outputs_are_worth_is_not_rounded_before_it_is_shared(world):
    """Four decimals would make two weights of a millionth and of three equal."""
    wheel, small, large = (world.item() for _ in range(3))
    world.move("purchase_in", wheel, 1, value="1.00")
    here, there = world.place(), world.virtual["conversion"]
    posted = world.post(
        world.line("assembly", wheel, 1, source=here, target=there),
        world.line("assembly", small, "0.000001", source=there, target=here, unit_cost=1),
        world.line("assembly", large, "0.000001", source=there, target=here, unit_cost=3),
    )
    values = Movement.objects.filter(posting=posted.posting_id).order_by("line")
    assert [row.value for row in values] == [D("1.00"), D("0.25"), D("0.75")]


def test_goods_of_others_are_corrected_but_not_mixed_into_ours(world):
    item = world.item(tracking="lot")
    wrong, right = world.lot(item, "O-1").pk, world.lot(item, "O-I").pk
    owner = Partner.objects.create(code="OWN", name="Owner", is_supplier=True).pk
    world.move("purchase_in", item, 5, lot=wrong, owner=owner)
    world.move("purchase_in", item, 5, lot=wrong, unit_cost=2)
    here, there = world.place(), world.virtual["conversion"]

    def correct(owner_in, owner_out):
        world.post(
            world.line(
                "lot_correction", item, 5, lot=wrong, source=here, target=there, owner=owner_in
            ),
            world.line(
                "lot_correction", item, 5, lot=right, source=there, target=here, owner=owner_out
            ),
        )

    with pytest.raises(PostingRefused) as error:
        correct(0, owner)
    assert codes(error) == [(2, "conversion_owners")]
    correct(owner, owner)
    assert Balance.objects.get(lot=right, owner=owner).on_hand == 5
    assert pool(item) == (5, 10)


def test_a_lot_correction_keeps_the_quantity(world):
    item = world.item(tracking="lot")
    wrong, right = world.lot(item, "L-1").pk, world.lot(item, "L-I").pk
    world.move("purchase_in", item, 5, lot=wrong, unit_cost=2)
    here, there = world.place(), world.virtual["conversion"]
    out = world.line("lot_correction", item, 5, lot=wrong, source=here, target=there)
    with pytest.raises(PostingRefused) as error:
        world.post(out, world.line("lot_correction", item, 4, lot=right, source=there, target=here))
    assert codes(error) == [(2, "lot_correction_unequal")]
    world.post(out, world.line("lot_correction", item, 5, lot=right, source=there, target=here))
    assert pool(item) == (5, 10)
    assert Balance.objects.get(lot=right).on_hand == 5


def test_revaluation_moves_value_without_quantity(world):
    item = world.item("fifo")
    up = {"source": world.virtual["revaluation"], "target": world.place()}
    with pytest.raises(PostingRefused) as error:
        world.move("revaluation", item, 0, value=5, **up)
    assert codes(error) == [(1, "no_stock_to_value")]
    world.move("purchase_in", item, 1, unit_cost=1)
    world.move("purchase_in", item, 2, unit_cost=1)
    world.move("revaluation", item, 0, value="0.10", **up)
    assert pool(item) == (3, D("3.10"))
    layers = (
        CostLayer.objects.filter(pool__item=item).order_by("pk").values_list("value", flat=True)
    )
    assert list(layers) == [D("1.03"), D("2.07")]


def test_goods_of_others_carry_no_value(world):
    item = world.item()
    owner = Partner.objects.create(code="OWN", name="Owner", is_supplier=True)
    world.move("purchase_in", item, 10, unit_cost=9, owner=owner.pk)
    assert not CostPool.objects.filter(item=item).exclude(value=0).exists()
    with pytest.raises(PostingRefused):
        world.move("sales_out", item, 1)
    world.move("sales_out", item, 1, owner=owner.pk)


def test_the_preview_is_what_is_posted(world):
    item = world.item()
    world.move("purchase_in", item, 3, value="10.00")
    lines = [world.line("sales_out", item, 1), world.line("sales_out", item, 2)]
    plan = ledger.preview(lines, company=world.company, actor=None, access=world_access())
    posted = world.post(*lines)
    rows = Movement.objects.filter(posting=posted.posting_id).order_by("line")
    assert [m.value for m in plan.movements] == [int(row.value * 10_000) for row in rows]


@pytest.mark.parametrize(
    "table", ["stock_posting", "stock_movement", "stock_seal", "stock_sealedposting"]
)
def test_the_book_cannot_be_changed(world, table):
    from stock import sealing

    world.move("purchase_in", world.item(), 1)
    sealing.seal()
    column = "number" if table == "stock_seal" else "posting_id" if "sealed" in table else "id"
    statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if connection.vendor == "postgresql":
        statements.append(f"TRUNCATE {table} CASCADE")
    else:
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_what_the_book_leans_on_cannot_be_taken_away(world):
    item = world.item(tracking="lot")
    lot = world.lot(item, "L")
    world.move("purchase_in", item, 1, lot=lot.pk)
    statements = [
        f"DELETE FROM stock_lot WHERE id = {lot.pk}",
        f"UPDATE stock_item SET tracking = 'none' WHERE id = {item.pk}",
        f"DELETE FROM stock_place WHERE id = {world.virtual['supplier']}",
    ]
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_values_are_rounded_once_to_the_currency(world):
    world.company.currency_places = 0
    world.company.save()
    item = world.item()
    posted = world.move("purchase_in", item, 3, unit_cost="33.35")
    assert Movement.objects.get(posting=posted.posting_id).value == 100


def test_nothing_is_left_of_a_refused_posting(world):
    item = world.item()
    lots = Lot.objects.count()
    with pytest.raises(PostingRefused):
        world.move("sales_out", item, 1, key=uuid.uuid4().hex)
    assert not Posting.objects.exists()
    assert not Balance.objects.filter(item=item).exists()
    assert not CostPool.objects.filter(item=item).exists()
    assert Lot.objects.count() == lots


def test_a_return_goes_back_the_way_its_original_came(world):
    item, other = world.item(), world.item()
    lotted = world.item(tracking="lot")
    one, two = world.lot(lotted, "R1").pk, world.lot(lotted, "R2").pk
    owner = Partner.objects.create(code="OWN", name="Owner", is_supplier=True).pk
    bought = world.move("purchase_in", item, 5, unit_cost=1).movement_ids[0]
    world.move("purchase_in", other, 5, unit_cost=1)
    world.move("purchase_in", lotted, 5, lot=one, unit_cost=1)
    sold = world.move("sales_out", lotted, 1, lot=one).movement_ids[0]
    world.move("purchase_in", item, 5, owner=owner)
    theirs = world.move("sales_out", item, 2, owner=owner).movement_ids[0]
    for kind, goods, facts in (
        ("sales_return", item, {"original": bought}),
        ("purchase_return", other, {"original": bought}),
        ("sales_return", lotted, {"lot": two, "original": sold}),
        ("sales_return", item, {"original": theirs}),
    ):
        with pytest.raises(PostingRefused) as error:
            world.move(kind, goods, 1, **facts)
        assert codes(error) == [(1, "other_original")]
    world.move("sales_return", item, 2, owner=owner, original=theirs)
    with pytest.raises(PostingRefused) as error:
        world.move("sales_return", item, 1, owner=owner, original=theirs)
    assert codes(error) == [(1, "returned_too_much")]


def test_value_stays_away_from_goods_of_others(world):
    item, other = world.item(), world.item()
    owner = Partner.objects.create(code="OWN", name="Owner", is_supplier=True).pk
    up = {"source": world.virtual["revaluation"], "target": world.place()}
    world.move("purchase_in", item, 5, owner=owner)
    with pytest.raises(PostingRefused) as error:
        world.move("revaluation", item, 0, value=5, owner=owner, **up)
    assert codes(error) == [(1, "value")]
    bought = world.move("purchase_in", other, 5, unit_cost=1).movement_ids[0]
    world.move("purchase_in", item, 5, unit_cost=1)
    with pytest.raises(PostingRefused) as error:
        world.move(
            "landed_cost",
            item,
            0,
            value=5,
            original=bought,
            source=world.virtual["supplier"],
            target=world.place(),
        )
    assert codes(error) == [(1, "other_original")]


def test_out_of_transit_comes_what_was_sent_under_the_same_shipment(world):
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=1)
    world.move("transfer_out", item, 2, cost_object="S1")
    world.move("transfer_out", item, 5, cost_object="S2")
    with pytest.raises(PostingRefused) as error:
        world.move("transfer_in", item, 3, cost_object="S1")
    assert codes(error) == [(1, "short")]
    assert error.value.lines[0].data["available"] == "2"
    world.move("transfer_in", item, 2, cost_object="S1")


def test_a_conversion_is_reversed_whole(world):
    wheel, cart = world.item(), world.item()
    world.move("purchase_in", wheel, 10, value="33.33")
    here, there = world.place(), world.virtual["conversion"]
    posted = world.post(
        world.line("assembly", wheel, 10, source=here, target=there),
        world.line("assembly", cart, 2, source=there, target=here),
    )
    with pytest.raises(PostingRefused) as error:
        world.reverse(posted, lines=[1])
    assert error.value.code == "conversion_incomplete"
    world.reverse(posted, lines=[1, 2])
    assert pool(wheel) == (10, D("33.33"))


def test_a_serial_number_may_leave_and_come_back_in_one_document(world):
    item = world.item(tracking="serial")
    one = world.lot(item, "S1").pk
    world.move("purchase_in", item, 1, lot=one)
    world.post(
        world.line("sales_out", item, 1, lot=one),
        world.line("sales_return", item, 1, lot=one, target=world.place(kind="quarantine")),
    )
    assert Balance.objects.get(lot=one, on_hand=1).place.kind == "quarantine"


def test_stock_below_zero_is_not_a_promise(world):
    """Nothing is promised any more, so nothing is refused for others, and nothing is looked for forever."""
    item = world.item()
    world.move("purchase_in", item, 2, unit_cost=1)
    world.promise(item, 1)
    reservations.release(reference="SO", access=world_access())
    world.move("sales_out", item, 4, override="urgent")
    world.move("purchase_in", item, 1, unit_cost=1, target=world.bin)
    world.move("sales_out", item, 1, source=world.bin)


def test_a_promise_is_used_by_its_own_goods_only_and_ends_once(world):
    item, other = world.item(), world.item()
    for goods in (item, other):
        world.move("purchase_in", goods, 5, unit_cost=1)
    (promise,) = world.promise(item, 2)
    world.promise(other, 1, reference="ELSE")
    with pytest.raises(PostingRefused) as error:
        world.move("sales_out", other, 1, reservation=promise.pk)
    assert codes(error) == [(1, "other_reservation")]
    world.move("sales_out", item, 1, reservation=promise.pk)
    promise.refresh_from_db()
    assert (promise.remaining, promise.state) == (1, "active")
    reservations.release(reference="SO", access=world_access())
    world.move("sales_out", item, 1, reservation=promise.pk)
    promise.refresh_from_db()
    assert promise.state == "released"


def test_a_method_does_not_change_while_a_lot_is_below_zero(world):
    item = world.item(tracking="lot")
    plenty, short = world.lot(item, "P").pk, world.lot(item, "N").pk
    world.move("purchase_in", item, 5, lot=plenty, unit_cost=1)
    world.move("sales_out", item, 1, lot=short, override="urgent")
    with pytest.raises(DomainError) as error:
        cost_methods.change_method(item.category, "specific", actor=None, access=world_access())
    assert error.value.code == "below_zero"
