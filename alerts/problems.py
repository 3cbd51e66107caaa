"""A problem that somebody reports from the floor becomes a case of the rule for reported problems."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from alerts import evaluating, opening
from alerts.errors import CaseRefused
from alerts.kinds.base import Finding, sentence
from alerts.kinds.problem import KIND
from alerts.models import Case, Rule
from core.fields import plain
from core.words import kept
from people.access import Access
from people.models import User
from stock.models import Balance, Item, Lot, Place, Warehouse
from stock.queries.sight import see
from workflows.models import Document

_LONGEST = 1_000
_WHY = gettext_noop("%(about)s: %(text)s")


@dataclass(frozen=True, slots=True)
class About:
    """What the problem is about: goods (maybe of a lot), a place, or a document; ``quantity`` in base units."""

    item: Item | None = None
    lot: Lot | None = None
    place: Place | None = None
    document: Document | None = None
    quantity: Decimal | None = None

    @property
    def words(self) -> str:
        """What it is called."""
        named = (self.document, self.item and self.item.code, self.lot, self.place)
        return " ".join(str(one) for one in named if one)


def report(about: About, text: str, *, key: str, actor: User, access: Access) -> Case:
    """Open a case for what somebody found; the same ``key`` (a UUID of the device) opens one.

    Raises CaseRefused without words or without anything that it is about.
    """
    text = kept(text).strip()[:_LONGEST]
    if not text:
        raise CaseRefused(_("Say in a few words what is wrong."), code="text")
    if not about.words:
        raise CaseRefused(_("Scan the goods or the document that this is about."), code="code")
    number = _key(key)
    house = _warehouse(about, access)
    with transaction.atomic():
        rule = _rule(house)
        known = Case.objects.filter(
            rule__kind=KIND.code, subject_kind="report", subject_key=number, reporter=actor
        )
        there = known.first()
        if there is not None:
            return there
        opening.fire(rule, [_finding(about, text, number, house)], reporter=actor.pk)
        return known.get()


def _key(key: str) -> str:
    try:
        return str(uuid.UUID(key)) if key else str(uuid.uuid4())
    except ValueError as error:
        raise CaseRefused(_("The request cannot be read."), code="key") from error


def _rule(house: Warehouse | None) -> Rule:
    """The rule of this warehouse, or the general one."""
    rules = [rule for rule, kind in evaluating.active() if kind is KIND]
    own = [rule for rule in rules if house is not None and rule.warehouse_id == house.pk]
    general = [rule for rule in rules if rule.warehouse_id is None]
    for rule in (*own, *general):
        return rule
    raise CaseRefused(
        _("Reporting problems is switched off: there is no rule for it."), code="no_rule"
    )


def _warehouse(about: About, access: Access) -> Warehouse | None:
    """Where it is: of the place or the document, or where most of the goods lie among what the person sees."""
    if about.place is not None:
        return about.place.warehouse
    if about.document is not None:
        return about.document.warehouse
    houses = see(access).warehouses
    if len(houses) == 1:
        return Warehouse.objects.get(pk=next(iter(houses)))
    rows = Balance.objects.filter(
        item=about.item, on_hand__gt=0, place__warehouse__in=list(houses)
    ).select_related("place__warehouse")
    if about.lot is not None:
        rows = rows.filter(lot=about.lot)
    most = rows.order_by("-on_hand", "pk").first()
    return most.place.warehouse if most is not None else None


def _finding(about: About, text: str, number: str, house: Warehouse | None) -> Finding:
    figures = {"text": text}
    if about.quantity is not None:
        figures["quantity"] = plain(about.quantity)
    if about.place is not None:
        figures["place"] = str(about.place)
    return Finding(
        "report",
        number,
        sentence(_WHY, about=about.words, text=text),
        figures,
        item=about.item.pk if about.item else None,
        lot=about.lot.pk if about.lot else None,
        warehouse=house.pk if house else None,
        document=about.document.pk if about.document else None,
    )
