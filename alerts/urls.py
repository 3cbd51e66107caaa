"""The addresses of alerts."""

from django.urls import path

from alerts.views import cases, centre, channels, lines, measured, photos, reorder, rules

app_name = "alerts"
_CASE = "alerts/cases/<uuid:key>/"
urlpatterns = [
    path("alerts/", centre.centre, name="centre"),
    path("alerts/week/", cases.week, name="week"),
    path(_CASE, cases.show, name="case"),
    path(f"{_CASE}begin/", cases.begin, name="case_begin"),
    path(f"{_CASE}do/<slug:verb>/", cases.act, name="case_act"),
    path("suggested-orders/", reorder.listing, name="reorder"),
    path("suggested-orders/reckon/", reorder.reckon, name="reckon"),
    path("profile/channels/", channels.own, name="channels"),
    path("profile/channels/new/<slug:kind>/", channels.new, name="channel_new"),
    path("alerts/channels/", channels.rooms, name="rooms"),
    path("alerts/channels/new/<slug:kind>/", channels.new_room, name="room_new"),
    path("alerts/channels/<uuid:key>/", channels.show, name="channel"),
    path("alerts/channels/<uuid:key>/<slug:verb>/", channels.act, name="channel_act"),
    path("alerts/lines/<uuid:document>/accept/", lines.accept, name="accept"),
    path("alerts/warnings/", measured.page, name="measured"),
    path("alerts/warnings/measure/", measured.begin, name="measure"),
    path("alerts/rules/", rules.listing, name="rules"),
    path("alerts/rules/new/<slug:kind>/", rules.new, name="rule_new"),
    path("alerts/rules/<int:pk>/", rules.one, name="rule"),
    path("alerts/rules/<int:pk>/switch/", rules.switch, name="rule_switch"),
    path(f"{_CASE}photos/", photos.add, name="photo_add"),
    path(f"{_CASE}photos/<uuid:photo>/", photos.read, name="photo"),
]
