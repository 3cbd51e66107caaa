"""URLs of workflows: the list and the form of documents, a document's page, the processes."""

from django.urls import URLPattern

from workflows import urls_designer, urls_page

app_name = "workflows"
_ENTRY: list[URLPattern] = []
urlpatterns = [*_ENTRY, *urls_page.urlpatterns, *urls_designer.urlpatterns]
