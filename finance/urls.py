"""Addresses of finance."""

from finance import urls_review

app_name = "finance"
urlpatterns = [*urls_review.urlpatterns]
