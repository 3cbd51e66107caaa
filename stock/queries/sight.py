"""The only translation of an Access into the warehouses, valuation areas and places a question may touch."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from people.access import Access
from stock.models import Warehouse


@dataclass(frozen=True, slots=True)
class WarehouseFacts:
    """What questions need to know of a warehouse; ``step`` is the smallest amount of its currency × 10⁴."""

    id: int
    code: str
    name: str
    scope: int
    area: int
    company: int
    zone: ZoneInfo
    step: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What one Access may see, optionally narrowed to some warehouses.

    ``warehouses`` is what the question covers, ``everything`` whether that is all there is. Values may be
    shown in ``cost_areas`` only; ``members`` names all warehouses of an area, seen or not.
    """

    warehouses: dict[int, WarehouseFacts]
    everything: bool
    cost_areas: frozenset[int]
    members: dict[int, frozenset[int]] = field(default_factory=dict)

    def narrowed(self, ids: Iterable[int] | None) -> "Sight":
        """The same, limited to these warehouses; None changes nothing."""
        if ids is None:
            return self
        wanted = set(ids)
        kept = {key: facts for key, facts in self.warehouses.items() if key in wanted}
        return Sight(
            kept, self.everything and kept == self.warehouses, self.cost_areas, self.members
        )

    @property
    def areas(self) -> frozenset[int]:
        """The valuation areas of the warehouses."""
        return frozenset(facts.area for facts in self.warehouses.values())

    @property
    def shows_cost(self) -> bool:
        """Whether any value may be shown at all."""
        return bool(self.areas & self.cost_areas)

    @property
    def whole_areas(self) -> bool:
        """Whether the warehouses are complete valuation areas, so that sums of values mean something."""
        return all(self.members[area] <= self.warehouses.keys() for area in self.areas)

    @property
    def shows_value(self) -> bool:
        """Whether the values of all these warehouses together may be shown and mean something."""
        return bool(self.areas) and self.areas <= self.cost_areas and self.whole_areas

    @property
    def step(self) -> int:
        """The smallest amount of the currency × 10⁴."""
        return min((facts.step for facts in self.warehouses.values()), default=100)

    def shows_cost_of(self, warehouse: int | None) -> bool:
        """Whether values of a warehouse may be shown."""
        facts = self.warehouses.get(warehouse) if warehouse is not None else None
        return facts is not None and facts.area in self.cost_areas

    def companies(self) -> dict[int, ZoneInfo]:
        """The companies of the warehouses and their time zones."""
        return {facts.company: facts.zone for facts in self.warehouses.values()}

    def zone(self) -> ZoneInfo:
        """The time zone in which days are meant."""
        return next(iter(self.companies().values()), ZoneInfo("UTC"))


def see(access: Access, warehouses: Iterable[int] | None = None) -> Sight:
    """What ``access`` may see (right ``stock.view``), limited to ``warehouses`` if given; one statement."""
    rows = [
        WarehouseFacts(pk, code, name, scope, area, company, ZoneInfo(zone), 10 ** (4 - places))
        for pk, code, name, scope, area, company, zone, places in Warehouse.objects.order_by(
            "code"
        ).values_list(
            "id",
            "code",
            "name",
            "scope_id",
            "area_id",
            "area__company_id",
            "area__company__time_zone",
            "area__company__currency_places",
        )
    ]
    members: dict[int, frozenset[int]] = {}
    for row in rows:
        members[row.area] = members.get(row.area, frozenset()) | {row.id}
    seen = access.scopes("stock.view")
    costs = access.scopes("cost.view")
    visible = {row.id: row for row in rows if seen is None or row.scope in seen}
    cost_areas = frozenset(
        row.area for row in visible.values() if costs is None or row.scope in costs
    )
    return Sight(visible, seen is None, cost_areas, members).narrowed(warehouses)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a local day begins."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


@contextmanager
def snapshot() -> Iterator[None]:
    """All questions inside see the book at one moment, so that figures of one page agree.

    Nothing may be written inside. Within an open transaction or another snapshot it changes nothing.
    """
    connection.ensure_connection()
    if connection.in_atomic_block or getattr(connection.connection, "in_transaction", False):
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")
