"""A sheet of movements from XLSX to the posted book, against reading and validating it plus hand-written SQL for its lines.

Runs by itself on a PostgreSQL of its own that writes through to the disk: ``python -m scripts.bench.imports [ROWS]``.
Two sheets: documents of one to five lines, and of five hundred. By hand everything is read by calamine, looked up
and checked, and written as the same postings, movements, balances and pools under the same constraints, indexes and
triggers; it makes no documents, no journal and no history, and checks nothing of the book.

The limit holds for the hand that posts each document in a transaction of its own, because each document of an
import is whole or not at all by itself. The ratio to the same SQL with as many documents to a transaction as the
import takes is printed beside it. The import is the command's (``manage.py intake --commit``): looked at, bound and
written. Seconds of the clock depend on who else works here; those of the processors (this process, the reader, the
database's process) hardly do. Small sheets go through all of it before, so that nothing is done for the first time.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

from scripts.bench.phases import Phases, processors

Line = tuple[int, int, int]
"""Item, quantity and value, scaled."""
Papers = dict[tuple[str, date, int], list[Line]]
"""Number, day and supplier of a document → its lines."""

POSTINGS = """
WITH l AS (SELECT * FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY AS t(doc, item, quantity, value, at)),
d AS (SELECT * FROM unnest(%s::int[], %s::text[], %s::timestamptz[], %s::text[], %s::bigint[]) AS t(doc, name, day, key, partner)),
h AS (INSERT INTO stock_posting (company_id, document, effective_at, business_date, recorded_at, door, why, key, body_hash)
  SELECT %s, name, day, day::date, now(), 'raw', '', key, '' FROM d ORDER BY doc RETURNING id, key, effective_at),
m AS (INSERT INTO stock_movement (posting_id, line, line_key, type, item_id, lot_id, owner_id, source_id, target_id,
  quantity, value, effective_at, partner_id, cost_object, reason, reversal)
  SELECT h.id, row_number() OVER (PARTITION BY h.id ORDER BY l.at), '', 'purchase_in', l.item, 0, 0, %s, %s, l.quantity, l.value,
  h.effective_at, d.partner, '', '', false FROM l JOIN d USING (doc) JOIN h USING (key)),
s AS (SELECT item, sum(quantity)::bigint AS quantity, sum(value)::bigint AS value, max(day) AS day
  FROM l JOIN d USING (doc) GROUP BY item ORDER BY item),
b AS (INSERT INTO stock_balance (item_id, lot_id, owner_id, place_id, on_hand, serial, below_zero, latest_at)
  SELECT item, 0, 0, %s, quantity, false, false, day FROM s
  ON CONFLICT (item_id, lot_id, owner_id, place_id)
  DO UPDATE SET on_hand = stock_balance.on_hand + excluded.on_hand, latest_at = greatest(stock_balance.latest_at, excluded.latest_at))
INSERT INTO stock_costpool (item_id, area_id, lot_id, shipment, quantity, value, last_quantity, last_value, method)
  SELECT item, %s, 0, '', quantity, value, 0, 0, 'average' FROM s
  ON CONFLICT (item_id, area_id, lot_id, shipment)
  DO UPDATE SET quantity = stock_costpool.quantity + excluded.quantity, value = stock_costpool.value + excluded.value
"""
ITEMS, PARTNERS = 3_000, 50
LIMIT, AIM = 5.0, 3.0
MEMORY = 500
"""Megabytes."""


@dataclass(frozen=True)
class Result:
    """Seconds of one shape of sheet."""

    rows: int
    documents: int
    read: float
    """Reading and validating by hand."""
    apart: float
    """Hand-written SQL, a transaction for each document."""
    together: float
    """The same, transactions as large as the import's."""
    imported: float
    phases: dict[str, float]
    processors: tuple[float, float, float, float]
    """Seconds that were computed for: read, apart, together, imported."""
    whole: bool

    @property
    def ratio(self) -> float:
        """Of the import to reading, validating and posting each document in a transaction of its own."""
        return self.imported / (self.read + self.apart)

    @property
    def strict(self) -> float:
        """The same with the hand-written SQL in large transactions."""
        return self.imported / (self.read + self.together)

    @property
    def computed(self) -> tuple[float, float]:
        """Both ratios in seconds of the processors."""
        read, apart, together, imported = self.processors
        return imported / (read + apart), imported / (read + together)


def _house(code: str) -> Any:
    """A warehouse of a company of its own."""
    from people.models import Company
    from stock import catalog

    company = Company.objects.create(code=code, name=code)
    return catalog.create_warehouse(company=company, code=code, name=code)


def _goods() -> None:
    """Everything that the sheets of scripts.bench.sheets name."""
    from stock.models import Category, Item, Partner, Unit

    unit, _made = Unit.objects.get_or_create(code="个", defaults={"name": "个"})
    category = Category.objects.create(code="BI", name="BI")
    Item.objects.bulk_create(
        Item(
            code=f"A{n:05}",
            name=f"物料{n}",
            specification=f"M{n % 20}",
            category=category,
            base_unit=unit,
        )
        for n in range(ITEMS)
    )
    Partner.objects.bulk_create(
        Partner(code=f"S{n}", name=f"供应商{n}", is_supplier=True) for n in range(PARTNERS)
    )


