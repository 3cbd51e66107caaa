"""A production order of a scenario, through documents: its materials issued, returned, and what was made of them."""

from decimal import Decimal
from typing import Any

from people.access import access_for
from people.models import Company, User
from stock.models import Warehouse
from tests.workflows.laws.test_bound import POST
from workflows import copying, door, drafting
from workflows.models import Document, Process, ProcessVersion
from workflows.steps import Options

KINDS = (
    "production_order", "production_issue", "production_return", "production_receipt", "landed_cost",
)  # fmt: skip


class Shop:
    """Somebody who may do everything, on processes that only post."""

    def __init__(self, company: Company, warehouse: Warehouse) -> None:
        self.company, self.warehouse = company, warehouse
        self.user = User.objects.create(username="maker", is_superuser=True)
        for kind in KINDS:
            process = Process.objects.create(company=company, type=kind, name_en=kind)
            ProcessVersion.objects.create(
                process=process,
                number=1,
                state=ProcessVersion.State.ACTIVE,
                steps=[POST.as_dict()],
                options=Options(makes="none").as_dict(),
            )

    def order(self, product: str, quantity: Any, materials: dict[str, Any]) -> Document:
        """A production order in force."""
        lines = [{"item": product, "quantity": str(quantity), "side": "output"}]
        lines += [
            {"item": item, "quantity": str(part), "side": "input"}
            for item, part in materials.items()
        ]
        order = drafting.create(
            "production_order",
            actor=self.user,
            access=access_for(self.user),
            company=self.company,
            header={"warehouse": self.warehouse.code},
            lines=lines,
        )
        return self.post(order)

    def make(
        self, source: Document, kind: str, quantities: dict[str, Any] | None = None
    ) -> Document:
        """What is made from a document (of some items, so much), posted."""
        lines = None
        if quantities is not None:
            lines = {
                str(line.key): str(quantities[line.item.code])
                for line in source.lines.select_related("item")
                if line.item.code in quantities
            }
        made = copying.make_from(
            source.pk, kind, actor=self.user, access=access_for(self.user), lines=lines
        )
        return self.post(made)

    def add_cost(self, issue: Document, value: Decimal) -> Document:
        """A cost of the order that is no material: freight, work from outside."""
        made = copying.make_from(
            issue.pk, "landed_cost", actor=self.user, access=access_for(self.user)
        )
        first, *rest = made.lines.order_by("position")
        access = access_for(self.user)
        for line in rest:
            drafting.remove_line(made.pk, str(line.key), actor=self.user, access=access)
        drafting.set_line(
            made.pk, {"value": str(value)}, key=str(first.key), actor=self.user, access=access
        )
        drafting.set_header(made.pk, {"reference": "EXTRA"}, actor=self.user, access=access)
        return self.post(made)

    def post(self, document: Document) -> Document:
        """Submitted, and by that done."""
        door.act(document.pk, "submit", actor=self.user)
        return Document.objects.get(pk=document.pk)
