"""URLs of the pages that read the book."""

from django.urls import path

from stock.views import (
    book_items,
    book_lots,
    book_map,
    book_movements,
    book_places,
    book_stock,
    book_summary,
    book_worth,
    periods,
)

urlpatterns = [
    path("items/", book_items.item_list, name="items"),
    path("items/<int:pk>/", book_items.item_page, name="item"),
    path("stock/", book_stock.on_hand_list, name="on_hand"),
    path("lots/", book_lots.lot_list, name="lots"),
    path("lots/<int:pk>/", book_lots.lot_page, name="lot"),
    path("places/", book_places.place_list, name="places"),
    path("places/<int:pk>/", book_places.place_page, name="place"),
    path("warehouses/<int:pk>/map/", book_map.warehouse_map_page, name="map"),
    path("movements/", book_movements.movement_list, name="movements"),
    path("postings/<int:pk>/", book_movements.posting_page, name="posting"),
    path("explain/", book_movements.explain_page, name="explain"),
    path("summary/", book_summary.summary_page, name="summary"),
    path("worth/", book_worth.worth_page, name="worth"),
    path("periods/", periods.listing, name="periods"),
    path("periods/<int:company>/<slug:name>/", periods.month, name="period"),
]
