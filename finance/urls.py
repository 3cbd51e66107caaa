"""Addresses of finance."""

from django.urls import path
from django.views.generic import RedirectView

from finance import urls_review
from finance.views import accounts, closings, invoices, landed, settings, standards

app_name = "finance"
urlpatterns = [
    *urls_review.urlpatterns,
    path("finance/accounts/", accounts.listing, name="accounts"),
    path("finance/accounts/new/", accounts.account, name="new_account"),
    path("finance/accounts/<int:pk>/", accounts.account, name="account"),
    path("finance/rules/new/", accounts.rule, name="rule"),
    path("finance/rules/why/", accounts.explain, name="explain"),
    path("finance/settings/", settings.page, name="settings"),
    path("finance/missing/", accounts.missing, name="missing"),
    path("finance/receipts/", RedirectView.as_view(pattern_name="finance:grni", query_string=True)),
    path("finance/invoices/", invoices.listing, name="invoices"),
    path("finance/invoices/new/", invoices.new, name="new_invoice"),
    path("finance/invoices/<uuid:key>/", invoices.invoice, name="invoice"),
    path("finance/landed/", landed.listing, name="landed"),
    path("finance/landed/new/", landed.new, name="new_landed"),
    path("finance/standard-costs/", standards.listing, name="standards"),
    path("finance/standard-costs/new/", standards.new, name="new_standards"),
    path("finance/closings/<int:pk>/", closings.closing, name="closing"),
]
