"""Bills of materials: the list, and the page on which one is written."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import asked, tables
from core.columns import Column, Table
from core.errors import DomainError
from core.fields import plain
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in
from stock.models import Item
from stock.search_keys import search
from workflows import boms
from workflows.errors import DocumentRefused
from workflows.models import Bom

RIGHT = "master.edit"
BLANK = 5
"""Empty rows below those that are filled."""
_FIELDS = {
    "item": "item",
    "unit": "unit",
    "quantity": "quantity_line",
    "scrap_percent": "scrap_percent",
}
"""What a line consists of, and what its fields on the page are called."""


@require_safe
@needs("stock.view")
def listing(request: HttpRequest) -> HttpResponseBase:
    """The bills in use."""
    access = access_for(request.user)
    table = Table(
        name="boms",
        title=_("Bills of materials"),
        columns=[
            Column(
                "code",
                _("Product"),
                "item.code",
                kind="code",
                sort="item__code",
                card="m",
                url=lambda row: reverse("workflows:bom", args=[row.item_id]),
            ),
            Column("name", _("Name"), "item.name", sort="item__name", card="s"),
            Column("quantity", _("For a quantity of"), kind="quantity"),
            Column("unit", _("Unit"), "item.base_unit.code"),
            Column("lines", _("Materials"), lambda row: len(row.lines.all()), "number", card="n"),
            Column("changed_at", _("Changed"), kind="datetime", sort="changed_at"),
        ],
        rows=Bom.objects.filter(archived_at=None)
        .select_related("item__base_unit")
        .prefetch_related("lines"),
        search=lambda rows, text: rows.filter(
            item__in=search(Item.objects.order_by(), text).values("pk")
        ),
        order="code",
        empty=_("No bill yet."),
        may=access.may,
    )
    actions = []
    if access.may(RIGHT):
        url = reverse("workflows:bom_new")
        actions.append({"url": url, "label": _("New bill"), "icon": "plus", "primary": True})
    return tables.respond(request, table, context={"actions": actions})


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stock.view")
def edit(request: HttpRequest, item: int | None = None) -> HttpResponse:
    """One bill; whoever may edit master data writes it whole."""
    access = access_for(request.user)
    product = Item.objects.select_related("base_unit").filter(pk=item).first() if item else None
    if item is not None and product is None:
        raise Http404(item)
    bom = Bom.objects.filter(item=product).first() if product else None
    error = None
    if request.method == "POST":
        try:
            made = _save(request, product)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("%(record)s is saved.") % {"record": made})
            return redirect("workflows:bom", made.item_id)
    context = {
        "product": product,
        "bom": bom if bom is None or bom.archived_at is None else None,
        "typed": _typed(request, bom),
        "rows": _rows(request, bom),
        "error": error,
        "may_edit": access.may(RIGHT),
        "changes": changes_of([bom, *bom.lines.all()]) if bom else [],
        "version": bom.version if bom else 0,
    }
    return render(
        request, "workflows/orders/bom.html", context, status=error.status if error else 200
    )


def _save(request: HttpRequest, product: Item | None) -> Bom:
    code = product.code if product is not None else request.POST.get("product", "")
    version = asked.whole(request.POST.get("version"))
    if product is None and Bom.objects.filter(item__code__iexact=code, archived_at=None).exists():
        raise DocumentRefused(_("%s has a bill already. Open that one.") % code, code="exists")
    return boms.save(
        code,
        quantity=request.POST.get("quantity", ""),
        note=request.POST.get("note", ""),
        lines=_lines(request),
        actor=signed_in(request),
        access=access_for(request.user),
        version=version if product is not None else None,
    )


def _lines(request: HttpRequest) -> list[dict[str, str]]:
    """Rows in which something is typed."""
    columns = {name: request.POST.getlist(field) for name, field in _FIELDS.items()}
    notes = request.POST.getlist("line_note")
    found = []
    for number, code in enumerate(columns["item"][: boms.MOST + BLANK]):
        row = {name: values[number] for name, values in columns.items() if number < len(values)}
        row["note"] = notes[number] if number < len(notes) else ""
        if any(str(value).strip() for value in (code, row.get("quantity", ""))):
            found.append(row)
    return found


def _typed(request: HttpRequest, bom: Bom | None) -> dict[str, str]:
    if request.method == "POST":
        return {name: request.POST.get(name, "") for name in ("product", "quantity", "note")}
    return {"quantity": plain(bom.quantity) if bom else "1", "note": bom.note if bom else ""}


def _rows(request: HttpRequest, bom: Bom | None) -> list[dict[str, Any]]:
    """What was typed, or the bill, and empty rows below."""
    if request.method == "POST":
        found: list[dict[str, Any]] = list(_lines(request))
    else:
        found = [
            {
                "item": line.item.code,
                "name": line.item.name,
                "unit": line.unit.code,
                "quantity": plain(line.quantity),
                "scrap_percent": plain(line.scrap_percent),
                "note": line.note,
            }
            for line in (bom.lines.select_related("item", "unit") if bom else ())
        ]
    return [*found, *({} for _number in range(BLANK))]


@require_POST
@needs(RIGHT)
def archive(request: HttpRequest, item: int) -> HttpResponse:
    """Take a bill out of use."""
    product = Item.objects.filter(pk=item).first()
    if product is None:
        raise Http404(item)
    try:
        boms.archive(product.code, actor=signed_in(request), access=access_for(request.user))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(record)s is archived.") % {"record": product})
    return redirect("workflows:boms")
