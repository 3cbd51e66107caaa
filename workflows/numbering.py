"""The only giver of document numbers: gapless per company × warehouse × type, taken last in a transaction."""

from workflows.models import Document, NumberSeries


def give(document: Document) -> str:
    """The next number of the document's series; the row stays locked until the transaction ends."""
    prefix = document.kind.prefix
    if document.warehouse is not None:
        prefix = f"{prefix}-{document.warehouse.code}"
    series = _locked(document.company_id, prefix)
    if series is None:
        NumberSeries.objects.bulk_create(
            [NumberSeries(company_id=document.company_id, prefix=prefix)], ignore_conflicts=True
        )
        series = _locked(document.company_id, prefix)
    if series is None:
        raise LookupError(prefix)
    series.last += 1
    series.save(update_fields=["last"])
    return f"{prefix}-{series.last:05d}"


def _locked(company: int, prefix: str) -> NumberSeries | None:
    return (
        NumberSeries.objects.select_for_update().filter(company_id=company, prefix=prefix).first()
    )
