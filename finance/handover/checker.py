"""Checks vouchers before they are written, and names everything wrong at once (the checks a bridge enforces)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.said import Said
from core.said import said as _
from finance.handover.voucher import AUXILIARIES, AccountFacts, Voucher, VoucherLine

FEWEST_LINES, MOST_LINES = 2, 200
LONGEST_SUMMARY = 120
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one voucher (``line`` from 1, 0 is the whole voucher; ``voucher`` empty: the batch)."""

    voucher: str
    line: int
    code: str
    message: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts by code, and the days of the period (None: any day)."""

    accounts: Mapping[str, AccountFacts]
    start: date | None = None
    end: date | None = None


def check(vouchers: Sequence[Voucher], chart: Chart) -> list[Problem]:
    """Everything that is wrong whatever the format; empty is well."""
    problems = list(_numbers(vouchers))
    for voucher in vouchers:
        found = [(0, *problem) for problem in _whole(voucher, chart)]
        for number, line in enumerate(voucher.lines, 1):
            found += [(number, *problem) for problem in (*_amounts(line), *_account(line, chart))]
        problems += [problem(voucher, *one) for one in found]
    return problems


def problem(voucher: Voucher, line: int, code: str, message: str) -> Problem:
    """A problem of a voucher."""
    return Problem(voucher.title, line, code, message, voucher.reference)


_Found = tuple[str, Said]


def _numbers(vouchers: Iterable[Voucher]) -> Iterator[Problem]:
    """Numbers are from 1 and each is used once in its month and word."""
    used = Counter((v.date.year, v.date.month, v.word, v.number) for v in vouchers)
    for (year, month, word, number), times in used.items():
        title = f"{word}-{number:04d}"
        if times > 1:
            text = _("The number is used %(times)d times in %(month)s.")
            values = {"times": times, "month": f"{year}-{month:02d}"}
            yield Problem(title, 0, "number_twice", text % values)
        if number < 1:
            yield Problem(title, 0, "number_missing", _("The voucher has no number."))


def _whole(voucher: Voucher, chart: Chart) -> Iterator[_Found]:
    lines = len(voucher.lines)
    if not FEWEST_LINES <= lines <= MOST_LINES:
        values = {"lines": lines, "fewest": FEWEST_LINES, "most": MOST_LINES}
        yield (
            "lines",
            _("It has %(lines)d lines; a voucher has %(fewest)d to %(most)d.") % values,
        )
    if voucher.debit != voucher.credit:
        sides = {"debit": str(voucher.debit), "credit": str(voucher.credit)}
        yield "unbalanced", _("Debit %(debit)s and credit %(credit)s differ.") % sides
    if (chart.start and voucher.date < chart.start) or (chart.end and voucher.date > chart.end):
        text = _("Its date %(date)s lies outside the period.")
        yield "period", text % {"date": voucher.date.isoformat()}
    if not voucher.word.strip():
        yield "word_missing", _("The voucher has no word (记, 转 …).")
    if not voucher.maker.strip():
        yield "maker_missing", _("The voucher names nobody who made it.")


def _amounts(line: VoucherLine) -> Iterator[_Found]:
    if bool(line.debit) == bool(line.credit):
        yield "sides", _("Exactly one of debit and credit has an amount.")
    for value in (line.debit, line.credit):
        if value != value.quantize(_CENT):
            yield (
                "decimals",
                _("The amount %(value)s has more than two decimals.") % {"value": value},
            )
    if line.quantity and line.amount and (line.quantity > 0) != (line.amount > 0):
        yield "quantity_sign", _("Quantity and amount have different signs.")
    if not line.summary.strip():
        yield "summary_missing", _("The line has no summary.")
    if len(line.summary) > LONGEST_SUMMARY:
        values = {"length": len(line.summary), "most": LONGEST_SUMMARY}
        yield "summary_long", _("The summary has %(length)d characters, %(most)d fit.") % values


def _account(line: VoucherLine, chart: Chart) -> Iterator[_Found]:
    facts = chart.accounts.get(line.account)
    if facts is None:
        yield "account_unknown", _("There is no account %(account)s.") % {"account": line.account}
        return
    values = {"account": f"{line.account} {facts.name}"}
    if not facts.leaf:
        yield "account_not_leaf", _("%(account)s has accounts below it; take one of them.") % values
    for kind in AUXILIARIES:
        if kind in facts.auxiliaries and not line.code(kind):
            text = _("%(account)s wants a %(auxiliary)s on each line.")
            yield "auxiliary_missing", text % {**values, "auxiliary": auxiliary_word(kind)}
        if kind not in facts.auxiliaries and line.code(kind):
            text = _("%(account)s takes no %(auxiliary)s.")
            yield "auxiliary_unwanted", text % {**values, "auxiliary": auxiliary_word(kind)}


def auxiliary_word(kind: str) -> Said:
    """What an auxiliary is called."""
    words = {
        "customer": _("customer"),
        "supplier": _("supplier"),
        "department": _("department"),
        "person": _("person"),
        "item": _("item"),
        "project": _("project"),
    }
    return words[kind]
