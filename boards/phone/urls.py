"""URLs of the phone."""

from django.urls import URLPattern, path

from boards.phone import shell, views

urlpatterns: list[URLPattern] = [
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("worker.js", shell.worker, name="worker"),
    path("m/", views.home, name="phone"),
    path("m/queue/", views.queue, name="phone_queue"),
    path("m/scans/", views.scans, name="phone_scans"),
    path("m/problem/", views.problem, name="problem"),
    path("m/problem/report/", views.report, name="problem_report"),
    path("m/task/<uuid:key>/", views.task, name="phone_task"),
    path("m/<slug:code>/", views.job, name="phone_job"),
    path("m/<slug:code>/begin/", views.begin, name="phone_begin"),
]
