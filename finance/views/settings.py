"""The page of how the books of a company are kept."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from finance import charts, settings
from finance.views import asking
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@needs("finance.review", settings.RIGHT)
def page(request: HttpRequest) -> HttpResponse:
    """What is set; POST changes it, by the right to set processes."""
    company = asking.company(request)
    access = access_for(request.user)
    if request.method == "POST":
        settings.change(
            company,
            red_reversals="red_reversals" in request.POST,
            invoices_by_two="invoices_by_two" in request.POST,
            actor=signed_in(request),
            access=access,
        )
        messages.success(request, _("The settings are saved."))
        return redirect("finance:settings")
    books = charts.ensure(company)
    context = {
        "company": company,
        "books": books,
        "may_change": access.may(settings.RIGHT),
        "changes": changes_of([books]),
    }
    return render(request, "finance/settings.html", context)
