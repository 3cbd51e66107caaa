"""Addresses of review, hand-over and reports."""

from django.urls import path

from finance.views import batches, entry, reports, review, ways

urlpatterns = [
    path("finance/", review.queue, name="review"),
    path("finance/day/", review.day, name="day"),
    path("finance/entries/<int:pk>/", entry.entry, name="entry"),
    path("finance/vouchers/", batches.listing, name="batches"),
    path("finance/vouchers/new/", batches.new, name="new_batch"),
    path("finance/vouchers/<uuid:key>/", batches.batch, name="batch"),
    path("finance/vouchers/<uuid:key>/file/", batches.file, name="batch_file"),
    path("finance/replies/<int:pk>/", batches.reply, name="reply"),
    path("finance/ways/new/", ways.new, name="new_way"),
    path("finance/ways/<int:pk>/", ways.way, name="way"),
    path("finance/reports/trial-balance/", reports.trial, name="trial"),
    path("finance/reports/stock-and-books/", reports.reconcile, name="reconcile"),
    path("finance/reports/not-invoiced/", reports.grni, name="grni"),
    path("finance/reports/cost-of-sales/", reports.sales, name="sales"),
    path("finance/reports/differences/", reports.variances, name="variances"),
]
