"""Single cells: exact, or refused in words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.errors import DomainError
from intake import values
from intake.sheet import Cell

SHANGHAI = ZoneInfo("Asia/Shanghai")
EIGHT_HERE = datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001 - a cell has no zone
EIGHT = datetime(2010, 12, 1, 0, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        "2010-12-01 08:26:00",
        "2010/12/1 8:26",
        "2010年12月1日 8:26",
        "2010-12-01T08:26",
        "2010-12-01T00:26:00Z",
        "2010-12-01 08:26+08:00",
        EIGHT_HERE,
        Decimal("40513.351388888889"),
        "40513.351388888889",
    ],
)
def test_one_moment_written_in_many_ways(cell: Cell) -> None:
    assert values.moment(cell, SHANGHAI) == EIGHT


@pytest.mark.parametrize(
    "cell", ["2013-08-31", "20130831", "2013.8.31", date(2013, 8, 31), "31/8/2013", "8/31/2013"]
)
def test_a_day_begins_at_local_midnight(cell: Cell) -> None:
    assert values.moment(cell, SHANGHAI) == datetime(2013, 8, 30, 16, tzinfo=UTC)
    assert values.day(cell) == date(2013, 8, 31)


@pytest.mark.parametrize(
    "cell", ["3/4/2013", "2013-02-30", "soon", "12345", Decimal(99999), "2013-13-01"]
)
def test_what_is_no_date_or_may_be_two_is_refused(cell: Cell) -> None:
    with pytest.raises(DomainError):
        values.moment(cell, SHANGHAI)


def test_blank_is_no_date_and_not_zero() -> None:
    assert values.moment("", SHANGHAI) is None
    assert values.unit_cost("") is None
    with pytest.raises(DomainError, match="missing"):
        values.quantity("")


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234.5", "1234.5"), ("－3", "-3"), (Decimal("0.3"), "0.3"), ("１２", "12")],
)
def test_quantities(cell: Cell, number: str) -> None:
    assert values.quantity(cell) == Decimal(number)


@pytest.mark.parametrize("cell", ["nan", "1e3", "0.0000001", "12 boxes", "1,2"])
def test_what_is_no_quantity_is_refused(cell: Cell) -> None:
    with pytest.raises(DomainError):
        values.quantity(cell)


def test_codes_that_became_numbers() -> None:
    assert values.code("17850.0") == "17850"
    assert values.code(Decimal("123.0")) == "123"
    assert values.code("00123") == "00123"
    assert values.code("1.10") == "1.10"
