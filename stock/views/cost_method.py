"""The page that changes how a category is valued: look at the value before and after, then confirm."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in
from stock import cost_methods
from stock.models import Category


class MethodForm(forms.Form):
    """The new method, and why."""

    method = forms.ChoiceField(label=gettext_lazy("Cost method"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=cost_methods.LONGEST_REASON, min_length=2
    )

    def __init__(self, *args: object, category: Category, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["method"].choices = [  # type: ignore[attr-defined]
            one for one in Category.CostMethod.choices if one[0] != category.cost_method
        ]
        self.fields["method"].widget.attrs["class"] = "sel"
        self.fields["reason"].widget.attrs["class"] = "inp"


@require_http_methods(["GET", "HEAD", "POST"])
@needs("master.edit")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a method; POST shows what it would do, POST with ``do=change`` does it."""
    category = get_object_or_404(Category, pk=pk)
    access, actor = access_for(request.user), signed_in(request)
    form = MethodForm(request.POST or None, category=category)
    seen: cost_methods.Preview | None = None
    if request.method == "POST" and form.is_valid():
        method, reason = form.cleaned_data["method"], form.cleaned_data["reason"]
        try:
            if request.POST.get("do") == "change":
                cost_methods.change_method(
                    category, method, actor=actor, access=access, reason=reason
                )
                messages.success(request, _("%(record)s is saved.") % {"record": category})
                return redirect("stock:master_edit", "categories", pk)
            seen = cost_methods.preview(category, method, actor=actor, access=access)
        except DomainError as error:
            form.add_error(None, str(error))
    context = {
        "category": category,
        "form": form,
        "seen": seen,
        "shows_value": access.may("cost.view") and access.scopes("cost.view") is None,
        "changes": changes_of([category]),
    }
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "stock/cost_method.html", context, status=status)
