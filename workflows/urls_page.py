"""URLs of a document's page, and of what waits for whom."""

from django.urls import path

from workflows.views import acting, away, decide, files, inbox, many, page, remarks

urlpatterns = [
    path("documents/<uuid:key>/", page.page, name="page"),
    path("documents/<uuid:key>/do/<slug:verb>/", acting.do, name="do"),
    path("documents/<uuid:key>/decide/", decide.decide, name="decide"),
    path("documents/<uuid:key>/remarks/", remarks.remarks, name="remarks"),
    path("documents/<uuid:key>/seen/", page.seen, name="seen"),
    path("documents/<uuid:key>/people/", page.people, name="people"),
    path("documents/<uuid:key>/files/", files.add, name="file_add"),
    path("documents/<uuid:key>/files/<uuid:file>/", files.read, name="file"),
    path("documents/<uuid:key>/files/<uuid:file>/remove/", files.remove, name="file_remove"),
    path("todo/", inbox.listing, name="inbox"),
    path("todo/batch/", inbox.batch, name="batch"),
    path("documents/many/<slug:verb>/", many.do, name="many"),
    path("todo/undo/", inbox.take_back, name="take_back"),
    path("todo/away/", away.away, name="away"),
    path("todo/away/<int:pk>/back/", away.back, name="back"),
]
