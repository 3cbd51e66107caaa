"""The only writer of plans: what is counted, by how many, how far it may be off, and who gets which sheet.

A plan may be changed until the book is sealed; sheets are given to others and recounts asked for after that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.numbers import QUANTITY_PLACES, VALUE_PLACES, NumberError, parse_decimal
from people.access import Access, access_for
from people.models import Company, User
from stock import sealing
from stock.models import Category, Item, Place, Reason
from workflows import door, drafting, moment, queries, saving, states
from workflows.counting import judging, snapshot
from workflows.door import Outcome
from workflows.errors import DocumentRefused, DocumentUnknown, WrongState
from workflows.models import CountLine, CountSheet, CountTolerance, Document, Stocktake
from workflows.move import Move

LIMITS = {
    "tolerance_quantity": QUANTITY_PLACES,
    "tolerance_percent": 6,
    "tolerance_value": VALUE_PLACES,
}
MOST_CODES = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan says, by codes; empty lists are everything, empty limits none."""

    zones: Sequence[str] = ()
    categories: Sequence[str] = ()
    items: Sequence[str] = ()
    empty_places: bool = True
    limits: Mapping[str, Any] | None = None


@transaction.atomic
def create(
    warehouse: str,
    plan: Plan,
    *,
    actor: User,
    access: Access,
    note: str = "",
    reference: str = "",
    key: str = "",
    door_name: str = "form",
) -> Document:
    """A stocktake as a draft; the same ``key`` (a UUID) gives the same one again.

    Raises DocumentRefused for unknown codes, NotAllowed without the right to ask in the warehouse.
    """
    document = drafting.create(
        "stocktake",
        actor=actor,
        access=access,
        header={"warehouse": warehouse, "note": note, "reference": reference},
        key=key,
        door_name=door_name,
        made_by="counting",
    )
    if document.warehouse is None:
        raise DocumentRefused(_("Choose the warehouse."), code="warehouse")
    known, made = Stocktake.objects.get_or_create(document=document)
    if made:
        _write(known, plan)
    return document


@transaction.atomic
def change(document_id: int, plan: Plan, *, actor: User, access: Access) -> Document:
    """Change the plan of a stocktake that is not sealed yet."""
    document = _lock(document_id, actor, access)
    access.require("document.ask", _scope(document))
    if document.state not in states.EDITABLE or document.stocktake.sealed_at is not None:
        raise WrongState(_("The book is sealed for this stocktake; its plan stays as it is."))
    _write(document.stocktake, plan)
    _noted(document, actor, access, "edit", {"plan": True})
    return document


def seal(
    document_id: int,
    *,
    actor: User,
    access: Access,
    sheets: int = 1,
    counters: Sequence[int] = (),
    version: int | None = None,
    key: str = "",
    door_name: str = "form",
) -> Outcome:
    """Seal the book and hand out the sheets: ``sheets`` runs of places in walking order.

    ``counters`` are ids of users that get them in turn; without any a sheet belongs to whoever begins it.
    """
    for user in User.objects.filter(pk__in=counters, is_active=True):
        document = Document.objects.select_related("warehouse").get(pk=document_id)
        _may_count(user, document)
    sealing.seal()
    return door.act(
        document_id,
        "submit",
        actor=actor,
        access=access,
        data={"sheets": sheets, "counters": list(counters)},
        version=version,
        key=key,
        door=door_name,
    )


@transaction.atomic
def assign(
    document_id: int, sheet: int, counter: User | None, *, actor: User, access: Access
) -> CountSheet:
    """Give a sheet to somebody who may count there (or to whoever begins it)."""
    document = _lock(document_id, actor, access)
    _may_lead(document, actor, access)
    if document.state not in states.RUNNING:
        raise WrongState(_("Nothing is being counted now."))
    found = CountSheet.objects.select_for_update().filter(document=document, number=sheet).first()
    if found is None:
        raise DocumentRefused(_("There is no such sheet."), code="unknown_sheet")
    if counter is not None:
        _may_count(counter, document)
    found.counter = counter
    found.save(update_fields=["counter"])
    name = str(counter) if counter else ""
    _noted(document, actor, access, "assign", {"sheet": sheet, "name": name})
    return found


@transaction.atomic
def recount(document_id: int, lines: Sequence[str], *, actor: User, access: Access) -> int:
    """Ask that counted lines be counted once more by somebody else; returns how many are asked for now."""
    document = _lock(document_id, actor, access)
    _may_lead(document, actor, access)
    if document.state not in {states.APPROVED, states.IN_EXECUTION}:
        raise WrongState(_("Return the stocktake to counting first."))
    keys = list(
        CountLine.objects.filter(document=document, key__in=lines).values_list("pk", flat=True)
    )
    asked = judging.ask(keys)
    _noted(document, actor, access, "recount", {"beyond": asked, "stale": 0})
    return asked


