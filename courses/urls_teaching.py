"""Addresses under ``/quan-ly/giang-day/``: how courses are learnt, and practical tasks that wait for a word."""

from django.urls import path

from courses import views_signoffs, views_teaching

app_name = "teaching"

urlpatterns = [
    path("", views_teaching.home, name="home"),
    path("bai-nop/", views_signoffs.waiting, name="waiting"),
    path("bai-nop/<uuid:uuid>/", views_signoffs.submission, name="submission"),
    path("bai-nop/<uuid:uuid>/tep/", views_signoffs.file, name="file"),
    path("<uuid:uuid>/", views_teaching.course, name="course"),
    path("<uuid:uuid>/nguoi-hoc/", views_teaching.learners, name="learners"),
    path("<uuid:uuid>/bai/<uuid:step>/", views_teaching.step, name="step"),
]
