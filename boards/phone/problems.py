"""A problem met on the floor, with a scan and a few words, becomes a case; its photos follow."""

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from alerts import addresses
from alerts import problems as cases
from alerts.problems import About
from boards.scan import meaning
from core.numbers import QUANTITY_PLACES, parse_decimal
from people.access import Access
from people.models import User
from stock.models import Lot
from stock.queries import scans


def report(
    *, code: str, text: str, quantity: str, key: str, user: User, access: Access
) -> dict[str, str]:
    """Open the case; returns its address and where its photos go.

    Raises CaseRefused without words or without goods, a place or a document; NumberError for a bad quantity.
    """
    case = cases.report(
        _about(code, quantity, user, access), text, key=key, actor=user, access=access
    )
    return {
        "title": _("Case %(number)d") % {"number": case.pk},
        "url": addresses.case(case),
        "photos": reverse("alerts:photo_add", args=[case.key]),
    }


def _about(code: str, quantity: str, user: User, access: Access) -> About:
    scan = scans.read(code, access)
    number = parse_decimal(quantity, places=QUANTITY_PLACES) if quantity.strip() else Decimal(1)
    if scan.item is not None:
        lot = Lot.objects.filter(item=scan.item, number=scan.lot).first() if scan.lot else None
        return About(item=scan.item, lot=lot, quantity=number * scan.base / scan.quantity)
    if scan.place is not None:
        return About(place=scan.place)
    return About(document=meaning.document_of(scan, user, access))
