"""Doors of help, under ``/tro-giup/``."""

from django.urls import path

from lms.help import views

app_name = "help"
urlpatterns = [
    path("", views.index, name="index"),
    path("tim/", views.search, name="search"),
    path("goi-y/<slug:key>/", views.hint, name="hint"),
    path("<slug:slug>/", views.guide, name="guide"),
]
