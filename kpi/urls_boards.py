"""Who is missing, comparisons, programmes; under ``/quan-ly/chi-tieu/``."""

from django.urls import path

from kpi import views_boards, views_missing

urlpatterns = [
    path("ban-do/", views_boards.figure_map, name="map"),
    path("ai-dang-hoc/", views_boards.equity, name="equity"),
    path("chuong-trinh/", views_boards.programmes, name="programmes"),
    path("chuong-trinh/<str:code>/", views_boards.programme, name="programme"),
    path("<str:code>/chua-hoc/", views_missing.missing, name="missing"),
    path("<str:code>/chua-hoc/nhac/", views_missing.missing_reminders, name="missing_reminders"),
]
