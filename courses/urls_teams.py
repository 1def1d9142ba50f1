"""Addresses under ``/quan-ly/to/``: community digital teams."""

from django.urls import path

from courses import views_reconstitution, views_teams

app_name = "teams"

urlpatterns = [
    path("", views_teams.home, name="home"),
    path("danh-sach/", views_teams.team_list, name="list"),
    path("nhac-to-truong/", views_teams.remind_leaders, name="remind_leaders"),
    path("<uuid:uuid>/", views_teams.team, name="team"),
    path("<uuid:uuid>/nhac/", views_teams.remind, name="remind"),
    path("<uuid:uuid>/kien-toan/", views_reconstitution.composition, name="reconstitute"),
    path("<uuid:uuid>/kien-toan/them/", views_reconstitution.add_member, name="add_member"),
    path("<uuid:uuid>/kien-toan/xem-truoc/", views_reconstitution.preview, name="preview"),
    path("<uuid:uuid>/kien-toan/luu/", views_reconstitution.save, name="save"),
    path("<uuid:uuid>/lich-su/", views_reconstitution.history, name="history"),
]