def _read(path: Path) -> Papers:
    """The sheet as somebody would read it who knows its columns: looked up and checked."""
    from python_calamine import CalamineWorkbook

    from stock.models import Item, Partner

    items = dict(Item.objects.values_list("code", "pk"))
    partners = dict(Partner.objects.values_list("name", "pk"))
    found: Papers = {}
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()
    next(rows)
    for day, number, partner, item, _name, _spec, unit, quantity, price, amount in rows:
        if not isinstance(day, date) or unit != "个" or not number:
            raise ValueError(number)
        pieces, cost, value = (Decimal(str(figure)) for figure in (quantity, price, amount))
        if pieces <= 0 or abs(pieces * cost - value) > Decimal("0.01"):
            raise ValueError(number)
        line = (items[item], int(pieces * 10**6), int(value * 10**4))
        found.setdefault((str(number), day, partners[partner]), []).append(line)
    return found


def _write(papers: Papers, warehouse: Any, most: tuple[int, int]) -> None:
    """Hand-written SQL: so many documents and lines at most are one statement and one transaction."""
    from django.db import connection

    from stock import catalog

    place = catalog.default_place(warehouse).pk
    company = warehouse.area.company
    source = catalog.virtual_place(company, "supplier").pk
    heads: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []

    def send() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                POSTINGS,
                [
                    *(list(column) for column in zip(*lines, strict=True)),
                    *(list(column) for column in zip(*heads, strict=True)),
                    company.pk, source, place, place, warehouse.area_id,
                ],
            )  # fmt: skip
        heads.clear()
        lines.clear()

    for number, ((name, day, partner), some) in enumerate(papers.items()):
        if heads and (len(heads) >= most[0] or len(lines) + len(some) > most[1]):
            send()
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the session's zone is the company's
        heads.append((number, name, moment, f"raw{number}", partner))
        lines += [(number, *line) for line in some]
    send()


def _imported(path: Path, warehouse: Any) -> dict[str, float]:
    """Look at the sheet, bind it and write it; the seconds of each phase."""
    from intake.importing import commanding

    order = commanding.Order(path, purpose="movements", warehouse=warehouse.code, commit=True)
    watch = Phases()
    with watch.watched():
        result = commanding.run(order)
    if result.job is None or result.job.state != "done":
        raise SystemExit(f"the import was not written: {result.refused}")
    return watch.seconds


def _timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds of the clock and of the processors, and what came of it."""
    began, computed = time.perf_counter(), processors()
    result = work()
    return time.perf_counter() - began, processors() - computed, result


def measure(path: Path, name: str) -> Result:
    """Write the sheet thrice: by hand in two ways, and by the import; each into a company of its own."""
    from intake.importing.writing import MOST_DOCUMENTS, MOST_LINES
    from stock.models import Movement

    def count(company: Any) -> int:
        return Movement.objects.filter(posting__company=company).count()

    houses = [_house(f"{name}{n}") for n in range(3)]
    companies = [house.area.company for house in houses]
    read, reading, papers = _timed(lambda: _read(path))
    rows, documents = sum(len(lines) for lines in papers.values()), len(papers)
    apart, writing, _none = _timed(lambda: _write(papers, houses[0], (1, 1)))
    most = (MOST_DOCUMENTS, MOST_LINES)
    together, joined, _none = _timed(lambda: _write(papers, houses[1], most))
    papers = {}
    imported, importing, phases = _timed(lambda: _imported(path, houses[2]))
    whole = {count(company) for company in companies} == {rows}
    computed = (reading, writing, joined, importing)
    return Result(rows, documents, read, apart, together, imported, phases, computed, whole)


def main() -> int:
    """Print the table; 1 if rows are missing or a limit was missed."""
    from scripts import servers

    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    with servers.postgres(durable=True) as url, tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = url
        os.environ["INVENTORY_VAR"] = folder
        django.setup()
        return _compare(rows, Path(folder))


def _compare(rows: int, folder: Path) -> int:
    import resource

    from django.core.management import call_command

    from scripts.bench import sheets

    call_command("migrate", verbosity=0)
    _goods()
    fine = True
    path = folder / "first.xlsx"
    sheets.write(path, 200, sheets.FEW)
    measure(path, "first")
    for name, lines in (("small", sheets.FEW), ("large", sheets.MANY)):
        path = folder / f"{name}.xlsx"
        sheets.write(path, rows, lines)
        found = measure(path, name)
        fine &= found.whole and found.ratio <= LIMIT
        _print(found)
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(
        f"memory at its peak, MB: {here}, child {child} (limit {MEMORY}); load {os.getloadavg()[0]:.1f}"
    )
    return 0 if fine and here <= MEMORY else 1


def _print(found: Result) -> None:
    """Four lines."""
    reading, apart, together, importing = found.processors
    one, many = found.computed
    phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found.phases.items())
    print(
        f"{found.rows:,} rows in {found.documents:,} documents: by hand read and validated {found.read:.1f} s, "
        f"written {found.apart:.1f} s (in large transactions {found.together:.1f} s)"
    )
    print(f"  import: {found.imported:.1f} s, {found.rows / found.imported:,.0f} rows/s: {phases}")
    print(
        f"  ratio {found.ratio:.2f} (aim {AIM:g}, limit {LIMIT:g}), "
        f"against large transactions {found.strict:.2f}"
    )
    print(
        f"  of the processors: by hand {reading:.1f} + {apart:.1f} ({together:.1f}) s, import {importing:.1f} s; "
        f"ratio {one:.2f}, against large transactions {many:.2f}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
