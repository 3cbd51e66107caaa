"""Tells the last weeks of the demo company: the routine of every day and what was special on some."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from boards.demo import past
from boards.demo.book import Book, Entry, Line
from boards.demo.routine import Routine
from boards.demo.words import said

MONTH = 36
"""Days of the story until today."""
BEFORE = past.DAYS + MONTH
"""Days from the opening until today."""


class Story:
    """The last weeks, day by day, after the months before them."""

    def __init__(self, book: Book, *, today: date) -> None:
        self.book = book
        self.routine = Routine(book)
        self.today = today
        self.zone = ZoneInfo(book.master.company.time_zone)
        self.repaired: Entry | None = None

    def tell(self) -> None:
        """Post everything from the opening until today."""
        start = self.today - timedelta(days=MONTH)
        days = [start + timedelta(days=n) for n in range(1, MONTH + 1)]
        days = [day for day in days if day.weekday() != past.SUNDAY or day == self.today]
        opening = datetime.combine(self.today - timedelta(days=BEFORE + 1), time(8), self.zone)
        self._aged_lots(opening)
        self.routine.open_stock(opening + timedelta(minutes=30))
        past.tell(self.book, self.routine, start + timedelta(days=1), self._clock)
        specials = dict(zip(days[1:], self._specials(), strict=False))
        for day in days:
            clock = self._clock(day)
            if day in specials:
                specials[day](clock, day)
            if day == self.today:
                self._today(clock, day)
            self.routine.day(clock, day)

    def _clock(self, day: date) -> Iterator[datetime]:
        """Moments of a working day, ever later."""
        moment = datetime.combine(day, time(8, 5), self.zone)
        while True:
            moment += timedelta(minutes=self.book.random.randint(4, 24))
            yield moment

    def _specials(self) -> list[Callable[[Iterator[datetime], date], None]]:
        return [
            self._purchase_return,
            self._transfer_begins,
            self._transfer_arrives,
            self._hold,
            self._customer_returns,
            self._repair_begins,
            self._stocktake,
            self._late_costs,
            self._assemble,
            self._mend_lots,
            self._sample,
            self._revalue,
            self._wrong_receipt,
            self._to_service,
            self._parts_left_over,
            self._repair_ends,
            self._urgent,
            self._scrap_expired,
            self._disassemble,
        ]

    def _aged_lots(self, opening: datetime) -> None:
        """Lots that are about to expire today, or just have."""
        book = self.book
        aged = (
            ("20318", "L2533", 6, -1, "D-05"),
            ("20310", "L2590", 31, 21, "D-11"),
            ("20341", "L2561", 18, 12, "D-03"),
            ("20333", "L2548", 14, 40, "D-09"),
        )
        lines = []
        for item, lot, quantity, days, place in aged:
            book.lot(item, lot, expires=self.today + timedelta(days=days))
            cost = book.goods[item].cost
            lines.append(Line("opening", item, quantity, "opening", place, lot=lot, unit_cost=cost))
        book.post(book.number("OPEN"), opening, "zhao", lines, why=said("期初建账 Opening"))

    def _purchase_return(self, clock: Iterator[datetime], day: date) -> None:
        """Five bearings came rusty and go back at what they cost."""
        book, routine = self.book, self.routine
        lines = routine.arrive("purchase_in", book.goods["10110"], 60, "supplier", day)
        receipt = book.post(
            book.number("PIN", 401), next(clock), "wangmin", lines, why="PO-2199 到货 delivery"
        )
        if receipt:
            back = Line(
                "purchase_return", "10110", 5, "B-05-1", "supplier",
                partner="SZ", original=receipt.movement_ids[0],
            )  # fmt: skip
            book.post(
                book.number("PRT", 31), next(clock), "wangmin", [back], why=said("锈蚀退货 Rust")
            )

    def _transfer_begins(self, clock: Iterator[datetime], day: date) -> None:
        self._ship(clock, day, "TRF-0110", (("10031", 1200), ("10021", 480), ("30050", 60)))

    def _ship(
        self,
        clock: Iterator[datetime],
        day: date,
        shipment: str,
        goods: tuple[tuple[str, int], ...],
    ) -> None:
        """Send goods of the main warehouse on the way to warehouse 2."""
        lines = [
            line
            for item, quantity in goods
            for line in self.routine.issue(
                "transfer_out", item, quantity, "WH2-T", day, cost_object=shipment
            )
        ]
        self.book.post(
            shipment, next(clock), "liqiang", lines, why=said("补 2 号仓 Refill warehouse 2")
        )

    def _transfer_arrives(self, clock: Iterator[datetime], day: date) -> None:
        book = self.book
        lines = [
            Line("transfer_in", item, quantity, "WH2-T", "E-02", lot=lot, cost_object="TRF-0110")
            for (item, lot, place), quantity in list(book.stock.items())
            if place == "WH2-T" and quantity
        ]
        book.post("TRF-0110-IN", next(clock), "zhangwei", lines)

    def _hold(self, clock: Iterator[datetime], day: date) -> None:
        """Six motors are noisy: held, two of them found good."""
        book = self.book
        pile = book.pile("10044", 6)
        motor = Line("hold", "10044", 6, pile.place, "Q-01", lot=pile.lot)
        book.post(
            book.number("HLD", 41), next(clock), "wangmin", [motor], why=said("异响待检 Noisy")
        )
        good = Line("release", "10044", 2, "Q-01", pile.place, lot=pile.lot)
        book.post(book.number("REL", 41), next(clock), "zhao", [good], why=said("复检合格 Passed"))

    def _customer_returns(self, clock: Iterator[datetime], day: date) -> None:
        """Eight sold, three back to quarantine: two good, one scrapped."""
        book, routine = self.book, self.routine
        lines = routine.issue("sales_out", "10046", 8, "customer", day, partner="C03")[:1]
        sale = book.post(
            book.number("SOUT", 231), next(clock), "wangmin", lines, why="SO-8760 北辰设备"
        )
        if not sale:
            return
        lot, place, amount = (
            lines[0].lot,
            lines[0].source,
            min(Decimal(3), Decimal(lines[0].quantity)),
        )
        back = Line(
            "sales_return", "10046", amount, "customer", "Q-01",
            lot=lot, partner="C03", original=sale.movement_ids[0],
        )  # fmt: skip
        book.post(
            book.number("SRT", 205), next(clock), "wangmin", [back], why=said("客户退货 Returned")
        )
        good = Line("release", "10046", amount - 1, "Q-01", place, lot=lot)
        book.post(book.number("REL", 41), next(clock), "zhao", [good], why=said("检验合格 Passed"))
        broken = Line("scrap", "10046", 1, "Q-01", "scrap", lot=lot, reason="damaged")
        book.post(
            book.number("SCR", 31), next(clock), "zhao", [broken], why=said("线圈烧毁 Burnt coil")
        )

    def _repair_begins(self, clock: Iterator[datetime], day: date) -> None:
        (pile, *_rest) = self.book.pick("10051", 1, on=day)
        line = Line("repair_out", "10051", 1, pile.place, "MAIN-R", lot=pile.lot, partner="XF")
        self.repaired = self.book.post(
            self.book.number("REP", 11),
            next(clock),
            "liqiang",
            [line],
            why=said("编码器故障 Encoder"),
        )

    def _repair_ends(self, clock: Iterator[datetime], day: date) -> None:
        if self.repaired is None:
            return
        went = self.repaired.lines[0]
        line = went._replace(
            type="repair_in",
            source="MAIN-R",
            target=went.source,
            original=self.repaired.movement_ids[0],
        )
        self.book.post(
            self.book.number("REP", 11),
            next(clock),
            "liqiang",
            [line],
            why=said("修复返库 Repaired"),
        )

    def _stocktake(self, clock: Iterator[datetime], day: date) -> None:
        book = self.book
        gains = [Line("stocktake_gain", "10041", 35, "adjustment", "B-03-2", reason="found")]
        losses = [
            line
            for item, quantity in (("10377", 26), ("10033", 40), ("30060", 12))
            for line in self.routine.issue(
                "stocktake_loss", item, quantity, "adjustment", day, reason="lost"
            )
        ]
        number = book.number("CNT", 12)
        book.post(
            number, next(clock), "zhao", [*gains, *losses], why=said("B 区盘点 Count of zone B")
        )

    def _late_costs(self, clock: Iterator[datetime], day: date) -> None:
        """The invoice was higher and the freight came later: both land on the receipt's goods."""
        book, routine = self.book, self.routine
        lines = routine.arrive("purchase_in", book.goods["10120"], 12, "supplier", day)
        receipt = book.post(
            book.number("PIN", 401), next(clock), "wangmin", lines, why="PO-2211 到货 delivery"
        )
        if not receipt:
            return
        original = receipt.movement_ids[0]
        for kind, prefix, value, why in (
            ("price_difference", "INV", "36.00", said("发票价差 Invoice difference")),
            ("landed_cost", "FRT", "58.50", said("运费分摊 Freight")),
        ):
            line = Line(
                kind, "10120", 0, "supplier", "A-03",
                value=Decimal(value), partner="SZ", original=original,
            )  # fmt: skip
            book.post(book.number(prefix, 21), next(clock), "qian", [line], why=why)

    def _assemble(self, clock: Iterator[datetime], day: date) -> None:
        """Ten repair kits out of bearings, belts and grease."""
        book, routine = self.book, self.routine
        number = book.number("ASM", 5)
        inputs = [
            line
            for item, quantity in (("10110", 20), ("10130", 10), ("20333", 10))
            for line in routine.issue(
                "assembly", item, quantity, "conversion", day, cost_object=number
            )
        ]
        if {line.item for line in inputs} != {"10110", "10130", "20333"}:
            return
        kit = Line("assembly", "50020", 10, "conversion", "P-02", cost_object=number)
        book.post(
            number, next(clock), "liqiang", [*inputs, kit], why=said("组装维修包 Repair kits")
        )

    def _disassemble(self, clock: Iterator[datetime], day: date) -> None:
        """One repair kit is taken apart again; its parts share its cost by what they are worth."""
        book = self.book
        if not book.stock["50020", "", "P-02"]:
            return
        number = book.number("DIS", 3)
        lines = [
            Line("disassembly", "50020", 1, "P-02", "conversion", cost_object=number),
            Line(
                "disassembly", "10110", 2, "conversion", "B-05-1",
                unit_cost=Decimal("9.80"), cost_object=number,
            ),
            Line(
                "disassembly", "10130", 1, "conversion", "B-06-1",
                unit_cost=Decimal("46.00"), cost_object=number,
            ),
        ]  # fmt: skip
        book.post(number, next(clock), "liqiang", lines, why=said("拆包补件 Parts wanted"))

    def _mend_lots(self, clock: Iterator[datetime], day: date) -> None:
        """Eight motors were booked under the wrong lot."""
        book = self.book
        pile = book.pile("10053", 8)
        right = book.lot("10053", "L2577", made=day - timedelta(days=60))
        number = book.number("LOT", 7)
        lines = [
            Line("lot_correction", "10053", 8, pile.place, "conversion",
                 lot=pile.lot, cost_object=number),
            Line("lot_correction", "10053", 8, "conversion", pile.place,
                 lot=right, cost_object=number),
        ]  # fmt: skip
        book.post(number, next(clock), "zhao", lines, why=said("批号贴错 Wrong label"))

    def _sample(self, clock: Iterator[datetime], day: date) -> None:
        book = self.book
        number = book.number("MIN", 13)
        found = Line(
            "other_in",
            "30042",
            1,
            "adjustment",
            "C-04",
            unit_cost=Decimal("168.00"),
            reason="sample",
        )
        book.post(number, next(clock), "wangmin", [found], why=said("供应商样品 Supplier sample"))
        gift = self.routine.issue("other_out", "30061", 1, "adjustment", day, reason="sample")
        book.post(
            book.number("MOUT", 13), next(clock), "liqiang", gift, why=said("展会样机 Trade fair")
        )

    def _revalue(self, clock: Iterator[datetime], day: date) -> None:
        line = Line("revaluation", "10061", 0, "revaluation", "A-04", value=Decimal("310.00"))
        self.book.post(
            self.book.number("REV", 3),
            next(clock),
            "qian",
            [line],
            why=said("成本核定 Cost review"),
        )

    def _wrong_receipt(self, clock: Iterator[datetime], day: date) -> None:
        """A delivery typed twice: the second is reversed."""
        book = self.book
        number = book.number("PIN", 401)
        lines = self.routine.arrive("purchase_in", book.goods["10021"], 400, "supplier", day)
        entry = book.post(number, next(clock), "wangmin", lines, why="PO-2219 到货 delivery")
        if entry:
            book.reverse(entry, next(clock), "zhao", said("重复录入 Entered twice"))

    def _to_service(self, clock: Iterator[datetime], day: date) -> None:
        """Spare parts for the service depot, over the road and there at once."""
        lines = [
            line
            for item, quantity, place in (
                ("50020", 6, "S-01"),
                ("30020", 12, "S-02"),
                ("10111", 8, "S-03"),
            )
            for line in self.routine.issue("transfer", item, quantity, place, day)
        ]
        self.book.post(
            "TRF-0114", next(clock), "liqiang", lines, why=said("售后备件 Service parts")
        )

    def _parts_left_over(self, clock: Iterator[datetime], day: date) -> None:
        """What production did not need comes back at what it went out for."""
        known = [order.issue for order in self.routine.open_orders if order.issue.movement_ids]
        issue = known[-1] if known else self.routine.last_issue
        if issue is None or not issue.movement_ids:
            return
        at, part = max(enumerate(issue.lines), key=lambda numbered: numbered[1].quantity)
        back = part._replace(
            type="production_return",
            source="production",
            target=part.source,
            quantity=1,
            original=issue.movement_ids[at],
        )
        self.book.post(
            self.book.number("MRT", 17),
            next(clock),
            "liqiang",
            [back],
            why=said("余料退库 Left over"),
        )

    def _urgent(self, clock: Iterator[datetime], day: date) -> None:
        """Issued before the receipt was booked; the receipt costs more, a settlement keeps it true."""
        book = self.book
        piles = book.piles("10390", "MAIN")
        if not piles:
            return
        more = [pile.quantity + (12 if pile == piles[-1] else 0) for pile in piles]
        lines = [
            Line("production_issue", "10390", quantity, pile.place, "production",
                 department="PR2", cost_object="WO-3299")
            for pile, quantity in zip(piles, more, strict=True)
        ]  # fmt: skip
        why = said("急用，后补入库 Urgent need, receipt follows")
        book.post(book.number("MISS", 821), next(clock), "zhao", lines, override=why)
        late = Line(
            "purchase_in", "10390", 200, "supplier", piles[-1].place,
            unit_cost=Decimal("19.80"), partner="JN",
        )  # fmt: skip
        book.post(
            book.number("PIN", 401), next(clock), "wangmin", [late], why="PO-2224 到货 delivery"
        )

    def _scrap_expired(self, clock: Iterator[datetime], day: date) -> None:
        lines = self.routine.issue("scrap", "20340", 4, "scrap", day, reason="damaged")
        self.book.post(
            self.book.number("SCR", 31), next(clock), "zhao", lines, why=said("破损 Leaking")
        )

    def _today(self, clock: Iterator[datetime], day: date) -> None:
        """Goods under way since this morning, and one place taken below zero with a reason."""
        book = self.book
        self._ship(clock, day, "TRF-0118", (("10311", 36), ("30052", 40), ("10378", 200)))
        rest = book.stock["10022", "", "B-04-1"]
        move = Line("bin_move", "10022", rest, "B-04-1", "B-04-2")
        book.post(
            book.number("MOV", 61), next(clock), "wangmin", [move], why=said("并位 Merging bins")
        )
        line = Line(
            "production_issue", "10022", 4, "B-04-1", "production",
            department="PRD", cost_object="WO-3312",
        )  # fmt: skip
        why = said("实物在位，移库记录滞后 Goods are there, booked elsewhere")
        book.post(book.number("MISS", 821), next(clock), "zhao", [line], override=why)
