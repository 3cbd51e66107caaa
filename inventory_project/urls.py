"""Every URL of the application, app by app."""

from django.urls import include, path

urlpatterns = [
    path("", include("boards.urls")),
    path("", include("people.urls")),
    path("", include("stock.urls")),
    path("", include("workflows.urls")),
    path("", include("core.urls")),
]
