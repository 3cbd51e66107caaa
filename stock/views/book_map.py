"""The heat map of a warehouse: every place as a cell with its number, coloured by it, each a link."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from people.doors import needs
from stock.models import Place
from stock.queries import warehouse_map
from stock.queries.warehouse_map import Cell
from stock.views.book import Question

WIDE, HIGH, GAP = 64, 36, 4
ACROSS = 14
"""Cells in a row, unless the codes say where rows begin."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone as an SVG: its size and its cells at their corners."""

    name: str
    width: int
    height: int
    cells: list[tuple[int, int, Cell]]


@require_safe
@needs("stock.view")
def warehouse_map_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The map of a warehouse that one may see; ``?by=`` chooses the number, ``?zone=`` one zone."""
    question = Question(request)
    facts = question.whole.warehouses.get(pk)
    if facts is None:
        raise Http404
    mode = question.parameters.get("by", "")
    mode = mode if mode in warehouse_map.MODES else "items"
    chosen = question.number("zone")
    zone = Place.objects.filter(pk=chosen, warehouse=pk).first() if chosen else None
    found = warehouse_map.read(pk, mode, timezone.now(), zone)
    context = {
        "warehouse": facts,
        "others": [one for one in question.whole.warehouses.values() if one.id != pk],
        "zone": zone,
        "mode": mode,
        "modes": warehouse_map.MODES.items(),
        "map": found,
        "zones": [_draw(one.name, one.cells) for one in found.zones],
        "here": question.number("place"),
    }
    return render(request, "stock/book/map.html", context)


def _draw(name: str, cells: list[Cell]) -> Drawn:
    """Rows as the codes have them (B-02-1 and B-02-2 stand in row B-02), else as many as fit."""
    rows: list[list[Cell]] = []
    before = None
    for cell in cells:
        row = cell.place.code.rpartition("-")[0] if cell.place.code.count("-") > 1 else ""
        if not rows or len(rows[-1]) == ACROSS or (row and before and row != before):
            rows.append([])
        rows[-1].append(cell)
        before = row
    rows = _joined(rows)
    placed = [
        (x * (WIDE + GAP), y * (HIGH + GAP), cell)
        for y, row_cells in enumerate(rows)
        for x, cell in enumerate(row_cells)
    ]
    width = max((len(row_cells) for row_cells in rows), default=0) * (WIDE + GAP)
    return Drawn(name, width, len(rows) * (HIGH + GAP), placed)


def _joined(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Short rows stand beside each other, so that the map is as wide as it may be."""
    joined: list[list[Cell]] = []
    for row in rows:
        if joined and len(joined[-1]) + len(row) <= ACROSS:
            joined[-1] += row
        else:
            joined.append(list(row))
    return joined
