"""URLs of printed forms: of one document, and of many at once."""

from django.urls import URLPattern, path

from workflows.views import printing

urlpatterns: list[URLPattern] = [
    path("documents/print/", printing.print_many, name="print_many"),
    path("documents/<uuid:key>/print/", printing.print_one, name="print"),
]
