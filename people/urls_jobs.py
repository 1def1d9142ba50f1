"""Addresses under ``/quan-ly/viec/``: long work and its progress."""

from __future__ import annotations

from django.urls import path

from people import views_jobs as views

app_name = "jobs"

urlpatterns = [
    path("<uuid:uuid>/", views.job, name="job"),
    path("<uuid:uuid>/trang-thai/", views.state, name="state"),
    path("<uuid:uuid>/lam-lai/", views.retry, name="retry"),
    path("<uuid:uuid>/tep/", views.file, name="file"),
]
