"""What finance sees of an entry: accounts with their amounts side by side, its type, its voucher, why each amount."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.functional import Promise

from core.columns import Amounts, Stack
from core.templatetags import ui
from finance.models import Account, HandedEntry, JournalEntry, JournalLine
from stock import movement_types

SHOWN = 4
"""Accounts of one side that a row of a list shows."""


@dataclass(frozen=True, slots=True)
class Side:
    """The accounts of the debit or of the credit with their sums, in the order of their codes."""

    accounts: Stack
    amounts: Amounts


@dataclass(slots=True)
class Leg:
    """One account on one side of an entry, with the lines that make its amount."""

    account: Account
    debit: bool
    amount: Decimal = Decimal(0)
    lines: list[JournalLine] = field(default_factory=list)


def entries(rows: QuerySet[JournalEntry]) -> QuerySet[JournalEntry]:
    """The entries with what a row of a list needs, in a constant number of statements per page."""
    lines = JournalLine.objects.select_related("debit_account", "credit_account", "movement")
    handed = HandedEntry.objects.filter(withdrawn=False).select_related("voucher")
    open_lines = JournalLine.objects.filter(entry=OuterRef("pk"), waiting=True).filter(
        ~Exists(JournalLine.objects.filter(adjusts=OuterRef("pk")))
    )
    return rows.annotate(missing=Exists(open_lines)).prefetch_related(
        Prefetch("every_line", queryset=lines.order_by("number")),
        Prefetch("handed", queryset=handed, to_attr="on_voucher"),
    )


def legs(lines: Iterable[JournalLine]) -> list[Leg]:
    """Debits first, red and black apart, by account."""
    found: dict[tuple[bool, int, bool], Leg] = {}
    for line in lines:
        for debit, account in ((True, line.debit_account), (False, line.credit_account)):
            key = (debit, account.pk, line.amount < 0)
            leg = found.setdefault(key, Leg(account, debit))
            leg.amount += line.amount
            leg.lines.append(line)
    return sorted(found.values(), key=lambda leg: (not leg.debit, leg.account.code, -leg.amount))


def side(entry: JournalEntry, *, debit: bool) -> Side:
    """One side of an entry for a row of a list."""
    shown = [leg for leg in legs(entry.every_line.all()) if leg.debit == debit]
    accounts = [f"{leg.account.code} {leg.account.name}" for leg in shown[:SHOWN]]
    amounts = [ui.money(leg.amount) for leg in shown[:SHOWN]]
    together = sum((leg.amount for leg in shown), Decimal(0))
    if len(shown) > SHOWN:
        accounts.append(f"+{len(shown) - SHOWN}")
        amounts.append(ui.money(sum((leg.amount for leg in shown[SHOWN:]), Decimal(0))))
    return Side(Stack(accounts), Amounts(amounts, together))


def total(entry: JournalEntry) -> Decimal:
    """The sum of its debits; red ones are below zero."""
    return sum((line.amount for line in entry.every_line.all()), Decimal(0))


def kind(entry: JournalEntry) -> str | Promise:
    """What it is: the movement type of its first line, or where else it comes from."""
    first = list(entry.every_line.all()[:1])
    movement = first[0].movement if first else None
    if movement is None or entry.kind != JournalEntry.Kind.POSTING:
        return str(entry.get_kind_display())
    return movement_types.BY_CODE[movement.type].label


def is_red(entry: JournalEntry) -> bool:
    """Whether it takes something back."""
    return any(line.amount < 0 for line in entry.every_line.all())


def voucher(entry: JournalEntry) -> str:
    """The voucher it is on, for example 记-0192; empty while it is on none."""
    handed = getattr(entry, "on_voucher", None)
    return str(handed[0].voucher) if handed else ""
