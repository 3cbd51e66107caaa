"""Pages of standard costs: the list with its export, and new ones (typed or from a sheet) with their effect before they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_http_methods, require_safe

from core import asked, codes, tables
from core.errors import DomainError, LineError
from core.numbers import NumberError, parse_decimal
from core.tables import Column, Filter, Table
from finance import standards
from finance.models import StandardCost
from finance.standards import StandardRefused, Wanted
from finance.views.books import Desk
from people.doors import needs
from stock.models import Category, Item
from stock.views.imports import MAX_BYTES, Unreadable, read

MOST = 500
"""Items that a page shows, and a sheet may hold."""


@require_safe
@needs(standards.RIGHT)
@needs(standards.COSTS)
def listing(request: HttpRequest) -> HttpResponseBase:
    """Every standard cost, newest month first; its file can be changed and read back."""
    desk = Desk(request)
    rows = StandardCost.objects.filter(area__company=desk.company)
    table = Table(
        "standard-costs",
        _("Standard costs"),
        [
            Column("item", _("Code"), "item.code", kind="code", sort="item__code", card="m", url=_item),
            Column("name", _("Name"), "item.name", card="s"),
            Column("area", _("Valuation area"), "area.code", sort="area__code"),
            Column("month", _("From month"), _month, sort="month", card="t"),
            Column("cost", _("Cost"), standards.cost_of, kind="unit_cost", card="n"),
            Column("unit", _("per"), "item.base_unit.code"),
        ],
        rows.select_related("item__base_unit", "area"),
        filters=[
            Filter("month", _("From month"), _of_month, lambda: [(m, m) for m in _months(desk)]),
            Filter("category", _("Category"), _of_category, _categories),
        ],
        search=lambda found, text: found.filter(item__code__icontains=text) | found.filter(item__name__icontains=text),
        order="-month",
        empty=_("No standard cost is set yet."),
        may=desk.access.may,
    )  # fmt: skip
    context = {**desk.context(), "at_standard": _at_standard().count()}
    return tables.respond(request, table, template="finance/standards.html", context=context)


def _item(row: StandardCost) -> str:
    return reverse("stock:item", args=[row.item_id])


def _month(row: StandardCost) -> str:
    return f"{row.month:%Y-%m}"


def _months(desk: Desk) -> list[str]:
    rows = StandardCost.objects.filter(area__company=desk.company).order_by("-month")
    return [f"{month:%Y-%m}" for month in rows.values_list("month", flat=True).distinct()[:36]]


def _of_month(rows: Any, value: str) -> Any:
    found = asked.day(f"{value}-01")
    return rows.filter(month=found) if found else rows


def _of_category(rows: Any, value: str) -> Any:
    number = asked.whole(value)
    return rows.filter(item__category=number) if number else rows


def _categories() -> list[tuple[str, str]]:
    rows = Category.objects.filter(cost_method=Category.CostMethod.STANDARD, archived_at=None)
    return [(str(row.pk), str(row)) for row in rows]


def _at_standard() -> Any:
    """Items that are valued at standard cost."""
    return Item.objects.filter(
        archived_at=None, category__cost_method=Category.CostMethod.STANDARD
    ).order_by("code")


@dataclass(slots=True)
class _Typed:
    """What a form or a sheet says: texts by item, and what cannot be read."""

    texts: dict[int, str] = field(default_factory=dict)
    wanted: list[Wanted] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(standards.RIGHT)
@needs(standards.COSTS)
def new(request: HttpRequest) -> HttpResponse:
    """Costs from a month on; POST shows what they would do to stock, POST with ``do=save`` keeps them."""
    desk = Desk(request)
    areas = standards.areas(desk.company)
    wanted_area = asked.whole(request.POST.get("area") or request.GET.get("area"))
    area = next((one for one in areas if one.pk == wanted_area), areas[0] if areas else None)
    month = desk.month()
    typed, error = _Typed(), None
    if request.method == "POST" and area is not None:
        try:
            _check_target(request, area.pk)
            typed = (
                _sheet(request, area.pk, month)
                if "file" in request.FILES
                else _form(request, area.pk, month)
            )
            if typed.errors:
                raise StandardRefused(typed.errors[0].message, lines=typed.errors)
            if not typed.wanted:
                raise StandardRefused(_("No cost is given."), code="empty")
            standards.check(desk.company, typed.wanted)
            if request.POST.get("do") == "save":
                changed = standards.save(
                    desk.company, typed.wanted, actor=desk.user, access=desk.access
                )
                words = ngettext(
                    "%(n)d standard cost is set.", "%(n)d standard costs are set.", changed
                )
                messages.success(request, words % {"n": changed})
                return redirect("finance:standards")
        except (DomainError, Unreadable) as refused:
            error = refused if isinstance(refused, DomainError) else StandardRefused(str(refused))
    seen = standards.effects(desk.company, typed.wanted) if typed.wanted else []
    rows = _rows(request, area.pk, month, typed, seen) if area else []
    context = {
        **desk.context(),
        "areas": areas,
        "area": area,
        "month": month,
        "rows": rows,
        "q": request.GET.get("q", ""),
        "error": error,
        "seen": bool(seen) and error is None,
        "total": sum((one.difference for one in seen), Decimal(0)),
        "others": sum(not one.applies for one in seen),
    }  # fmt: skip
    return render(request, "finance/new_standards.html", context, status=422 if error else 200)


def _check_target(request: HttpRequest, area: int) -> None:
    """Nothing is set for another month or area than the form says. Raises StandardRefused."""
    month = request.POST.get("month")
    if month is not None and asked.day(f"{month}-01") is None:
        raise StandardRefused(_("Give the month as 2026-03."), code="month")
    given = request.POST.get("area")
    if given and asked.whole(given) != area:
        raise StandardRefused(_("There is no such item or valuation area."), code="area")


def _rows(
    request: HttpRequest, area: int, month: date, typed: _Typed, seen: list[standards.Effect]
) -> list[dict[str, Any]]:
    """Items valued at standard cost (those that are typed first), with what is in force and the effect."""
    items = {
        item.pk: item
        for item in Item.objects.filter(pk__in=typed.texts).select_related("base_unit")
    }
    text = request.GET.get("q", "").strip()
    found = _at_standard().select_related("base_unit")
    if text:
        found = found.filter(code__icontains=text) | found.filter(name__icontains=text)
    if "file" not in request.FILES:
        items |= {item.pk: item for item in found[:MOST]}
    force = standards.in_force([area], month)
    effects = {one.wanted.item: one for one in seen}
    return [
        {
            "item": item,
            "now": force.get((pk, area)),
            "cost": standards.cost_of(force[pk, area]) if (pk, area) in force else None,
            "typed": typed.texts.get(pk, ""),
            "effect": effects.get(pk),
        }
        for pk, item in sorted(items.items(), key=lambda pair: pair[1].code)
    ]


def _form(request: HttpRequest, area: int, month: date) -> _Typed:
    typed = _Typed()
    for name, value in request.POST.items():
        key = asked.whole(name.removeprefix("cost."))
        if name.startswith("cost.") and key is not None and str(value).strip():
            _take(typed, len(typed.texts) + 1, key, area, month, str(value))
    return typed


def _take(typed: _Typed, line: int, item: int, area: int, month: date, text: str) -> None:
    typed.texts[item] = text
    try:
        cost = parse_decimal(text, places=standards.PLACES, lenient=True)
    except NumberError as wrong:
        typed.errors.append(LineError(line, "number", str(wrong)))
    else:
        typed.wanted.append(Wanted(item, area, month, cost))


def _sheet(request: HttpRequest, area: int, month: date) -> _Typed:
    """A sheet with code and cost, as the export writes them; its months and areas are those of the form."""
    file = request.FILES.get("file")
    data = read(file.name or "", file.read(MAX_BYTES + 1)) if file is not None else read("", b"")
    names = _names(list(data.headers or []))
    if "item" not in names or "cost" not in names:
        message = _("The sheet needs the columns %(code)s and %(cost)s.")
        raise StandardRefused(message % {"code": _("Code"), "cost": _("Cost")}, code="columns")
    rows = data.dict
    if len(rows) > MOST:
        message = _("The sheet has more than %(most)d rows; split it.")
        raise StandardRefused(message % {"most": MOST}, code="too_many")
    found = standards.by_code(str(row[names["item"]]) for row in rows)
    typed = _Typed()
    for line, row in enumerate(rows, 2):
        code, text = str(row[names["item"]]).strip(), str(row[names["cost"]]).strip()
        item = found.get(codes.same(code))
        if not text:
            continue
        if item is None:
            message = _("There is no item “%(text)s”.") % {"text": code[:60]}
            typed.errors.append(LineError(line, "item", message))
        elif item.pk in typed.texts:
            message = _("The item stands there twice for the same month.")
            typed.errors.append(LineError(line, "twice", message))
        else:
            _take(typed, line, item.pk, area, month, text)
    return typed


def _names(headers: list[str]) -> Mapping[str, str]:
    """Which header is which, in either language."""
    words: dict[str, set[str]] = {
        "item": {"item", "sku"},
        "cost": {"price", "standard cost", "标准成本"},
    }
    for language in ("en", "zh-hans"):
        with override(language):
            words["item"].add(_("Code").lower())
            words["cost"].add(_("Cost").lower())
    return {
        name: header
        for name, known in words.items()
        for header in headers
        if header.strip().lower() in known
    }
