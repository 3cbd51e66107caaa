"""Doors of a user's own API tokens: make one, see which there are, revoke one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from people import forms, tokens
from people.doors import signed_in


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The tokens and a form for another; a new token's text is on the answer and nowhere else."""
    user = signed_in(request)
    form = forms.NewToken(user, request.POST or None)
    made = ""
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            _token, made = tokens.make(
                user, name=wanted["name"], scopes=wanted["scopes"], days=wanted["days"]
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            form = forms.NewToken(user)
    labels = {scope.code: scope.label for scope in tokens.SCOPES}
    rows = [(token, [labels.get(code, code) for code in token.scopes]) for token in tokens.of(user)]
    return render(request, "people/tokens.html", {"form": form, "made": made, "rows": rows})


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens; another's is as good as unknown."""
    if tokens.revoke(signed_in(request), pk):
        messages.success(request, _("The token is revoked."))
    return redirect("people:tokens")
