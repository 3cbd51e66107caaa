"""Makes vouchers of journal entries: per document, day or type; equal lines are one, nothing is lost in between."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from finance.handover.checker import LONGEST_SUMMARY, MOST_LINES
from finance.handover.voucher import (
    CUSTOMER,
    DEPARTMENT,
    ITEM,
    PERSON,
    PROJECT,
    SUPPLIER,
    AccountFacts,
    Named,
    Voucher,
    VoucherLine,
)
from finance.models import Account, HandoverProfile, JournalEntry, JournalLine
from stock import movement_types

_CHUNK = 500
Grouping = HandoverProfile.Grouping


class LineFacts(NamedTuple):
    """What a voucher needs of a line of the journal."""

    entry: int
    debit: str
    credit: str
    amount: Decimal
    quantity: Decimal
    type: str | None
    item: str | None
    item_name: str | None
    unit: str | None
    partner: str | None
    partner_name: str | None
    supplier: bool | None
    customer: bool | None
    department: str | None
    department_name: str | None
    cost_object: str


_FIELDS = (
    "entry_id", "debit_account__code", "credit_account__code", "amount", "quantity", "movement__type",
    "item__code", "item__name", "item__base_unit__code", "partner__code", "partner__name",
    "partner__is_supplier", "partner__is_customer", "department__code", "department__name",
    "cost_object",
)  # fmt: skip


@dataclass(slots=True)
class Made:
    """A voucher without its number, and the entries that are on it."""

    voucher: Voucher
    entries: list[int]


@dataclass(slots=True)
class _Sum:
    """Lines that are one line of the voucher."""

    amount: Decimal = Decimal(0)
    quantity: Decimal = Decimal(0)
    items: set[tuple[str, str, str]] = field(default_factory=set)


@dataclass(slots=True)
class _Open:
    """A voucher while lines are added."""

    date: date
    title: str
    reference: str
    entries: dict[int, None] = field(default_factory=dict)
    sums: dict[tuple[Any, ...], _Sum] = field(default_factory=dict)


def facts(entries: Sequence[JournalEntry]) -> dict[int, list[LineFacts]]:
    """The lines of entries, by entry, in their order."""
    found: dict[int, list[LineFacts]] = {entry.pk: [] for entry in entries}
    keys = list(found)
    for start in range(0, len(keys), _CHUNK):
        rows = JournalLine.objects.filter(entry__in=keys[start : start + _CHUNK])
        for row in rows.order_by("entry", "number").values_list(*_FIELDS):
            found[row[0]].append(LineFacts(*row))
    return found


def chart(company: int) -> dict[str, AccountFacts]:
    """The accounts of a company; one with accounts below it (whose codes begin with its own) is no leaf."""
    rows = list(Account.objects.filter(company=company).order_by("code"))
    codes = sorted(row.code for row in rows)
    inner = {code for code, following in pairwise(codes) if following.startswith(code)}
    return {
        row.code: AccountFacts(row.name, row.code not in inner, frozenset(row.auxiliaries))
        for row in rows
    }


def build(
    entries: Sequence[JournalEntry],
    accounts: dict[str, AccountFacts],
    *,
    grouping: str,
    word: str,
    maker: str,
    currency: str,
) -> list[Made]:
    """Vouchers in the order of days and entries, without numbers; texts in the language that is active now."""
    lines = facts(entries)
    made: list[Made] = []
    for opened in _opened(entries, lines, accounts, grouping):
        voucher = Voucher(
            opened.date,
            word,
            0,
            maker,
            tuple(_lines(opened, accounts)),
            currency=currency,
            reference=opened.reference,
        )
        made.append(Made(voucher, list(opened.entries)))
    return made


def _opened(
    entries: Sequence[JournalEntry],
    lines: dict[int, list[LineFacts]],
    accounts: dict[str, AccountFacts],
    grouping: str,
) -> Iterator[_Open]:
    """Open vouchers, filled line by line; a full one is followed by the next for the same document."""
    groups: dict[tuple[Any, ...], list[tuple[JournalEntry, LineFacts]]] = {}
    for entry in sorted(entries, key=lambda one: (one.date, one.pk)):
        for line in lines[entry.pk]:
            key = _group(entry, line, grouping)
            groups.setdefault(key, []).append((entry, line))
    for members in groups.values():
        current = _begin(members, grouping)
        for entry, line in members:
            keys = _keys(line, accounts)
            if len(current.sums) + sum(key not in current.sums for key in keys) > MOST_LINES:
                yield current
                current = _begin(members, grouping)
            current.entries[entry.pk] = None
            for key in keys:
                _add(current.sums.setdefault(key, _Sum()), line)
        yield current


def _group(entry: JournalEntry, line: LineFacts, grouping: str) -> tuple[Any, ...]:
    if grouping == Grouping.DAY:
        return (entry.date,)
    if grouping == Grouping.TYPE:
        return entry.date, line.type or entry.kind
    return entry.date, entry.pk


def _begin(members: Sequence[tuple[JournalEntry, LineFacts]], grouping: str) -> _Open:
    entry, line = members[0]
    label = _label(entry, line)
    documents = dict.fromkeys(one.document for one, _line in members if one.document)
    if grouping == Grouping.DOCUMENT:
        return _Open(entry.date, " ".join(filter(None, (label, entry.document))), entry.document)
    shown = _few(list(documents))
    title = shown if grouping == Grouping.DAY else f"{label} {shown}".strip()
    return _Open(entry.date, title or label, shown)


def _label(entry: JournalEntry, line: LineFacts) -> str:
    if line.type in movement_types.BY_CODE:
        return str(movement_types.BY_CODE[line.type].label)
    return str(entry.get_kind_display())


def _few(documents: Sequence[str]) -> str:
    """The documents, as many as a reference holds; the rest as a number."""
    shown = ""
    for number, document in enumerate(documents):
        rest = f" +{len(documents) - number}"
        longer = f"{shown} {document}".strip()
        if len(longer) + len(rest) > 60:
            return f"{shown}{rest}"
        shown = longer
    return shown


def _keys(line: LineFacts, accounts: dict[str, AccountFacts]) -> list[tuple[Any, ...]]:
    """The debit and the credit a line adds to: side, colour, account, auxiliaries."""
    red = line.amount < 0
    return [
        (side, red, account, _auxiliaries(line, accounts.get(account)))
        for side, account in ((0, line.debit), (1, line.credit))
    ]


def _auxiliaries(line: LineFacts, account: AccountFacts | None) -> tuple[tuple[str, Named], ...]:
    """What the account wants to know and the line knows."""
    wanted = account.auxiliaries if account else frozenset()
    partner = Named(line.partner or "", line.partner_name or "")
    known = {
        SUPPLIER: partner if line.supplier else None,
        CUSTOMER: partner if line.customer else None,
        DEPARTMENT: Named(line.department or "", line.department_name or ""),
        ITEM: Named(line.item or "", line.item_name or ""),
        PROJECT: Named(line.cost_object, line.cost_object),
        PERSON: None,
    }
    return tuple(
        (kind, named)
        for kind, named in known.items()
        if kind in wanted and named is not None and named.code
    )


def _add(total: _Sum, line: LineFacts) -> None:
    total.amount += line.amount
    total.quantity += line.quantity
    if line.item:
        total.items.add((line.item, line.item_name or "", line.unit or ""))


def _lines(opened: _Open, accounts: dict[str, AccountFacts]) -> Iterable[VoucherLine]:
    """Debits first, each side in the order of its accounts."""
    for key, total in sorted(opened.sums.items(), key=lambda pair: (pair[0][0], pair[0][2])):
        side, _red, account, auxiliaries = key
        one = next(iter(total.items)) if len(total.items) == 1 else None
        quantity = total.quantity if one and total.quantity else None
        summary = " ".join(filter(None, (opened.title, one[1] if one else "")))
        yield VoucherLine(
            account,
            summary[:LONGEST_SUMMARY],
            debit=Decimal(0) if side else total.amount,
            credit=total.amount if side else Decimal(0),
            account_name=accounts[account].name if account in accounts else "",
            quantity=quantity,
            unit=one[2] if one and quantity else "",
            price=(total.amount / quantity).quantize(Decimal("0.000001")) if quantity else None,
            auxiliaries=dict(auxiliaries),
        )
