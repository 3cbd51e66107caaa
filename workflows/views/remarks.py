"""What is said of the lines of one document, for pages that enter figures: the phone, and carrying out. Reads only."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from workflows import checks, reading
from workflows.checks import Check
from workflows.views.found import document_of

_MOST = 200
"""Lines of one answer."""


@require_safe
@login_required
def remarks(request: HttpRequest, key: uuid.UUID) -> JsonResponse:
    """Line key → what is unusual about it: of each ``line`` named, else of all; each line asked for is answered.

    ``counting``: figures still grow, so nothing is said of what is too little.
    """
    document, _user, access = document_of(request, key)
    rows = document.lines.select_related(*checks.NAMES).order_by("position", "id")
    if wanted := request.GET.getlist("line"):
        rows = rows.filter(key__in=[reading.read_key(one) for one in wanted[:_MOST]])
    lines = list(rows[:_MOST])
    found = checks.remarks(document, lines, access)
    counting = "counting" in request.GET
    return JsonResponse(
        {
            "lines": {
                str(line.key): [
                    _shown(one) for one in found.get(line.pk, ()) if not (counting and one.low)
                ]
                for line in lines
            }
        }
    )


def _shown(check: Check) -> dict[str, Any]:
    """In words, with what to take instead of the figure and where to say that it is right."""
    field, value = check.suggestion or ("", "")
    take = {"value": value, "action": check.action} if field == "quantity" else {}
    return {"text": check.text, "code": check.code, "accept": check.accept, **take}
