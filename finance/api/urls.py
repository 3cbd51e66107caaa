"""Addresses of finance below /api/v1/."""

from django.urls import path

from finance.api import batches, journal, months

_BATCH = "voucher-batches/<uuid:batch>/"
urlpatterns = [
    path("journal/", journal.Journal.as_view()),
    path("journal/review/", journal.Review.as_view()),
    path("journal/reopen/", journal.Reopen.as_view()),
    path("journal/<int:entry>/", journal.OneEntry.as_view()),
    path("journal/<int:entry>/question/", journal.Question.as_view()),
    path("voucher-ways/", batches.Ways.as_view()),
    path("voucher-batches/", batches.Batches.as_view()),
    path(_BATCH, batches.OneBatch.as_view()),
    path(f"{_BATCH}file/", batches.File.as_view()),
    *(path(f"{_BATCH}{code}/", door.as_view()) for code, door in batches.VERBS.items()),
    path("months/", months.Months.as_view()),
    path("months/<slug:month>/", months.OneMonth.as_view()),
    path("months/<slug:month>/close/", months.Close.as_view()),
    path("months/<slug:month>/reopen/", months.Reopen.as_view()),
]
