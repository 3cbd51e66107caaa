"""The only writer of number formats, and what the next number of a format would be.

A change holds for numbers that are given from then on; those that were given stay. What stands before the last ``-`` is
the series, so a format that was used before goes on where it stopped, and types with the same prefix count together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from core import locks
from people.access import Access
from people.models import Company, User
from stock.models import Warehouse
from workflows import document_types, moment, numbering
from workflows.document_types import DocumentType
from workflows.errors import ProcessRefused
from workflows.models import Document, NumberRule, NumberSeries

RIGHT = "process.manage"
_PREFIX = re.compile(r"[\w./]+(?:-[\w./]+)*")
LONGEST = Document._meta.get_field("number").max_length or 40


@dataclass(frozen=True, slots=True)
class Format:
    """How numbers of a type look in a company: by a rule (of all warehouses or of one), or as they always did."""

    company: Company
    kind: DocumentType
    warehouse: Warehouse | None
    rule: NumberRule | None
    following: str
    """The next number of it; the code of the first warehouse stands for those of all."""


def formats(companies: Sequence[Company]) -> list[Format]:
    """One for each type of each company, and one for each warehouse with a rule of its own; three statements."""
    rules = NumberRule.objects.select_related("warehouse").order_by("warehouse__code")
    by_type: dict[tuple[int, str], list[NumberRule]] = {}
    for rule in rules:
        by_type.setdefault((rule.company_id, rule.type), []).append(rule)
    last = {(one.company_id, one.prefix): one.last for one in NumberSeries.objects.all()}
    houses: dict[int, Warehouse] = {}
    for house in Warehouse.objects.select_related("area").order_by("-pk"):
        houses[house.area.company_id] = house
    found = []
    for company in companies:
        first = houses.get(company.pk)
        for kind in document_types.DOCUMENT_TYPES:
            own = by_type.get((company.pk, kind.code), [])
            general = next((rule for rule in own if rule.warehouse is None), None)
            special = [rule for rule in own if rule.warehouse is not None]
            for one in (general, *special):
                where = one.warehouse if one else None
                shown = following(company, kind, one, where or first, last)
                found.append(Format(company, kind, where, one, shown))
    return found


def following(
    company: Company,
    kind: DocumentType,
    rule: NumberRule | None,
    warehouse: Warehouse | None,
    last: dict[tuple[int, str], int] | None = None,
) -> str:
    """The number that the next document of the type gets in the warehouse, if nobody is quicker."""
    code = warehouse.code if warehouse else ""
    if rule is None:
        prefix, digits = numbering.standard(kind.prefix, code), numbering.DIGITS
    else:
        now = moment.now().astimezone(ZoneInfo(company.time_zone))
        prefix, digits = numbering.stem(rule, code, now), rule.digits
    if last is None:
        numbers = NumberSeries.objects.filter(company=company, prefix=prefix)
        given = numbers.values_list("last", flat=True).first() or numbering.highest(
            company.pk, prefix
        )
    else:
        given = last.get((company.pk, prefix), 0)
    return numbering.written(prefix, given + 1, digits)


def read_prefix(text: str) -> str:
    """A prefix as it is kept; raises ProcessRefused for what would not read as one."""
    prefix = text.strip().upper()
    if not _PREFIX.fullmatch(prefix):
        raise ProcessRefused(
            _("The prefix is letters and digits, with single “-” between them: CK or CK-A."),
            code="prefix",
        )
    return prefix


@transaction.atomic
def save(rule: NumberRule, *, actor: User, access: Access) -> NumberRule:
    """Set how numbers look from now on. Raises ProcessRefused and says what is wrong with it."""
    access.require(RIGHT)
    locks.hold(f"numbers of {rule.type}")
    rule.prefix = read_prefix(rule.prefix)
    warehouse = rule.warehouse or Warehouse.objects.order_by("-code").first()
    longest = numbering.stem(rule, warehouse.code if warehouse else "", moment.now())
    if len(longest) + 1 + max(rule.digits, 9) > LONGEST:
        raise ProcessRefused(
            _("Such numbers are too long; choose a shorter prefix."), code="prefix"
        )
    rule._history_user = actor
    rule.full_clean()
    rule.save()
    return rule


@transaction.atomic
def remove(rule: NumberRule, *, actor: User, access: Access) -> None:
    """Let numbers look as they did without the rule."""
    access.require(RIGHT)
    rule._history_user = actor
    rule.delete()
