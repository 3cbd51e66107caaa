"""Only the orders of the demo company: bills of materials, orders in every state, and the tasks that follow them."""

from decimal import Decimal
from typing import Any

from boards.demo.desk import Desk, Row
from boards.demo.goods import RECIPES
from boards.demo.words import said
from people.access import access_for
from stock.models import Balance
from workflows import boms, followups, moment
from workflows.models import Document, FollowUp

_SCRAP = {"10031": "2", "10021": "2", "30060": "5", "40030": "3"}
"""Percent of these materials that is lost on the way."""


class Orders:
    """What was ordered lately, told through the same desk as everything else."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.users = desk.users

    def work(self) -> None:
        """Everything, oldest first."""
        self._bills()
        self._purchases()
        self._sales()
        self._production()
        self._tasks()

    def _bills(self) -> None:
        user = self.users["chenxiao"]
        for product, parts in RECIPES.items():
            lines = [
                {"item": item, "quantity": str(each), "scrap_percent": _SCRAP.get(item, "0")}
                for item, each in parts
            ]
            boms.save(product, quantity="1", lines=lines, actor=user, access=access_for(user))

    # -- what was ordered ------------------------------------------------------------------------

    def _purchases(self) -> None:
        done = self._order(
            "purchase_order", "chenxiao", 90, [self._buy("70010", 120), self._buy("70023", 40)],
            partner="LB", reference="HT-0311", days=-2,
        )  # fmt: skip
        self._receive(done, 70, ["120", "40"])
        late = self._order(
            "purchase_order", "chenxiao", 80, [self._buy("10022", 1000), self._buy("10310", 300)],
            partner="JN", reference="HT-0315", days=-1,
        )  # fmt: skip
        self._receive(late, 30, ["600", "0"])
        self._order(
            "purchase_order", "chenxiao", 8, [self._buy("30041", 400), self._buy("30020", 200)],
            partner="XF", days=6,
        )  # fmt: skip
        self._order(
            "purchase_order", "chenxiao", 5, [self._buy("10063", 30)], partner="HD", days=14,
            note=said("旺季备货 Stock for the season"),
        )  # fmt: skip

    def _sales(self) -> None:
        sold = self._order(
            "sales_order", "xulin", 76, [self._sell("30011", 10, "68")], partner="C03", days=-2
        )
        self._issue(sold, 60, ["10"])
        open_ = self._order(
            "sales_order", "xulin", 50, [self._sell("30012", 20, "59"), self._sell("30041", 400, "46")],
            partner="C02", reference="PO-77310", days=-1,
        )  # fmt: skip
        self._issue(open_, 26, ["12", "0"])
        gone = self._order(
            "sales_order", "xulin", 40, [self._sell("30050", 50, "11.5")], partner="C05", days=3
        )
        self.desk._act(
            gone, "void", "xulin", 38, reason="other", text=said("客户取消 The customer cancelled")
        )
        short = self._order(
            "sales_order", "xulin", 34, [self._sell("30051", 16, "23")], partner="C01", days=1
        )
        self._issue(short, 22, ["10"], close_rest=True)
        self.desk._act(
            short, "close", "xulin", 20, reason="other", text=said("客户只要 10 个 Ten are enough")
        )
        self._order(
            "sales_order", "xulin", 2, [self._sell("40021", 6, "99")], partner="C04", submit=False
        )

    def _production(self) -> None:
        made = self._order(
            "production_order", "wulei", 44, [{"item": "50011", "quantity": "2", "side": "output"}],
            department="PRD", days=1, explode=True, note=said("C02 订单用 For the order of C02"),
        )  # fmt: skip
        (issue,) = self._made(made, "production_issue")
        self._pick(issue, 40, extra={"10152": 2})
        receipts = self._made(made, "production_receipt")
        if receipts:
            self._count(receipts[0], 20, ["1"])
        self._order(
            "production_order", "wulei", 4, [{"item": "60030", "quantity": "1", "side": "output"}],
            department="PRD", days=9, explode=True, submit=False,
        )  # fmt: skip

    def _tasks(self) -> None:
        """The oldest dispatch is delivered, the next on its way; the oldest settlement is done."""
        logistics, finance = self.users["tangjun"], self.users["qian"]
        rows = FollowUp.objects.order_by("pk")
        shipped = [
            {"carrier": said("顺丰 SF"), "tracking": "SF1423908817", "state": "handed_over"},
            {"carrier": said("德邦 Deppon"), "tracking": "DPK2210457", "state": "handed_over"},
        ]
        for one, values in zip(rows.filter(kind="dispatch"), shipped, strict=False):
            self._do(one, logistics, 18, values)
        first = rows.filter(kind="dispatch").first()
        if first is not None:
            self._do(first, logistics, 6, {"state": "done"})
        paid = rows.filter(kind="settlement").first()
        if paid is not None:
            self._do(
                paid, finance, 16, {"state": "done", "note": said("发票已到 The invoice is here")}
            )

    # -- how -------------------------------------------------------------------------------------

    def _do(self, one: FollowUp, user: Any, hours: int, values: dict[str, str]) -> None:
        with moment.told(self.desk._ago(hours)):
            followups.write(one.key, values, actor=user, access=access_for(user))

    def _order(
        self,
        kind: str,
        who: str,
        hours: int,
        lines: list[Row],
        *,
        days: int | None = None,
        submit: bool = True,
        explode: bool = False,
        **header: Any,
    ) -> Document:
        """An order; wanted so many days after the end of the story."""
        if days is not None:
            header["wanted_on"] = (self.desk._ago(-24 * days)).date().isoformat()
        order = self.desk._write(kind, who, hours, lines, submit=False, **header)
        user = self.users[who]
        if explode:
            with moment.told(self.desk._ago(hours)):
                boms.explode(order, actor=user, access=access_for(user))
        if submit:
            self.desk._act(order, "submit", who, hours)
        return self.desk._fresh(order)

    def _buy(self, item: str, quantity: int) -> Row:
        good = self.desk.book.goods[item]
        return {
            "item": item,
            "quantity": str(quantity),
            "price": str(good.cost),
            "tax_rate": "13",
        }

    def _sell(self, item: str, quantity: int, price: str) -> Row:
        return {"item": item, "quantity": str(quantity), "price": price, "tax_rate": "13"}

    def _made(self, order: Document, kind: str) -> list[Document]:
        return list(order.made.filter(type=kind).exclude(state="void").order_by("pk"))

    def _receive(self, order: Document, hours: int, actual: list[str]) -> None:
        (receipt,) = self._made(order, "purchase_in")
        self._count(receipt, hours, actual)

    def _count(self, receipt: Document, hours: int, actual: list[str]) -> None:
        """So much of each line came, to where such goods lie."""
        rows = [
            {"key": str(line.key), "actual": part, "target": self._fullest(line.item.code)[0]}
            for line, part in zip(receipt.lines.order_by("position"), actual, strict=True)
        ]
        self.desk._act(receipt, "complete", "wangmin", hours, data={"lines": rows})

    def _issue(self, order: Document, hours: int, actual: list[str], **data: Any) -> None:
        """So much of each line is picked, but no more than lies on its fullest place."""
        (issue,) = self._made(order, "sales_out")
        rows = []
        for line, part in zip(issue.lines.order_by("position"), actual, strict=True):
            place, there = self._fullest(line.item.code)
            rows.append(
                {"key": str(line.key), "actual": str(min(Decimal(part), there)), "source": place}
            )
        self.desk._act(issue, "complete", "wangmin", hours, data={"lines": rows, **data})

    def _pick(self, issue: Document, hours: int, *, extra: dict[str, int]) -> None:
        """Materials as planned, some a little more, checked a second time."""
        picked = []
        for line in issue.lines.select_related("item").order_by("position"):
            place, there = self._fullest(line.item.code)
            part = min(line.requested + extra.get(line.item.code, 0), there)
            picked.append({"key": str(line.key), "actual": str(part), "source": place})
        again = [{"key": row["key"], "rechecked": row["actual"]} for row in picked]
        self.desk._act(issue, "record", "liqiang", hours, data={"lines": picked})
        self.desk._act(issue, "complete", "liqiang", hours - 1, data={"lines": again})

    def _fullest(self, item: str) -> tuple[str, Decimal]:
        """Where most of an item lies in the main warehouse, and how much."""
        rows = Balance.objects.filter(
            item__code=item, place__warehouse__code="MAIN", place__kind="storage", on_hand__gt=0
        )
        best = rows.select_related("place").order_by("-on_hand", "pk").first()
        return (best.place.code, best.on_hand) if best is not None else ("", Decimal(0))
