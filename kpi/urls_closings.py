"""Closed periods: what was reported, and what changed since; under ``/quan-ly/chi-tieu/``."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
