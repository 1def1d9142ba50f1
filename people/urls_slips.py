"""Addresses under ``/quan-ly/phieu/``: slips that hand accounts to their owners."""

from django.urls import path

from people import views_slips as views

app_name = "slips"

urlpatterns = [
    path("", views.home, name="home"),
    path("<uuid:uuid>/", views.unit, name="unit"),
    path("<uuid:uuid>/in/", views.print_slips, name="print"),
]
