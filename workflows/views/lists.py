"""The list of documents: every one that the reader may see, whatever its type and state."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import asked, tables
from core.columns import Column, Filter, Table
from core.words import listed
from people.access import Access, access_for
from people.doors import signed_in
from people.models import Company, User
from stock.models import Warehouse
from stock.queries.sight import local_midnight
from stock.search_keys import plain
from stock.views.book import Chip
from workflows import document_types, finding, queries, sight, states
from workflows.models import Document, Line, StepRun, Task
from workflows.views import many, printing

DAY = timedelta(days=1)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def documents(request: HttpRequest) -> HttpResponseBase:
    """All documents that may be seen; ``?view=`` is one of the tabs."""
    user = signed_in(request)
    access = access_for(user)
    tabs = _tabs(user)
    chosen = request.GET.get("view", "")
    narrow = next((rule for name, _label, rule in tabs if name == chosen), None)
    rows = _rows(user, access)
    table = Table(
        name="documents",
        title=_("Documents"),
        columns=_columns(),
        rows=narrow(rows) if narrow else rows,
        filters=_filters(user, access),
        search=_search,
        order="-created",
        empty=_("No document yet. Begin one with “New”."),
        may=access.may,
        below=_below,
        actions=many.actions(),
        live="documents",
    )
    context = {
        "tabs": [(name, label, reverse("workflows:documents")) for name, label, _rule in tabs],
        "chosen": chosen if narrow else "",
        "menu": menu(access),
        "discarded": request.session.pop("discarded", ""),
    }
    return tables.respond(request, table, template="workflows/list.html", context=context)


def _below(rows: Sequence[Document]) -> list[tuple[str, str, str]]:
    """The forms of the rows that are shown."""
    count = min(len(rows), printing.MOST)
    words = ngettext("Print this document", "Print these %(n)d documents", count) % {"n": count}
    return [(words, "print", printing.many_url(rows))]


def menu(access: Access) -> list[tuple[str, list[tuple[str, str]]]]:
    """What somebody may begin: per group the types with their addresses; empty without the right to ask."""
    if not access.may("document.ask"):
        return []
    return [
        (
            str(label),
            [
                (str(kind.label), reverse("workflows:new", args=[kind.code]))
                for kind in document_types.DOCUMENT_TYPES
                if kind.group == group and kind.by_hand and sight.may_begin(kind, access)
            ],
        )
        for group, label in document_types.GROUPS
    ]


def _tabs(user: User) -> list[tuple[str, str, Callable[[QuerySet[Document]], QuerySet[Document]]]]:
    """The ready-made views: name, words, what they leave."""
    return [
        ("", _("All"), lambda rows: rows),
        ("mine", _("Mine"), lambda rows: rows.filter(asker=user)),
        ("drafts", _("Drafts"), lambda rows: rows.filter(state__in=states.EDITABLE)),
        (
            "running",
            pgettext("documents", "Running"),
            lambda rows: rows.filter(state__in=states.RUNNING),
        ),
        ("posted", _("Posted"), lambda rows: rows.filter(state=states.POSTED)),
    ]


def _rows(user: User, access: Access) -> QuerySet[Document]:
    """What may be seen, with the open steps and whoever has them."""
    open_tasks = Task.objects.filter(state=Task.State.OPEN).select_related("user")
    rows = queries.with_names(queries.listed(user, access))
    return rows.prefetch_related(
        Prefetch("tasks", open_tasks, to_attr="open_tasks"),
        Prefetch("runs", StepRun.objects.filter(left_at=None), to_attr="open_runs"),
    )


def url(document: Document) -> str:
    """Where a document is looked at; one that is still written, where it is written."""
    if document.state == states.DRAFT:
        return reverse("workflows:edit", args=[document.key])
    return f"/documents/{document.key}/"


def _columns() -> list[Column]:
    return [
        Column("number", _("Number"), str, kind="code", sort="number", card="m", url=url),
        Column(
            "type",
            _("Type"),
            Kind,
            kind="direction",
            sort="type",
            groups=True,
            card="s",
            beside=_subject,
        ),
        Column(
            "state",
            _("State"),
            lambda row: Chip(row.about.label, row.about.css),
            kind="chip",
            sort="state",
            groups=True,
            card="t",
        ),
        Column("subject", _("Subject"), _subject),
        Column(
            "partner",
            _("Partner"),
            "partner.name",
            sort="partner__name",
            optional=True,
            groups=True,
        ),
        Column("warehouse", _("Warehouse"), _warehouses, sort="warehouse__code", groups=True),
        Column(
            "asker", _("Asker"), lambda row: str(row.asker or ""), sort="asker__name", groups=True
        ),
        Column(
            "amount",
            _("Amount"),
            _amount,
            kind="money",
            sort="amount",
            right="cost.view",
            card="n",
            total=True,
        ),
        Column("wanted_on", _("Wanted on"), "wanted_on", kind="date", sort="wanted_on"),
        Column("step", _("Step and who has it"), _step),
        Column("created", _("Created"), "created_at", kind="datetime", sort="id"),
        Column("reference", _("Source document"), "reference", optional=True),
        Column(
            "posted", _("Posted on"), "posted_at", kind="datetime", sort="posted_at", optional=True
        ),
    ]


class Kind:
    """A document's type in a cell: icon and colour by direction, and its word also in files."""

    def __init__(self, row: Document) -> None:
        self.direction = row.kind.direction
        self.label = str(row.kind.label)

    def __str__(self) -> str:
        return self.label


