"""What every page of finance reads of a request: whose books, and numbers as people type them."""

from decimal import Decimal

from django.http import Http404, HttpRequest

from core import asked
from core.numbers import QUANTITY_PLACES, VALUE_PLACES, parse_decimal
from people.models import Company

_CHOSEN = "books_of"


def companies() -> list[Company]:
    """All of them, the first one first."""
    return list(Company.objects.order_by("pk"))


def company(request: HttpRequest) -> Company:
    """That of the form, else of ``?company=``, which is remembered for the session, else the remembered one or the first.

    Raises Http404 for one that is not there, or without any.
    """
    named = asked.whole(request.POST.get("company") or request.GET.get("company"))
    every = companies()
    if not every:
        raise Http404("company")
    by_key = {one.pk: one for one in every}
    if named is None:
        return by_key.get(request.session.get(_CHOSEN, 0), every[0])
    if named not in by_key:
        raise Http404("company")
    if request.session.get(_CHOSEN, every[0].pk) != named and "company" not in request.POST:
        request.session[_CHOSEN] = named
    return by_key[named]


def money(text: str) -> Decimal | None:
    """An amount, None for nothing typed; raises NumberError."""
    return parse_decimal(text, places=VALUE_PLACES, lenient=True) if text.strip() else None


def quantity(text: str) -> Decimal | None:
    """A quantity, None for nothing typed; raises NumberError."""
    return parse_decimal(text, places=QUANTITY_PLACES, lenient=True) if text.strip() else None
