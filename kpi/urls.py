"""Doors of the figures, under ``/quan-ly/chi-tieu/``."""

from django.urls import include, path

from kpi import views

app_name = "kpi"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("", include("kpi.urls_closings")),
    path("", include("kpi.urls_reports")),
    path("", include("kpi.urls_targets")),
    path("", include("kpi.urls_boards")),
    path("", include("kpi.urls_people")),
    path("<str:code>/", views.indicator_detail, name="indicator"),
    path("<str:code>/nguoi/", views.people, name="people"),
]
