"""The stock side of the first-run set-up: the first warehouse of a new company."""

from people.models import Company
from stock import catalog
from stock.models import Warehouse


def first_warehouse(company: Company, code: str, name: str) -> None:
    """Make the company's virtual places and its first warehouse, unless stock was loaded into it before."""
    if not Warehouse.objects.filter(code=code, area__company=company).exists():
        catalog.create_warehouse(company=company, code=code, name=name)
