"""Addresses under ``/viec-hoc/``."""

from django.urls import path

from courses import views

app_name = "courses"

urlpatterns = [
    path("", views.my_learning, name="my_learning"),
    path("<slug:slug>/ghi-danh/", views.enrol, name="enrol"),
    path("buoc/<uuid:step>/xong/", views.step_done, name="step_done"),
]
