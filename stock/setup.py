"""The stock side of the first-run set-up: the first warehouse of a new company."""

from people.models import Company
from stock import catalog


def first_warehouse(company: Company, code: str, name: str) -> None:
    """Make the company's virtual places and its first warehouse."""
    catalog.create_warehouse(company=company, code=code, name=name)
