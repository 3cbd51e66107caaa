"""What a sheet of invoices says, line by line, and what it comes to: plain data that pages show and drafts are made from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from finance.models import PurchaseInvoice
from finance.receipts import Receipt
from intake.resolving.records import ItemRef, PartnerRef


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, in plain words; ``row`` is that of the file, 0 the whole of it."""

    row: int
    code: str
    message: str
    raw: str = ""


@dataclass(slots=True)
class Share:
    """So much of a receipt, or all of a landed cost; amounts without tax."""

    amount: Decimal
    quantity: Decimal = Decimal(0)
    receipt: Receipt | None = None
    landed: int | None = None


@dataclass(slots=True)
class SheetLine:
    """A line of an invoice: what the sheet says, the item that is meant, and what it is proposed to settle."""

    row: int
    code: str
    name: str
    spec: str
    unit: str
    quantity: Decimal | None
    amount: Decimal
    tax: Decimal
    item: ItemRef | None = None
    base: Decimal = Decimal(0)
    """The quantity in units of the item."""
    shares: list[Share] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    """What of the supplier is open: (value of the choice, words), the most alike first."""
    chosen: str = ""
    said: str = ""
    """Why nothing is matched; empty if all of it is."""

    @property
    def title(self) -> str:
        """The goods in the words of the supplier."""
        return " ".join(part for part in (self.code, self.name, self.spec) if part)

    @property
    def expected(self) -> Decimal:
        """What was estimated for what it settles."""
        return sum((estimate(share) for share in self.shares), Decimal(0))

    @property
    def difference(self) -> Decimal:
        """What it asks beyond what was estimated."""
        return self.amount - self.expected


def estimate(share: Share) -> Decimal:
    """What was booked for a share when it was received, to two decimals; finance settles it to the cent."""
    if share.receipt is None:
        return share.amount
    quantity, value = share.receipt.number("open_quantity"), share.receipt.number("open_value")
    return (value * share.quantity / quantity).quantize(Decimal("0.01")) if quantity else value


@dataclass(slots=True)
class SheetInvoice:
    """One invoice of the sheet; ``known`` is the one that is entered already."""

    number: str
    day: date | None
    supplier: str
    lines: list[SheetLine] = field(default_factory=list)
    total: Decimal | None = None
    """With tax, as the sheet says."""
    partner: PartnerRef | None = None
    known: PurchaseInvoice | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """Without tax."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """Of all its lines."""
        return sum((line.tax for line in self.lines), Decimal(0))

    @property
    def ready(self) -> bool:
        """Whether a draft can be made of it."""
        whole = all(line.shares and not line.said for line in self.lines)
        return self.known is None and self.partner is not None and not self.faults and whole


@dataclass(slots=True)
class Sheet:
    """All of a file: its invoices, the rows that could not be read, and what only a person can tell."""

    invoices: list[SheetInvoice] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: list[Fault] = field(default_factory=list)

    @property
    def ready(self) -> list[SheetInvoice]:
        """Those that drafts can be made of."""
        return [one for one in self.invoices if one.ready]

    @property
    def known(self) -> list[SheetInvoice]:
        """Those that are entered already."""
        return [one for one in self.invoices if one.known is not None]


def grouped(faults: Iterable[Fault]) -> Sequence[tuple[str, list[Fault]]]:
    """Faults that say the same, under what they say; the most frequent first."""
    found: dict[tuple[str, str], list[Fault]] = {}
    for one in faults:
        found.setdefault((one.code, one.message), []).append(one)
    return sorted(
        ((message, some) for (_code, message), some in found.items()), key=lambda it: -len(it[1])
    )
