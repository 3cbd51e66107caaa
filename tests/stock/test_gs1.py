"""GS1 codes read strictly: what is right is read to the last element, what is wrong is refused or no GS1."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stock import gs1
from stock.gs1 import BadCode

GS = gs1.FNC1
GTIN = "06901234567892"
TODAY = date(2026, 3, 12)


def read(text: str) -> gs1.Code | None:
    return gs1.read(text, today=TODAY)


FULL = f"01{GTIN}17260530{'10L2601'}{GS}21S-77{GS}3712"
SAME = [
    f"]C1{FULL}",
    f"]d2{FULL}",
    f"]Q3{FULL}",
    f"]e0{FULL}",
    f"{GS}{FULL}",
    f"]C1{GS}{FULL}",
    FULL,
    FULL.replace(GS, "\u241d"),
    f"(01){GTIN}(17)260530(10)L2601(21)S-77(37)12",
    f"(01) {GTIN} (17) 260530 (10) L2601 (21) S-77 (37) 12",
    f"https://id.gs1.org/01/{GTIN}/10/L2601/21/S-77?17=260530&37=12",
    "https://example.com/some/path/01/6901234567892/10/L2601/21/S-77?37=12&17=260530&lang=zh",
    "http://example.com/gtin/6901234567892/lot/L2601/ser/S-77?17=260530&37=12#top",
    f"]C1{FULL}\r\n",
]


@pytest.mark.parametrize("text", SAME)
def test_every_form_says_the_same(text: str) -> None:
    code = read(text)
    assert code is not None
    assert (code.gtin, code.lot, code.serial) == (GTIN, "L2601", "S-77")
    assert code.expires_on == date(2026, 5, 30)
    assert code.quantity == Decimal(12)


@pytest.mark.parametrize(
    ("text", "ai", "value"),
    [
        (f"]C101{GTIN}240MAKER-1{GS}241CUST/2", "240", "MAKER-1"),
        (f"]C101{GTIN}240MAKER-1{GS}241CUST/2", "241", "CUST/2"),
        (f"]C102{GTIN}3724", "37", "24"),
        (f"]C101{GTIN}3003", "30", "03"),
        (f"]C101{GTIN}3103001250", "3103", "001250"),
        (f"]d201{GTIN}21a%b&c", "21", "a%b&c"),
        (f"]C101{GTIN}11260101", "11", "260101"),
        (f"]C1{'01' + GTIN}{'3922'}1250{GS}10X", "10", "X"),
        (f"]C101{GTIN}10ABC{GS}", "10", "ABC"),
        ("https://example.com/01/06901234567892/10/L%2F26", "10", "L/26"),
    ],
)  # fmt: skip
def test_elements_are_read_whole(text: str, ai: str, value: str) -> None:
    code = read(text)
    assert code is not None
    assert dict(code.elements)[ai] == value


def test_the_number_of_a_pallet() -> None:
    sscc = "06901234567890123"
    code = read(f"]C100{sscc}{gs1.check_digit(sscc)}02{GTIN}3748")
    assert code is not None
    assert (code.gtin, code.quantity) == (GTIN, 48)


def test_the_fields_that_lines_need() -> None:
    code = read(f"]C102{GTIN}3724{GS}11260101{'240M1'}{GS}241C1")
    assert code is not None
    assert (code.gtin, code.quantity, code.additional, code.customer_part) == (GTIN, 24, "M1", "C1")
    assert code.made_on == date(2026, 1, 1)
    best_before = read(f"]C101{GTIN}15270100")
    assert best_before is not None
    assert best_before.expires_on == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("260531", date(2026, 5, 31)),
        ("260200", date(2026, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("991231", date(1999, 12, 31)),
        ("000101", date(2000, 1, 1)),
    ],
)
def test_days_take_the_nearest_century_and_00_is_the_last_of_the_month(
    text: str, day: date
) -> None:
    code = read(f"]C101{GTIN}17{text}")
    assert code is not None
    assert code.expires_on == day


@pytest.mark.parametrize(
    "text",
    [
        "]C1",
        GS,
        "]C10106901234567891",  # check digit
        f"(01){GTIN[:-1]}3",
        "https://example.com/01/06901234567893/10/L1",
        "]C10106901234567",  # cut off
        f"]C101{GTIN}17261301",  # month 13
        f"]C101{GTIN}17260230",  # 30 February
        f"]C101{GTIN}17",
        f"]C101{GTIN}10",
        f"]C101{GTIN}10{GS}21X",
        f"]C101{GTIN}10{'L' * 21}",
        f"]C101{GTIN}37A",
        f"]C101{GTIN}10中文",
        f"]C101{GTIN}10L 1",
        f"]C101{GTIN}0101",  # a second GTIN, cut off
        f"]C101{GTIN}10A{GS}10B",  # twice, differently
        f"]C101{GTIN}05123",  # no such element
        f"]C1{GTIN}",
        f"(01){GTIN}(99999)1",
        f"(05){GTIN}",
        "]C100069012345678901230",
        "]C101１２３４５６７８９０１２３４",
    ],
)
def test_what_says_that_it_is_gs1_and_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(BadCode):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "10044", "6901234567892", GTIN, f"01{GTIN[:-1]}3", "0106901234567892X" * 2, "]E06901234567892",
        "]C010044", "]Q1whatever", "https://example.com/items/3/", "https://example.com/01/abc", "https://example.com/01/",
        "(A)", "()", "(1)2", "MISS-0871", "01",
    ],
)  # fmt: skip
def test_what_does_not_say_so_is_no_gs1(text: str) -> None:
    assert read(text) is None


def test_the_same_value_twice_is_said_once() -> None:
    code = read(f"]C101{GTIN}10A{GS}01{GTIN}")
    assert code is not None
    assert code.elements == (("01", GTIN), ("10", "A"))


@pytest.mark.parametrize(
    ("gtin", "forms"),
    [
        ("06901234567892", ["06901234567892", "6901234567892"]),
        ("6901234567892", ["06901234567892", "6901234567892"]),
        ("00012345678905", ["00012345678905", "0012345678905", "012345678905"]),
        ("16901234567899", ["16901234567899"]),
        ("00000096385074", ["00000096385074", "0000096385074", "000096385074", "96385074"]),
    ],
)
def test_a_gtin_has_several_lengths(gtin: str, forms: list[str]) -> None:
    assert gs1.forms(gtin) == forms
    assert all(gs1.is_gtin(form) for form in forms)


@given(
    st.text("0123456789", min_size=7, max_size=13).filter(lambda text: len(text) in {7, 11, 12, 13})
)
def test_one_wrong_digit_is_always_noticed(digits: str) -> None:
    right = digits + gs1.check_digit(digits)
    assert gs1.is_gtin(right)
    for place, digit in enumerate(right):
        for other in "0123456789":
            if other != digit:
                assert not gs1.is_gtin(right[:place] + other + right[place + 1 :])


@given(
    st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=20),
    st.integers(1, 99_999_999),
)
def test_what_is_written_is_read(lot: str, count: int) -> None:
    for text in (f"]C101{GTIN}37{count}{GS}10{lot}", f"(01){GTIN}(37){count}(10){lot}"):
        code = read(text)
        assert code is not None
        assert (code.lot, code.quantity) == (lot, count)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    for prefix in ("", "]C1", f"(01){GTIN}", "https://x/01/"):
        try:
            gs1.read(prefix + text)
        except BadCode:
            continue
