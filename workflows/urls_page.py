"""URLs of a document's page, and of what waits for whom."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
