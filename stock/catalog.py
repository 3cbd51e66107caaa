"""The only writer of places, warehouses and lots; master data that the book leans on."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from core.errors import Conflict, DomainError
from core.questions import Question
from core.said import said as _
from core.words import listed
from people.models import Company, Department, Scope, User
from stock import place_kinds, search_keys
from stock.models import (
    Balance,
    Category,
    Item,
    Lot,
    Movement,
    Partner,
    Place,
    Reason,
    Unit,
    ValuationArea,
    Warehouse,
)


def create_virtual_places(company: Company) -> None:
    """Make the places outside the warehouses (suppliers, customers, scrap …) that a company needs."""
    known = set(
        Place.objects.filter(company=company, warehouse=None).values_list("kind", flat=True)
    )
    for kind in sorted(place_kinds.VIRTUAL - known):
        Place.objects.create(company=company, kind=kind, code=kind, path=kind)


def virtual_place(company: Company, kind: str) -> Place:
    """The company's one place of a virtual kind."""
    return Place.objects.get(company=company, kind=kind, warehouse=None)


@transaction.atomic
def create_warehouse(
    *,
    company: Company,
    code: str,
    name: str,
    area: ValuationArea | None = None,
    department: Department | None = None,
) -> Warehouse:
    """Make a warehouse with its scope, its valuation area (unless given) and its first four places.

    The places are the warehouse itself (storage), and ``-Q`` quarantine, ``-T`` transit, ``-R`` repair.
    """
    create_virtual_places(company)
    if area is None:
        area = ValuationArea.objects.create(company=company, code=code, name=name)
    scope = Scope.objects.create(code=f"warehouse:{code}", name=f"{code} {name}")
    warehouse = Warehouse.objects.create(
        code=code, name=name, area=area, department=department, scope=scope
    )
    for suffix, kind in (
        ("", "storage"),
        ("-Q", "quarantine"),
        ("-T", "transit"),
        ("-R", "repair"),
    ):
        create_place(warehouse=warehouse, code=code + suffix, kind=kind)
    return warehouse


def create_place(
    *,
    warehouse: Warehouse,
    code: str,
    kind: str = "storage",
    name: str = "",
    parent: Place | None = None,
    is_group: bool = False,
) -> Place:
    """Make a place in the tree of a warehouse."""
    return Place.objects.create(
        company=warehouse.area.company,
        warehouse=warehouse,
        kind=kind,
        code=code,
        name=name,
        parent=parent,
        is_group=is_group,
        path=f"{parent.path}/{code}" if parent else f"{warehouse.code}/{code}",
    )


def usual_places(warehouse: Warehouse | int, kind: str) -> QuerySet[Place]:
    """The place that stands for the warehouse itself: the first made of its kind, if there is one."""
    rows = Place.objects.filter(warehouse=warehouse, kind=kind, is_group=False, archived_at=None)
    return rows.order_by("pk")[:1]


_USUAL: Question[Place] = Question(usual_places, int, str)


def default_place(warehouse: Warehouse, kind: str = "storage") -> Place:
    """The place that stands for the warehouse itself: the first made of its kind."""
    found = _USUAL.first(warehouse.pk, kind)
    if found is None:
        raise Place.DoesNotExist(f"{warehouse.code} {kind}")
    return found


def find_or_create_lot(
    item: Item,
    number: str,
    *,
    manufactured_on: date | None = None,
    expires_on: date | None = None,
    supplier: Partner | None = None,
) -> Lot:
    """The lot of this number; made on its first receipt."""
    lot, _made = Lot.objects.get_or_create(
        item=item,
        number=number,
        defaults={
            "manufactured_on": manufactured_on,
            "expires_on": expires_on,
            "supplier": supplier,
        },
    )
    return lot


def _refuse_virtual(record: Any) -> None:
    """Every posting of a company needs its places outside the warehouses, so nobody changes them."""
    if (
        isinstance(record, Place)
        and record.pk
        and record.company_id
        and record.warehouse_id is None
    ):
        raise DomainError(
            _("“%(place)s” belongs to the program: every posting needs it, so it stays as it is.")
            % {"place": record.get_kind_display()},
            code="virtual_place",
        )


def version(record: models.Model) -> str:
    """What an edit form carries to notice that somebody else saved meanwhile; 0 while nobody ever did."""
    newest = record.history.order_by("-history_id").values_list("history_id", flat=True).first()  # type: ignore[attr-defined]
    return str(newest or 0)


@transaction.atomic
def save(form: Any, *, actor: User, seen: str = "", rows: Any = ()) -> models.Model:
    """Save a checked form of master data and its inline ``rows``; keys, paths and first places follow.

    Raises Conflict, naming who changed it, if the record is no longer the version that was ``seen``.
    """
    record = form.instance
    _refuse_virtual(
        Place.objects.filter(pk=record.pk).first() if isinstance(record, Place) else None
    )
    newest = None
    if record.pk and seen:
        newest = record.history.order_by("-history_id").select_related("history_user").first()
    if newest is not None and str(newest.history_id) != seen:
        raise Conflict(
            _(
                "%(who)s changed this on %(when)s, while you were editing. Your entries are still here."
            )
            % {
                "who": newest.history_user or _("the system"),
                "when": timezone.localtime(newest.history_date).strftime("%Y-%m-%d %H:%M"),
            }
        )
    new = record.pk is None
    if isinstance(record, Warehouse) and new:
        return _new_warehouse(record)
    if isinstance(record, Place) and record.warehouse is not None:
        record.company = record.warehouse.area.company
        record.path = (
            f"{record.parent.path if record.parent else record.warehouse.code}/{record.code}"
        )
    record._history_user = actor
    form.save()
    for formset in rows:
        formset.instance = record
        formset.save()
    if isinstance(record, Place) and not new:
        renew_paths(record)
    if isinstance(record, Item):
        search_keys.refresh_items([record])
    elif isinstance(record, Partner):
        search_keys.refresh_partners([record])
    return record


