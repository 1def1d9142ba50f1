"""Addresses under ``/kiem-tra/``."""

from django.urls import path

from quizzes import views

app_name = "quizzes"

urlpatterns = [
    path("bat-dau/<uuid:step>/", views.start, name="start"),
    path("<uuid:uuid>/", views.attempt, name="attempt"),
    path("<uuid:uuid>/luu/", views.save, name="save"),
    path("<uuid:uuid>/su-kien/", views.note, name="note"),
    path("<uuid:uuid>/xem-lai/", views.review, name="review"),
    path("<uuid:uuid>/nop/", views.submit, name="submit"),
]
