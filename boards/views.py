"""The home page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards import panels
from people.access import access_for
from stock import movement_types


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What is there, what needs attention, what has just happened."""
    access = access_for(request.user)
    tiles = [tile] if (tile := panels.to_do(access)) else []
    rows = []
    if access.may("stock.view"):
        tiles += [tile for make in panels.TILES if (tile := make(access))]
        rows = panels.newest(access)
    return render(
        request,
        "boards/home.html",
        {
            "tiles": [tile for tile in tiles if not tile.calm],
            "calm": [tile for tile in tiles if tile.calm],
            "newest": [(row, movement_types.BY_CODE[row.type]) for row in rows],
        },
    )
