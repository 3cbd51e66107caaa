"""URLs of labels."""

from django.urls import URLPattern, path

from boards.labels import views

urlpatterns: list[URLPattern] = [
    path("labels/<slug:kind>/", views.page, name="labels"),
    path("labels/<slug:kind>/pdf/", views.print_pdf, name="labels_pdf"),
]
