"""Addresses under ``/quan-ly/nhat-ky/``: the log of official acts."""

from __future__ import annotations

from django.urls import path

from people import views_audit as views

app_name = "audit"

urlpatterns = [
    path("", views.log, name="log"),
    path("tep.csv", views.export, name="export"),
]
