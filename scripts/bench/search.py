"""How long the search over everything takes at 100,000 items: twenty texts, on PostgreSQL and on SQLite.

Runs by itself, on a PostgreSQL and a SQLite file of its own: ``python -m scripts.bench.search [ITEMS]``. As many lots as
items, a quarter as many documents, a twentieth as many places and partners. Who searches sees one warehouse of two. A
text is searched for twenty times; the least is printed, as milliseconds of the clock and of the processor (this
process and the server's for the connection together), for other programs only ever add to it.
"""

import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import django

LIMIT = 100.0
TIMES = 20
_KINDS = "冷热直弯长短大小内外上下左右铜铁铝"
_GOODS = (
    "电机", "扣件", "法兰", "垫片", "轴承", "螺栓", "螺母", "阀门", "接头", "密封圈", "电缆", "传感器", "减速机", "支架", "弹簧",
)  # fmt: skip
TEXTS = {
    "code in full": "100500", "beginning of a code": "1005", "inside a code": "0500", "one digit": "1",
    "one letter": "d", "one Chinese character": "直", "two Chinese characters": "电机", "inside of a name": "铁轴",
    "initials": "dj", "initials of more": "lkj", "pinyin": "zhoucheng", "pinyin in words": "zhou cheng",
    "specification": "M8×120", "two words": "电机 24V", "barcode in full": "", "barcode's beginning": "69",
    "inside a barcode": "5501", "full width": "１００５００", "no hit": "xyzzy", "code and day": "100500 2026-01-31",
}  # fmt: skip


@cache
def _readings(name: str) -> frozenset[str]:
    from stock import search_keys

    return frozenset(search_keys.readings(name))


def _key(row: Any, barcode: str) -> str:
    """What ``search_keys.item_key`` makes, with the readings of a name found once."""
    from stock.search_keys import plain

    parts = {plain(row.code), plain(row.name), plain(row.specification), barcode}
    parts |= _readings(row.name.partition(" ")[0])
    return "|" + "|".join(sorted(parts | {part.replace(" ", "") for part in parts})) + "|"


