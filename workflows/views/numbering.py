"""The number series of documents: what was given, what comes next, and that none is missing."""

from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import tables
from people.access import access_for
from people.doors import needs
from stock.views.book import Chip
from workflows import designing, document_types
from workflows.models import Document, NumberSeries


@dataclass(frozen=True, slots=True)
class Row:
    """A series with the numbers that documents have of it."""

    series: NumberSeries
    given: int

    @property
    def label(self) -> str:
        """The document type in words."""
        prefix = self.series.prefix.partition("-")[0]
        kinds = [kind for kind in document_types.DOCUMENT_TYPES if kind.prefix == prefix]
        return str(kinds[0].label) if kinds else prefix

    @property
    def last(self) -> str:
        """The last number as it stands on a document."""
        return f"{self.series.prefix}-{self.series.last:05d}"

    @property
    def following(self) -> str:
        """The number that the next document gets."""
        return f"{self.series.prefix}-{self.series.last + 1:05d}"

    @property
    def missing(self) -> int:
        """Numbers that no document has: there must be none."""
        return self.series.last - self.given


def rows() -> list[Row]:
    """Every series of every company; two statements."""
    counted: dict[tuple[int, str], int] = {}
    numbered = Document.objects.exclude(number=None).order_by()
    for company, kind, house, number in numbered.values_list(
        "company_id", "type", "warehouse__code"
    ).annotate(n=Count("pk")):
        prefix = document_types.BY_CODE[kind].prefix
        key = (company, f"{prefix}-{house}" if house else prefix)
        counted[key] = counted.get(key, 0) + number
    series = NumberSeries.objects.order_by("company", "prefix")
    return [Row(one, counted.get((one.company_id, one.prefix), 0)) for one in series]


@require_safe
@needs(designing.RIGHT, "audit.view")
def numbering(request: HttpRequest) -> HttpResponseBase:
    """The list; numbers are given at submission, gapless per company, warehouse and type."""
    table = tables.Table(
        name="numbering",
        title=_("Numbering"),
        caption=_("Given at submission, per type and warehouse, without gaps"),
        columns=(
            tables.Column("label", _("Document type"), card="s"),
            tables.Column("prefix", _("Series"), "series.prefix", kind="code", card="m"),
            tables.Column("last", _("Last"), kind="code"),
            tables.Column("following", _("Next"), kind="code"),
            tables.Column("given", _("Given"), kind="number", card="n"),
            tables.Column("state", _("State"), _state, kind="chip", card="t"),
        ),
        rows=rows(),
        search=_search,
        may=access_for(request.user).may,
        empty=_("No number has been given yet."),
    )
    return tables.respond(request, table)


def _state(row: Row) -> Chip:
    if row.missing:
        return Chip(_("%(n)d missing") % {"n": row.missing}, "bad")
    return Chip(_("without gaps"), "post")


def _search(found: list[Row], text: str) -> list[Row]:
    word = text.casefold()
    return [row for row in found if word in f"{row.series.prefix} {row.label}".casefold()]
