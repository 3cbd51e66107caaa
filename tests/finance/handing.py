"""A small company with a reviewed month, for tests of review and hand-over."""

from datetime import date
from typing import Any

from django.utils import timezone

from finance.models import Account, HandoverProfile, JournalEntry
from finance.review import reviewing
from people.access import SYSTEM
from people.models import User
from stock.models import Partner
from tests.laws.world import World


class Month:
    """A world whose goods came from a supplier and went to a customer this month, and people of finance."""

    def __init__(self, code: str = "LAW") -> None:
        self.world = World(code)
        self.fay = User.objects.create_user(f"fay-{code}", password="x", name="Fay")
        self.gus = User.objects.create_user(f"gus-{code}", password="x", name="Gus")
        self.supplier = Partner.objects.create(code=f"S-{code}", name="恒通", is_supplier=True)
        self.customer = Partner.objects.create(code=f"C-{code}", name="海达", is_customer=True)
        self.item = self.world.item()
        self.first: date = timezone.localdate().replace(day=1)

    def live(self) -> None:
        """A receipt, a sale and an issue, each its own entry."""
        self.world.move(
            "purchase_in", self.item, 10, unit_cost="2.5", partner=self.supplier.pk, document="PI-1"
        )
        self.world.move("sales_out", self.item, 4, partner=self.customer.pk, document="SO-1")
        self.world.move("department_issue", self.item, 1, document="DI-1")

    def entries(self, **where: Any) -> list[JournalEntry]:
        """The entries with something to review, oldest first."""
        found = JournalEntry.objects.filter(company=self.world.company, lines__gt=0, **where)
        return list(found.order_by("pk"))

    def review_all(self) -> None:
        """Fay agrees with everything."""
        reviewing.accept([entry.pk for entry in self.entries()], actor=self.fay, access=SYSTEM)

    def profile(self, **given: Any) -> HandoverProfile:
        """A way of handing over, U8 text unless said otherwise."""
        given.setdefault("name", f"way {HandoverProfile.objects.count()}")
        return HandoverProfile.objects.create(
            company=self.world.company, **{"format": "u8", **given}
        )

    def account(self, code: str, *auxiliaries: str) -> None:
        """Let an account want auxiliaries."""
        Account.objects.filter(company=self.world.company, code=code).update(
            auxiliaries=list(auxiliaries)
        )
