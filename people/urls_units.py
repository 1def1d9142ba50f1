"""Addresses under ``/quan-ly/co-cau/``: the unit tree and its changes."""

from __future__ import annotations

from django.urls import path

from people import views_structure
from people import views_units as views

app_name = "units"

urlpatterns = [
    path("", views.tree, name="tree"),
    path("chua-quy-doi/", views.unmapped_list, name="unmapped"),
    path("nhap/", views_structure.structure_new, name="import"),
    path("nhap/tep-mau/", views_structure.structure_template, name="import_template"),
    path("<uuid:uuid>/", views.unit, name="unit"),
    path("<uuid:uuid>/quy-doi/", views.succeed, name="succeed"),
    path("<uuid:uuid>/<slug:act>/", views.change, name="change"),
]
