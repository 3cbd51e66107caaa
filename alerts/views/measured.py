"""The page that shows how good warnings are: per kind of slip what is caught, what is missed, and the lines it was tried on."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from alerts import ruling, tasks
from alerts.anomaly import measured, measuring, sentences, slip_words
from core import nudges
from people.access import Access, access_for
from people.doors import needs
from stock.models import Movement
from stock.queries.movements import MovementFilter, seen_by
from stock.queries.sight import see
from workflows import document_types
from workflows.models import Document

_LOOKS = "audit.view"
_SHOWN = frozenset(
    {
        "number",
        "unit",
        "price",
        "item",
        "lot",
        "expires",
        "at",
        "happened",
        "reason",
        "reference",
        "type",
    }
)
"""Fields that are told in words; of the others their ids would be."""


@require_safe
@needs(ruling.RIGHT, _LOOKS)
def page(request: HttpRequest) -> HttpResponse:
    """The newest measurement, the worst kinds first."""
    access = access_for(request.user)
    run = measured.last()
    found: Mapping[str, Any] = run.detail if run is not None else {}
    rows = _rows(found.get("kinds", ()), access)
    tried = sum(row["tried"] for row in rows)
    known = sum(kind["known"] for kind in found.get("kinds", ()))
    caught = sum(kind["known_caught"] for kind in found.get("kinds", ()))
    context = {
        "run": run,
        "found": found,
        "rows": sorted(rows, key=lambda row: (row["recall"], row["label"])),
        "caught": sum(row["recall"] > 100 * measuring.CAUGHT for row in rows),
        "recall": 100 * sum(row["caught"] for row in rows) / tried if tried else None,
        "known": 100 * caught / known if known else None,
        "false": 100 * found.get("false", 0) / found["clean"] if found.get("clean") else None,
        "without": [slip_words.kind(code) for code in found.get("without", ())],
        "may_manage": access.may(ruling.RIGHT),
        "few": run is not None and not found.get("clean"),
    }
    return render(request, "alerts/measured.html", context)


def _rows(kinds: Sequence[Mapping[str, Any]], access: Access) -> list[dict[str, Any]]:
    money = access.may("cost.view")
    keys = [one["movement"] for kind in kinds for one in kind["examples"]]
    seen = seen_by(see(access), MovementFilter())
    movements = seen.select_related("item", "posting").in_bulk(keys)
    postings = {row.posting_id for row in movements.values()}
    documents = {one.posting_id: one for one in Document.objects.filter(posting__in=postings)}
    return [
        {
            "label": slip_words.kind(kind["code"]),
            "tried": kind["tried"],
            "caught": kind["caught"],
            "recall": 100 * kind["caught"] / kind["tried"],
            "known": 100 * kind["known_caught"] / kind["known"] if kind["known"] else None,
            "precision": 100 * kind["precision"],
            "by": kind["by"],
            "examples": [
                _example(one, movements[one["movement"]], documents, money=money)
                for one in kind["examples"]
                if one["movement"] in movements
            ],
        }
        for kind in kinds
    ]


def _example(
    one: Mapping[str, Any],
    movement: Movement,
    documents: Mapping[int | None, Document],
    *,
    money: bool,
) -> dict[str, Any]:
    changed = [
        (slip_words.field(name), _said(name, one["now"][name]), _said(name, was))
        for name, was in one["was"].items()
        if name in _SHOWN and (money or name != "price")
    ]
    codes = [code for code in one["codes"] if money or code not in sentences.MONEY]
    return {
        "item": movement.item,
        "document": documents.get(movement.posting_id),
        "changed": changed,
        "caught": bool(one["codes"]),
        "codes": codes,
    }


def _said(name: str, value: str) -> str:
    return document_types.label(value) if name == "type" else value


@require_POST
@needs(ruling.RIGHT)
def begin(request: HttpRequest) -> HttpResponse:
    """Let a worker measure; at once where there is none."""
    if nudges.start(tasks.MEASURE):
        messages.success(request, _("It is being measured. Look again in a minute."))
    else:
        measured.run()
    return redirect("alerts:measured")
