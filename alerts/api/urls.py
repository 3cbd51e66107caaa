"""Addresses of alerts below /api/v1/."""

from django.urls import path

from alerts.api import cases, lines, reorder

_ONE = "cases/<uuid:case>/"
urlpatterns = [
    path("cases/", cases.Cases.as_view()),
    path(_ONE, cases.OneCase.as_view()),
    *(path(f"{_ONE}{code}/", door.as_view()) for code, door in cases.VERBS.items()),
    path("case-causes/", cases.Causes.as_view()),
    path("documents/<uuid:document>/lines/<uuid:line>/accept/", lines.AcceptWarning.as_view()),
    path("reorder/", reorder.Suggestions.as_view()),
    path("alert-rules/", cases.Rules.as_view()),
]
