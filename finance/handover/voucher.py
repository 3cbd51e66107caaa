"""What a voucher (记账凭证) is, whatever it is written as: frozen data, no Django, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

CUSTOMER, SUPPLIER, DEPARTMENT = "customer", "supplier", "department"
PERSON, ITEM, PROJECT = "person", "item", "project"
AUXILIARIES = (CUSTOMER, SUPPLIER, DEPARTMENT, PERSON, ITEM, PROJECT)
"""What an account may want to know of each line besides its amount (辅助核算)."""

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Named:
    """A code of the company's and its name."""

    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One line: an amount in company currency on one side, below zero where it is red (红字).

    ``quantity`` is in ``unit`` and has the sign of the amount; ``price`` is amount ÷ quantity.
    """

    account: str
    summary: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    account_name: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    auxiliaries: Mapping[str, Named] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal:
        """The amount, whatever its side."""
        return self.debit or self.credit

    def code(self, auxiliary: str) -> str:
        """The code of an auxiliary, empty where it has none."""
        named = self.auxiliaries.get(auxiliary)
        return named.code if named else ""

    def name(self, auxiliary: str) -> str:
        """The name of an auxiliary, empty where it has none."""
        named = self.auxiliaries.get(auxiliary)
        return named.name if named else ""


@dataclass(frozen=True, slots=True)
class Voucher:
    """One voucher: its number is unique in its month and word; ``reference`` is the document it came from."""

    date: date
    word: str
    number: int
    maker: str
    lines: tuple[VoucherLine, ...]
    attachments: int = 0
    currency: str = "CNY"
    reference: str = ""

    @property
    def title(self) -> str:
        """As people name it, for example 记-0192."""
        return f"{self.word}-{self.number:04d}"

    @property
    def debit(self) -> Decimal:
        """The sum of the debit side."""
        return sum((line.debit for line in self.lines), ZERO)

    @property
    def credit(self) -> Decimal:
        """The sum of the credit side."""
        return sum((line.credit for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the checks know of an account: its name, whether it is a leaf, which auxiliaries it wants."""

    name: str
    leaf: bool = True
    auxiliaries: frozenset[str] = frozenset()
