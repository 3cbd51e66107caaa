"""Finds the import of an address for those who may see it, and everything its page shows."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from intake import telling
from intake.importing import door, looking, twice, unusual
from intake.importing.mends import Mends
from intake.models import Import
from intake.models.imports import Purpose
from intake.understanding import remaining
from intake.understanding.fields import FIELDS
from intake.views import costs
from intake.views.words import code_words, field_words
from people.access import Access, access_for
from people.doors import signed_in
from people.models import User
from stock import movement_types
from stock.models import Unit, Warehouse
from workflows import document_types

_TO_LOOK_AT = frozenset({twice.CODE, "repeated"})
"""Remarks of rows that are often slips: nobody should have to unfold them."""
_FIRST = 4
_MOST_COLUMNS = 300
"""So many columns are asked about on one page."""
_SHOWN_RIGHTS = (door.RIGHT, "document.approve", "audit.view")


def import_of(request: HttpRequest, key: uuid.UUID) -> tuple[Import, User, Access]:
    """The import, who asks, and what they may do; 404 for those who may not see it."""
    user = signed_in(request)
    access = access_for(user)
    job = (
        Import.objects.select_related("company", "warehouse", "asker", "approver")
        .filter(key=key)
        .first()
    )
    if job is None or not may_see(job, user, access):
        raise Http404(str(key))
    return job, user, access


def may_see(job: Import, user: User, access: Access) -> bool:
    """Whoever brought it; who imports or approves in every warehouse that it touches; auditors of these."""
    if job.asker_id == user.pk and access.may(door.RIGHT):
        return True
    scopes = telling.scopes_of(job)
    return any(all(access.may(right, scope) for scope in scopes) for right in _SHOWN_RIGHTS)


def _questions(said: dict[str, Any]) -> dict[str, Any]:
    """Open questions; of very many columns the first few beside one answer for the rest, others behind a fold."""
    found = [q for q in said.get("questions", ()) if q["blocking"] and not q["answer"]]
    rest = next((q for q in found if q["kind"] == remaining.REST), None)
    if rest is None:
        return {"questions": found, "rest": None, "more_columns": []}
    columns = [q for q in found if q["kind"] == "column"]
    others = [q for q in found if q["kind"] not in {"column", remaining.REST}]
    return {
        "questions": [*others, *columns[:_FIRST]],
        "rest": rest,
        "more_columns": columns[_FIRST:_MOST_COLUMNS],
    }


def _notes(said: dict[str, Any], *, money: bool) -> list[dict[str, Any]]:
    """Remarks by kind, in a few words; where each row has words of its own, ``each`` says so."""
    words = {
        unusual.OTHER: _("Unusual by what is known of the item"),
        unusual.PRICE: _("Unusual prices"),
        twice.CODE: _("Rows of opening stock about goods that a row above states already"),
    }
    return [
        {
            **note,
            "word": words.get(note["code"]) or note["places"][0][3],
            "each": note["code"] in words,
        }
        for note in said.get("notes", ())
        if money or note["code"] != unusual.PRICE
    ]


def context(job: Import, user: User, access: Access) -> dict[str, Any]:
    """Everything the page shows."""
    sees_costs = costs.sees(job, user, access)
    said = (job.summary or {}) if sees_costs else costs.hidden(job.summary or {})
    scope = job.warehouse.scope_id if job.warehouse else None
    mine = access.may(door.RIGHT, scope)
    return {
        "job": job,
        "said": said,
        "tables": [_table(table) for table in said.get("tables", ())],
        **_questions(said),
        "answered": [q for q in said.get("questions", ()) if q["answer"] or not q["blocking"]],
        "groups": [_group(group) for group in said.get("groups", ())],
        "notes": _notes(said, money=access.may("cost.view", scope)),
        "to_look_at": any(note["code"] in _TO_LOOK_AT for note in said.get("notes", ())),
        "totals": [{**t, "word": field_words(t["field"])} for t in said.get("totals", ())[:40]],
        "documents": _documents(said),
        "purposes": Purpose.choices,
        "purpose": Purpose(job.purpose).label if job.purpose else _("Sheet"),
        "warehouses": Warehouse.objects.filter(area__company=job.company, archived_at=None),
        "units": Unit.objects.filter(archived_at=None),
        "fields": field_choices(),
        "mends": Mends.read(job.mends),
        "sent_back": job.wish.get("sent_back") if job.state in door.EDITABLE else None,
        "may_mend": mine and job.state in door.EDITABLE and not job.step,
        "may_write": mine,
        "may_approve": job.state == Import.State.WAITING
        and all(access.may(telling.APPROVE, one) for one in telling.scopes_of(job))
        and job.asker_id != user.pk,
        "sees_value": sees_costs,
        "running": job.state in door.RUNNING,
        **looking_context(job),
        "language": get_language(),
    }


def looking_context(job: Import) -> dict[str, Any]:
    """How far a look at a large file is: its step, rows, and the seconds that are left."""
    facts = job.progress or {}
    return {
        "job": job,
        "looks": job.state in door.EDITABLE and bool(job.step),
        "rows_read": facts.get("read", 0),
        "rows_understood": facts.get("understood", 0),
        "rows_checked": facts.get("checked", 0),
        "rows_wrong": facts.get("wrong", 0),
        "percent": looking.percent(job),
        "left": looking.seconds_left(job),
    }


def field_choices() -> list[tuple[str, str]]:
    """Fields a column may mean, by their words."""
    return sorted(((code, field_words(code)) for code in FIELDS), key=lambda pair: pair[1])


def _table(table: dict[str, Any]) -> dict[str, Any]:
    columns = [
        {
            **column,
            "field": code,
            "word": field_words(code),
            "percent": round(column["confidence"] * 100),
        }
        for code, column in table["columns"].items()
    ]
    return {**table, "mapped": columns, "free": table["unused"]}


def _group(group: dict[str, Any]) -> dict[str, Any]:
    values = [
        {**value, "shown": ", ".join(str(row) for _sheet, row in value["rows"][:6])}
        for value in group["values"]
    ]
    return {
        **group,
        "values": values,
        "title": code_words(group["code"], group["message"]),
        "single": len(values) == 1,
        "field_word": field_words(group["field"]) if group["field"] else "",
    }


def _documents(said: dict[str, Any]) -> dict[str, Any]:
    documents = said.get("documents") or {"count": 0, "types": {}, "first": []}
    return {
        **documents,
        "kinds": [(label_of(code), count) for code, count in documents["types"].items()],
        "first": [{**d, "label": label_of(d["type"])} for d in documents["first"]],
    }


def label_of(code: str) -> str:
    """What a type of document is called."""
    kind = document_types.BY_CODE.get(code)
    if kind is not None:
        return str(kind.label)
    movement = movement_types.BY_CODE.get(code)
    return str(movement.label) if movement else code_words(code, code)
