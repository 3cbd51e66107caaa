"""Pages of master data: list, create, edit, copy, archive and history, the same for every kind."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import asked, tables
from core.errors import Conflict, DomainError
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in
from stock import catalog
from stock.forms import BarcodeRows, BinsForm, ItemUnitRows, MasterForm
from stock.masters import BY_SLUG, Master
from stock.models import Item
from stock.views import chosen


def _master(slug: str) -> Master:
    try:
        return BY_SLUG[slug]
    except KeyError as error:
        raise Http404(slug) from error


def _record(master: Master, pk: int) -> Any:
    return get_object_or_404(master.rows(), pk=pk)


def _home(master: Master, record: Any = None) -> str:
    """Where one goes after saving: the record's own page, else the list."""
    if record is not None:
        try:
            return reverse(f"stock:{master.slug.removesuffix('s')}", args=[record.pk])
        except NoReverseMatch:
            pass
    return reverse(f"stock:{master.slug}")


def show(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The list of one kind."""
    master = _master(slug)
    access = access_for(request.user)
    may_edit = access.may("master.edit")
    columns = list(master.columns)
    if may_edit:
        first = columns[0]
        columns[0] = tables.Column(
            first.key,
            first.label,
            first.value,
            kind=first.kind,
            sort=first.sort,
            card=first.card,
            url=lambda row: _edit_url(slug, row),
        )
    rows = master.rows()
    archived = request.GET.get("state") == "archived"
    if "state" not in request.GET:
        rows = rows.filter(archived_at=None)
    table = tables.Table(
        name=slug,
        title=master.title,
        columns=columns,
        rows=rows,
        filters=master.filters,
        search=master.search,
        order=columns[0].key,
        may=access.may,
        actions=[chosen.archiving(lambda row: _edit_url(slug, row), archived=archived)]
        if may_edit
        else [],
    )
    actions: list[dict[str, Any]] = []
    if access.may("master.import") and slug in {"categories", "partners", "units"}:
        url = reverse("stock:import") + f"?kind={slug}"
        actions.append({"url": url, "label": _("Import"), "icon": "upload"})
    if may_edit and master.creatable:
        url = reverse("stock:master_new", args=[slug])
        actions.append({"url": url, "label": master.new, "icon": "plus", "primary": True})
    return tables.respond(request, table, context={"actions": actions})


def _edit_url(slug: str, row: Any) -> str:
    return reverse("stock:master_edit", args=[slug, row.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@needs("stock.view")
def listing(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A list for those who see stock."""
    return show(request, slug)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("master.edit")
def edit(request: HttpRequest, slug: str, pk: int | None = None) -> HttpResponse:
    """Create (also as a copy of ``?copy=``) or change a record."""
    master = _master(slug)
    if pk is None and not master.creatable:
        raise Http404(slug)
    record = _record(master, pk) if pk else None
    initial = _copied(master, request.GET.get("copy", "")) if pk is None else {}
    if record is None and (warehouse := asked.whole(request.GET.get("warehouse"))):
        initial["warehouse"] = warehouse
    form = master.form(request.POST or None, instance=record, initial=initial)
    rows = _rows(master, request, form)
    if request.method == "POST" and form.is_valid() and all([part.is_valid() for part in rows]):
        try:
            saved = catalog.save(
                form, actor=signed_in(request), seen=request.POST.get("version", ""), rows=rows
            )
        except Conflict as conflict:
            form.add_error(None, str(conflict))
        else:
            messages.success(request, _("%(record)s is saved.") % {"record": saved})
            return redirect(_home(master, saved))
    status = 422 if request.method == "POST" else 200
    context = {
        "master": master,
        "record": record,
        "form": form,
        "rows": rows,
        "version": catalog.version(record) if record else "",
        "changes": changes_of([record]) if record else [],
        "back": _home(master, record),
    }
    return render(request, "stock/master_form.html", context, status=status)


def _copied(master: Master, pk: str) -> dict[str, Any]:
    """The values of another record, without what makes it unique."""
    number = asked.whole(pk)
    if number is None:
        return {}
    source = _record(master, number)
    fields = [name for name in master.form.base_fields if name not in {"code", "number"}]
    return {name: getattr(source, f"{name}_id", None) or getattr(source, name) for name in fields}


def _rows(master: Master, request: HttpRequest, form: MasterForm) -> list[Any]:
    if master.model is not Item:
        return []
    data = request.POST or None
    return [
        ItemUnitRows(data, instance=form.instance, prefix="units"),
        BarcodeRows(data, instance=form.instance, prefix="barcodes"),
    ]


@require_POST
@needs("master.edit")
def archive(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Archive, restore or delete a record; a refusal says why."""
    master = _master(slug)
    record = _record(master, pk)
    actor = signed_in(request)
    what = request.POST.get("what", "")
    actions = {
        "archive": (catalog.archive, _("%(record)s is archived.")),
        "restore": (catalog.restore, _("%(record)s is in use again.")),
    }
    name = str(record)
    try:
        if what == "delete":
            catalog.delete(record)
            messages.success(request, _("%(record)s is deleted.") % {"record": name})
            return redirect(f"stock:{slug}")
        act, text = actions[what]
        act(record, actor=actor)
        messages.success(request, text % {"record": name})
    except KeyError as error:
        raise Http404(what) from error
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("stock:master_edit", slug, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("master.edit")
def bins(request: HttpRequest) -> HttpResponse:
    """Make many places at once by a pattern."""
    form = BinsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = catalog.create_bins(
            data["warehouse"], data["zone"], form.codes(), actor=signed_in(request)
        )
        messages.success(request, _("%(count)d places are made.") % {"count": len(made)})
        return redirect("stock:places")
    status = 422 if request.method == "POST" else 200
    return render(request, "stock/bins_form.html", {"form": form}, status=status)
