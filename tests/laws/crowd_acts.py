"""What a client of a crowd does, once; errors of the domain are its outcome."""

import itertools
import os
import time
from datetime import datetime
from decimal import Decimal
from typing import Any

from people.access import SYSTEM
from people.models import Company
from stock import cost_methods, ledger, periods, reservations
from stock.ledger import LineInput
from stock.models import Category
from stock.reservations import ReservationInput

_serial = itertools.count()


def post(client: int, *, lines: list[dict[str, Any]], key: str = "", at: str = "") -> str:
    """Post lines; "known" if the key had been posted before."""
    posted = ledger.post(
        [
            LineInput(**{**line, "quantity": Decimal(line["quantity"]), "unit_cost": Decimal(1)})
            for line in lines
        ],
        company=Company.objects.get(),
        key=key or f"{os.getpid()}-{client}-{next(_serial)}",
        actor=None,
        access=SYSTEM,
        effective_at=datetime.fromisoformat(at) if at else None,
    )
    return "posted" if posted.created else "known"


def reverse(client: int, *, posting: int) -> str:
    """Reverse a posting under a key of this client."""
    ledger.reverse(posting, key=f"reverse-{client}", actor=None, access=SYSTEM, why="mistake")
    return "reversed"


def reserve(client: int, *, item: int, warehouse: int, quantity: str) -> str:
    """Promise stock."""
    line = ReservationInput(item, warehouse, Decimal(quantity))
    reservations.reserve([line], reference=f"SO-{client}", actor=None, access=SYSTEM)
    return "reserved"


def close(client: int, *, month: str) -> str:
    """Close a month."""
    day = datetime.fromisoformat(month).date()
    periods.close(Company.objects.get(), day, actor=None, access=SYSTEM)
    return f"closed{client}"


def change_method(client: int, *, category: int, methods: list[str]) -> str:
    """Change a method of cost there and back, with breath in between."""
    for method in methods:
        time.sleep(0.05)
        cost_methods.change_method(
            Category.objects.get(pk=category), method, actor=None, access=SYSTEM
        )
    return "changed"
