"""Proves the book: recomputes everything that is derived from it and names the first wrong row.

Each law is one query over one snapshot of the database (FIFO layers are replayed) that compares what the
movements say with what is kept; figures are scaled integers, so equal means equal. Nothing is repaired.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_noop as _

from core.fields import plain
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, from_scaled
from stock import bootstrap, laws, movement_types
from stock.models import Movement
from stock.replay import replay_layers


@dataclass(frozen=True, slots=True)
class Finding:
    """What one law found: how many rows are wrong, and the first of them."""

    law: str
    wrong: int
    first: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"law": self.law, "wrong": self.wrong, "first": self.first}


@dataclass(slots=True)
class Report:
    """The outcome of all laws."""

    findings: list[Finding] = field(default_factory=list)
    movements: int = 0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every law holds."""
        return not any(finding.wrong for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For JSON and for the record of the run."""
        return {
            "ok": self.ok,
            "movements": self.movements,
            "seconds": round(self.seconds, 2),
            "checks": [finding.as_dict() for finding in self.findings],
        }


Check = Callable[[str], Finding]
_more: list[tuple[str, Check]] = []


def register(law: str, check: Check) -> None:
    """Let ``verify`` check a law of an app above: its text (English source) and what looks for wrong rows."""
    if law not in {known for known, _check in _more}:
        _more.append((law, check))


def verify() -> Report:
    """Check every law at one moment of the book, while posting goes on."""
    started = time.perf_counter()
    report = Report()
    triggers = _triggers(_("the book's triggers are in force"))
    with _snapshot():
        report.movements = Movement.objects.count()
        for law, check in (*LAWS, *_more):
            report.findings.append(_checked(law, check))
    report.findings.append(triggers)
    report.seconds = time.perf_counter() - started
    return report


def _checked(law: str, check: Callable[[str], Finding]) -> Finding:
    """A law whose check cannot be computed (a tampered number does not fit) is broken as well."""
    try:
        with transaction.atomic() if connection.in_atomic_block else _nothing():
            return check(law)
    except DatabaseError as error:
        return Finding(law, 1, {"error": str(error).strip()})


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _snapshot() -> Iterator[None]:
    """See one state of the database throughout without holding up anybody who writes."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _rows(sql: str) -> tuple[int, dict[str, Any] | None]:
    """How many rows a query of wrong rows has, and the first as a dict."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT x.*, COUNT(*) OVER () AS rows_in_all FROM ({sql}) x LIMIT 1")
        names = [column[0] for column in cursor.description or ()]
        row = cursor.fetchone()
    if row is None:
        return 0, None
    first = dict(zip(names, row, strict=True))
    return int(first.pop("rows_in_all")), first


def query(sql: str | Callable[[str], str]) -> Check:
    """A law that holds when ``sql`` (or what it makes for the engine) has no rows."""

    def check(law: str) -> Finding:
        count, first = _rows(sql if isinstance(sql, str) else sql(connection.vendor))
        return Finding(law, count, first and _readable(first))

    return check


def _readable(first: dict[str, Any]) -> dict[str, Any]:
    """Quantities and values in digits, everything else as text, nothing that is not known."""
    result = {}
    for name, value in first.items():
        if value in {None, ""}:
            continue
        places = {"quantity": QUANTITY_PLACES, "value": VALUE_PLACES}.get(name.rpartition("_")[2])
        result[name] = plain(from_scaled(int(value), places)) if places else str(value)
    return result


def _routes(law: str) -> Finding:
    """Every movement joins kinds of places that its type may join."""
    wrong, first = 0, None
    with connection.cursor() as cursor:
        cursor.execute(laws.ROUTES)
        for code, reversal, source, target, count, key in cursor.fetchall():
            kind = movement_types.BY_CODE.get(code)
            ends = (target, source) if reversal else (source, target)
            if kind is None or not kind.allows(*ends):
                wrong += count
                first = first or {
                    "table": "stock_movement",
                    "id": str(key),
                    "found": f"{code}: {source} → {target}",
                }
    return Finding(law, wrong, first)


def _replay(law: str) -> Finding:
    """Every open FIFO layer is what a replay of the pool's movements leaves."""
    wrong = replay_layers()
    first = next(wrong, None)
    return Finding(law, 0 if first is None else 1 + sum(1 for _ in wrong), first)


_PROBES = (
    "UPDATE stock_posting SET why = why WHERE id = (SELECT MAX(id) FROM stock_posting)",
    "UPDATE stock_movement SET line = line WHERE id = (SELECT MAX(id) FROM stock_movement)",
    "DELETE FROM stock_movement WHERE id = (SELECT MAX(id) FROM stock_movement)",
    "UPDATE stock_seal SET postings = postings WHERE number = (SELECT MAX(number) FROM stock_seal)",
    "UPDATE stock_sealedposting SET seal_id = seal_id WHERE posting_id = "
    "(SELECT MAX(posting_id) FROM stock_sealedposting)",
)


def _triggers(law: str) -> Finding:
    """The triggers that keep the book append-only are there, switched on, and bite."""
    wrong = [{"trigger": name} for name in bootstrap.missing_triggers(connection)]
    wrong += [{"allowed": probe} for probe in _PROBES if not _bites(probe)]
    return Finding(law, len(wrong), wrong[0] if wrong else None)


class _Undo(Exception):
    """Rolls a probe back."""


def _bites(probe: str) -> bool:
    """Whether the database refuses the statement (or has no row to try it on); never leaves a trace."""
    changed = 0
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(probe)
                changed = cursor.rowcount
            raise _Undo
    except _Undo:
        return changed == 0
    except DatabaseError:
        return True


LAWS: tuple[tuple[str, Callable[[str], Finding]], ...] = (
    (_("every posting has its lines"), query(laws.LINES)),
    (_("movements name what exists"), query(laws.ORPHANS)),
    (_("movements have the shape and moment of their posting"), query(laws.SHAPE)),
    (_("business dates are local days"), query(laws.business_days)),
    (_("movements go where their type may go"), _routes),
    (_("reversals mirror what they reverse"), query(laws.REVERSALS)),
    (_("nothing appears or vanishes"), query(laws.CONSERVATION)),
    (_("balances are the sums of movements"), query(laws.BALANCES)),
    (_("balances know their latest movement"), query(laws.LATEST)),
    (_("serial numbers are in one place at most"), query(laws.SERIALS)),
    (_("cost pools are the sums of movements"), query(laws.POOLS)),
    (_("pools by lot hold what their lot holds"), query(laws.LOT_POOLS)),
    (_("empty pools are worth nothing"), query(laws.EMPTY)),
    (_("pools use the method of their category"), query(laws.METHODS)),
    (_("layers add up to their pool"), query(laws.LAYERS)),
    (_("layers are what a replay leaves"), _replay),
    (_("reserved is the sum of reservations"), query(laws.PROMISES)),
    (_("seals hold their postings"), query(laws.SEALS)),
    (_("seals are numbered without a gap"), query(laws.SEAL_NUMBERS)),
    (_("every posting is sealed or waits for its seal"), query(laws.UNSEALED)),
    (_("month balances roll forward"), query(laws.months)),
)
