"""Forty-odd kinds of slips of the fingers, put into documents that were right. Pure; knows nothing of what finds them.

Each kind gets a document (its lines) and gives it back with one slip, and which line has it; None where
the document cannot have such a slip (no price, no lot, …).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from alerts.anomaly.histories import History, Written, lots_there

Change = Callable[["Hand", Written, Sequence[Written]], "Written | None"]


@dataclass(slots=True)
class Hand:
    """Who slips: chance, and the company whose other places, lots and people can be mistaken."""

    rng: random.Random
    history: History

    def other(self, kind: str, mine: str, like: str = "") -> str:
        """Another one of the company's, beginning like it if asked."""
        all_of = self.history.company.get(kind, ())
        rest = [one for one in all_of if one != mine and one.startswith(like)]
        return self.rng.choice(rest) if rest else ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of slip; ``whole``: it is in every line of the document (its header)."""

    code: str
    change: Change
    whole: bool = False
    again: str = ""
    """``line``: the changed line is one more; ``document``: the document is written once more."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A document with a slip, and the keys of the lines that have it."""

    kind: str
    lines: Sequence[Written]
    bad: frozenset[int]


KINDS: dict[str, Kind] = {}


def _kind(code: str, *, whole: bool = False, again: str = "") -> Callable[[Change], Change]:
    def keep(change: Change) -> Change:
        KINDS[code] = Kind(code, change, whole, again)
        return change

    return keep


def slip(kind: Kind, document: Sequence[Written], hand: Hand) -> Slip | None:
    """The document with one slip of the kind, or None if it cannot have one."""
    for at in hand.rng.sample(range(len(document)), len(document)):
        wrong = kind.change(hand, document[at], document)
        if wrong is not None:
            return _put(kind, document, at, wrong)
    return None


_HEADER = (
    "partner",
    "person",
    "warehouse",
    "department",
    "reason",
    "at",
    "happened",
    "type",
    "reference",
)


def _put(kind: Kind, document: Sequence[Written], at: int, wrong: Written) -> Slip:
    lines = list(document)
    if kind.again == "document":
        shift = wrong.at - document[at].at
        keep: dict[str, Any] = {"document": wrong.document, "key": 0, "order": wrong.order}
        lines = [
            replace(
                one, **keep | {"key": -one.key, "at": one.at + shift, "reference": wrong.reference}
            )
            for one in document
        ]
        return Slip(kind.code, lines, frozenset(one.key for one in lines))
    if kind.again == "line":
        wrong = replace(wrong, key=-wrong.key)
        return Slip(kind.code, [*lines, wrong], frozenset({wrong.key}))
    if kind.whole:
        header = {
            name: getattr(wrong, name)
            for name in _HEADER
            if getattr(wrong, name) != getattr(document[at], name)
        }
        lines = [replace(one, **header) for one in document]
        lines[at] = wrong
        return Slip(kind.code, lines, frozenset(one.key for one in lines))
    lines[at] = wrong
    return Slip(kind.code, lines, frozenset({wrong.key}))


