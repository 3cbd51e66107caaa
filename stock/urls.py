"""URLs of stock: master data and the book."""

from stock import urls_book, urls_catalog

app_name = "stock"
urlpatterns = [*urls_book.urlpatterns, *urls_catalog.urlpatterns]
