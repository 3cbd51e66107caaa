"""Takes a whole import back: documents are reversed from the last to the first, each at its own moment; masters get back what they were.

Before anything is touched it is looked whether all of it can be reversed; the rows that block it are named.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError, LineError
from core.fields import plain
from intake.models import Import, ImportedRow
from people.access import SYSTEM
from people.models import User
from stock import catalog
from stock.models import Balance, Item, Movement, Partner, Place
from workflows import boms, door, moment, states
from workflows.models import Document

_MODELS: dict[str, Any] = {"item": Item, "partner": Partner}
_SHOWN = 20


class Used(DomainError):
    """Rows of the import were used since; ``lines`` names them."""

    code = "used"
    status = 409


def blockers(job: Import) -> list[LineError]:
    """The rows whose goods are no longer where the import put them; a constant number of statements."""
    rows = ImportedRow.objects.filter(job=job, undone_at=None, document__isnull=False)
    postings = rows.filter(document__state=states.POSTED).values("document__posting_id")
    moved = Movement.objects.filter(posting__in=postings)
    net: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
    for end, sign in (("target", 1), ("source", -1)):
        physical = moved.filter(**{f"{end}__warehouse__isnull": False})
        sums = physical.values_list("item", "lot", end).annotate(sum=Sum("quantity"))
        for item, lot, place, amount in sums:
            net[item, lot, place] += sign * amount
    there = {
        key[:3]: key[3]
        for key in Balance.objects.filter(
            owner=0, item__in={key[0] for key in net}, place__in={key[2] for key in net}
        ).values_list("item", "lot", "place", "on_hand")
    }
    short = {
        key: there.get(key, Decimal(0)) for key in net if there.get(key, Decimal(0)) < net[key]
    }
    if not short:
        return []
    items = Item.objects.in_bulk({key[0] for key in short})
    places = Place.objects.in_bulk({key[2] for key in short})
    lines = {}
    for key in list(short)[:_SHOWN]:
        found = moved.filter(item=key[0], lot=key[1], target=key[2]).values_list(
            "line_key", flat=True
        )[:1]
        row = rows.filter(line_key__in=list(found)).first()
        lines[key] = row.row if row else 0
    message = _("Row %(row)d: of %(put)s %(item)s in %(place)s only %(left)s are left.")
    return [
        LineError(
            row,
            "used",
            message
            % {
                "row": row,
                "put": plain(net[key]),
                "item": items[key[0]].code,
                "place": places[key[2]].code,
                "left": plain(short[key]),
            },
        )
        for key, row in lines.items()
    ]


def undo(job: Import, beat: Callable[[int], bool]) -> tuple[int, bool]:
    """Reverse what is not reversed yet; returns the rows still written and whether none is. Raises Used."""
    blocking = blockers(job)
    if blocking:
        raise Used(" ".join(str(line.message) for line in blocking), lines=blocking)
    actor = User.objects.get(pk=job.wish["undone_by"])
    rows = ImportedRow.objects.filter(job=job, undone_at=None)
    left = rows.count()
    documents = (
        rows.filter(document__isnull=False).order_by("-document").values_list("document", flat=True)
    )
    for pk in list(documents.distinct()):
        with transaction.atomic():
            _take_back(job, pk, actor)
            left -= rows.filter(document=pk).update(undone_at=timezone.now())
        if not beat(left):
            return left, False
    for row in rows.filter(document__isnull=True).order_by("-pk"):
        with transaction.atomic():
            _restore(row, actor)
            left -= rows.filter(pk=row.pk).update(undone_at=timezone.now())
        if not beat(left):
            return left, False
    return left, True


def _take_back(job: Import, pk: int, actor: User) -> None:
    """Reverse a posted document as if at its own moment; void one that is not posted."""
    document = Document.objects.get(pk=pk)
    if document.state in states.FINAL and document.state != states.POSTED:
        return
    if document.state != states.POSTED:
        _void(document, actor)
        return
    at = document.effective_at or document.posted_at or timezone.now()
    with moment.told(at):
        door.act(
            pk,
            "reverse",
            actor=actor,
            access=SYSTEM,
            reason="correction",
            text=_("The import of %(file)s was undone.") % {"file": job.name},
            data={"request": f"import:{job.key}"},
            door="sheet",
        )


def _void(document: Document, actor: User) -> None:
    door.act(document.pk, "void", actor=actor, access=SYSTEM, reason="correction", door="sheet")


def _restore(row: ImportedRow, actor: User) -> None:
    """Give a record back what it was; one that the import made goes into the archive, or goes."""
    said = row.record or {}
    if said.get("model") == "bom":
        _restore_bill(said, actor)
    if said.get("model") not in _MODELS:
        return
    model = _MODELS[said["model"]]
    record = model.objects.filter(pk=said["id"]).first()
    if record is None:
        return
    record._history_user = actor
    if said["made"]:
        catalog.archive(record, actor=actor)
        return
    for name, value in said["was"].items():
        field = model._meta.get_field(name.removesuffix("_id"))
        setattr(record, name, value if name.endswith("_id") else field.to_python(value))
    record.save()


def _restore_bill(said: dict[str, Any], actor: User) -> None:
    if said["made"]:
        boms.archive(said["code"], actor=actor, access=SYSTEM)
        return
    was = said["was"]
    boms.save(
        said["code"],
        quantity=was["quantity"],
        lines=was["lines"],
        note=was["note"],
        actor=actor,
        access=SYSTEM,
    )
