"""Addresses under ``/quan-ly/`` that belong to this room."""

from django.urls import path

from people import views_manage

urlpatterns = [
    path("", views_manage.home, name="manage_home"),
]