def _amount(row: Document) -> Decimal | None:
    """What was posted, else what was estimated at submission; drafts have none yet."""
    if row.posted_amount is not None:
        return row.posted_amount
    return row.amount if row.submitted_at else None


def _subject(row: Document) -> str:
    """What it is about, in a few words."""
    parts = [row.cost_object, row.partner, row.reference, row.reason, row.note]
    found = list(dict.fromkeys(str(part) for part in parts if part))
    return " · ".join(found[:2])[:80]


def _warehouses(row: Document) -> str:
    names = [house.name for house in (row.warehouse, row.target_warehouse) if house]
    return " → ".join(names)


def _step(row: Any) -> str:
    """The step that is open and whose turn it is."""
    names = [_name(run) for run in row.open_runs]
    people = listed(dict.fromkeys(str(task.user) for task in row.open_tasks))
    step = listed(names)
    return (
        f"{step}{pgettext('between a step and its people', ': ')}{people}"
        if step and people
        else step
    )


def _name(run: StepRun) -> str:
    zh = (get_language() or "").startswith("zh")
    return (run.name_zh if zh else run.name_en) or run.name_en or run.name_zh


def _filters(user: User, access: Access) -> list[Filter]:
    zone = ZoneInfo(Company.objects.values_list("time_zone", flat=True).first() or "UTC")
    return [
        Filter(
            "type", _("Type"), lambda rows, v: rows.filter(type=v), lambda: document_types.CHOICES
        ),
        Filter("state", _("State"), lambda rows, v: rows.filter(state=v), lambda: states.CHOICES),
        Filter("is", _("Question"), lambda rows, v: _found(rows, v, zone), lambda: finding.CHOICES),
        Filter("warehouse", _("Warehouse"), _in_warehouse, lambda: _warehouse_choices(access)),
        Filter("asker", _("Asker"), _asked_by, lambda: _askers(user)),
        Filter("from", _("From"), lambda rows, v: _since(rows, v, zone), kind="date"),
        Filter("to", _("To"), lambda rows, v: _until(rows, v, zone), kind="date"),
    ]


def _found(rows: QuerySet[Document], code: str, zone: ZoneInfo) -> QuerySet[Document]:
    return finding.narrow(rows, code, finding.Moment(timezone.now(), zone))


def _in_warehouse(rows: QuerySet[Document], value: str) -> QuerySet[Document]:
    chosen = asked.whole(value)
    return rows.filter(Q(warehouse=chosen) | Q(target_warehouse=chosen)) if chosen else rows.none()


def _warehouse_choices(access: Access) -> list[tuple[str, str]]:
    scopes = access.scopes("stock.view")
    rows = Warehouse.objects.filter(archived_at=None)
    if scopes is not None:
        rows = rows.filter(scope__in=scopes)
    return [
        (str(pk), f"{code} {name}") for pk, code, name in rows.values_list("pk", "code", "name")
    ]


def _asked_by(rows: QuerySet[Document], value: str) -> QuerySet[Document]:
    chosen = asked.whole(value)
    return rows.filter(asker=chosen) if chosen else rows.none()


def _askers(user: User) -> list[tuple[str, str]]:
    """The reader first, then whoever has asked for anything."""
    asked = User.objects.filter(Exists(Document.objects.filter(asker=OuterRef("pk"))))
    others = asked.exclude(pk=user.pk).order_by("name", "username")[:200]
    return [(str(user.pk), _("me")), *((str(one.pk), str(one)) for one in others)]


def _moment(value: str, zone: ZoneInfo) -> datetime | None:
    day = asked.day(value)
    return local_midnight(day, zone) if day else None


def _since(rows: QuerySet[Document], value: str, zone: ZoneInfo) -> QuerySet[Document]:
    start = _moment(value, zone)
    return rows.filter(created_at__gte=start) if start else rows


def _until(rows: QuerySet[Document], value: str, zone: ZoneInfo) -> QuerySet[Document]:
    end = _moment(value, zone)
    return rows.filter(created_at__lt=end + DAY) if end else rows


def _search(rows: QuerySet[Document], text: str) -> QuerySet[Document]:
    """By number, source document, work order, partner (also pinyin) or the code of an item on a line."""
    lines = Line.objects.filter(document=OuterRef("pk"), item__code__iexact=text.strip())
    word = plain(text).replace("|", " ")
    return rows.filter(
        Q(number__icontains=text)
        | Q(reference__icontains=text)
        | Q(cost_object__icontains=text)
        | Q(partner__search_key__contains=word)
        | Exists(lines)
    )
