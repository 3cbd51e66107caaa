"""The finance of the demo company: freight, invoices, a month handed over, questions, and one missing account.

What is older than a few days is reviewed; a closed month is handed over and confirmed, the latest waits for that.
"""

import uuid
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet
from django.utils import timezone

from boards.demo.book import Book, Line
from boards.demo.story import MONTH
from boards.demo.words import said
from finance import invoicing, landing, receipts, ruling
from finance.handover import batches
from finance.invoicing import LineGiven
from finance.models import AccountRule, HandoverProfile, JournalEntry, PurchaseInvoice
from finance.receipts import Receipt
from finance.review import reviewing
from people.access import SYSTEM
from stock.models import Partner, Period

_CENT = Decimal("0.01")


class Ledgers:
    """What finance of the demo finds on its desk, through its own doors."""

    def __init__(self, book: Book, today: date) -> None:
        self.book = book
        self.today = today
        self.company = book.master.company
        self.user = book.master.users["qian"]

    def invoice_past(self) -> None:
        """Each supplier's invoice of each month before the story, at what was estimated, some days after the month."""
        months: dict[tuple[date, int], list[Receipt]] = {}
        until = self.today - timedelta(days=MONTH)
        for one in receipts.open_receipts(self.company.pk):
            if one.partner and one.open_quantity > 0 and one.day < until:
                months.setdefault((one.day.replace(day=1), one.partner), []).append(one)
        for number, ((month, partner), found) in enumerate(sorted(months.items()), 1):
            day = min(batches.after(month) + timedelta(days=4), until)
            lines = [
                LineGiven(one.number("open_value"), one.movement, one.number("open_quantity"))
                for one in found
            ]
            made = self._enter(f"0379{number:04d}", partner, lines, day)
            invoicing.post(made, actor=self.user, access=SYSTEM, at=self.book.until)

    def tell(self) -> None:
        """What finance would have done by now, and what waits for it."""
        self._freight()
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
        self._hand_over()
        self._review()

    def _freight(self) -> None:
        """What the carrier asked for the latest receipts, spread by their value."""
        latest = landing.purchases(self.company, "")[:3]
        landing.post(
            self.company,
            number="YF-1126",
            amount=Decimal("486.00"),
            basis="value",
            movements=[one.pk for one in latest],
            key=str(uuid.UUID(int=self.company.pk)),
            actor=self.user,
            access=SYSTEM,
            partner=Partner.objects.filter(is_supplier=True).order_by("-code").first(),
            at=self.book.until,
        )

    def _hand_over(self) -> None:
        """Every closed month in one batch of U8; the accounting system has the older ones already."""
        way = HandoverProfile.objects.create(
            company=self.company, name="用友 U8 测试账套", format="u8", encoding="gbk",
            grouping=HandoverProfile.Grouping.DAY,
        )  # fmt: skip
        closed = Period.objects.filter(company=self.company, state=Period.State.CLOSED)
        months = list(closed.order_by("month").values_list("month", flat=True))
        for month in months:
            mine = self._entries().filter(date__gte=month, date__lt=batches.after(month))
            self._accept(mine)
            if not batches.ready(self.company.pk, month).exists():
                continue
            batch = batches.make(way, month, actor=self.user, access=SYSTEM)
            if month != months[-1]:
                batches.confirm(
                    batch.pk,
                    actor=self.user,
                    access=SYSTEM,
                    text=said("已在测试账套记账 Posted"),
                    reply=("", b""),
                )

    def _review(self) -> None:
        """The days before the last three are looked at; one entry is asked about."""
        until = self.today - timedelta(days=3)
        self._accept(self._entries().filter(date__lte=until))
        open_ = self._entries().filter(date__gt=until, actor__isnull=False).exclude(actor=self.user)
        asked = reviewing.without_account(self._entries()).values("pk")
        row = open_.exclude(pk__in=asked).order_by("-total", "pk").first()
        if row is not None:
            text = said(
                "金额比平时大，请附送货单。 Larger than usual: please attach the delivery note."
            )
            reviewing.question(row.pk, text, actor=self.user, access=SYSTEM)

    def _entries(self) -> QuerySet[JournalEntry]:
        return JournalEntry.objects.filter(company=self.company, review="unreviewed")

    def _accept(self, entries: QuerySet[JournalEntry]) -> None:
        while True:
            some = list(entries.order_by("pk").values_list("pk", flat=True)[: reviewing.MOST])
            if not some or not reviewing.accept(some, actor=self.user, access=SYSTEM).done:
                return

    def _missing(self) -> None:
        """Nobody has said what scrap costs, and something breaks."""
        rule = AccountRule.objects.get(
            company=self.company, place_kind="scrap", archived_at=None, type=""
        )
        ruling.drop_rule(rule, actor=self.user, access=SYSTEM)
        pile = self.book.pile("30040", 1)
        line = Line("scrap", "30040", 1, pile.place, "scrap", lot=pile.lot, reason="damaged")
        self.book.post(
            self.book.number("SCR-F"),
            self.book.until,
            "wangmin",
            [line],
            why=said("跌落破损 Dropped"),
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
        return self._enter(number, partner, lines, min(self.today, timezone.localdate()))

    def _enter(
        self, number: str, partner: int, lines: list[LineGiven], day: date
    ) -> PurchaseInvoice:
        net = sum((line.amount for line in lines), Decimal(0))
        return invoicing.save(
            self.company,
            partner=Partner.objects.get(pk=partner),
            number=number,
            day=day,
            tax=(net * Decimal("0.13")).quantize(_CENT, ROUND_HALF_UP),
            lines=lines,
            actor=self.user,
            access=SYSTEM,
        )
