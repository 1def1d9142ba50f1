"""Addresses of the outline view below ``/cms/``."""

from __future__ import annotations

from django.urls import path

from cms.outline import views, views_release

app_name = "cms_outline"
urlpatterns = [
    path("", views.index, name="index"),
    path("ma/", views.by_code, name="by_code"),
    path("<int:page_id>/", views.course, name="course"),
    path("<int:page_id>/them/", views.add, name="add"),
    path("<int:page_id>/xuat-ban/", views_release.release, name="release"),
    path("<int:page_id>/nhan-ban/", views.copy, name="copy"),
]
