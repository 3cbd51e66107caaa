"""URLs of master data."""

from django.urls import path

from stock.views import cost_method, imports, masters

LISTED = ("categories", "units", "partners", "warehouses", "reasons")

urlpatterns = [
    *(path(f"{slug}/", masters.listing, {"slug": slug}, name=slug) for slug in LISTED),
    path("master/import/", imports.upload, name="import"),
    path("master/import/<uuid:token>/", imports.confirm, name="import_confirm"),
    path("master/export/<slug:kind>.<slug:form>", imports.export, name="master_export"),
    path("master/<slug:slug>/new/", masters.edit, name="master_new"),
    path("master/<slug:slug>/<int:pk>/edit/", masters.edit, name="master_edit"),
    path("master/<slug:slug>/<int:pk>/archive/", masters.archive, name="master_archive"),
    path("categories/<int:pk>/method/", cost_method.change, name="cost_method"),
    path("places/bins/", masters.bins, name="bins"),
]
