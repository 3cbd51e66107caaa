"""URLs of scanning, and the short addresses that labels carry."""

from django.urls import URLPattern, path

from boards.scan import views

urlpatterns: list[URLPattern] = [
    path("scan/", views.page, name="scan"),
    path("scan/card/", views.card, name="scan_card"),
    path("scan/read/", views.read, name="scan_read"),
    path("scan/unknown/", views.unknown, name="scan_unknown"),
    path("scan/link/", views.link, name="scan_link"),
    path("scan/camera/", views.camera, name="scan_camera"),
    path("i/<path:item>/", views.short, name="short_item"),
    path("l/<str:item>/<path:lot>/", views.short, name="short_lot"),
    path("p/<str:house>/<path:place>/", views.short, name="short_place"),
]
