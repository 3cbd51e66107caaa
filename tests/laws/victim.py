"""A process that posts until it is killed: ``python -m tests.laws.victim prepare | post FROM COUNT | report``.

``post`` prints each key after its posting has been acknowledged, and posts known keys again.
"""

import json
import os
import sys

LINES = 5


def prepare() -> None:
    """An empty database with a company and some items."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.laws.world import World

    world = World()
    for method in ("average", "fifo", "average", "fifo", "average"):
        world.item(method)


def post(first: int, count: int) -> None:
    """Post receipts under the keys from ``first`` on."""
    from decimal import Decimal

    from people.access import SYSTEM
    from people.models import Company
    from stock import ledger
    from stock.models import Item, Place

    company = Company.objects.get()
    items = list(Item.objects.order_by("pk").values_list("pk", flat=True))
    source = Place.objects.get(kind="supplier").pk
    target = Place.objects.get(code="LAW-A").pk
    lines = [
        ledger.LineInput("purchase_in", item, source, target, Decimal(1), unit_cost=Decimal("1.23"))
        for item in items
    ]
    print("ready", flush=True)
    for number in range(first, first + count):
        key = f"k{number}"
        ledger.post(lines, company=company, key=key, actor=None, access=SYSTEM)
        print(key, flush=True)


def report() -> None:
    """The keys with their number of lines, what is there in all, and what is wrong."""
    from django.db.models import Count, Sum

    from core.fields import plain
    from stock import sealing, verify
    from stock.models import Balance, Posting

    wrong = [finding.as_dict() for finding in verify.verify().findings if finding.wrong]
    sealing.seal()
    wrong += [finding.as_dict() for finding in verify.verify().findings if finding.wrong]
    lines = dict(Posting.objects.annotate(n=Count("movements")).values_list("key", "n"))
    total = Balance.objects.aggregate(total=Sum("on_hand"))["total"]
    print(json.dumps({"lines": lines, "on_hand": plain(total), "wrong": wrong}))


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    django.setup()
    {"prepare": prepare, "post": post, "report": report}[sys.argv[1]](*map(int, sys.argv[2:]))
