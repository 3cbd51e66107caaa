"""Tables of finance: accounts and their rules, the journal, closings, invoices and landed costs."""

from finance.models.accounts import Account, AccountRule, Books
from finance.models.batches import (
    BatchEvent,
    HandedEntry,
    HandoverProfile,
    Voucher,
    VoucherBatch,
)
from finance.models.closings import ClosedAccount, ClosedStock, Closing
from finance.models.invoices import (
    InvoiceLine,
    LandedCost,
    LandedShare,
    PurchaseInvoice,
    StandardCost,
)
from finance.models.journal import EntryNote, JournalEntry, JournalLine

__all__ = [
    "Account",
    "AccountRule",
    "BatchEvent",
    "Books",
    "ClosedAccount",
    "ClosedStock",
    "Closing",
    "EntryNote",
    "HandedEntry",
    "HandoverProfile",
    "InvoiceLine",
    "JournalEntry",
    "JournalLine",
    "LandedCost",
    "LandedShare",
    "PurchaseInvoice",
    "StandardCost",
    "Voucher",
    "VoucherBatch",
]
