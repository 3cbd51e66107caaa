"""What lies on the shelves, per item, for the kinds that compare it with something: one statement, both engines.

On hand and available count our own goods in storage places, as every list of the product does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from alerts import scoping
from alerts.kinds.base import Touched
from alerts.models import Rule
from core import bulk
from core.fields import plain
from core.numbers import QUANTITY_PLACES, from_scaled
from stock.models import Item
from stock.models.partners import US

Sql = tuple[str, list[Any]]
PER = {
    "on_hand": "COALESCE(s.on_hand, 0)",
    "available": "COALESCE(s.on_hand, 0) - COALESCE(r.reserved, 0)",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An item and its figures in base units; ``extra`` are the columns that were asked for beside."""

    item: int
    code: str
    unit: str
    on_hand: Decimal
    available: Decimal
    point: Decimal | None
    maximum: Decimal | None
    extra: tuple[Any, ...]


def rows(
    rule: Rule,
    touched: Touched,
    where: str,
    parameters: Sequence[Any] = (),
    *,
    extra: Sequence[str] = (),
    join: Sql = ("", []),
) -> list[Row]:
    """Items in use that the rule covers and of which ``where`` is true, over i (item), s.on_hand and r.reserved.

    ``join`` adds tables, ``extra`` columns of them.
    """
    sql, values = statement(rule, touched, where, parameters, extra=extra, join=join)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            Row(
                row[0],
                row[1],
                row[2],
                _quantity(row[3]),
                _quantity(row[4]),
                None if row[5] is None else _quantity(row[5]),
                None if row[6] is None else _quantity(row[6]),
                tuple(row[7:]),
            )
            for row in cursor.fetchall()
        ]


def statement(
    rule: Rule,
    touched: Touched,
    where: str,
    parameters: Sequence[Any] = (),
    *,
    extra: Sequence[str] = (),
    join: Sql = ("", []),
) -> Sql:
    """The statement of ``rows``."""
    house, kept_in, of_house = "", "", []
    if rule.warehouse_id is not None:
        of_house = [rule.warehouse_id]
        house, kept_in = " AND p.warehouse_id = %s", " AND a.warehouse_id = %s"
    shelf, of_shelf = covered(rule, touched, "b.item_id")
    promised, of_promised = covered(rule, touched, "a.item_id")
    items, of_items = covered(rule, touched, "i.id")
    columns = "".join(f", {column}" for column in extra)
    sql = (
        f"SELECT i.id, i.code, u.code, {PER['on_hand']}, {PER['available']}, i.reorder_point, i.maximum{columns} "
        "FROM stock_item i JOIN stock_unit u ON u.id = i.base_unit_id "
        "LEFT JOIN (SELECT b.item_id, SUM(b.on_hand) AS on_hand FROM stock_balance b "
        f"JOIN stock_place p ON p.id = b.place_id AND p.kind = 'storage'{house} "
        f"WHERE b.owner_id = {US}{shelf} GROUP BY b.item_id) s ON s.item_id = i.id "
        "LEFT JOIN (SELECT a.item_id, SUM(a.reserved) AS reserved FROM stock_availability a "
        f"WHERE a.reserved > 0{kept_in}{promised} GROUP BY a.item_id) r ON r.item_id = i.id "
        f"{join[0]} WHERE i.archived_at IS NULL AND {where}{items} ORDER BY i.id"
    )
    values = [*of_house, *of_shelf, *of_house, *of_promised, *join[1], *parameters, *of_items]
    return sql, values


def covered(rule: Rule, touched: Touched, column: str) -> Sql:
    """`` AND …``: the item whose id stands in ``column`` is covered by the rule and may have changed."""
    sql, values = "", []
    if touched.items is not None:
        condition, given = bulk.among(column, sorted(touched.items))
        sql, values = f" AND {condition}", [given]
    if rule.item_id is not None:
        return f"{sql} AND {column} = %s", [*values, rule.item_id]
    if rule.category_id is not None or scoping.narrower(rule):
        chosen = Item.objects.filter(scoping.items(rule, Touched())).order_by().values("pk")
        inner, given = chosen.query.sql_with_params()
        return f"{sql} AND {column} IN ({inner})", [*values, *given]
    return sql, values


def moment(at: datetime) -> Any:
    """A moment as a statement is given it."""
    return connection.ops.adapt_datetimefield_value(at)


def said(quantity: Decimal) -> str:
    """A quantity as figures and sentences hold it."""
    return plain(quantity)


def _quantity(value: Any) -> Decimal:
    return from_scaled(int(value), QUANTITY_PLACES)


def read_moment(value: Any) -> datetime:
    """A moment as a statement gives it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
