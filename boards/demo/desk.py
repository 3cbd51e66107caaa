"""Only the documents that are on their way today: written, decided and carried out by their people, step by step."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from boards.demo.book import Book
from boards.demo.words import said
from people.access import access_for
from people.models import User
from workflows import copying, door, drafting, moment
from workflows.models import Absence, Document

Row = dict[str, Any]


class Desk:
    """What people did on the last days, through the same doors as everybody."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.users = book.master.users
        self.at = book.until

    def work(self) -> None:
        """Everything, oldest first."""
        self._purchases()
        self._production()
        self._sales()
        self._scrap()
        self._inside()
        self._away()

    # -- what happened ---------------------------------------------------------------------------

    def _purchases(self) -> None:
        done = self._write(
            "purchase_in", "liuyang", 50, [self._buy("10021", 200), self._buy("10041", 60)],
            partner="JN", reference="PO-2231", note=said("样机备料 Parts for a prototype"),
        )  # fmt: skip
        self._act(
            done,
            "comment",
            "liuyang",
            49,
            text="@chenxiao " + said("下周装机，请尽快 We assemble next week"),
        )
        self._act(
            done, "approve", "chenxiao", 47, text=said("已与供应商确认 Confirmed with the supplier")
        )
        first, second = self._keys(done)
        self._act(
            done, "record", "wangmin", 26,
            data={"lines": [{"key": first, "actual": "200", "rejected": "6"}]},
        )  # fmt: skip
        self._act(
            done, "complete", "wangmin", 25, text=said("6 件划伤 Six are scratched"),
            data={"lines": [{"key": second, "actual": "60"}]},
        )  # fmt: skip
        self._write(
            "purchase_in", "liuyang", 28, [self._buy("30052", 20)],
            partner="YD", reference="PO-2236", note=said("实验室用 For the laboratory"),
        )  # fmt: skip
        self._write(
            "purchase_in", "chenxiao", 5, [self._buy("10110", 80), self._buy("10130", 20)],
            partner="SZ", reference="PO-2238",
        )  # fmt: skip
        self._write(
            "purchase_in", "chenxiao", 4, [self._buy("10054", 80), self._buy("10063", 60)],
            partner="XF", reference="PO-2240", note=said("季度备货 Stock for the quarter"),
        )  # fmt: skip

    def _production(self) -> None:
        over = self._write(
            "production_issue", "wulei", 46, [self._take("10031", 120), self._take("10021", 40)],
            cost_object="WO-3308", department="PRD",
        )  # fmt: skip
        first, second = self._keys(over)
        picked = [(first, "128"), (second, "30")]
        rows = [{"key": key, "actual": actual} for key, actual in picked]
        self._act(over, "record", "liqiang", 45, data={"lines": rows})
        rows = [{"key": key, "rechecked": actual} for key, actual in picked]
        self._act(
            over, "complete", "liqiang", 44, text=said("少 10 件垫片 Ten washers short"),
            data={"lines": rows},
        )  # fmt: skip
        self._write(
            "production_issue", "wulei", 6, [self._take("10041", 24), self._take("10022", 12)],
            cost_object="WO-3314", department="PRD",
        )  # fmt: skip
        self._write(
            "production_issue", "wulei", 27, [self._take("10062", 6), self._take("10061", 4)],
            cost_object="WO-3312", department="PRD", note=said("输送线 B 段 Conveyor, section B"),
        )  # fmt: skip

    def _sales(self) -> None:
        sale = self._write(
            "sales_out", "xulin", 30, [self._take("10046", 3, price="268", tax="13")],
            partner="C03", reference="SO-8829",
        )  # fmt: skip
        self._act(sale, "complete", "wangmin", 28)
        self._write(
            "sales_out", "xulin", 3, [self._take("30020", 6, price="96", tax="13")],
            partner="C01", reference="SO-8833",
        )  # fmt: skip
        if self._fresh(sale).state == "posted":
            back = self._make(sale, "sales_return", "xulin", 4)
            self._act(
                back, "submit", "xulin", 4, text=said("客户反映异响 The customer hears a noise")
            )

    def _scrap(self) -> None:
        big = self._write(
            "scrap", "wangmin", 7, [self._take("10063", 2)],
            reason="damaged", note=said("仓库漏水 Water damage"),
        )  # fmt: skip
        self._act(big, "copy", "wangmin", 7, data={"users": [self.users["qian"].pk]})
        returned = self._write("scrap", "wangmin", 29, [self._take("10053", 6)], reason="damaged")
        self._act(
            returned, "return", "zhao", 26, reason="other",
            text=said("请附照片并写明原因 Add photos and say what happened"),
        )  # fmt: skip
        refused = self._write("scrap", "liqiang", 52, [self._take("10061", 3)], reason="damaged")
        self._act(
            refused,
            "refuse",
            "zhao",
            48,
            reason="other",
            text=said("可返修，勿报废 It can be repaired"),
        )

    def _inside(self) -> None:
        transfer = self._write(
            "transfer_out", "liqiang", 25, [self._take("30050", 20), self._take("10031", 100)],
            target_warehouse="WH2",
        )  # fmt: skip
        self._act(transfer, "complete", "liqiang", 24)
        if self._fresh(transfer).state == "posted":
            arrival = self._make(transfer, "transfer_in", "zhangwei", 3)
            self._act(arrival, "submit", "zhangwei", 3)
        self._write(
            "bin_move", "wangmin", 2, [{**self._take("10021", 50), "target": "B-08-2"}],
            submit=False,
        )  # fmt: skip
        withdrawn = self._write(
            "purchase_in", "liuyang", 30, [self._buy("10390", 10)], partner="JN"
        )
        self._act(withdrawn, "withdraw", "liuyang", 29, text=said("重复申请 Asked twice"))

    def _away(self) -> None:
        """The approver was away last week; somebody else decided for him."""
        Absence.objects.create(
            user=self.users["zheng"],
            stand_in=self.users["zhao"],
            starts_at=self.at - timedelta(days=9),
            ends_at=self.at - timedelta(days=5),
        )

    # -- how -------------------------------------------------------------------------------------

    def _buy(self, item: str, quantity: int, price: Decimal | None = None) -> Row:
        good = self.book.goods[item]
        row: Row = {
            "item": item,
            "quantity": str(quantity),
            "price": str(price or good.cost),
            "tax_rate": "13",
            "target": good.place,
        }
        if good.tracking == "lot":
            self.book.numbers["LNEW"] = self.book.numbers.get("LNEW", 2700) + 1
            row["lot"] = f"L{self.book.numbers['LNEW']}"
        return row

    def _take(self, item: str, quantity: int, *, price: str = "", tax: str = "") -> Row:
        """A line from the fullest pile that is left in the main warehouse."""
        pile = self.book.pile(item, 1)
        row: Row = {
            "item": item,
            "quantity": str(min(Decimal(quantity), pile.quantity.to_integral_value())),
            "source": pile.place,
        }
        if pile.lot:
            row["lot"] = pile.lot
        if price:
            row |= {"price": price, "tax_rate": tax}
        return row

    def _write(
        self,
        kind: str,
        who: str,
        hours: int,
        lines: list[Row],
        *,
        submit: bool = True,
        **header: Any,
    ) -> Document:
        user = self.users[who]
        with moment.told(self._ago(hours)):
            document = drafting.create(
                kind,
                actor=user,
                access=access_for(user),
                company=self.book.master.company,
                header={"warehouse": "MAIN", **header},
                lines=lines,
                door_name="form",
            )
        if submit:
            self._act(document, "submit", who, hours)
        return document

    def _make(self, source: Document, kind: str, who: str, hours: int) -> Document:
        user = self.users[who]
        with moment.told(self._ago(hours)):
            return copying.make_from(source.pk, kind, actor=user, access=access_for(user))

    def _act(
        self,
        document: Document,
        verb: str,
        who: str,
        hours: int,
        *,
        data: Mapping[str, Any] | None = None,
        reason: str = "",
        text: str = "",
    ) -> None:
        user = User.objects.get(pk=self.users[who].pk)
        with moment.told(self._ago(hours)):
            door.act(document.pk, verb, actor=user, data=data, reason=reason, text=text)

    def _ago(self, hours: int) -> datetime:
        """So many hours before the end of the story."""
        return self.at - timedelta(hours=hours)

    def _keys(self, document: Document) -> list[str]:
        return [str(line.key) for line in document.lines.order_by("position")]

    def _fresh(self, document: Document) -> Document:
        return Document.objects.get(pk=document.pk)
