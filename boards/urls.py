"""URLs of boards."""

from django.urls import path

from boards import system_views, views
from boards.search import views as search

app_name = "boards"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search.page, name="search"),
    path("search/palette/", search.palette, name="palette"),
    path("system/", system_views.system, name="system"),
    path("system/start/", system_views.start, name="system_start"),
    path("system/dead/", system_views.dead, name="system_dead"),
]
