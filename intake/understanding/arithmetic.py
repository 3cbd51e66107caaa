"""Settles by what adds up which columns of numbers are meant, where headers leave it open and every row agrees.

Opening + in - out = closing tells that a column is one of several kinds of goods in or out; quantity x price = amount
tells which of several numbers is the quantity; came = kept + scrapped tells that what was scrapped had not been in stock.
Nothing is settled by fewer than two rows, or against any of them.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from intake.reading.grid import Raw
from intake.understanding import numbers
from intake.understanding.checks import slack
from intake.understanding.dictionary import OF_THE_PERIOD, movement_words
from intake.understanding.fields import Kind
from intake.understanding.mapping import Guess
from intake.understanding.words import full_key, header_key

_NONE = Decimal(0)
_ENOUGH = 2
_SUMS = ("累计", "合计", "小计", "总", "total", "ytd", "cumulative")
_OUT = frozenset(
    {"purchase_return", "sales_out", "production_issue", "department_issue", "repair_out", "transfer_out", "stocktake_loss", "scrap", "other_out", "-"}
)  # fmt: skip
_IN = frozenset(
    {"purchase_in", "sales_return", "production_return", "production_receipt", "repair_in", "transfer_in", "stocktake_gain", "other_in", "+"}
)  # fmt: skip
_SPOILT = ("报废", "报损", "损耗", "损坏", "不合格", "次品", "scrap", "reject", "damage")
_PRICES = ("unit_price", "price_taxed", "purchase_price")
_AMOUNTS = ("amount", "amount_taxed")
_SURE = 0.95
Cells = Sequence[Raw]


def settle(guesses: Sequence[Guess], rows: Sequence[Cells]) -> None:
    """Settle what the rows prove."""
    _flows(guesses, rows)
    _quantity(guesses, rows)
    _came(guesses, rows)


def _flows(guesses: Sequence[Guess], rows: Sequence[Cells]) -> None:
    """Several kinds of goods in and out between an opening and a closing balance, each with its own name."""
    opening, balance = _of(guesses, "opening"), _of(guesses, "balance")
    if opening is None or balance is None:
        return
    ways = {"quantity_in": 1, "quantity_out": -1}
    known = [(one, one.column.field) for one in guesses if one.column.field in ways]
    free = [one for one in guesses if not one.column.field and len(one.layers) == 1]
    extra = [(one, way) for one in free if (way := _way(one))]
    if not extra or any(len(one.layers) > 1 for one, _way in known):
        return

    def fits(columns: list[tuple[Guess, str]]) -> Callable[[Cells], bool]:
        def row(cells: Cells) -> bool:
            sums = sum((ways[way] * _number(cells, one) for one, way in columns), _NONE)
            return _number(cells, opening) + sums == _number(cells, balance)

        return row

    told = [cells for cells in rows if _filled(cells, balance)]
    if len(told) < _ENOUGH or all(map(fits(known), told)):
        return
    if all(map(fits([*known, *extra]), told)):
        for one, way in [*known, *extra]:
            _take(one, f"{way}[{one.layers[-1]}]")


def _way(one: Guess) -> str:
    """quantity_in or quantity_out, if a header is one kind of them; "" else."""
    key = header_key(one.layers[-1])
    if any(word in key for word in _SUMS) or one.profile.pure_number < 0.5:
        return ""
    top = one.column.candidates[0][0] if one.column.candidates else ""
    if top in {"quantity_in", "quantity_out"}:
        return top
    if key.startswith(OF_THE_PERIOD):
        key = key[2:]
    code = movement_words().get(full_key(key), "")
    return "quantity_out" if code in _OUT else "quantity_in" if code in _IN else ""


def _quantity(guesses: Sequence[Guess], rows: Sequence[Cells]) -> None:
    """The number that makes the amount with the price is the quantity; what stood for it counts packages beside it."""
    price = next((one for code in _PRICES if (one := _of(guesses, code))), None)
    amount = next((one for code in _AMOUNTS if (one := _of(guesses, code))), None)
    if price is None or amount is None or _of(guesses, "quantity_in", "quantity_out", "counted"):
        return
    told = [c for c in rows if all(_filled(c, one) for one in (price, amount))]
    now = _of(guesses, "quantity")

    def makes(one: Guess) -> list[bool]:
        return [
            abs(_number(c, one) * _number(c, price) - _number(c, amount))
            <= slack(_number(c, one), _number(c, price))
            for c in told
        ]

    if len(told) < _ENOUGH or (now is not None and (now.column.how == "given" or any(makes(now)))):
        return
    others = [
        one
        for one in guesses
        if (not one.column.field or one.column.field in {"weight", "quantity_2"})
        and one.profile.pure_number >= 0.5
        and all(makes(one))
    ]
    if len(others) != 1:
        return
    if now is not None:
        second = _of(guesses, "quantity_2")
        now.column.field = "quantity_2" if second is None or second is others[0] else ""
    _take(others[0], "quantity")


def _came(guesses: Sequence[Guess], rows: Sequence[Cells]) -> None:
    """What came in is the column that is kept and scrapped together; by what was kept alone the scrap would be missing."""
    kept, spoilt = _of(guesses, "quantity_in"), _of(guesses, "quantity_out")
    if kept is None or spoilt is None or _of(guesses, "opening", "balance"):
        return
    if not any(word in header_key(spoilt.layers[-1]) for word in _SPOILT):
        return

    def whole(one: Guess) -> bool:
        return all(_number(c, one) == _number(c, kept) + _number(c, spoilt) for c in rows)

    told = sum(1 for cells in rows if _number(cells, kept) and _number(cells, spoilt))
    free = [one for one in guesses if not one.column.field and one.profile.pure_number >= 0.5]
    wholes = [one for one in free if whole(one)]
    if told < _ENOUGH or len(wholes) != 1:
        return
    _take(wholes[0], kept.column.field)
    kept.column.field = ""


def _take(one: Guess, field: str) -> None:
    one.column.field, one.column.confidence, one.column.how = field, _SURE, "content"
    one.asked = False


def _of(guesses: Sequence[Guess], *fields: str) -> Guess | None:
    return next((one for one in guesses if one.column.field in fields), None)


def _filled(cells: Cells, one: Guess) -> bool:
    return one.column.at < len(cells) and cells[one.column.at] != ""


def _number(cells: Cells, one: Guess) -> Decimal:
    if not _filled(cells, one):
        return _NONE
    found = numbers.read(cells[one.column.at], Kind.PRICE)
    value = found.value if isinstance(found, numbers.Number) else None
    return value if value is not None else _NONE
