"""Targets, head-counts and what units declare; under ``/quan-ly/chi-tieu/``."""

from django.urls import path

from kpi import views_allocation, views_targets

urlpatterns = [
    path("muc-tieu/", views_targets.targets, name="targets"),
    path("muc-tieu/<str:code>/", views_targets.target_edit, name="target_edit"),
    path("muc-tieu/<str:code>/rut/", views_targets.target_drop, name="target_drop"),
    path("muc-tieu/<str:code>/lich-su/", views_targets.target_history, name="target_history"),
    path("muc-tieu/<str:code>/giao/", views_allocation.target_allocation, name="target_allocation"),
    path("luu-y/", views_targets.findings_page, name="findings"),
]
