"""Who is missing, comparisons, programmes; under ``/quan-ly/chi-tieu/``."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
