"""URLs of imports."""

from django.urls import path

from intake.views import acts, imports, invoices, learned, mending

app_name = "intake"
urlpatterns = [
    path("intake/", imports.listing, name="imports"),
    path("intake/new/", imports.upload, name="upload"),
    path("intake/words/", learned.words, name="words"),
    path("intake/learned/", learned.learned, name="learned"),
    path("intake/live/", learned.live, name="live"),
    path("finance/invoices/import/", invoices.page, name="invoices"),
    path("intake/<uuid:key>/", imports.page, name="import"),
    path("intake/<uuid:key>/progress/", imports.progress, name="progress"),
    path("intake/<uuid:key>/errors.xlsx", imports.errors, name="errors"),
    path("intake/<uuid:key>/rows/", imports.rows, name="rows"),
    path("intake/<uuid:key>/mend/", mending.mend, name="mend"),
    path("intake/<uuid:key>/say/", mending.say, name="say"),
    path("intake/<uuid:key>/do/<slug:act>/", acts.do, name="do"),
]
