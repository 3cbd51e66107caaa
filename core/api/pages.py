"""The page on which people read what the API offers; open to everybody, since it holds no data."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.api import reference as words
from core.api.schema import REFUSALS, openapi


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Every address with its parameters, keys and refusals, drawn without any script."""
    frame = "base.html" if request.user.is_authenticated else "base_plain.html"
    context = {"groups": words.groups(openapi()), "refusals": REFUSALS, "frame": frame}
    return render(request, "core/api.html", context)
