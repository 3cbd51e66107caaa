"""Only the daily routine of the demo company: receipts, putting away, production, sales, supplies."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.db.models import Sum

from boards.demo.book import Book, Entry, Line
from boards.demo.customs import Customs, round_number
from boards.demo.goods import GOODS, RECIPES, Good
from boards.demo.people import DEPARTMENTS
from boards.demo.words import said
from stock.models import Movement

CUSTOMERS = ("C01", "C02", "C03", "C04", "C05", "C06")
SPARE_PARTS = tuple(
    good for good in GOODS if good.category in {"10", "11", "30", "40"} and good.level >= 70
)
PRODUCTS = tuple(good for good in GOODS if good.category == "60" and good.code != "60030")
SOUGHT_AFTER = tuple(good for good in GOODS if good.starve)
SUPPLIES = tuple(good for good in GOODS if good.category == "70")
CLERKS = ("wangmin", "liqiang")


class WorkOrder(NamedTuple):
    """A product being assembled."""

    number: str
    product: str
    quantity: int
    started: date
    issue: Entry


class Routine:
    """What happens every working day, in the order of the clock."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.open_orders: list[WorkOrder] = []
        self.last_issue: Entry | None = None
        self._lot_number = 1200
        self._serials: dict[str, int] = {}
        self._customers = Customs(book.seed, CUSTOMERS, SPARE_PARTS, each=8, share=0.07)
        self._wanted = Customs(book.seed, CUSTOMERS[::-1], SOUGHT_AFTER, each=3, share=0.05)
        self._products = Customs(book.seed, [*CUSTOMERS[1:], "C01"], PRODUCTS, each=2, share=0.15)
        self._departments = Customs(
            book.seed, [code for code, _name in DEPARTMENTS], SUPPLIES, each=4, share=0.03
        )

    def open_stock(self, moment: datetime) -> None:
        """Post what was there when the book began."""
        book = self.book
        lines: list[Line] = []
        for good in GOODS:
            if good.code in {"60030", "50020"}:
                continue
            quantity = good.reorder * 13 // 10 if good.starve else good.level
            lines += self.arrive("opening", good, quantity, "opening", moment.date())
        for start in range(0, len(lines), 60):
            book.post(
                book.number("OPEN"),
                moment,
                "zhao",
                lines[start : start + 60],
                why=said("期初建账 Opening"),
            )

    def arrive(
        self, kind: str, good: Good, quantity: int, source: str, on: date, *, place: str = ""
    ) -> list[Line]:
        """Lines that bring ``quantity`` in, with a new lot or with serial numbers."""
        line = Line(
            kind,
            good.code,
            quantity,
            source,
            place or good.place,
            unit_cost=self.price(good, on),
            partner=good.supplier if source == "supplier" else "",
        )
        if good.tracking == "serial":
            return [line._replace(quantity=1, lot=self._new_serial(good)) for _ in range(quantity)]
        return [line._replace(lot=self.new_lot(good.code, on) if good.tracking == "lot" else "")]

    def new_lot(self, item: str, on: date) -> str:
        """A lot made some days before ``on``; returns its number."""
        self._lot_number += 1
        made = on - timedelta(days=self.book.random.randint(2, 12))
        return self.book.lot(item, f"L{self._lot_number}", made=made)

    def price(self, good: Good, on: date) -> Decimal:
        """What it costs on a day: as agreed for the month, which now and then is a few percent more or less."""
        agreed = random.Random(f"{self.book.seed} {good.code} {on:%Y-%m}")  # noqa: S311 - a story
        percent = Decimal(agreed.choice((98, 100, 100, 100, 101, 103, 105))) / 100
        return (good.cost * percent).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def day(self, clock: Iterator[datetime], on: date) -> None:
        """One working day."""
        for receipt in self._deliveries(clock, on):
            self._put_away(clock, receipt)
        self._start_work_order(clock, on)
        for customer in self.book.random.sample(CUSTOMERS, self.book.random.randint(4, 6)):
            self._sell(clock, on, customer)
        self._finish_work_order(clock, on)
        if self.book.random.random() < 0.6:
            self._hand_out(clock, on)

    def issue(  # noqa: PLR0913 - one argument per fact of the lines
        self,
        kind: str,
        item: str,
        quantity: int,
        target: str,
        on: date,
        *,
        warehouse: str = "MAIN",
        partner: str = "",
        department: str = "",
        cost_object: str = "",
        reason: str = "",
    ) -> list[Line]:
        """Lines that take ``quantity`` out, first expired first out; none if there is not enough."""
        return [
            Line(
                kind,
                item,
                pick.quantity,
                pick.place,
                target,
                lot=pick.lot,
                partner=partner,
                department=department,
                cost_object=cost_object,
                reason=reason,
            )
            for pick in self.book.pick(item, quantity, on=on, warehouse=warehouse)
        ]

    def _deliveries(self, clock: Iterator[datetime], on: date) -> list[Entry]:
        """Order what is short, and receive it the same day, two suppliers at most."""
        book = self.book
        wanted: dict[str, list[Good]] = {}
        for good in GOODS:
            if good.supplier and self._is_short(good):
                wanted.setdefault(good.supplier, []).append(good)
        chosen = sorted(wanted, key=lambda code: -len(wanted[code]))[:2]
        if len(chosen) < 2:
            chosen += book.random.sample(["JN", "XF", "YD", "LB", "RH"], 1)
        receipts = []
        for supplier in dict.fromkeys(chosen):
            goods = wanted.get(supplier) or self._topped_up(supplier)
            lines: list[Line] = []
            dock = "R-01" if supplier != "LB" and book.random.random() < 0.5 else ""
            for good in goods[:6]:
                quantity = self._order_size(good)
                place = dock if good.tracking != "serial" else ""
                lines += self.arrive("purchase_in", good, quantity, "supplier", on, place=place)
            order = book.number("PO", 2201)
            entry = book.post(
                book.number("PIN", 401), next(clock), "wangmin", lines, why=f"{order} 到货 delivery"
            )
            if entry:
                receipts.append(entry)
        return receipts

    def _is_short(self, good: Good) -> bool:
        """Whether to order; what is to run low in the story is kept low before it, and forgotten in it."""
        if good.starve:
            return bool(self.book.era) and self.book.on_hand(good.code) < good.reorder
        return self.book.on_hand(good.code) < good.reorder * Decimal("1.6")

    def _topped_up(self, supplier: str) -> list[Good]:
        """Up to four goods of a supplier of which there is room for more."""
        mine = [
            good
            for good in GOODS
            if good.supplier == supplier
            and not good.starve
            and self.book.on_hand(good.code) < good.level * Decimal("0.7")
        ]
        return self.book.random.sample(mine, min(4, len(mine)))

    def _order_size(self, good: Good) -> int:
        """Always much the same, in whole packs."""
        if good.tracking == "serial":
            missing = int(good.level - self.book.on_hand(good.code))
            return max(2, min(missing, 8))
        usual = good.reorder * 0.4 if good.starve else good.level * 0.2
        if good.pack:
            return max(1, round(usual / good.pack[1])) * good.pack[1]
        return round_number(usual) if usual <= 300 else round(usual / 100) * 100

    def _put_away(self, clock: Iterator[datetime], receipt: Entry) -> None:
        """Move what waits at the dock to its bin."""
        lines = [
            Line(
                "bin_move",
                line.item,
                line.quantity,
                "R-01",
                self.book.goods[line.item].place,
                lot=line.lot,
            )
            for line in receipt.lines
            if line.target == "R-01"
        ]
        self.book.post(self.book.number("MOV", 61), next(clock), "liqiang", lines)

    def _start_work_order(self, clock: Iterator[datetime], on: date) -> None:
        """Issue the parts of a product whose parts are all there."""
        book = self.book
        products = [
            code
            for code in RECIPES
            if book.on_hand(code) < book.goods[code].level
            and code not in {order.product for order in self.open_orders}
        ]
        book.random.shuffle(products)
        for product in products[:3]:
            quantity = book.random.randint(1, 3)
            number = book.number("WO", 3281)
            parts = [
                self.issue(
                    "production_issue",
                    item,
                    each * quantity,
                    "production",
                    on,
                    cost_object=number,
                    department="PRD",
                )
                for item, each in RECIPES[product]
            ]
            if not all(parts):
                continue
            lines = [line for part in parts for line in part]
            name = book.goods[product].name
            issue = book.post(
                book.number("MISS", 821), next(clock), "liqiang", lines, why=f"{number} {name}"
            )
            if issue:
                self.last_issue = issue
                self.open_orders.append(WorkOrder(number, product, quantity, on, issue))
            return

    def _finish_work_order(self, clock: Iterator[datetime], on: date) -> None:
        """Receive products begun two days ago or earlier, at exactly what went into them."""
        book = self.book
        for order in list(self.open_orders):
            if (on - order.started).days < 2:
                continue
            good = book.goods[order.product]
            lot = self.new_lot(good.code, on) if good.tracking == "lot" else ""
            line = Line(
                "production_receipt",
                good.code,
                order.quantity,
                "production",
                good.place,
                lot=lot,
                value=self._spent(order.number),
                department="PRD",
                cost_object=order.number,
            )
            if book.post(book.number("FIN", 121), next(clock), "wangmin", [line], why=order.number):
                self.open_orders.remove(order)
            return

    def _spent(self, order: str) -> Decimal:
        """What went into a work order and did not come back."""
        self.book.settle()
        of_order = Movement.objects.filter(cost_object=order)
        went = of_order.filter(type="production_issue").aggregate(all=Sum("value"))["all"]
        back = of_order.filter(type="production_return").aggregate(all=Sum("value"))["all"]
        return (went or Decimal(0)) - (back or Decimal(0))

    def _sell(self, clock: Iterator[datetime], on: date, customer: str) -> None:
        """One to three of the goods that the customer usually takes, and perhaps one that is sought after."""
        book = self.book
        order = book.number("SO", 8765)
        lines: list[Line] = []
        asked = self._customers.ask(customer, book.random, 3)
        if book.random.random() < 0.4:
            asked += self._wanted.ask(customer, book.random, 1)
        if book.random.random() < 0.25:
            asked += self._products.ask(customer, book.random, 1)
        for item, quantity in {one.item: one.usual for one in asked}.items():
            if book.on_hand(item, "MAIN") - quantity < book.goods[item].reorder // 2:
                continue
            lines += self.issue(
                "sales_out", item, quantity, "customer", on, partner=customer, cost_object=order
            )
        book.post(
            book.number("SOUT", 231),
            next(clock),
            self._clerk_of(customer),
            lines,
            why=f"{order} {book.master.partners[customer].name}",
        )

    def _clerk_of(self, customer: str) -> str:
        """Each looks after customers of his own; now and then the other one stands in."""
        own = CUSTOMERS.index(customer) % 2
        return CLERKS[1 - own if self.book.random.random() < 0.01 else own]

    def _hand_out(self, clock: Iterator[datetime], on: date) -> None:
        """Supplies for a department, those that it usually takes."""
        book = self.book
        department = book.random.choice(DEPARTMENTS)[0]
        lines: list[Line] = []
        for item, quantity in self._departments.ask(department, book.random, 3):
            lines += self.issue(
                "department_issue",
                item,
                quantity,
                "department",
                on,
                department=department,
                warehouse="WH2",
            )
        book.post(
            book.number("DEP", 71), next(clock), "zhangwei", lines, why=said("日常领用 Daily use")
        )

    def _new_serial(self, good: Good) -> str:
        number = self._serials.get(good.code, 0) + 1
        self._serials[good.code] = number
        return self.book.lot(good.code, f"{good.code}-{number:04d}")
