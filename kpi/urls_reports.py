"""The reporting calendar and the reports; under ``/quan-ly/chi-tieu/``."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