def _new_warehouse(draft: Warehouse) -> Warehouse:
    company = Company.objects.earliest("pk")
    warehouse = create_warehouse(
        company=company, code=draft.code, name=draft.name, department=draft.department
    )
    warehouse.address = draft.address
    warehouse.save()
    return warehouse


def renew_paths(place: Place) -> None:
    """Bring the paths of everything below a place up to date."""
    for child in place.children.all():
        child.path = f"{place.path}/{child.code}"
        child.save(update_fields=["path"])
        renew_paths(child)


@transaction.atomic
def archive(record: Any, *, actor: User) -> None:
    """Take a record out of use; its history and movements stay. Raises DomainError while it is needed."""
    _refuse_virtual(record)
    problem = _needed(record)
    if problem:
        raise DomainError(problem, code="in_use")
    record.archived_at = timezone.now()
    record._history_user = actor
    record.save(update_fields=["archived_at"])


@transaction.atomic
def restore(record: Any, *, actor: User) -> None:
    """Put an archived record back into use."""
    record.archived_at = None
    record._history_user = actor
    record.save(update_fields=["archived_at"])


def category_refusal(item: Item, category: Category) -> str:
    """Why an item that has moved cannot go to a category; empty if it can. Its cost method would change with it."""
    before = Category.objects.filter(item=item).first()
    if before is None or category.cost_method == before.cost_method:
        return ""
    if not Movement.objects.filter(item=item).exists():
        return ""
    return _("The item has moved already; choose a category with the same cost method.")


@transaction.atomic
def move_to_category(item: Item, category: Category, *, actor: User) -> None:
    """Put an item into another category. Raises DomainError where its cost method would change."""
    fresh = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if fresh.category_id == category.pk:
        return
    problem = category_refusal(fresh, category)
    if problem:
        raise DomainError(problem, code="cost_method")
    fresh.category = category
    fresh._history_user = actor  # type: ignore[attr-defined]
    fresh.save(update_fields=["category"])


def _needed(record: Any) -> str:
    """Why a record cannot be archived now; empty if it can."""
    stock = Balance.objects.exclude(on_hand=0)
    held = {
        Item: stock.filter(item=record) if isinstance(record, Item) else None,
        Place: stock.filter(place=record) if isinstance(record, Place) else None,
        Lot: stock.filter(lot=record) if isinstance(record, Lot) else None,
        Warehouse: stock.filter(place__warehouse=record) if isinstance(record, Warehouse) else None,
        Partner: stock.filter(owner=record) if isinstance(record, Partner) else None,
    }.get(type(record))
    if held is not None and held.exists():
        total = held.aggregate(total=Sum("on_hand"))["total"]
        return _("There is still stock of it (%(total)s). Move it first.") % {
            "total": f"{total:f}".rstrip("0").rstrip(".")
        }
    used = {
        Category: lambda: Item.objects.filter(category=record, archived_at=None),
        Unit: lambda: Item.objects.filter(base_unit=record, archived_at=None),
        Place: lambda: Place.objects.filter(parent=record, archived_at=None),
    }.get(type(record))
    if used is not None and used().exists():
        return _("Other records that are in use still need it: %(names)s.") % {
            "names": listed(used()[:3])
        }
    return ""


@transaction.atomic
def delete(record: Any) -> None:
    """Delete a record that nothing ever used; raises DomainError if anything did."""
    _refuse_virtual(record)
    if isinstance(record, Reason) and record.is_shipped:
        raise DomainError(
            _("This reason came with the program, so it can only be archived."), code="shipped"
        )
    if _was_used(record):
        raise DomainError(_("It has been used, so it can only be archived."), code="in_use")
    try:
        record.delete()
    except models.ProtectedError as error:
        raise DomainError(
            _("It has been used, so it can only be archived."), code="in_use"
        ) from error


def _was_used(record: Any) -> bool:
    moved = Movement.objects.all()
    if isinstance(record, Item):
        return moved.filter(item=record).exists()
    if isinstance(record, Lot):
        return moved.filter(lot=record).exists()
    if isinstance(record, Place):
        return (moved.filter(source=record) | moved.filter(target=record)).exists()
    if isinstance(record, Partner):
        return (moved.filter(partner=record) | moved.filter(owner=record)).exists()
    return False


@transaction.atomic
def create_bins(warehouse: Warehouse, zone: str, codes: list[str], *, actor: User) -> list[Place]:
    """Make a zone with many places; codes that exist already are left as they are."""
    top, _made = Place.objects.get_or_create(
        warehouse=warehouse,
        code=zone,
        defaults={
            "company": warehouse.area.company,
            "kind": "storage",
            "is_group": True,
            "path": f"{warehouse.code}/{zone}",
        },
    )
    known = set(
        Place.objects.filter(warehouse=warehouse, code__in=codes).values_list("code", flat=True)
    )
    made = []
    for order, code in enumerate(codes):
        if code not in known:
            place = Place(
                company=warehouse.area.company,
                warehouse=warehouse,
                kind="storage",
                code=code,
                parent=top if top.is_group else None,
                path=f"{top.path if top.is_group else warehouse.code}/{code}",
                walking_order=order,
            )
            place._history_user = actor  # type: ignore[attr-defined]  # simple-history reads it
            place.save()
            made.append(place)
    return made
