"""Addresses of documents below /api/v1/."""

from django.urls import path

from workflows.api import (
    boms,
    counting,
    counts,
    documents,
    files,
    followups,
    inbox,
    lines,
    looking,
    orders,
    processes,
    verbs,
)

_ONE = "documents/<uuid:document>/"
_COUNT = "stocktakes/<uuid:document>/"
urlpatterns = [
    path("documents/", documents.Documents.as_view()),
    path(_ONE, documents.OneDocument.as_view()),
    path(f"{_ONE}lines/<uuid:line>/", lines.OneLine.as_view()),
    path(f"{_ONE}warnings/", lines.Warnings.as_view()),
    path(f"{_ONE}preview/", looking.Look.as_view()),
    path(f"{_ONE}timeline/", looking.Timeline.as_view()),
    path(f"{_ONE}files/", files.Files.as_view()),
    path(f"{_ONE}files/<uuid:file>/", files.OneFile.as_view()),
    path(f"{_ONE}files/<uuid:file>/thumbnail/", files.Thumbnail.as_view()),
    path(f"{_ONE}duplicate/", documents.Duplicate.as_view()),
    path(f"{_ONE}make-from/", documents.MakeFrom.as_view()),
    *(path(f"{_ONE}{code}/", door.as_view()) for code, door in verbs.DOORS.items()),
    path("stocktakes/", counting.Stocktakes.as_view()),
    path(f"{_COUNT}", counting.OneStocktake.as_view()),
    path(f"{_COUNT}seal/", counting.Seal.as_view()),
    path(f"{_COUNT}sheets/<int:sheet>/", counting.Sheet.as_view()),
    path(f"{_COUNT}variance/", counting.Variance.as_view()),
    path(f"{_COUNT}recount/", counting.Recount.as_view()),
    path(f"{_COUNT}cause/", counting.Explain.as_view()),
    path(f"{_COUNT}lines/", counts.Lines.as_view()),
    path(f"{_COUNT}counts/", counts.Counts.as_view()),
    path(f"{_COUNT}found/", counts.Found.as_view()),
    path(f"{_COUNT}empty/", counts.Empty.as_view()),
    path(f"{_ONE}progress/", orders.Progress.as_view()),
    path(f"{_ONE}explode/", orders.Explode.as_view()),
    path("open-orders/", orders.OpenOrders.as_view()),
    path("boms/", boms.Boms.as_view()),
    path("boms/<str:item>/", boms.OneBom.as_view()),
    path("tasks/", followups.Tasks.as_view()),
    path("tasks/<uuid:task>/", followups.OneTask.as_view()),
    path("inbox/", inbox.Inbox.as_view()),
    path("document-types/", processes.Types.as_view()),
    path("processes/", processes.Processes.as_view()),
]