def _digits(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _number(line: Written, text: str) -> Written | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if number <= 0 or number == line.number else replace(line, number=number)


# How much ---------------------------------------------------------------------------------------------


@_kind("ten times")
def _ten_times(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, number=line.number * 10)


@_kind("hundred times")
def _hundred_times(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, number=line.number * 100)


@_kind("a tenth")
def _a_tenth(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return (
        replace(line, number=line.number / 10)
        if line.number >= 10 and not line.number % 10
        else None
    )


@_kind("digit too many")
def _digit_more(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    text = _digits(line.number)
    at = hand.rng.randrange(len(text))
    return _number(line, text[: at + 1] + text[at] + text[at + 1 :]) if text[at].isdigit() else None


@_kind("digit missing")
def _digit_less(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    text = _digits(line.number)
    at = hand.rng.randrange(len(text))
    return _number(line, text[:at] + text[at + 1 :]) if len(text) > 1 else None


@_kind("digits transposed")
def _transposed(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    text = _digits(line.number)
    places = [at for at in range(len(text) - 1) if text[at] != text[at + 1] and text[at + 1] != "."]
    if not places:
        return None
    at = hand.rng.choice(places)
    return _number(line, text[:at] + text[at + 1] + text[at] + text[at + 2 :])


@_kind("neighbouring key")
def _wrong_key(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    pad = {
        "1": "24",
        "2": "135",
        "3": "26",
        "4": "157",
        "5": "2468",
        "6": "359",
        "7": "48",
        "8": "579",
        "9": "68",
        "0": "1",
    }
    text = _digits(line.number)
    return _number(line, hand.rng.choice(pad.get(text[0], "1")) + text[1:])


@_kind("decimal point lost")
def _point_lost(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, number=line.number * 1000)


@_kind("packs typed as pieces")
def _packs_as_pieces(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    if line.factor != 1.0:
        return replace(line, unit="PCS", factor=1.0, price=line.price and line.price / line.factor)
    packs = hand.history.goods[line.item].packs
    if not packs:
        return None
    pack = packs[0][1]
    return (
        replace(line, number=line.number / pack)
        if line.number >= pack and not line.number % pack
        else None
    )


@_kind("pieces typed as packs")
def _pieces_as_packs(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    packs = hand.history.goods[line.item].packs
    if line.factor != 1.0:
        return replace(line, number=line.number * line.factor)
    if not packs:
        return None
    unit, pack = packs[0]
    return replace(line, unit=unit, factor=pack, price=line.price and line.price * pack)


@_kind("barcode in the quantity")
def _barcode(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, number=6_900_000_000.0 + hand.rng.randrange(99_999_999))


@_kind("telephone number in the quantity")
def _telephone(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, number=float(hand.rng.randrange(200_000, 899_999)))


@_kind("quantity and price swapped")
def _swapped(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    if line.price is None or line.price <= 0 or line.price == line.number:
        return None
    number = round(line.price, hand.history.goods[line.item].decimals)
    return (
        replace(line, number=number, price=line.number)
        if number > 0 and number != line.number
        else None
    )


@_kind("quantity of the line above")
def _line_above(hand: Hand, line: Written, document: Sequence[Written]) -> Written | None:
    at = [one.key for one in document].index(line.key)
    above = document[at - 1] if at else None
    return replace(line, number=above.number) if above and above.number != line.number else None


@_kind("guessed round number")
def _guess(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    if line.number < 20:
        return None
    step = 10 ** (len(_digits(line.number).split(".")[0]) - 1)
    number = max(step, round(line.number * 2.5 / step) * step)
    return replace(line, number=float(number)) if number != line.number else None


@_kind("over the order")
def _over(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    left = hand.history.orders.get(line.order, {}).get(line.item)
    return (
        replace(line, number=left[0] / line.factor + max(1, round(line.number * 0.3)))
        if left
        else None
    )


@_kind("scanned twice", again="line")
def _scanned_twice(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return line


@_kind("line repeated with another quantity", again="line")
def _repeated(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, number=line.number + 1)


# How dear ---------------------------------------------------------------------------------------------


def _priced(line: Written, factor: float) -> Written | None:
    return None if not line.price else replace(line, price=round(line.price * factor, 4))


@_kind("price ten times")
def _price_ten(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return _priced(line, 10)


@_kind("price a tenth")
def _price_tenth(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return _priced(line, 0.1)


@_kind("price digits transposed")
def _price_transposed(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    text = _digits(line.price or 0.0)
    places = [
        at
        for at in range(len(text) - 1)
        if text[at] != text[at + 1] and "." not in text[at : at + 2]
    ]
    if not line.price or not places:
        return None
    at = hand.rng.choice(places)
    price = float(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
    return replace(line, price=price) if price > 0 else None


@_kind("price of a pack")
def _price_pack(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    packs = hand.history.goods[line.item].packs
    if line.factor != 1.0:
        return _priced(line, 1 / line.factor)
    return _priced(line, packs[0][1]) if packs else None


@_kind("tax in the price")
def _taxed(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return _priced(line, 1.13)


@_kind("tax taken off twice")
def _untaxed(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return _priced(line, 1 / 1.13)


@_kind("currency mistaken")
def _currency(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return _priced(line, hand.rng.choice((hand.history.rates[0], 1 / hand.history.rates[0])))


@_kind("price forgotten")
def _no_price(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, price=0.0) if line.price else None


# Which goods, where -----------------------------------------------------------------------------------


def _homes(hand: Hand, line: Written) -> list[str]:
    goods = hand.history.goods
    return [code for code in goods if code != line.item and line.warehouse in goods[code].homes]


@_kind("similar item code")
def _similar(hand: Hand, line: Written, document: Sequence[Written]) -> Written | None:
    mine = {one.item for one in document}
    like = [
        code
        for code in hand.history.goods
        if code not in mine and len(code) == len(line.item)
        and sum(a != b for a, b in zip(code, line.item, strict=True)) <= 2
    ]  # fmt: skip
    return replace(line, item=hand.rng.choice(like)) if like else None


@_kind("neighbour's bin to take from")
def _bin_from(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    near = _homes(hand, line)
    if not line.source or not near:
        return None
    return replace(line, source=hand.history.goods[hand.rng.choice(near)].homes[line.warehouse][0])


@_kind("neighbour's bin to put into")
def _bin_to(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    near = _homes(hand, line)
    if not line.target or not near:
        return None
    return replace(line, target=hand.history.goods[hand.rng.choice(near)].homes[line.warehouse][0])


@_kind("lot of another item")
def _other_lot(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    goods = hand.history.goods
    others = [
        one for code in goods if code != line.item for one in lots_there(goods[code], line.at)
    ]
    return (
        replace(line, lot=hand.rng.choice(others)[0])
        if line.lot and line.source and others
        else None
    )


@_kind("lot that is not first")
def _not_first(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    there = lots_there(hand.history.goods[line.item], line.at)
    later = [one for one in there if line.expires and one[1] > line.expires]
    if not line.source or not line.lot or not later or line.type in {"scrap", "other_out"}:
        return None
    return replace(line, lot=later[0][0], expires=later[0][1])


@_kind("expired lot")
def _expired(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    if not line.lot or not line.source or line.type == "scrap":
        return None
    return replace(line, expires=line.at.date() - timedelta(days=hand.rng.randrange(1, 60)))


@_kind("expiry in the wrong year")
def _wrong_year(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    if not line.lot or not line.target or line.expires is None:
        return None
    return replace(line, expires=line.expires + timedelta(days=365 * hand.rng.choice((-1, 1, 10))))


@_kind("lot forgotten")
def _no_lot(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, lot="", expires=None) if line.lot else None


# Who, when --------------------------------------------------------------------------------------------


@_kind("wrong partner", whole=True)
def _partner(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    other = hand.other("partner", line.partner, line.partner[:1]) if line.partner else ""
    return replace(line, partner=other, order="") if other else None


@_kind("supplier taken for a customer", whole=True)
def _partner_kind(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    like = {"S": "C", "C": "S"}.get(line.partner[:1], "")
    other = hand.other("partner", line.partner, like) if like else ""
    return replace(line, partner=other, order="") if other else None


@_kind("wrong warehouse", whole=True)
def _warehouse(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    homes = hand.history.goods[line.item].homes
    others = [one for one in hand.history.company["warehouse"] if one not in homes]
    return replace(line, warehouse=hand.rng.choice(others), order="") if others else None


@_kind("wrong department", whole=True)
def _department(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    other = hand.other("department", line.department)
    return replace(line, department=other) if line.department and other else None


@_kind("wrong reason", whole=True)
def _reason(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    used = {one.reason for one in hand.history.lines if one.type == line.type}
    rest = [one for one in hand.history.company["reason"] if one not in used]
    return replace(line, reason=hand.rng.choice(rest)) if line.reason and rest else None


@_kind("somebody else's account", whole=True)
def _person(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    usual = {one.person for one in hand.history.lines if one.type == line.type}
    rest = [one for one in hand.history.company["person"] if one not in usual]
    return replace(line, person=hand.rng.choice(rest)) if rest else None


@_kind("at night", whole=True)
def _night(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    at = line.at.replace(hour=hand.rng.randrange(1, 5))
    return replace(line, at=at, happened=at)


@_kind("on a Sunday night", whole=True)
def _sunday(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    at = line.at + timedelta(days=6 - line.at.weekday())
    at = at.replace(hour=hand.rng.randrange(21, 24))
    return replace(line, at=at, happened=at)


@_kind("date of last year", whole=True)
def _last_year(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, happened=line.at - timedelta(days=365))


@_kind("month and day swapped", whole=True)
def _month_day(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    happened = line.happened or line.at
    if happened.day > 12 or happened.day == happened.month:
        return None
    return replace(line, happened=happened.replace(month=happened.day, day=happened.month))


@_kind("date of the future", whole=True)
def _future(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    return replace(line, happened=line.at + timedelta(days=hand.rng.choice((3, 10, 30, 365))))


@_kind("wrong type of document", whole=True)
def _type(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    turned = {"sales_out": "sales_return", "purchase_in": "purchase_return"}.get(line.type)
    if turned is None:
        return None
    source, target = line.target, line.source
    return replace(line, type=turned, source=source, target=target, order="")


@_kind("issue instead of receipt", whole=True)
def _sign(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    turned = {
        "production_issue": "production_return",
        "department_issue": "other_in",
        "production_receipt": "production_issue",
    }
    if line.type not in turned:
        return None
    return replace(line, type=turned[line.type], source=line.target, target=line.source)


@_kind("document written twice", again="document")
def _twice(hand: Hand, line: Written, document: Sequence[Written]) -> Written | None:
    at = line.at + timedelta(hours=hand.rng.choice((1, 3, 24)))
    return replace(line, document=f"{line.document}-2", at=at, order="", reference="")


@_kind("delivery note entered twice", again="document")
def _note_twice(hand: Hand, line: Written, _all: Sequence[Written]) -> Written | None:
    if not line.reference:
        return None
    at = line.at + timedelta(days=hand.rng.randrange(1, 30))
    return replace(line, document=f"{line.document}-2", at=at, order="")
