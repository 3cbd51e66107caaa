"""URLs of boards."""

from django.urls import path

from boards import system_views, views

app_name = "boards"
urlpatterns = [
    path("", views.home, name="home"),
    path("system/", system_views.system, name="system"),
    path("system/start/", system_views.start, name="system_start"),
    path("system/dead/", system_views.dead, name="system_dead"),
]
