"""URLs of stock: master data and the book."""

from stock import urls_catalog

app_name = "stock"
urlpatterns = [*urls_catalog.urlpatterns]
