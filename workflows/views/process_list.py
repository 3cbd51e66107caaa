"""The list of processes: per company and document type what holds, what is drafted, and what runs on it."""

from dataclasses import dataclass, field

from django.db.models import Count
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from core import tables
from core.words import listed
from people.access import access_for
from people.models import Company
from workflows import designing, states
from workflows.document_types import DOCUMENT_TYPES, GROUPS, DocumentType
from workflows.models import Document, Process, ProcessVersion


@dataclass(slots=True)
class Row:
    """One document type of one company."""

    company: Company
    kind: DocumentType
    name: str = ""
    keeper: str = ""
    active: int | None = None
    draft: int | None = None
    running: dict[int, int] = field(default_factory=dict)
    """Version → documents that are on their way."""

    @property
    def label(self) -> str:
        """The document type in words."""
        return str(self.kind.label)

    @property
    def group(self) -> str:
        """Its group in words."""
        return str(dict(GROUPS)[self.kind.group])

    @property
    def active_words(self) -> str:
        """The active version in words; the shipped one where nobody has used it yet."""
        return _("version %(n)d") % {"n": self.active} if self.active else _("as shipped")

    @property
    def draft_words(self) -> str:
        """The draft in words, if there is one."""
        return _("draft: version %(n)d") % {"n": self.draft} if self.draft else ""

    @property
    def running_words(self) -> str:
        """How many documents run on which version."""
        pairs = sorted(self.running.items(), reverse=True)
        return listed(_("%(n)d on version %(v)d") % {"n": n, "v": v} for v, n in pairs)

    @property
    def url(self) -> str:
        """The page of the process."""
        return reverse("workflows:process", args=[self.company.pk, self.kind.code])


def rows() -> list[Row]:
    """Every type of every company, in the order of the types."""
    found = {
        (company.pk, kind.code): Row(company, kind)
        for company in Company.objects.order_by("pk")
        for kind in DOCUMENT_TYPES
    }
    busy = Document.objects.filter(state__in=states.RUNNING, process__isnull=False)
    running = dict(busy.order_by().values_list("process").annotate(n=Count("pk")))
    versions = ProcessVersion.objects.select_related("process", "process__keeper")
    standard = versions.filter(process__usage=Process.Usage.STANDARD)
    for version in standard.defer("steps", "options"):
        row = found[version.process.company_id, version.process.type]
        row.name = str(version.process)
        row.keeper = str(version.process.keeper or "")
        if version.state == ProcessVersion.State.ACTIVE:
            row.active = version.number
        elif version.state == ProcessVersion.State.DRAFT:
            row.draft = version.number
        if version.pk in running:
            row.running[version.number] = running[version.pk]
    return list(found.values())


def _in_group(found: list[Row], value: str) -> list[Row]:
    return [row for row in found if row.kind.group == value]


def _named(found: list[Row], text: str) -> list[Row]:
    wanted = text.casefold()
    return [row for row in found if wanted in f"{row.label} {row.name} {row.kind.code}".casefold()]


def respond(request: HttpRequest) -> HttpResponseBase:
    """The list as a page, a fragment or a file."""
    found = rows()
    columns = [
        tables.Column("type", _("Document type"), "label", card="m", url=lambda row: row.url),
        tables.Column("group", _("Group"), "group"),
        tables.Column("active", _("In force"), "active_words", card="s"),
        tables.Column("draft", _("Draft"), "draft_words", card="t"),
        tables.Column("running", _("On their way"), "running_words", card="n"),
        tables.Column("keeper", _("Process keeper"), "keeper"),
    ]
    if len({row.company.pk for row in found}) > 1:
        columns.insert(0, tables.Column("company", _("Company"), "company.name"))
    table = tables.Table(
        name="processes",
        title=_("Processes"),
        caption=_("Routine changes pass, special ones stop."),
        columns=tuple(columns),
        rows=found,
        filters=(tables.Filter("group", _("Group"), _in_group, lambda: GROUPS),),
        search=_named,
        may=access_for(request.user).may,
    )
    action = {"url": reverse("workflows:calendar"), "label": _("Working calendar"), "icon": "clock"}
    manages = access_for(request.user).may(designing.RIGHT)
    return tables.respond(request, table, context={"actions": [action] if manages else []})
