"""Doors of the figures, under ``/quan-ly/chi-tieu/``."""

from django.urls import path

from kpi import views

app_name = "kpi"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("<str:code>/", views.indicator_detail, name="indicator"),
    path("<str:code>/nguoi/", views.people, name="people"),
]
