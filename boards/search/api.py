"""Door of the API to the search over everything."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from boards.search import asking
from core.api.operations import Operation, reads
from core.api.paging import Page
from core.api.parameters import integer, text
from core.api.shapes import TEXT, YES_NO, Field
from people.api.doors import Door
from workflows.api.found import user_of

_KINDS = tuple(kind for kind, _label, _finder in asking.FINDERS)


class Search(Door):
    """What a text finds."""

    @reads(
        Operation(
            "search",
            summary=_(
                "What a text finds: items, lots, documents, partners, places, pages, actions"
            ),
            parameters=(
                text("q", _("Code, number, name, barcode, pinyin or initials"), required=True),
                integer("limit", _("Hits of each kind at most"), least=1, most=40, default=5),
            ),
            answer=(
                Field("kind", TEXT, _("What it is"), choices=_KINDS),
                Field("key", TEXT, _("Its code or number")),
                Field("title", TEXT, _("Its name")),
                Field("note", TEXT, _("What is said beside it")),
                Field("url", TEXT, _("Its page")),
                Field("exact", YES_NO, _("The text names it in full")),
            ),
            listed=True,
            scope="read",
            right="stock.view",
            group=_("Search"),
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Hits, those named in full first."""
        groups = asking.search(values["q"], user_of(self), self.access, limit=values["limit"])
        shown = ("kind", "key", "title", "note", "url", "exact")
        return Page([{n: getattr(h, n) for n in shown} for g in groups for h in g.hits])
