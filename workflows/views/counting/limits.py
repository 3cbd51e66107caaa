"""The company's tolerances of counts: for everything, and for categories with what is below them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from people.doors import needs
from people.models import Company
from stock.models import Category
from workflows.counting import planning
from workflows.models import CountTolerance


@require_http_methods(["GET", "HEAD", "POST"])
@needs("process.manage")
def tolerances(request: HttpRequest) -> HttpResponse:
    """The table; empty rows have no tolerance of their own."""
    company = Company.objects.earliest("pk")
    if request.method == "POST":
        try:
            planning.set_tolerances(
                company,
                {
                    code: {name: request.POST.get(f"{name}.{code}", "") for name in planning.LIMITS}
                    for code in request.POST.getlist("row")
                },
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The tolerances are set."))
        return redirect("workflows:counting_tolerances")
    known = {row.category_id: row for row in CountTolerance.objects.filter(company=company)}
    none = CountTolerance()
    rows = [("", _("Everything"), known.get(None, none))]
    rows += [
        (one.code, str(one), known.get(one.pk, none))
        for one in Category.objects.filter(archived_at=None)
    ]
    return render(request, "workflows/counting/tolerances.html", {"rows": rows})
