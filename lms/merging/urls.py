"""Addresses under ``/quan-ly/ho-so-trung/``."""

from django.urls import path

from lms.merging import views

app_name = "merging"
urlpatterns = [
    path("", views.alike, name="alike"),
    path("<uuid:kept>/<uuid:lost>/", views.merge, name="merge"),
]
