"""The only maker of what is counted: sheets, places and lines of a stocktake, from the book at a seal.

A handful of statements whatever the number of places: the rows are made where the data lies.
"""

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core import locks
from people.models import User
from stock import sealing
from stock.models import Category, Place, Seal
from workflows.errors import DocumentRefused
from workflows.models import CountSheet, Document, Stocktake
from workflows.move import Move

KINDS = ("storage", "quarantine")
"""The kinds of place that are counted."""
MOST_SHEETS = 200

_UNSEALED = """
LEFT JOIN (
  SELECT leg.item_id, leg.lot_id, leg.owner_id, leg.place_id, SUM(leg.quantity) AS quantity FROM (
    SELECT m.item_id, m.lot_id, m.owner_id, m.target_id AS place_id, m.quantity
    FROM core_outboxrow o JOIN stock_movement m ON m.posting_id = o.subject
    WHERE o.consumer = %s AND o.state = 'waiting'
    UNION ALL
    SELECT m.item_id, m.lot_id, m.owner_id, m.source_id, -m.quantity
    FROM core_outboxrow o JOIN stock_movement m ON m.posting_id = o.subject
    WHERE o.consumer = %s AND o.state = 'waiting'
  ) leg GROUP BY 1, 2, 3, 4
) u ON u.item_id = b.item_id AND u.lot_id = b.lot_id AND u.owner_id = b.owner_id
   AND u.place_id = b.place_id
"""
"""What is posted and has no seal yet: the snapshot is the book at the seal, without it."""


def take(move: Move) -> None:
    """Make the lines of the document's plan as the book is at the newest seal.

    Numbers of sheets and their counters come with the move (``sheets``, ``counters``: ids of users).
    Raises DocumentRefused where there is nothing to count.
    """
    document = move.document
    plan = document.stocktake
    if plan.seal_id is not None or plan.sealed_at is not None:
        return
    locks.hold(sealing.CONSUMER)
    plan.seal = Seal.objects.order_by("-number").first()
    plan.sealed_at = move.now
    counters = _counters(move)
    wanted = _whole(move.data.get("sheets")) or len(counters) or 1
    sheets = CountSheet.objects.bulk_create(
        CountSheet(
            document=document,
            number=number,
            counter=counters[(number - 1) % len(counters)] if counters else None,
        )
        for number in range(1, min(wanted, MOST_SHEETS) + 1)
    )
    places = _insert_bins(document, plan, len(sheets))
    if not places:
        raise DocumentRefused(_("There is nothing to count in this scope."), code="no_lines")
    CountSheet.objects.filter(document=document, bins__isnull=True).delete()
    lines = _insert_lines(document, plan)
    plan.save(update_fields=["seal", "sealed_at"])
    move.log("seal", data={"places": places, "lines": lines, "sheets": len(sheets)})


def _counters(move: Move) -> list[User]:
    given = move.data.get("counters") or ()
    keys = [_whole(key) for key in given] if isinstance(given, list | tuple) else []
    known = User.objects.filter(is_active=True).in_bulk([key for key in keys if key])
    return [known[key] for key in keys if key in known]


def _whole(value: Any) -> int:
    try:
        return max(int(value), 0)
    except (TypeError, ValueError):
        return 0


def _insert_bins(document: Document, plan: Stocktake, sheets: int) -> int:
    """The places in walking order, in runs of equal length; returns how many."""
    where, parameters = _places_of(document, plan)
    goods, more = _goods_of(plan)
    has_stock = (
        "EXISTS (SELECT 1 FROM stock_balance b JOIN stock_item i ON i.id = b.item_id "
        f"WHERE b.place_id = p.id AND b.on_hand <> 0{goods})"
    )
    if goods or not plan.empty_places:
        where += f" AND {has_stock}"
        parameters += more
    else:
        where += f" AND (p.archived_at IS NULL OR {has_stock})"
        parameters += more
    order = "ORDER BY p.walking_order, p.path, p.id"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO workflows_countbin (document_id, sheet_id, place_id, position) "
            "SELECT s.document_id, s.id, w.place_id, w.position FROM ("
            f"SELECT p.id AS place_id, ROW_NUMBER() OVER ({order}) AS position, "
            f"NTILE(%s) OVER ({order}) AS sheet FROM stock_place p WHERE {where}) w "
            "JOIN workflows_countsheet s ON s.document_id = %s AND s.number = w.sheet "
            "ORDER BY w.position",
            [sheets, *parameters, document.pk],
        )
        return cursor.rowcount


def _insert_lines(document: Document, plan: Stocktake) -> int:
    """Every item, lot and owner that the book has in these places at the seal; returns how many."""
    goods, more = _goods_of(plan)
    key = (
        "replace(gen_random_uuid()::text, '-', '')"
        if connection.vendor == "postgresql"
        else "lower(hex(randomblob(16)))"
    )
    known = "b.on_hand - COALESCE(u.quantity, 0)"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO workflows_countline (document_id, bin_id, key, place_id, item_id, lot_id, "
            "owner_id, snapshot, added, mark, round, wanted, stale, asks, cause_note) "
            f"SELECT n.document_id, n.id, {key}, b.place_id, b.item_id, b.lot_id, b.owner_id, {known}, "
            "false, 0, 0, 1, false, 0, '' FROM workflows_countbin n "
            "JOIN stock_balance b ON b.place_id = n.place_id JOIN stock_item i ON i.id = b.item_id "
            f"{_UNSEALED} WHERE n.document_id = %s AND (b.on_hand <> 0 OR {known} <> 0){goods} "
            "ORDER BY n.position, i.code, b.lot_id",
            [sealing.CONSUMER, sealing.CONSUMER, document.pk, *more],
        )
        return cursor.rowcount


def _places_of(document: Document, plan: Stocktake) -> tuple[str, list[Any]]:
    """A condition on places ``p`` and its parameters."""
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    where = f"p.warehouse_id = %s AND NOT p.is_group AND p.kind IN ({kinds})"
    parameters: list[Any] = [document.warehouse_id]
    zones = list(plan.zones.values_list("path", flat=True))
    if zones:
        parts = []
        for path in zones:
            parts.append("p.path = %s OR p.path LIKE %s ESCAPE '!'")
            parameters += [path, f"{_literally(path)}/%"]
        where += f" AND ({' OR '.join(parts)})"
    return where, parameters


def _literally(path: str) -> str:
    return path.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _goods_of(plan: Stocktake) -> tuple[str, list[Any]]:
    """A further condition on items ``i``: of the categories (and below) or among the items; empty for all."""
    categories = _below(set(plan.categories.values_list("pk", flat=True)))
    items = list(plan.items.values_list("pk", flat=True))
    parts, parameters = [], []
    for column, keys in (("i.category_id", sorted(categories)), ("i.id", items)):
        if keys:
            parts.append(f"{column} IN ({', '.join(['%s'] * len(keys))})")
            parameters += keys
    return (f" AND ({' OR '.join(parts)})", parameters) if parts else ("", [])


def _below(chosen: set[int]) -> set[int]:
    """The categories and all that belong to them."""
    if not chosen:
        return set()
    rows = list(Category.objects.values_list("pk", "parent_id"))
    found, size = set(chosen), 0
    while size != len(found):
        size = len(found)
        found |= {pk for pk, parent in rows if parent in found}
    return found


def countable(warehouse: int) -> QuerySet[Place]:
    """The zones and places of a warehouse that a plan may choose."""
    return Place.objects.filter(warehouse_id=warehouse, kind__in=KINDS, archived_at=None).order_by(
        "path"
    )
