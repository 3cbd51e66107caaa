"""The only giver of document numbers: gapless per series, taken last in a transaction.

A series is everything before the last ``-``: the type's prefix and the warehouse, or what the rule of an administrator
says, with the date for which it counts. So two series never give the same number, whatever their rules are.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from core.questions import Question
from workflows import moment
from workflows.models import Document, NumberRule, NumberSeries

DIGITS = 5
"""Of a number without a rule; longer numbers simply have more."""


def give(document: Document) -> str:
    """The next number of the document's series; the row stays locked until the transaction ends."""
    rule = rule_of(document.company_id, document.type, document.warehouse_id)
    warehouse = document.warehouse.code if document.warehouse is not None else ""
    if rule is None:
        prefix = standard(document.kind.prefix, warehouse)
    else:
        now = moment.now().astimezone(ZoneInfo(document.company.time_zone))
        prefix = stem(rule, warehouse, now)
    number = _next(document.company_id, prefix)
    if number is None:
        begin(document.company_id, prefix)
        number = _next(document.company_id, prefix)
    if number is None:
        raise LookupError(prefix)
    return written(prefix, number, rule.digits if rule else DIGITS)


def standard(prefix: str, warehouse: str) -> str:
    """The series of a type without a rule."""
    return f"{prefix}-{warehouse}" if warehouse else prefix


def stem(rule: NumberRule, warehouse: str, now: datetime) -> str:
    """The series of a rule at a moment of the company's day."""
    parts = [rule.prefix]
    if rule.names_warehouse and warehouse:
        parts.append(warehouse)
    if rule.dated:
        parts.append(now.strftime(rule.dated))
    return "-".join(parts)


def written(prefix: str, number: int, digits: int) -> str:
    """A number as it stands on a document."""
    return f"{prefix}-{number:0{digits}d}"


def _rules(company: int, type_code: str) -> QuerySet[NumberRule]:
    return NumberRule.objects.filter(company=company, type=type_code)


_RULES: Question[NumberRule] = Question(_rules, int, str)


def rule_of(company: int, type_code: str, warehouse: int | None) -> NumberRule | None:
    """The rule of a warehouse, else of all of them; None: numbers look as they always did."""
    found = {one.warehouse_id: one for one in _RULES.all(company, type_code)}
    return found.get(warehouse) or found.get(None)


def begin(company: int, prefix: str) -> None:
    """Make the series; it goes on after numbers of this form that documents have already, such as imported ones."""
    NumberSeries.objects.bulk_create(
        [NumberSeries(company_id=company, prefix=prefix, last=highest(company, prefix))],
        ignore_conflicts=True,
    )


def highest(company: int, prefix: str) -> int:
    """The highest number of this form that a document has, 0 if none has."""
    numbers = Document.objects.filter(company=company, number__startswith=f"{prefix}-")
    ends = (
        number[len(prefix) + 1 :] for number in numbers.values_list("number", flat=True) if number
    )
    return max((int(end) for end in ends if end.isascii() and end.isdigit()), default=0)


def _next(company: int, prefix: str) -> int | None:
    """Count the series on in one statement; None if there is no such series."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflows_numberseries SET last = last + 1 "
            "WHERE company_id = %s AND prefix = %s RETURNING last",
            [company, prefix],
        )
        found = cursor.fetchone()
    return None if found is None else int(found[0])
