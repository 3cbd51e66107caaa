"""The judgements on single lines: usual ones are left alone, mistakes are named with what to take instead."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from alerts.anomaly import judging, patience, repeats, robust
from alerts.anomaly.lines import (
    HOURS,
    Accepted,
    Around,
    Known,
    Limits,
    LotThere,
    Manners,
    Pack,
    Seen,
    Typed,
)

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)


def seen(quantity: float, price: float | None = None, **values: Any) -> Seen:
    """A remembered line."""
    start = {
        "key": 1, "quantity": quantity, "price": price, "partner": 7, "person": 1, "warehouse": 1,
        "source": 5, "target": 0, "department": 0, "reason": "",
    }  # fmt: skip
    return Seen(**start | values)


def typed(number: float, **values: Any) -> Typed:
    """A line as it is typed."""
    return Typed(
        **{"item": 1, "type": "sales_out", "number": number, "at": NOON, "unit": "PCS"} | values
    )


BOXES = Around(packs=[Pack("CTN", 12.0)], base_unit="PCS")
USUAL = [seen(quantity) for quantity in (80, 84, 96, 100, 102, 108, 110, 115, 120, 95)]


def codes(line: Typed, around: Around = BOXES, **known: Any) -> list[str]:
    """What is said of it."""
    return [one.code for one in judging.judge(line, around, Known(**{"item": USUAL} | known))]


@pytest.mark.parametrize("number", [70.0, 99.0, 130.0])
def test_usual_quantities_are_left_alone(number: float) -> None:
    """Nothing is said of what is usual."""
    assert codes(typed(number)) == []


def test_boxes_for_pieces() -> None:
    """1,200 pieces where 80 to 120 are usual: boxes were counted, or a digit is too many."""
    found = judging.judge(typed(1200.0), BOXES, Known(item=USUAL))
    assert [one.code for one in found] == ["unit_mistake"]
    assert found[0].suggestion is not None
    assert found[0].suggestion.value in {"100", "120"}
    assert found[0].facts["low"] == 80
    assert found[0].strength > 0.5


def test_unit_is_suggested() -> None:
    """8 pieces where about 100 are usual: 8 boxes were meant."""
    found = judging.judge(typed(8.0), BOXES, Known(item=USUAL))
    assert found[0].suggestion is not None
    assert (found[0].suggestion.field, found[0].suggestion.value) in {
        ("unit", "CTN"),
        ("quantity", "80"),
    }


def test_far_quantity_without_explanation() -> None:
    """What no usual mistake explains is still said."""
    assert codes(typed(7_000_001.0)) == ["quantity"]


def test_partner_of_his_own() -> None:
    """A customer who always takes 1,000 is judged by what he takes."""
    large = [seen(q, partner=9) for q in (1000, 1100, 950, 1000, 1050)]
    assert codes(typed(1000.0, partner=9), item=[*USUAL, *large]) == []
    assert "unit_mistake" in codes(typed(100.0, partner=9), item=[*USUAL, *large])


def test_cold_start_says_nothing() -> None:
    """With four lines of the item and none of its category there is no judgement, and it says so."""
    known = Known(item=USUAL[:4])
    assert judging.judge(typed(9_999.0), BOXES, known) == []
    assert judging.cold(typed(9_999.0), known)
    assert not judging.cold(typed(100.0), Known(item=USUAL))


def test_category_stands_in() -> None:
    """A new item is judged by its category, once that has enough lines."""
    assert codes(typed(1e7), item=[], category=USUAL * 3) == ["quantity"]


def test_source_document_decides() -> None:
    """More than the order leaves open is said; its digits transposed too; the rest of it is not."""
    assert codes(typed(500.0), Around(left=500.0)) == []
    assert codes(typed(600.0), Around(left=500.0)) == ["over_source"]
    assert codes(typed(128.0), Around(left=182.0)) == ["source_slip"]
    assert codes(typed(50.0), Around(left=500.0)) == ["source_slip"]


PRICED = [seen(100, price) for price in (10.0, 10.0, 10.1, 10.0, 9.9, 10.0, 10.0)]


@pytest.mark.parametrize(
    ("price", "code", "instead"),
    [
        (10.05, "", ""),
        (11.3, "price_mistake", "10"),
        (100.0, "price_mistake", "10"),
        (120.0, "price_mistake", "10"),
        (71.0, "price_mistake", "10"),
        (0.0, "price", "10"),
        (46.0, "price", ""),
    ],
)
def test_prices(price: float, code: str, instead: str) -> None:
    """Tax, digits, packs and currency are recognised, and what was meant is suggested."""
    around = Around(packs=[Pack("CTN", 12.0)], rates=[7.1])
    known = Known(item=PRICED, limits=Limits(spread={"price": 0.01}))
    found = judging.judge(typed(100.0, price=price), around, known)
    assert [one.code for one in found] == ([code] if code else [])
    if instead:
        assert found[0].suggestion is not None
        assert float(found[0].suggestion.value) == pytest.approx(float(instead), rel=0.02)


def test_new_names() -> None:
    """A new partner, place or warehouse is said only where new ones are rare."""
    known = {"item": USUAL * 2, "limits": Limits(fresh={"partner": 0.001, "source": 0.001})}
    assert codes(typed(100.0, partner=8), **known) == ["new_partner"]
    assert codes(typed(100.0, partner=7, source=6), **known) == ["new_source"]
    often = {"item": USUAL * 2, "limits": Limits(fresh={"partner": 0.4})}
    assert codes(typed(100.0, partner=8), **often) == []


def test_hours_and_dates() -> None:
    """Hours and dates at which nobody writes."""
    hours = [0] * HOURS
    for day in range(5):
        for hour in range(8, 18):
            hours[day * 24 + hour] = 20  # a thousand lines
    manners = Manners(hours, [0, 900, 80, 20, 0, 0, 0, 0])
    night = datetime(2026, 5, 5, 3, tzinfo=UTC)
    sunday = datetime(2026, 5, 10, 12, tzinfo=UTC)
    assert codes(typed(100.0), manners=manners) == []
    assert codes(typed(100.0, at=night), manners=manners) == ["odd_hour"]
    assert codes(typed(100.0, at=sunday), manners=manners) == ["odd_day"]
    assert codes(typed(100.0, lag=365.0), manners=manners) == ["old"]
    assert codes(typed(100.0, lag=-3.0), manners=manners) == ["future"]


def test_lots() -> None:
    """An earlier lot goes first; what arrives lives about as long as the item does."""
    lots = [LotThere("L1", date(2026, 6, 1)), LotThere("L2", date(2026, 9, 1))]
    line = typed(100.0, source=5, lot="L2", expires=date(2026, 9, 1))
    assert codes(line, Around(lots=lots)) == ["not_first"]
    first = typed(100.0, source=5, lot="L1", expires=date(2026, 6, 1))
    assert codes(first, Around(lots=lots)) == []
    arrives = typed(100.0, type="purchase_in", lot="L3", expires=date(2036, 5, 1))
    assert codes(arrives, Around(shelf_life=365)) == ["odd_expiry"]
    late = typed(100.0, type="purchase_in", lot="L3", expires=date(2026, 5, 1))
    assert codes(late, Around()) == ["arrives_expired"]


def test_what_was_accepted_is_not_said_again() -> None:
    """ "It is right" covers the same amount, not one ten times as large."""
    accepted = [Accepted("quantity", "", 7_000_001.0)]
    assert codes(typed(7_000_001.0), accepted=accepted) == []
    assert codes(typed(170_000_001.0), accepted=accepted) == ["quantity"]
    names = {"item": USUAL * 2, "limits": Limits(fresh={"partner": 0.001})}
    assert codes(typed(100.0, partner=8), accepted=[Accepted("new_partner", "8")], **names) == []


def test_patience_grows_and_fades() -> None:
    """Each acceptance lifts the limit, time lowers it again."""
    levels: patience.Levels = {}
    for _time in range(8):
        levels = patience.accepted(levels, "price", 1000)
    assert patience.lifts(levels, 1000)["price"] == pytest.approx(7.39, rel=0.01)
    assert patience.lifts(levels, 6000)["price"] < 1.01
    assert codes(typed(7_000_001.0), patience={"quantity": 99.0}) == []


def test_twins() -> None:
    """The same figures twice are strange, unless these are the figures that the items always have."""
    assert repeats.striking([([3, 9, 4, 8], 17)], partner=True)
    assert not repeats.striking([([3, 9, 4, 8], 17)], partner=False)
    assert not repeats.striking([([12, 12, 12, 12], 12), ([5, 5, 5, 5, 5], 5)], partner=True)


def test_scores_do_not_depend_on_order_or_outliers() -> None:
    """One wild line in the history does not move what is usual."""
    calm = [4.6, 4.5, 4.7, 4.6, 4.5, 4.6]
    wild = [*calm, 14.0]
    assert robust.score(9.0, wild, 0.2, 0.18) > 6
    assert robust.score(9.0, wild, 0.2, 0.18) == robust.score(9.0, wild[::-1], 0.2, 0.18)
    assert robust.score(14.0, wild, 0.2, 0.18) == 0.0
