"""Why a person counts or not; under ``/quan-ly/chi-tieu/``."""

from django.urls import path

from kpi import views_people

urlpatterns = [path("nguoi/<uuid:uuid>/", views_people.person, name="person")]