def _items(many: int) -> None:
    from stock.models import Barcode, Category, Item, Lot, Unit

    unit = Unit.objects.get_or_create(code="PCS", defaults={"name": "piece"})[0]
    category = Category.objects.create(code="BENCH", name="Bench")
    draw = Random(1)
    rows, barcodes = [], []
    for n in range(many):
        row = Item(
            code=f"{100_000 + n}",
            name=f"{draw.choice(_KINDS)}{draw.choice(_KINDS)}{draw.choice(_GOODS)} {draw.randint(1, 99)}V",
            specification=f"M{draw.randint(3, 30)}×{draw.randint(5, 200)}",
            category=category,
            base_unit=unit,
        )
        barcodes.append(f"69{draw.randint(10**10, 10**11 - 1)}")
        row.search_key = _key(row, barcodes[-1])
        rows.append(row)
    Item.objects.bulk_create(rows, batch_size=2_000)
    keys = list(
        Item.objects.filter(category=category).order_by("code").values_list("pk", flat=True)
    )
    Barcode.objects.bulk_create(
        [Barcode(item_id=pk, code=code) for pk, code in zip(keys, barcodes, strict=True)],
        batch_size=5_000,
    )
    Lot.objects.bulk_create(
        [Lot(item_id=pk, number=f"L26{n:06}") for n, pk in enumerate(keys)], batch_size=5_000
    )
    TEXTS["barcode in full"] = barcodes[many // 2]


def _rest(many: int) -> Any:
    """Partners, places and documents; returns who searches."""
    from django.utils import timezone

    from people.models import Company, Membership, Role, User
    from stock import catalog, search_keys
    from stock.models import Partner, Place
    from workflows.models import Document

    company = Company.objects.create(code="BENCH", name="Bench")
    houses = [
        catalog.create_warehouse(company=company, code=code, name=code) for code in ("BW", "BX")
    ]
    partners = [
        Partner(code=f"P{n:05}", name=f"{_GOODS[n % 15]}公司 {n}") for n in range(many // 20)
    ]
    for partner in partners:
        partner.search_key = search_keys.partner_key(partner)
    Partner.objects.bulk_create(partners, batch_size=5_000)
    Place.objects.bulk_create(
        [
            Place(
                company=company,
                warehouse=houses[n % 2],
                kind="storage",
                code=f"A-{n:05}",
                path=f"B/A-{n:05}",
            )
            for n in range(many // 20)
        ],
        batch_size=5_000,
    )
    user = User.objects.create_user("bench", name="Bench", password=None)
    role = Role.objects.create(code="bench", name="Bench", rights=["stock.view", "document.ask"])
    Membership.objects.create(user=user, role=role, everywhere=False).scopes.set([houses[0].scope])
    now = timezone.now()
    Document.objects.bulk_create(
        [
            Document(company=company, type="scrap", number=f"SCR-BW-{n:05}", warehouse=houses[n % 2], asker=user,
                     reference=f"R{n}", created_at=now, changed_at=now)
            for n in range(many // 4)
        ],
        batch_size=2_000,
    )  # fmt: skip
    return user


def _spent(backend: int) -> float:
    """Milliseconds of the processors that this process and the server's process have used."""
    own = time.process_time() * 1000
    path = Path(f"/proc/{backend}/schedstat")
    return own + (int(path.read_text().split()[0]) / 1e6 if backend and path.exists() else 0.0)


def _backend(connection: Any) -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def fill(many: int) -> Any:
    """Make everything in the database of this process; returns who searches."""
    from django.db import connection

    began = time.perf_counter()
    _items(many)
    user = _rest(many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"\n{connection.vendor}: {many:,} items, made in {time.perf_counter() - began:.0f} s\n")
    return user


def measure(user: Any) -> bool:
    """Search for every text and print the table; whether each was quick enough."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from boards.search import asking
    from people.access import access_for

    print(f"{'text':<24}{'':<20}{'ms':>7}{'of CPU':>8}{'asked':>7}{'items':>7}", flush=True)
    backend, worst = _backend(connection), 0.0
    for name, text in TEXTS.items():
        clock, spent = [], []
        for _time in range(TIMES):
            began, before = time.perf_counter(), _spent(backend)
            groups = asking.search(text, user, access_for(user))
            spent.append(_spent(backend) - before)
            clock.append((time.perf_counter() - began) * 1000)
        with CaptureQueriesContext(connection) as asked:
            asking.search(text, user, access_for(user))
        hits = next((len(group.hits) for group in groups if group.kind == "item"), 0)
        worst = max(worst, min(clock))
        row = f"{min(clock):>7.1f}{min(spent):>8.1f}{len(asked):>7}{hits:>7}"
        print(f"{name:<24}{text:<20}{row}", flush=True)
    print(f"slowest {worst:.0f} ms of {LIMIT:.0f}")
    return worst <= LIMIT


def _child(many: int, url: str, folder: str) -> int:
    """The same in a process of its own, whose database is this one."""
    environment = {**os.environ, "DATABASE_URL": url, "INVENTORY_VAR": folder}
    command = [sys.executable, "-m", "scripts.bench.search", str(many), "--here"]
    return subprocess.run(command, env=environment, check=False).returncode


def main() -> int:
    """Both engines; 1 if a text took longer than the limit."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    if "--here" in sys.argv:
        django.setup()
        from django.apps import apps
        from django.conf import settings
        from django.core.management import call_command

        settings.MIGRATION_MODULES = {one.label: None for one in apps.get_app_configs()}
        call_command("migrate", verbosity=0, run_syncdb=True)
        return 0 if measure(fill(many)) else 1
    from scripts import servers

    with tempfile.TemporaryDirectory() as folder:
        failed = _child(many, f"sqlite:///{folder}/bench.sqlite3", folder)
        with servers.postgres() as url:
            return _child(many, url, folder) or failed


if __name__ == "__main__":
    sys.exit(main())
