"""The addresses of alerts."""

from django.urls import path

from alerts.views import lines, photos, reorder, rules

app_name = "alerts"
_CASE = "alerts/cases/<uuid:key>/"
urlpatterns = [
    path("suggested-orders/", reorder.listing, name="reorder"),
    path("suggested-orders/reckon/", reorder.reckon, name="reckon"),
    path("alerts/lines/<uuid:document>/accept/", lines.accept, name="accept"),
    path("alerts/rules/", rules.listing, name="rules"),
    path("alerts/rules/new/<slug:kind>/", rules.new, name="rule_new"),
    path("alerts/rules/<int:pk>/", rules.one, name="rule"),
    path("alerts/rules/<int:pk>/switch/", rules.switch, name="rule_switch"),
    path(f"{_CASE}photos/", photos.add, name="photo_add"),
    path(f"{_CASE}photos/<uuid:photo>/", photos.read, name="photo"),
]
