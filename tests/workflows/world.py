"""A company with people in every role, goods in stock, and short ways to write documents and act on them."""

import uuid
from decimal import Decimal
from typing import Any

from people.access import SYSTEM, access_for
from people.models import Company, Department, Membership, Role, User
from stock import catalog, ledger
from stock.ledger import LineInput
from stock.models import Category, Item, Partner, Place, Reason, Unit, Warehouse
from workflows import door, drafting
from workflows.door import Outcome
from workflows.models import Document

D = Decimal


class World:
    """Ann asks, Bob approves, Cat carries out, Dan belongs to the other warehouse; Fay is finance."""

    def __init__(self, code: str = "WF") -> None:
        self.company = Company.objects.create(code=code, name=code)
        self.main: Warehouse = catalog.create_warehouse(
            company=self.company, code=f"{code}-A", name="A"
        )
        self.other: Warehouse = catalog.create_warehouse(
            company=self.company, code=f"{code}-B", name="B"
        )
        self.department = Department.objects.create(
            company=self.company, code=f"{code}-D", name="Assembly"
        )
        self.supplier = Partner.objects.create(code=f"{code}-S", name="Supplier", is_supplier=True)
        self.customer = Partner.objects.create(code=f"{code}-C", name="Customer", is_customer=True)
        self.unit, _made = Unit.objects.get_or_create(
            code="PCS", defaults={"name": "piece", "decimals": 3}
        )
        self.category = Category.objects.create(code=f"{code}-K", name="goods")
        self.ann = self.person("ann", "asker")
        self.bob = self.person("bob", "approver")
        self.cat = self.person("cat", "clerk")
        self.dan = self.person("dan", "clerk", warehouse=self.other)
        self.fay = self.person("fay", "finance")
        self.head = self.person("head", "warehouse_head")
        self.buyer = self.person("buyer", "procurement")
        self.after = self.person("after", "after_sales")
        self.admin = self.person("admin", "admin")
        self.numbers = 0

    def person(self, name: str, *roles: str, warehouse: Warehouse | None = None) -> User:
        """A user with roles in one warehouse (the main one unless said otherwise); finance sees all."""
        user = User.objects.create(
            username=f"{self.company.code}-{name}".lower(), name=name, department=self.department
        )
        for role in roles:
            everywhere = role in {"finance", "admin", "auditor"}
            membership = Membership.objects.create(
                user=user, role=Role.objects.get(code=role), everywhere=everywhere
            )
            if not everywhere:
                membership.scopes.add((warehouse or self.main).scope)
        return user

    def item(self, tracking: str = "none") -> Item:
        """A new item."""
        self.numbers += 1
        return Item.objects.create(
            code=f"{self.company.code}-{self.numbers:03}",
            name=f"item {self.numbers}",
            category=self.category,
            base_unit=self.unit,
            tracking=tracking,
        )

    def stocked(
        self, quantity: Any = 100, cost: Any = 10, warehouse: Warehouse | None = None
    ) -> Item:
        """A new item with stock, at a unit cost."""
        item = self.item()
        house = warehouse or self.main
        ledger.post(
            [
                LineInput(
                    type="opening",
                    item=item.pk,
                    source=Place.objects.get(company=self.company, kind="opening").pk,
                    target=catalog.default_place(house).pk,
                    quantity=D(str(quantity)),
                    unit_cost=D(str(cost)),
                )
            ],
            company=self.company,
            key=uuid.uuid4().hex,
            actor=None,
            access=SYSTEM,
        )
        return item

    def draft(
        self, kind: str, *lines: dict[str, Any], by: User | None = None, **header: Any
    ) -> Document:
        """A draft with its usual header filled in."""
        header.setdefault("warehouse", self.main.code)
        usual = {
            "purchase_in": {"partner": self.supplier.code},
            "sales_out": {"partner": self.customer.code},
            "production_issue": {"cost_object": "WO-1"},
            "department_issue": {"department": self.department.code},
            "transfer": {"target_warehouse": self.other.code},
            "transfer_out": {"target_warehouse": self.other.code},
            "scrap": {"reason": "damaged"},
            "hold": {"reason": "damaged"},
            "other_in": {"reason": "found"},
            "other_out": {"reason": "sample"},
        }
        for name, value in usual.get(kind, {}).items():
            header.setdefault(name, value)
        user = by or self.ann
        return drafting.create(
            kind,
            actor=user,
            access=access_for(user),
            company=self.company,
            header=header,
            lines=lines,
        )

    def act(self, document: Document, verb: str, by: User, **more: Any) -> Outcome:
        """Do a verb; reasons default to one of the list where they are needed."""
        fresh = User.objects.get(pk=by.pk)
        if verb in {"refuse", "return", "reverse"}:
            more.setdefault("reason", "correction")
            more.setdefault("text", "because")
        return door.act(document.pk, verb, actor=fresh, **more)

    def reasons(self) -> list[str]:
        """The codes of the reasons."""
        return list(Reason.objects.values_list("code", flat=True))
