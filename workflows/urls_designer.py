"""URLs of the pages on which processes are designed and tried out."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
