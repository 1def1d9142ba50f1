"""Addresses of the plain pages for writing, below ``/cms/``."""

from __future__ import annotations

from django.urls import path

from cms.writing import views

app_name = "cms_writing"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:page_id>/", views.page, name="page"),
    path("<int:page_id>/tra-loi/", views.answer, name="answer"),
]
