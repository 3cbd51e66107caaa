"""The commands of the operator guide are run as they stand there, with a real curl against a live server."""

import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection

from people.models import Company, Membership, Role, User
from stock import catalog
from stock.models import Balance, Category, Item, Partner, Posting, Unit, Warehouse
from workflows.models import Document

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDE = ROOT / "docs" / "operator.md"
_BLOCK = re.compile(r"^```sh walk\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """The blocks of the guide that belong to the walk."""
    return _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))


def people_and_goods() -> None:
    """What the guide takes for granted: three people with their roles, a warehouse, a supplier, three items."""
    company = Company.objects.create(code="C", name="Company")
    warehouse: Warehouse = catalog.create_warehouse(company=company, code="W1", name="Main")
    for name, code in (("buyer", "procurement"), ("boss", "approver"), ("clerk", "clerk")):
        user = User.objects.create_user(name, password=None, name=name)
        member = Membership.objects.create(user=user, role=Role.objects.get(code=code))
        member.scopes.add(warehouse.scope)
    Partner.objects.create(code="S1", name="Supplier", is_supplier=True)
    unit = Unit.objects.create(code="PCS", name="piece", decimals=3)
    category = Category.objects.create(code="K", name="goods")
    for code in ("A-100", "A-200", "A-300"):
        Item.objects.create(code=code, name=code, category=category, base_unit=unit)


@pytest.mark.django_db(transaction=True)
def test_the_walk_of_the_guide_ends_in_the_book(live_server: Any, tmp_path: Path) -> None:
    """Written, approved by a second person and posted with nothing but curl; the stock is there afterwards."""
    assert shutil.which("curl"), "this test needs curl"
    call_command("migrate", verbosity=0)  # what an emptied database starts with
    people_and_goods()
    blocks = commands()
    assert len(blocks) == 7
    script = "\n".join(blocks).replace("http://localhost:8000", live_server.url)
    script = script.replace("python manage.py", f"{sys.executable} {ROOT / 'manage.py'}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"DATABASE_URL": _address()},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    document = Document.objects.get()
    assert document.attachments.get().name == "note.txt"
    assert (document.state, document.door, document.asker.username) == ("posted", "api", "buyer")
    approval = document.tasks.get(kind="approve", verdict="approved")
    assert approval.decided_by.username == "boss"
    assert Posting.objects.get() == document.posting
    assert document.posted_amount == Decimal(53950)
    there = {
        (row.item.code, row.place.kind): row.on_hand
        for row in Balance.objects.filter(on_hand__gt=0)
    }
    assert there == {
        ("A-100", "storage"): Decimal(10),
        ("A-200", "storage"): Decimal("2.5"),
        ("A-300", "storage"): Decimal(196),
        ("A-300", "quarantine"): Decimal(4),
    }


def _address() -> str:
    """The test's database as another process reaches it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
