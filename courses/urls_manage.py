"""Addresses under ``/quan-ly/don-vi/``: the learning of a unit's people."""

from django.urls import path

from courses import views_manage

app_name = "unit_learning"

urlpatterns = [path("<uuid:uuid>/", views_manage.unit_people, name="people")]