@transaction.atomic
def explain(
    document_id: int, line: str, cause: str, *, note: str = "", actor: User, access: Access
) -> CountLine:
    """Say why a line differs: a reason of the list, and a few words."""
    document = _lock(document_id, actor, access)
    if not access.may("count.enter", _scope(document)):
        access.require("document.execute", _scope(document))
    if document.state not in states.RUNNING:
        raise WrongState(_("Causes are named before the differences are posted."))
    found = CountLine.objects.filter(document=document, key=line).first()
    if found is None:
        raise DocumentRefused(_("There is no such line."), code="unknown_line")
    reason = Reason.objects.filter(code=cause, archived_at=None).first() if cause else None
    if cause and reason is None:
        raise DocumentRefused(_("There is no such reason."), code="unknown_reason")
    found.cause, found.cause_note = reason, note.strip()[:200]
    found.save(update_fields=["cause", "cause_note"])
    return found


@transaction.atomic
def set_tolerances(company: Company, given: Mapping[str, Mapping[str, Any]]) -> None:
    """Set the company's tolerances by the code of a category (empty: for everything); without limits they go."""
    known = {category.code: category for category in Category.objects.filter(code__in=given)}
    for code, limits in given.items():
        if code and code not in known:
            raise DocumentRefused(
                _("There is no category “%(code)s”.") % {"code": code[:60]}, code="unknown_code"
            )
        read = {name: _limit(limits.get(name), places) for name, places in LIMITS.items()}
        category = known.get(code)
        rows = CountTolerance.objects.filter(company=company, category=category)
        if all(value is None for value in read.values()):
            rows.delete()
        elif not rows.update(**read):
            CountTolerance.objects.create(company=company, category=category, **read)


# Helpers -------------------------------------------------------------------------------------------


def _lock(document_id: int, actor: User, access: Access) -> Document:
    document = door.lock(document_id)
    if (
        document is None
        or document.type != "stocktake"
        or not queries.may_see(actor, document, access)
    ):
        raise DocumentUnknown(_("There is no such document, or you may not see it."))
    return document


def _scope(document: Document) -> int | None:
    return document.warehouse.scope_id if document.warehouse else None


def _may_lead(document: Document, actor: User, access: Access) -> None:
    """Whoever planned it, or who carries out changes of stock there."""
    if document.asker_id != actor.pk:
        access.require("document.execute", _scope(document))


def _may_count(user: User, document: Document) -> None:
    if not access_for(user).may("count.enter", _scope(document)):
        raise DocumentRefused(
            _("%(name)s may not count in this warehouse.") % {"name": user}, code="user_right"
        )


def _noted(
    document: Document, actor: User, access: Access, verb: str, data: dict[str, Any]
) -> None:
    move = Move(document, actor, access, verb, moment.now())
    move.log(verb, data=data)
    saving.save(move)


def _write(known: Stocktake, plan: Plan) -> None:
    warehouse = known.document.warehouse_id or 0
    places = Place.objects.filter(warehouse_id=warehouse, kind__in=snapshot.KINDS)
    zones = _found(places, plan.zones, _("There is no place “%(code)s” in this warehouse."))
    categories = _found(
        Category.objects.all(), plan.categories, _("There is no category “%(code)s”.")
    )
    items = _found(Item.objects.all(), plan.items, _("There is no item “%(code)s”."))
    known.empty_places = plan.empty_places
    for name, places_ in LIMITS.items():
        setattr(known, name, _limit((plan.limits or {}).get(name), places_))
    known.save()
    known.zones.set(zones)
    known.categories.set(categories)
    known.items.set(items)


def _found(rows: Any, codes: Sequence[str], message: str) -> list[Any]:
    wanted = list(dict.fromkeys(str(code).strip() for code in codes if str(code).strip()))
    if len(wanted) > MOST_CODES:
        raise DocumentRefused(
            _("At most %d codes are chosen one by one.") % MOST_CODES, code="many"
        )
    found = {row.code.upper(): row for row in rows.filter(code__in=wanted)}
    for code in wanted:
        if code.upper() not in found:
            raise DocumentRefused(message % {"code": code[:60]}, code="unknown_code")
    return list(found.values())


def _limit(value: Any, places: int) -> Decimal | None:
    if value is None or str(value).strip() == "":
        return None
    try:
        number = parse_decimal(
            value if isinstance(value, Decimal) else str(value), places=places, lenient=True
        )
    except NumberError as error:
        raise DocumentRefused(str(error), code="tolerance") from error
    if number < 0:
        raise DocumentRefused(_("A tolerance is not below zero."), code="tolerance")
    return number
