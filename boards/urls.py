"""URLs of boards."""

from django.urls import include, path

from boards import demo_views, guide_views, system_views, views
from boards.search import views as search

app_name = "boards"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search.page, name="search"),
    path("search/palette/", search.palette, name="palette"),
    path("home/<slug:code>/", views.home, name="home_of"),
    path("first-steps/<slug:code>/", views.first_step, name="first_step"),
    path("help/", guide_views.listing, name="guides"),
    path("help/part/", guide_views.part, name="help_part"),
    path("help/images/<str:name>", guide_views.image, name="guide_image"),
    path("help/<slug:name>/", guide_views.show, name="guide"),
    path("reorder/", views.reorder_list, name="reorder"),
    path("handling/", views.handling, name="handling"),
    path("", include("boards.labels.urls")),
    path("", include("boards.phone.urls")),
    path("", include("boards.scan.urls")),
    path("system/", system_views.system, name="system"),
    path("system/for-real/", demo_views.for_real, name="for_real"),
    path("system/start/", system_views.start, name="system_start"),
    path("system/dead/", system_views.dead, name="system_dead"),
]
