"""Targets, head-counts and what units declare; under ``/quan-ly/chi-tieu/``."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
