"""Closed periods: what was reported, and what changed since; under ``/quan-ly/chi-tieu/``."""

from django.urls import path

from kpi import views_closings

urlpatterns = [
    path("chot-so/", views_closings.closings, name="closings"),
    path("chot-so/moi/", views_closings.closing_new, name="closing_new"),
    path("chot-so/<uuid:uuid>/", views_closings.closing_detail, name="closing"),
    path("chot-so/<uuid:uuid>/so-sanh/", views_closings.closing_compare, name="closing_compare"),
    path("chot-so/<uuid:uuid>/nguoi/<str:code>/", views_closings.closing_people, name="closing_people"),
    path("chot-so/<uuid:uuid>/dieu-chinh/<str:code>/", views_closings.closing_corrections, name="closing_corrections"),
]
