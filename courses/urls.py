"""Addresses under ``/viec-hoc/``."""

from django.http import HttpResponse
from django.urls import path

app_name = "courses"

urlpatterns = [
    path("", lambda r: HttpResponse(), name="my_learning"),
    path("<slug:slug>/ghi-danh/", lambda r, slug: HttpResponse(), name="enrol"),
    path("buoc/<uuid:step>/xong/", lambda r, step: HttpResponse(), name="step_done"),
]
