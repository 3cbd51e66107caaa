"""The finance of the demo company: one movement that misses its account, an invoice posted, another to post."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from boards.demo.book import Book, Line
from finance import invoicing, receipts, ruling
from finance.invoicing import LineGiven
from finance.models import AccountRule, PurchaseInvoice
from finance.receipts import Receipt
from people.access import SYSTEM
from stock.models import Partner

_CENT = Decimal("0.01")


class Ledgers:
    """What finance of the demo finds on its desk, through its own doors."""

    def __init__(self, book: Book, today: date) -> None:
        self.book = book
        self.today = today
        self.company = book.master.company
        self.user = book.master.users["qian"]

    def tell(self) -> None:
        """The missing account, then the invoices."""
        self._missing()
        by_partner: dict[int, list[Receipt]] = {}
        for one in receipts.open_receipts(self.company.pk):
            if one.partner and one.open_quantity > 0 and one.open_value > 0:
                by_partner.setdefault(one.partner, []).append(one)
        suppliers = sorted(by_partner, key=lambda pk: (-len(by_partner[pk]), pk))
        for number, partner in enumerate(suppliers[:2], 1):
            made = self._invoice(f"0381{number:04d}", partner, by_partner[partner][:3])
            if number == 1:
                invoicing.post(made, actor=self.user, access=SYSTEM, at=self.book.until)

    def _missing(self) -> None:
        """Nobody has said what scrap costs, and something breaks."""
        rule = AccountRule.objects.get(
            company=self.company, place_kind="scrap", archived_at=None, type=""
        )
        ruling.drop_rule(rule, actor=self.user, access=SYSTEM)
        pile = max(self.book.piles("30040", "MAIN"), key=lambda one: one.quantity)
        line = Line("scrap", "30040", 1, pile.place, "scrap", lot=pile.lot, reason="damaged")
        self.book.post(
            self.book.number("SCR-F"), self.book.until, "wangmin", [line], why="跌落破损 Dropped"
        )

    def _invoice(self, number: str, partner: int, wanted: list[Receipt]) -> PurchaseInvoice:
        """All of the receipts, the first a little dearer than was estimated."""
        lines = []
        for place, one in enumerate(wanted):
            value = one.number("open_value")
            amount = (
                (value * Decimal("1.02")).quantize(_CENT, ROUND_HALF_UP) if not place else value
            )
            lines.append(LineGiven(amount, one.movement, one.number("open_quantity")))
        net = sum((line.amount for line in lines), Decimal(0))
        return invoicing.save(
            self.company,
            partner=Partner.objects.get(pk=partner),
            number=number,
            day=min(self.today, timezone.localdate()),
            tax=(net * Decimal("0.13")).quantize(_CENT, ROUND_HALF_UP),
            lines=lines,
            actor=self.user,
            access=SYSTEM,
        )
