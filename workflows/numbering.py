"""The only giver of document numbers: gapless per series, taken last in a transaction.

A series is everything before the last ``-``: the type's prefix and the warehouse, or what the rule of an administrator
says, with the date for which it counts. So two series never give the same number, whatever their rules are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
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
    return give_many([document])[0]


def give_many(documents: Sequence[Document]) -> list[str]:
    """The next numbers of their series for documents of one company, in their order; each series is counted on once."""
    series: dict[tuple[str, int | None], tuple[str, int]] = {}
    for document in documents:
        key = (document.type, document.warehouse_id)
        series[key] = series.get(key) or _series(document)
    asked = [series[document.type, document.warehouse_id] for document in documents]
    wanted = Counter(prefix for prefix, _digits in asked)
    # In one order, so that two who need the same series never wait for each other.
    left = {
        prefix: _take(documents[0].company_id, prefix, wanted[prefix]) for prefix in sorted(wanted)
    }
    return [written(prefix, next(left[prefix]), digits) for prefix, digits in asked]


def _series(document: Document) -> tuple[str, int]:
    """The series of a document, and the digits of its numbers."""
    rule = rule_of(document.company_id, document.type, document.warehouse_id)
    warehouse = document.warehouse.code if document.warehouse is not None else ""
    if rule is None:
        return standard(document.kind.prefix, warehouse), DIGITS
    now = moment.now().astimezone(ZoneInfo(document.company.time_zone))
    return stem(rule, warehouse, now), rule.digits


def _take(company: int, prefix: str, count: int) -> Iterator[int]:
    """So many numbers of a series, which is made if there is none yet."""
    last = _count_on(company, prefix, count)
    if last is None:
        begin(company, prefix)
        last = _count_on(company, prefix, count)
    if last is None:
        raise LookupError(prefix)
    return iter(range(last - count + 1, last + 1))


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


def _count_on(company: int, prefix: str, count: int) -> int | None:
    """Count the series on in one statement; None if there is no such series."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflows_numberseries SET last = last + %s "
            "WHERE company_id = %s AND prefix = %s RETURNING last",
            [count, company, prefix],
        )
        found = cursor.fetchone()
    return None if found is None else int(found[0])
