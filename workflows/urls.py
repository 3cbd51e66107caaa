"""URLs of workflows: the list and the form of documents, a document's page and print, the processes."""

from workflows import (
    urls_counting,
    urls_designer,
    urls_entry,
    urls_orders,
    urls_page,
    urls_print,
)

app_name = "workflows"
urlpatterns = [
    *urls_entry.urlpatterns,
    *urls_print.urlpatterns,
    *urls_orders.urlpatterns,
    *urls_page.urlpatterns,
    *urls_designer.urlpatterns,
    *urls_counting.urlpatterns,
]
