"""The only writer of how the books of a company are kept: returns in red, invoices by two people."""

from django.db import transaction

from finance.models import Books
from people.access import Access
from people.models import Company, User

RIGHT = "process.manage"
"""Not that of finance: who is held to two people does not take the rule away."""


@transaction.atomic
def change(
    company: Company, *, red_reversals: bool, invoices_by_two: bool, actor: User, access: Access
) -> Books:
    """Set both; what processes remember of the rules is old from now on. Raises NotAllowed."""
    access.require(RIGHT)
    books = Books.objects.select_for_update().get(company=company)
    if (books.red_reversals, books.invoices_by_two) == (red_reversals, invoices_by_two):
        return books
    books.red_reversals, books.invoices_by_two = red_reversals, invoices_by_two
    books.version = Books._meta.get_field("version").get_default()
    books._history_user = actor  # type: ignore[attr-defined]  # simple-history reads it
    books.save()
    return books
