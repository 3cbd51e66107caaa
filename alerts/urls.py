"""The addresses of alerts."""

from django.urls import path

from alerts.views import lines, photos

app_name = "alerts"
_CASE = "alerts/cases/<uuid:key>/"
urlpatterns = [
    path("alerts/lines/<uuid:document>/accept/", lines.accept, name="accept"),
    path(f"{_CASE}photos/", photos.add, name="photo_add"),
    path(f"{_CASE}photos/<uuid:photo>/", photos.read, name="photo"),
]
