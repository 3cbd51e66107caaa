"""The page of one closing: what was kept, and what changed after it."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.closing import later
from finance.models import ClosedAccount, Closing
from people.doors import needs


@require_safe
@needs("period.close", "finance.review", "audit.view")
@needs("cost.view")
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    """The accounts of a closed month, other closings of it, and what was booked into it later."""
    found = get_object_or_404(Closing.objects.select_related("company", "closed_by"), pk=pk)
    changed = later.changes(found)
    context = {
        "closing": found,
        "last": (found.month + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        "others": Closing.objects.filter(company=found.company, month=found.month).exclude(pk=pk),
        "accounts": [
            (row, abs(row.opening), abs(row.closing_balance))
            for row in ClosedAccount.objects.filter(closing=found)
            .select_related("account")
            .order_by("account__code")
        ],
        "changed": changed,
        "differences": [(_("Accounts"), changed.accounts), (_("Value of stock"), changed.stock)],
    }
    return render(request, "finance/closing.html", context)
