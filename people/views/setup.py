"""The door of the first-run set-up; closed for ever once there is a user."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from people import forms, setup
from people.views.sign_in import sign_in_first_user


@never_cache
@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Admin, company and first warehouse on one page."""
    if not setup.is_open():
        return redirect("people:login")
    ask_code = setup.needs_code(request)
    if ask_code:
        setup.ensure_code()
    form = forms.Setup(request.POST or None, ask_code=ask_code, loaded=setup.loaded_company())
    if form.is_valid():
        data = form.cleaned_data
        try:
            setup.first_run(
                username=data["username"],
                name=data["name"],
                email=data["email"],
                password=data["password1"],
                also_stock=data["also_stock"],
                company=form.company(),
                warehouse_code=data["warehouse_code"],
                warehouse_name=data["warehouse_name"],
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            sign_in_first_user(request, data["username"], data["password1"])
            messages.success(request, _("Everything is ready."))
            return redirect("/")
    return render(request, "people/setup.html", {"form": form})
