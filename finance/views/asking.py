"""What every page of finance reads of a request: whose books, and numbers as people type them."""

from decimal import Decimal

from django.http import Http404, HttpRequest

from core import asked
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, parse_decimal
from people.models import Company


def company(request: HttpRequest) -> Company:
    """The company of ``?company=`` (or of the form), else the first. Raises Http404 without any."""
    number = asked.whole(request.POST.get("company") or request.GET.get("company"))
    rows = Company.objects.order_by("pk")
    found = rows.filter(pk=number).first() if number is not None else rows.first()
    if found is None:
        raise Http404("company")
    return found


def money(text: str) -> Decimal | None:
    """An amount, None for nothing typed; raises NumberError."""
    return parse_decimal(text, places=VALUE_PLACES, lenient=True) if text.strip() else None


def quantity(text: str) -> Decimal | None:
    """A quantity, None for nothing typed; raises NumberError."""
    return parse_decimal(text, places=QUANTITY_PLACES, lenient=True) if text.strip() else None
