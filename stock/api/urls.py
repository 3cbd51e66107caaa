"""Addresses of stock below /api/v1/."""

from django.urls import path

from stock.api import book, items, masters

urlpatterns = [
    path("on-hand/", book.OnHandNow.as_view()),
    path("movements/", book.Movements.as_view()),
    path("card/", book.Card.as_view()),
    path("explain/", book.Explain.as_view()),
    path("summary/", book.Summary.as_view()),
    path("trace/", book.Trace.as_view()),
    path("items/", items.Items.as_view()),
    path("items/<path:item>/", items.OneItem.as_view()),
    path("lots/", items.Lots.as_view()),
    path("places/", masters.Places.as_view()),
    path("warehouses/", masters.Warehouses.as_view()),
    path("partners/", masters.Partners.as_view()),
    path("units/", masters.Units.as_view()),
    path("categories/", masters.Categories.as_view()),
    path("movement-types/", masters.MovementTypes.as_view()),
    path("reasons/", masters.Reasons.as_view()),
]
