"""The number series of documents: what was given, what comes next, and that none is missing."""

from dataclasses import dataclass

from django.db.models import CharField, Count, F, Func, Max, Value
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import tables
from core.words import listed
from people.access import access_for
from people.doors import needs
from stock.views.book import Chip
from workflows import designing, document_types, numbering
from workflows.models import Document, NumberSeries


@dataclass(frozen=True, slots=True)
class Row:
    """A series with the numbers that documents have of it."""

    series: NumberSeries
    given: int
    types: frozenset[str]
    newest: str
    """The highest number that a document has."""

    @property
    def label(self) -> str:
        """The document types in words."""
        return listed(sorted(self.types))

    @property
    def last(self) -> str:
        """The last number as it stands on a document."""
        return numbering.written(self.series.prefix, self.series.last, self._digits)

    @property
    def following(self) -> str:
        """The number that the next document gets."""
        return numbering.written(self.series.prefix, self.series.last + 1, self._digits)

    @property
    def _digits(self) -> int:
        return len(self.newest.rpartition("-")[2]) if self.newest else numbering.DIGITS

    @property
    def missing(self) -> int:
        """Numbers that no document has: there must be none."""
        return self.series.last - self.given


def rows() -> list[Row]:
    """Every series of every company; two statements."""
    counted: dict[tuple[int, str], int] = {}
    types: dict[tuple[int, str], set[str]] = {}
    newest: dict[tuple[int, str], str] = {}
    numbered = Document.objects.exclude(number=None).order_by()
    stems = Func(F("number"), Value("0123456789"), function="RTRIM", output_field=CharField())
    for company, kind, stem, count, highest in (
        numbered.annotate(stem=stems)
        .values_list("company_id", "type", "stem")
        .annotate(n=Count("pk"), highest=Max("number"))
    ):
        key = (company, stem.removesuffix("-"))
        counted[key] = counted.get(key, 0) + count
        newest[key] = max(newest.get(key, ""), highest)
        types.setdefault(key, set()).add(str(document_types.BY_CODE[kind].label))
    found = []
    for one in NumberSeries.objects.order_by("company", "prefix"):
        key = (one.company_id, one.prefix)
        found.append(
            Row(one, counted.get(key, 0), frozenset(types.get(key, ())), newest.get(key, ""))
        )
    return found


@require_safe
@needs(designing.RIGHT, "audit.view")
def series(request: HttpRequest) -> HttpResponseBase:
    """The list; numbers are given at submission, gapless per company, warehouse and type."""
    table = tables.Table(
        name="numbering",
        title=_("Numbering"),
        caption=_("Given at submission, per type and warehouse, without gaps"),
        columns=(
            tables.Column("label", _("Document type"), card="s"),
            tables.Column("prefix", _("Series"), "series.prefix", kind="code", card="m"),
            tables.Column("last", _("Last"), kind="code"),
            tables.Column("following", _("Next number"), kind="code"),
            tables.Column("given", _("Given"), kind="number", card="n"),
            tables.Column("state", _("State"), _state, kind="chip", card="t"),
        ),
        rows=rows(),
        search=_search,
        may=access_for(request.user).may,
        empty=_("No number has been given yet."),
    )
    url = reverse("workflows:number_formats")
    actions = [{"url": url, "label": _("Number formats"), "icon": "edit"}]
    return tables.respond(request, table, context={"actions": actions})


def _state(row: Row) -> Chip:
    if row.missing:
        return Chip(_("%(n)d missing") % {"n": row.missing}, "bad")
    return Chip(_("without gaps"), "post")


def _search(found: list[Row], text: str) -> list[Row]:
    word = text.casefold()
    return [row for row in found if word in f"{row.series.prefix} {row.label}".casefold()]
