"""The checks before a voucher is written: each wrong thing is named with its voucher and line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from finance.handover.checker import check
from finance.handover.formats import BY_CODE, Settings
from finance.handover.voucher import Named, Voucher, VoucherLine
from tests.finance.vouchers import ALL, CHART, LOSS, RED

Change = Callable[[VoucherLine], VoucherLine]


def changed(number: int, **values: object) -> Voucher:
    """The plain voucher with one of its lines changed."""
    lines = list(LOSS.lines)
    lines[number - 1] = replace(lines[number - 1], **values)
    return replace(LOSS, lines=tuple(lines))


@pytest.mark.parametrize(
    ("voucher", "line", "code", "words"),
    [
        (changed(1, debit=Decimal("128.49")), 0, "unbalanced", "128.49"),
        (replace(LOSS, lines=LOSS.lines[:1]), 0, "lines", "1 lines"),
        (replace(LOSS, lines=LOSS.lines * 101), 0, "lines", "202"),
        (replace(LOSS, date=date(2025, 2, 1)), 0, "period", "2025-02-01"),
        (replace(LOSS, word=" "), 0, "word_missing", "word"),
        (replace(LOSS, maker=""), 0, "maker_missing", "nobody"),
        (replace(LOSS, number=0), 0, "number_missing", "number"),
        (changed(2, debit=Decimal("128.50")), 2, "sides", "Exactly one"),
        (changed(1, debit=Decimal(0)), 1, "sides", "Exactly one"),
        (changed(1, debit=Decimal("128.505")), 1, "decimals", "128.505"),
        (changed(2, quantity=Decimal(-50)), 2, "quantity_sign", "signs"),
        (changed(1, summary=" "), 1, "summary_missing", "summary"),
        (changed(1, summary="盘" * 121), 1, "summary_long", "121"),
        (changed(1, account="9999"), 1, "account_unknown", "9999"),
        (changed(1, account="14"), 1, "account_not_leaf", "14 存货"),
        (changed(1, account="220202"), 1, "auxiliary_missing", "supplier"),
        (changed(2, auxiliaries={"person": Named("P1")}), 2, "auxiliary_unwanted", "person"),
    ],
)
def test_each_wrong_thing_is_named(voucher: Voucher, line: int, code: str, words: str) -> None:
    """With the voucher, its document and the line."""
    found = [one for one in check([voucher], CHART) if one.code == code]
    assert [(one.voucher, one.line, one.reference) for one in found] == [
        (voucher.title, line, "PD20250131-003")
        if code != "number_missing"
        else (voucher.title, 0, "")
    ]
    assert words in found[0].message


def test_all_is_said_at_once() -> None:
    """Two vouchers, three mistakes, three problems; the right ones have none."""
    assert check(ALL, CHART) == []
    wrong = changed(1, account="9999", summary="")
    found = check([wrong, replace(RED, number=12, word="记")], CHART)
    assert {one.code for one in found} == {"account_unknown", "summary_missing", "number_twice"}


def test_what_gbk_lacks_is_named() -> None:
    """Character by character; UTF-8 has them all."""
    voucher = changed(1, summary="报废 𠮷 ☃ 螺栓 ☃")
    (found,) = BY_CODE["u8"].problems([voucher], CHART, Settings())
    assert (found.code, found.line) == ("not_encodable", 1)
    assert "𠮷 ☃" in found.message
    assert "GBK" in found.message
    assert BY_CODE["u8"].problems([voucher], CHART, Settings(encoding="utf-8")) == []


def test_u8_refuses_codes_it_cannot_carry() -> None:
    """A comma in a code would shift the fields after it."""
    voucher = replace(LOSS, maker="张,三")
    (found,) = BY_CODE["u8"].problems([voucher], CHART, Settings())
    assert (found.code, found.line) == ("unquotable", 0)
