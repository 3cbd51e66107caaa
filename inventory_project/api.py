"""The REST API: every app's addresses below /api/v1/, their description, and a refusal for all others."""

from typing import Any

from django.http import Http404
from django.urls import include, path, re_path

from boards.search.api import Search
from core.api import pages, schema
from people.api.doors import Door
from people.api.views import Me


class Elsewhere(Door):
    """An address that does not exist: refused as JSON, and only after asking who it is."""

    schema = None

    def initial(self, *args: Any, **path: Any) -> None:
        """Whatever the method, there is nothing here."""
        super().initial(*args, **path)
        raise Http404


app_name = "api"
urlpatterns = [
    path("", pages.reference, name="reference"),
    path("schema/", schema.schema, name="schema"),
    path("me/", Me.as_view()),
    path("search/", Search.as_view(), name="search"),
    path("", include("stock.api.urls")),
    path("", include("finance.api.urls")),
    path("", include("workflows.api.urls")),
    path("", include("alerts.api.urls")),
    re_path("", Elsewhere.as_view()),
]
