"""The only giver of document numbers: gapless per company × warehouse × type, taken last in a transaction."""

from django.db import connection

from workflows.models import Document, NumberSeries


def give(document: Document) -> str:
    """The next number of the document's series; the row stays locked until the transaction ends."""
    prefix = document.kind.prefix
    if document.warehouse is not None:
        prefix = f"{prefix}-{document.warehouse.code}"
    number = _next(document.company_id, prefix)
    if number is None:
        NumberSeries.objects.bulk_create(
            [NumberSeries(company_id=document.company_id, prefix=prefix)], ignore_conflicts=True
        )
        number = _next(document.company_id, prefix)
    if number is None:
        raise LookupError(prefix)
    return f"{prefix}-{number:05d}"


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
