"""What makes the pages an application of the phone: its manifest and the worker that keeps its pages."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from people.models import Company

_SIZES = (192, 512)


@require_safe
def manifest(_request: HttpRequest) -> JsonResponse:
    """Name, icons and shortcuts for installing."""
    company = Company.objects.order_by("pk").values_list("name", flat=True).first()
    jobs = (("receive", _("Receive")), ("pick", _("Pick and issue")))
    shortcuts = [
        {"name": label, "url": reverse("boards:phone_job", args=[code])} for code, label in jobs
    ]
    return JsonResponse(
        {
            "name": company or _("Inventory changes"),
            "short_name": _("Inventory"),
            "start_url": reverse("boards:phone"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0b57d0",
            "icons": [
                {
                    "src": static(f"icons/app-{size}.png"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": "any maskable",
                }
                for size in _SIZES
            ],
            "shortcuts": [*shortcuts, {"name": _("To do"), "url": reverse("workflows:inbox")}],
        },
        content_type="application/manifest+json",
    )


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it stands at the root, so that it may keep what is below."""
    response = render(
        request, "boards/phone/worker.js", content_type="text/javascript; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-cache"
    return response
