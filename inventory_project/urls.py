"""Every URL of the application, app by app."""

from django.urls import include, path, re_path

from inventory_project.api import Elsewhere

urlpatterns = [
    path("", include("boards.urls")),
    path("", include("people.urls")),
    path("", include("stock.urls")),
    path("", include("finance.urls")),
    path("", include("workflows.urls")),
    path("", include("intake.urls")),
    path("", include("alerts.urls")),
    path("", include("core.urls")),
    path("api/v1/", include("inventory_project.api")),
    re_path("^api/", Elsewhere.as_view()),
]

handler400 = "core.refusals.bad_request"
