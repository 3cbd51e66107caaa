"""What documents leave open when a month is to be closed: those still under way, and stocktakes that are not posted."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import ngettext

from people.models import Company
from stock.closing import Found
from workflows import document_types, states
from workflows.models import Document

_COUNTS = [kind.code for kind in document_types.DOCUMENT_TYPES if kind.shape == "count"]


def look(company: Company, month: date) -> Iterator[Found]:
    """Documents submitted before the end of the month that are neither posted nor ended; none of them blocks."""
    after = (month + timedelta(days=31)).replace(day=1)
    end = datetime(after.year, after.month, 1, tzinfo=ZoneInfo(company.time_zone))
    rows = Document.objects.filter(
        company=company, state__in=states.RUNNING, submitted_at__lt=end
    ).exclude(type__in=document_types.ORDERS)
    address = reverse("workflows:documents")
    last = (after - timedelta(days=1)).isoformat()
    counts = rows.filter(type__in=_COUNTS).count()
    documents = rows.exclude(type__in=_COUNTS).count()
    if documents:
        text = ngettext(
            "%(n)d document of this month or before is under way.",
            "%(n)d documents of this month or before are under way.",
            documents,
        )
        yield Found(
            "documents", text % {"n": documents}, documents, f"{address}?is=running&to={last}"
        )
    if counts:
        text = ngettext(
            "%(n)d stocktake is not posted.", "%(n)d stocktakes are not posted.", counts
        )
        yield Found("counts", text % {"n": counts}, counts, reverse("workflows:counting"))
