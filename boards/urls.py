"""URLs of boards."""

from django.urls import include, path

from boards import system_views, views
from boards.search import views as search

app_name = "boards"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search.page, name="search"),
    path("search/palette/", search.palette, name="palette"),
    path("home/<slug:code>/", views.home, name="home_of"),
    path("reorder/", views.reorder_list, name="reorder"),
    path("handling/", views.handling, name="handling"),
    path("", include("boards.scan.urls")),
    path("system/", system_views.system, name="system"),
    path("system/start/", system_views.start, name="system_start"),
    path("system/dead/", system_views.dead, name="system_dead"),
]
