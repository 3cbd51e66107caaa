"""URLs of the list of documents and of the form in which they are written."""

from django.urls import URLPattern, path

from workflows.views import entry, lists, lookups

urlpatterns: list[URLPattern] = [
    path("documents/", lists.documents, name="documents"),
    path("documents/new/<slug:type_code>/", entry.new, name="new"),
    path("documents/look-up/<slug:what>/", lookups.look_up, name="look_up"),
    path("documents/<uuid:key>/edit/", entry.edit, name="edit"),
    path("documents/<uuid:key>/rows/", entry.more_rows, name="more_rows"),
    path("documents/<uuid:key>/save/", entry.save, name="save"),
    path("documents/<uuid:key>/remove/", entry.remove, name="remove_line"),
    path("documents/<uuid:key>/preview/", entry.preview, name="preview"),
    path("documents/<uuid:key>/submit/", entry.submit, name="submit"),
    path("documents/<uuid:key>/discard/", entry.discard, name="discard"),
    path("documents/<uuid:key>/restore/", entry.restore, name="restore"),
    path("documents/<uuid:key>/copy/", entry.copy, name="copy"),
    path("documents/<uuid:key>/make/<slug:type_code>/", entry.make, name="make"),
]
