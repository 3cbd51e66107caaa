"""URLs of boards."""

from django.urls import path

from boards import views

app_name = "boards"
urlpatterns = [path("", views.home, name="home")]
