"""What a look at a file comes to, as plain data that is kept with the import: the page and the command show it."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from intake.importing import grouping, planning, twice
from intake.importing.found import Prepared
from intake.models import Import
from intake.resolving.catalogue import Catalogue
from intake.resolving.records import PlaceRef
from intake.understanding.result import plain
from stock.models import Balance

_SHOWN = 60
_NOTES = 200
_PLACES = {twice.CODE: 100}
"""So many places of a warning are kept; of these a person looks at each."""


def summary(out: Prepared, job: Import, known: Catalogue) -> dict[str, Any]:
    """Counts, tables, columns, questions, groups, documents, stock before and after, totals."""
    entries, records = out.good()
    planned = planning.documents(entries)
    rows = {(one.sheet, one.row.number) for one in out.things}
    understanding = out.understanding
    return {
        "as": out.purpose,
        "shape": understanding.shape,
        "kind": understanding.kind,
        "encoding": understanding.encoding,
        "tables": [
            {"sheet": table.sheet, "fingerprint": table.fingerprint, **table.as_dict()}
            for table in understanding.tables
        ],
        "questions": [question.as_dict() for question in understanding.questions],
        "rows": sum(table.rows for table in understanding.tables),
        "good": len(rows),
        "wrong": len(out.wrong_rows),
        "known": out.known,
        "left_out": out.left_out,
        "blocked": out.blocked,
        "scopes": _scopes(out),
        "groups": grouping.groups(out, known),
        "notes": _notes(out),
        "totals": [total.as_dict() for total in understanding.totals],
        "made": {kind: len(things) for kind, things in out.made.items() if things},
        "documents": _documents(planned) if entries else _record_documents(out),
        "stock": _stock(out),
        "value": plain(sum((e.value or Decimal(0) for e in entries if e.brings_in), Decimal(0))),
        "moves": len(entries) + len(records),
    }


def _scopes(out: Prepared) -> list[int]:
    """The scopes of all warehouses that the entries touch: whoever approves them has the right in each."""
    return sorted(
        {
            end.warehouse.scope
            for entry in out.entries
            for end in (entry.source, entry.target)
            if isinstance(end, PlaceRef) and end.warehouse.scope is not None
        }
    )


def _notes(out: Prepared) -> list[dict[str, Any]]:
    """Warnings by code, the largest first, each with its first places."""
    found: dict[str, list[tuple[str, int, str, str]]] = defaultdict(list)
    for warning in out.understanding.warnings:
        found[warning.code].append((warning.sheet, warning.row, warning.cell, warning.message))
    for note in out.notes:
        found[note.code].append((note.sheet, note.row, note.cell, note.message))
    made = [
        {
            "code": code,
            "count": len(places),
            "places": [list(place) for place in places[: _PLACES.get(code, 10)]],
        }
        for code, places in found.items()
    ]
    return sorted(made, key=lambda group: -int(str(group["count"])))[:_NOTES]


def _documents(planned: list[planning.Planned]) -> dict[str, Any]:
    """How many documents of which type, and the first of them."""
    kinds = Counter(document.type for document in planned)
    return {
        "count": len(planned),
        "types": dict(kinds),
        "first": [document.as_dict() for document in planned[:_SHOWN]],
    }


def _record_documents(out: Prepared) -> dict[str, Any]:
    _entries, records = out.good()
    kinds = Counter(record.values.get("type", record.kind) for record in records)
    return {"count": len(records), "types": dict(kinds), "first": []}


def _stock(out: Prepared) -> list[dict[str, str]]:
    """Stock of the goods that change most, before and after, by item and place."""
    changes: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    places: dict[tuple[str, str], tuple[int, int, str]] = {}
    entries, _records = out.good()
    for entry in entries:
        for end, sign in ((entry.target, 1), (entry.source, -1)):
            if isinstance(end, PlaceRef):
                key = (entry.item.code, f"{end.warehouse.code}/{end.code}")
                changes[key] += sign * entry.quantity
                places[key] = (entry.item.pk or 0, end.pk or 0, entry.item.name)
    chosen = sorted(changes, key=lambda key: -abs(changes[key]))[:_SHOWN]
    there: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    rows = Balance.objects.filter(
        owner=0,
        item__in={places[key][0] for key in chosen},
        place__in={places[key][1] for key in chosen},
    )
    for item, place, on_hand in rows.values_list("item", "place", "on_hand"):
        there[item, place] += on_hand
    return [
        {
            "item": key[0],
            "name": places[key][2],
            "place": key[1],
            "before": plain(there[places[key][:2]]),
            "after": plain(there[places[key][:2]] + changes[key]),
        }
        for key in chosen
    ]
